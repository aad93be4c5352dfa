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

const ids = new Map<number, string>();
const idOf = (number: number): string => ids.get(number) ?? '';

/** One entry of the journal, stamped by the cabinet's clock. */
function stamp(number: number): void {
  const visitId = makeVisitId(clock.nowMs(), new Uint8Array(10).fill(number));
  ids.set(number, visitId);
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

test('a clock that is half a year behind costs no journal, either', () => {
  let operatorMs = trueMs;
  const job = journalRetention(new VisitStore(db, clock), () => operatorMs, silent);
  clock.jumpWall(-180 * dayMs);
  stamp(1);
  clock.jumpWall(180 * dayMs);
  stamp(2);
  job.run();
  operatorMs = trueMs + journalKeptMs - dayMs;
  clock.jumpWall(journalKeptMs - dayMs);
  job.run();
  expect(entryCount()).toBe(2);
  operatorMs = trueMs + journalKeptMs;
  job.run();
  expect(entryCount()).toBe(1);
});

test('a visit goes with its journal; one that runs, or whose charge is not done, stays', () => {
  const visits = new VisitStore(db, clock);
  for (let number = 1; number <= 4; number++) stamp(number);
  const sql = (text: string) => db.transaction(() => ok(db.prepare(text).run()));
  const [, running, charged] = ['1', '2', '3'].map((number) => idOf(Number(number)));
  expect(sql(`UPDATE visit SET active = 1 WHERE visit_id = '${running}'`).ok).toBe(true);
  const charge = `INSERT INTO charge (charge_id, visit_id, member_id, member_display, cabinet_id, currency, state,
    opened_ms, updated_ms) VALUES ('K', '${charged}', 'M', '王*', 'C', 'CNY', 'open', 1, 1)`;
  expect(sql(charge).ok).toBe(true);
  clock.jumpWall(journalKeptMs + dayMs);
  stamp(5);
  const read = visits.forgetOld();
  expect(read.ok ? read.value : read.error).toBe(4);
  const left = visits.list();
  const idsLeft = left.ok ? left.value.map(({ visitId }) => visitId).sort() : [];
  expect(idsLeft).toEqual([running, charged, idOf(5)].sort());
});
