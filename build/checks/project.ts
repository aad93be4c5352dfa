import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's own folder: every path that a check prints or compares is relative to it and has `/` between its parts. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What is made or fetched, not written here. */
const skipped = new Set(['node_modules', 'out', 'dist', 'artifacts', 'coverage', '.git']);

/** Every file of the project whose name ends with one of `endings`, sorted. */
export function projectFiles(endings: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path);
      } else if (endings.some((ending) => entry.name.endsWith(ending))) {
        found.push(relative(root, path).split(sep).join('/'));
      }
    }
  };
  walk(root);
  return found.sort();
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/**
 * Prints what a check has found and ends the process with 1 if it has found anything. One line a finding, `file:line text`,
 * so that editors and terminals can jump there.
 */
export function report(check: string, findings: readonly string[]): void {
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  const result = findings.length === 0 ? 'nothing found' : `${findings.length} found`;
  process.stdout.write(`${check}: ${result}\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
