import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { makeVisitId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { Database } from '../storage/database.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { journalRetention } from './journal-retention.ts';
import { VisitStore, journalKeptMs } from './visit-store.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const dayMs = 86_400_000;
const trueMs = 1_767_225_600_000;

let clock: FakeClock;
let db: Database;
let removeFolder: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock(trueMs);
  db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
});
afterEach(() => {
  db.close();
  removeFolder();
});

/** One entry of the journal, stamped by the cabinet's clock. */
function stamp(number: number): void {
  const visitId = makeVisitId(clock.nowMs(), new Uint8Array(10).fill(number));
  const done = db.transaction(() => {
    db.prepare(
      `INSERT INTO visit (visit_id, state_json, active, created_ms, updated_ms) VALUES (?, '{}', 0, ?, ?)`,
    ).run(visitId, clock.nowMs(), clock.nowMs());
    db.prepare(`INSERT INTO visit_event (visit_id, at_ms, type, data_json) VALUES (?, ?, 'x', '{}')`).run(
      visitId,
      clock.nowMs(),
    );
    return ok();
  });
  expect(done.ok).toBe(true);
}
const entryCount = (): unknown => {
  const read = db.read(() => db.prepare('SELECT COUNT(*) AS n FROM visit_event').first()?.['n']);
  return read.ok ? read.value : read.error;
};

test('a clock that is a year ahead for a moment costs no journal; the operator’s time does', () => {
  let operatorMs: number | null = trueMs;
  const job = journalRetention(new VisitStore(db, clock), () => operatorMs, silent);
  stamp(1);
  clock.jumpWall(365 * dayMs);
  stamp(2);
  job.run();
  expect(entryCount()).toBe(2);
  operatorMs = null;
  job.run();
  expect(entryCount()).toBe(2);
  operatorMs = trueMs + journalKeptMs + dayMs;
  job.run();
  expect(entryCount()).toBe(1);
});
