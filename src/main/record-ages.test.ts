import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { ok } from '../shared/result.ts';
import { makeScratchFolder, mustOpen } from '../testkit/main/storage/scratch.ts';
import { unwrap } from '../testkit/unwrap.ts';
import { RecordAges } from './record-ages.ts';
import type { Database } from './storage/database.ts';
import { MetaStore } from './storage/meta-store.ts';

const dayMs = 86_400_000;
const keptMs = 90 * dayMs;
/** The operator's time. */
const startMs = 1_767_225_600_000;
let db: Database;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  db = mustOpen(join(scratch.path, 'kaimen.db'), new FakeClock(startMs));
});
afterEach(() => {
  db.close();
  removeFolder();
});

const add = (count: number): void => {
  unwrap(
    db.transaction(() => {
      db.prepare(
        `INSERT INTO visit (visit_id, state_json, active, created_ms, updated_ms) VALUES ('V', '{}', 0, 1, 1)
         ON CONFLICT DO NOTHING`,
      ).run();
      const insert = db.prepare(
        `INSERT INTO visit_event (visit_id, at_ms, type, data_json) VALUES ('V', 1, 'x', '{}')`,
      );
      for (let i = 0; i < count; i++) insert.run();
      return ok();
    }),
  );
};
/** As after each start of the app: nothing is remembered but what is stored. */
const agedSeq = (nowMs: number): number =>
  unwrap(new RecordAges({ db, table: 'visit_event', key: 'journal_ages', keptMs }).agedSeq(nowMs));

test('an entry is as old as the operator’s time that has passed since it was first seen', () => {
  add(3);
  expect(agedSeq(startMs)).toBe(0);
  add(2);
  expect(agedSeq(startMs + keptMs - 1)).toBe(0);
  expect(agedSeq(startMs + keptMs)).toBe(3);
  expect(agedSeq(startMs + 2 * keptMs - 2)).toBe(3);
  expect(agedSeq(startMs + 2 * keptMs - 1)).toBe(5);
});

test('marks are few, however often it is asked and for years, and no entry is kept much longer', () => {
  for (let hour = 0; hour < 400 * 24; hour++) {
    if (hour % 24 === 0) add(1);
    const aged = agedSeq(startMs + hour * 3_600_000);
    const day = Math.floor(hour / 24);
    // Entry n is of day n - 1.
    expect(aged).toBeLessThanOrEqual(Math.max(0, day - 90 + 1));
    expect(aged).toBeGreaterThanOrEqual(Math.max(0, day - 93));
  }
  expect(unwrap(new MetaStore(db).get('journal_ages'))?.length).toBeLessThan(42 * 40);
});

test('a time that was ahead for a moment puts nothing off for ever; a mark that cannot be read is none', () => {
  add(1);
  agedSeq(startMs + 3650 * dayMs);
  expect(agedSeq(startMs)).toBe(0);
  expect(agedSeq(startMs + keptMs)).toBe(1);
  unwrap(new MetaStore(db).set('journal_ages', '[{"seq":"x"}'));
  expect(agedSeq(startMs + keptMs)).toBe(0);
  expect(agedSeq(startMs + 2 * keptMs)).toBe(1);
});
