import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFileAtomic } from './write-file-atomic.ts';

test.runIf(process.geteuid?.() === 0)(
  'what root writes stays the file of whoever has it, or its folder',
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'kaimen-owner-'));
    const [fresh, known] = [join(dir, 'fresh.json'), join(dir, 'known.json')];
    writeFileAtomic(known, '{}');
    chownSync(known, 1234, 1235);
    chownSync(dir, 1236, 1237);
    for (const path of [fresh, known]) writeFileAtomic(path, '{"a":1}');
    const ownerOf = (path: string) => [statSync(path).uid, statSync(path).gid, statSync(path).mode & 0o777];
    expect(ownerOf(known)).toEqual([1234, 1235, 0o600]);
    expect(ownerOf(fresh)).toEqual([1236, 1237, 0o600]);
    rmSync(dir, { recursive: true });
  },
);
