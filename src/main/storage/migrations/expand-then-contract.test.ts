import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { takesAway } from '../../../testkit/main/storage/takes-away.ts';
import { migrations } from './index.ts';

/**
 * An update that is left goes back to the version before, on data that the new one has migrated. `released.snapshot.sql` is the
 * schema of what is released: whoever releases writes it anew (KAIMEN_WRITE_RELEASED=1), and takes out by hand what that version
 * uses no more, so that the next one may take it away.
 */
const file = join(import.meta.dirname, '..', 'released.snapshot.sql');
const snapshot = readFileSync(join(import.meta.dirname, '..', 'schema.snapshot.sql'), 'utf8');
if (process.env['KAIMEN_WRITE_RELEASED'] === '1')
  writeFileSync(file, `-- schema ${migrations.length}\n${snapshot}`);
const released = readFileSync(file, 'utf8');
const releasedVersion = Number(/^-- schema (\d+)\n/.exec(released)?.[1]);

it('each step since the release says that what is released still works on it', () => {
  expect(releasedVersion).toBeGreaterThan(0);
  const since = migrations.filter(({ version }) => version > releasedVersion);
  const silent = since.filter(({ version, readBy = version }) => readBy > releasedVersion);
  expect(silent.map(({ name }) => name)).toEqual([]);
});

it('and it does: all that it reads is there, and all that it writes is taken, the queue of charges with it', () => {
  expect(released).toContain('CREATE TABLE charge (');
  expect(takesAway(released, snapshot)).toEqual([]);
});

const before = 'CREATE TABLE charge (id TEXT PRIMARY KEY, total INTEGER NOT NULL, note TEXT) STRICT;';
it.each([
  ['another table', `${before} CREATE TABLE other (x INTEGER NOT NULL) STRICT;`],
  ['a column that may be empty', `${before} ALTER TABLE charge ADD COLUMN more TEXT;`],
  ['one with a default', `${before} ALTER TABLE charge ADD COLUMN more INTEGER NOT NULL DEFAULT 0;`],
  ['an index', `${before} CREATE INDEX charge_total ON charge (total);`],
])('%s takes nothing away', (_, after) => {
  expect(takesAway(before, after)).toEqual([]);
});

it.each([
  ['charge: gone', ''],
  ['charge.note: gone, or another one', `${before} ALTER TABLE charge DROP COLUMN note;`],
  ['charge.note: gone, or another one', before.replace('note TEXT', 'note INTEGER')],
  ['charge.more: new, and asked for', before.replace('note TEXT', 'note TEXT, more INTEGER NOT NULL')],
  [
    'charge: the new trigger late may refuse what is written',
    `${before} CREATE TRIGGER late BEFORE INSERT ON charge BEGIN SELECT RAISE(ABORT, 'no'); END;`,
  ],
  [
    'charge: the new index one may refuse what is written',
    `${before} CREATE UNIQUE INDEX one ON charge (total);`,
  ],
])('%s', (told, after) => {
  expect(takesAway(before, after)).toEqual([told]);
});
