import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataFolderTrouble } from './data-folder.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kaimen-data-'));
});
afterEach(() => {
  chmodSync(dir, 0o700);
  rmSync(dir, { recursive: true, force: true });
});

test('a folder that is there or can be made takes files, and nothing is left in it', () => {
  const made = join(dir, 'a', 'b');
  expect(dataFolderTrouble(made)).toBeNull();
  expect(dataFolderTrouble(made)).toBeNull();
  expect(readdirSync(made)).toEqual([]);
});

test('a file where the folder should be', () => {
  const path = join(dir, 'file');
  writeFileSync(path, '');
  expect(dataFolderTrouble(path)).toMatch(/ENOTDIR|EEXIST/);
});

// Who may write everything (root) cannot be refused by a mode; a file in the way of the probe refuses him, too.
test('a folder that takes no file', () => {
  mkdirSync(join(dir, 'write-probe'));
  expect(dataFolderTrouble(dir)).toMatch(/EISDIR|EACCES/);
  if (process.getuid?.() === 0) return;
  rmSync(join(dir, 'write-probe'), { recursive: true });
  chmodSync(dir, 0o500);
  expect(dataFolderTrouble(dir)).toMatch(/EACCES/);
});
