import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory where there is such a place: fsync costs nothing there. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder of a test's own; `remove` takes it away with all that is in it. */
export function makeScratchFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(base, 'kaimen-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
