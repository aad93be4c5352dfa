import {
  chmodSync,
  closeSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a whole file or nothing: beside it (`<path>.new`), onto the disk, then renamed, and the rename onto the disk. A
 * power cut leaves the old content or the new. Only the owner may read it; written by root it stays, or becomes, the file of
 * whoever has it, or its folder: else their program could not read it any more. Throws what `node:fs` throws.
 */
export function writeFileAtomic(path: string, text: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    // All of it or an error: one write may take a part only, as the disk fills.
    writeFileSync(file, text);
    if (process.geteuid?.() === 0) {
      const { uid, gid } = lstatSync(path, { throwIfNoEntry: false }) ?? lstatSync(dirname(path));
      fchownSync(file, uid, gid);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // A draft left by an earlier crash keeps its own mode.
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  syncPath(dirname(path));
}

/** Brings a file or a folder (its names) onto the disk. Throws what `node:fs` throws. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
