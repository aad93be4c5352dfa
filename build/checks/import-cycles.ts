/**
 * Files that import each other in a circle, `import type` and `import()` counted like any other import: which of two such
 * files is the lower one cannot be said, and neither can be read or moved alone. `node build/checks/import-cycles.ts`.
 */
import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';
import { projectFiles, readText, report } from './project.ts';

const files = new Set(projectFiles(['.ts', '.tsx', '.mjs']).filter((file) => !file.endsWith('.d.ts')));

/** The project's files that `file` imports; packages are left out, since none of them imports us. */
function importsOf(file: string): string[] {
  return ts
    .preProcessFile(readText(file), true, true)
    .importedFiles.map((imported) => imported.fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(file), name.replace(/\?.*$/, ''))))
    .filter((name) => files.has(name));
}

const imports = new Map([...files].map((file) => [file, importsOf(file)]));

/** The shortest way from `start` back to itself, or null. */
function circleThrough(start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of imports.get(file) ?? []) {
      if (next === start) {
        const way = [start];
        for (let at = file; at !== start; at = cameFrom.get(at) ?? start) way.unshift(at);
        return [start, ...way];
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, file);
        queue.push(next);
      }
    }
  }
  return null;
}

const findings: string[] = [];
const told = new Set<string>();
for (const file of files) {
  if (told.has(file)) continue;
  const circle = circleThrough(file);
  if (circle === null) continue;
  for (const member of circle) told.add(member);
  findings.push(circle.join('\n  → '));
}
report('import cycles', findings);
