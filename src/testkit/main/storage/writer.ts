/**
 * A program for tests that end it: commits numbered records and says each number once its commit has returned.
 *   node writer.ts <database> [<text per record>]
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../shared/clock.ts';
import { ok } from '../../../shared/result.ts';
import { openDatabase } from '../../../main/storage/database.ts';
import { testKeyHex } from './scratch.ts';

const path = process.argv[2] ?? '';
const textLength = Number(process.argv[3] ?? '100');
const opened = openDatabase({ path, keyHex: testKeyHex, clock: systemClock });
if (!opened.ok) {
  writeSync(1, `open ${opened.error.code}\n`);
  process.exit(3);
}
const db = opened.value;
for (let i = 0; i < 100_000; i++) {
  const done = db.transaction(() => {
    // Two rows that belong together: after a crash there are both or none.
    db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(`a${i}`, 'x'.repeat(textLength));
    db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(`b${i}`, 'x'.repeat(textLength));
    return ok();
  });
  if (!done.ok) {
    const readable = db.read(() => db.prepare('SELECT COUNT(*) AS n FROM meta').first()?.['n']);
    writeSync(1, `failed ${done.error.code} ${readable.ok ? String(readable.value) : readable.error.code}\n`);
    process.exit(4);
  }
  writeSync(1, `${i}\n`);
}
