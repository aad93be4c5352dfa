import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../shared/clock.ts';
import type { Clock } from '../../../shared/clock.ts';
import { openDatabase } from '../../../main/storage/database.ts';
import type { Database } from '../../../main/storage/database.ts';
import { makeScratchFolder } from '../../scratch-folder.ts';
import { unwrap } from '../../unwrap.ts';

export { makeScratchFolder };
export const testKeyHex = 'a1'.repeat(32);

/** A database as it is when it has just been made. */
let made: Buffer | undefined;

/** Opens it. One that is not there begins as a copy of one that was made before: making it takes longer than most tests. */
export function mustOpen(path: string, clock: Clock = systemClock): Database {
  if (!existsSync(path)) writeFileSync(path, (made ??= makeOnce()), { mode: 0o600 });
  return unwrap(openDatabase({ path, keyHex: testKeyHex, clock }));
}

function makeOnce(): Buffer {
  const scratch = makeScratchFolder();
  const path = join(scratch.path, 'kaimen.db');
  unwrap(unwrap(openDatabase({ path, keyHex: testKeyHex, clock: systemClock })).close());
  const bytes = readFileSync(path);
  scratch.remove();
  return bytes;
}

/** Name → bytes of the files that hold data (the `-shm` file is only SQLite's index into the journal). */
export function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => !name.endsWith('-shm'));
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
}
