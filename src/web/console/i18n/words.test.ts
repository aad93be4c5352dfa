import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { zh } from './zh.ts';

type Leaf = string | ((...values: string[]) => string);
interface Tree {
  readonly [key: string]: Leaf | Tree;
}

function leaves(tree: Tree, path = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') all.set(at, value);
    else if (typeof value === 'function') all.set(at, value('7', '7'));
    else for (const [k, v] of leaves(value, at)) all.set(k, v);
  }
  return all;
}
const zhTexts = leaves(zh as unknown as Tree);
const enTexts = leaves(en as unknown as Tree);

describe('the two languages of the console', () => {
  it('have the same keys, none empty', () => {
    expect([...enTexts.keys()].sort()).toEqual([...zhTexts.keys()].sort());
    for (const [key, text] of [...zhTexts, ...enTexts]) expect(text.trim(), key).not.toBe('');
  });
  it('are not mixed up: Chinese is Chinese, English is not', () => {
    // Names, and what only sets names side by side, are in no language.
    const chinese = [...zhTexts].filter(([key, text]) => key !== 'signedInAs' && !/[a-z]{4}/i.test(text));
    for (const [key, text] of chinese) expect(text, key).toMatch(/\p{Script=Han}/u);
    for (const [key, text] of enTexts) expect(text, key).not.toMatch(/\p{Script=Han}/u);
  });
});

// The page may not import the operator; nor may it know Node's types.
const nodeFs: string = 'node:fs';
const textAt = async (path: string): Promise<string> => {
  const fs = (await import(nodeFs)) as { readFileSync: (url: URL, encoding: 'utf8') => string };
  return fs.readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
};

describe('the page for new support workers', () => {
  it('calls places, sums and buttons as the console calls them', async () => {
    const page = (await textAt('docs/support.md')).replaceAll('\n', ' ');
    const named = [...page.matchAll(/\*\*([^*]+)\*\*/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(25);
    const shown = new Set([...enTexts.values(), '中文'].map((text) => text.toLowerCase()));
    expect(named.filter((name) => !shown.has(name.toLowerCase()))).toEqual([]);
  });
});

describe('what the operator lists', () => {
  const codesIn = async (file: string, name: string): Promise<string[]> => {
    const text = await textAt(`src/operator/${file}`);
    const from = text.indexOf(`export const ${name} = [`);
    expect(from, name).toBeGreaterThan(-1);
    const list = text.slice(from, text.indexOf('] as const', from));
    return [...list.matchAll(/^ {2}'(\w+)',$/gm)].map(([, code = '']) => code);
  };
  it('has words for every kind of incident and difference', async () => {
    const incidents = await codesIn('storage/schema.ts', 'incidentKinds');
    const differences = await codesIn('reconciliation/kinds.ts', 'differenceKinds');
    expect(incidents.length).toBeGreaterThan(30);
    expect(differences.length).toBeGreaterThan(10);
    for (const { codes } of [zh, en]) {
      expect(incidents.filter((kind) => codes.incidents[kind] === undefined)).toEqual([]);
      expect(differences.filter((kind) => codes.differences[kind] === undefined)).toEqual([]);
    }
  });
});
