import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '..');
const entries = [
  'renderer/src/main.tsx',
  'renderer/src/face.tsx',
  'renderer/src/features/face/recognition/face-worker.ts',
  'web/phone/main.tsx',
  'preload/page.ts',
  'preload/face.ts',
  'shared/phone/client.ts',
];

/** What a file imports at run time: `import type`, and imports of nothing but `type` names, are erased. */
function runtimeImports(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/(?:^|\n)(?:import|export)\s+([^;'"]*?)from\s+'([^']+)'/g)) {
    const [, names = '', specifier = ''] = match;
    const inner = /^\{([^}]*)\}\s*$/.exec(names.trim())?.[1];
    const isErased =
      names.startsWith('type ') ||
      inner?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) === true;
    if (!isErased) found.push(specifier);
  }
  for (const match of text.matchAll(/(?:import\(|import |new URL\()'([^']+)'/g)) found.push(match[1] ?? '');
  return found;
}

/** Every file and package that is loaded with these files. */
function loadedWith(files: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const waiting = files.map((file) => resolve(src, file));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    if (!/\.tsx?$/.test(file)) continue;
    for (const specifier of runtimeImports(readFileSync(file, 'utf8'))) {
      if (!specifier.startsWith('.')) seen.add(specifier);
      else if (existsSync(resolve(dirname(file), specifier))) waiting.push(resolve(dirname(file), specifier));
    }
  }
  return seen;
}

test('the pages of shoppers, the worker and the preload script load no zod, and no file that has a schema', () => {
  const loaded = [...loadedWith(entries)];
  expect(loaded.length).toBeGreaterThan(100);
  expect(loaded).toContain('react');
  expect(loaded.filter((one) => one === 'zod' || one.endsWith('.schema.ts'))).toEqual([]);
});
