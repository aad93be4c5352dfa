import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { assertOk, sellAndPay } from '../testkit/main/charges/cabinet.ts';
import { testChainKey } from '../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../testkit/main/storage/scratch.ts';
import { unwrap } from '../testkit/unwrap.ts';
import { ChargeChain } from './charges/charge-chain.ts';
import { ChargeLog } from './charges/charge-log.ts';
import { chargeKeptMs, chargeRetention } from './charges/charge-retention.ts';
import { ChargeStore } from './charges/charge-store.ts';
import type { Database } from './storage/database.ts';
import { journalRetention } from './visit/journal-retention.ts';
import { VisitStore, journalKeptMs } from './visit/visit-store.ts';

const dayMs = 86_400_000;
const trueMs = 1_767_225_600_000;
const tenYearsMs = 3_650 * dayMs;
let clock: FakeClock;
let db: Database;
let chain: ChargeChain;
let charges: ChargeStore;
let visits: VisitStore;
let operatorMs: number;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock(trueMs);
  operatorMs = trueMs;
  db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
  chain = new ChargeChain(db, testChainKey);
  charges = new ChargeStore(db, new ChargeLog(chain), clock, clock);
  visits = new VisitStore(db, clock);
});
afterEach(() => {
  db.close();
  remove();
});

const count = (table: string): number =>
  Number(unwrap(db.read(() => db.prepare(`SELECT COUNT(*) AS n FROM ${table}`).first()))?.['n']);
const lastSeq = (): number =>
  Number(unwrap(db.read(() => db.prepare('SELECT MAX(seq) AS seq FROM charge_event').first()))?.['seq'] ?? 0);
function buy(number: number): void {
  sellAndPay(charges, number, clock.nowMs());
  chain.acknowledged(lastSeq());
}
function visit(name: string): void {
  assertOk(visits.save(name, {}, { type: 'begun' }, false));
}
/** Time passes for everybody; the jobs run now and then, as they do. */
function pass(ms: number): void {
  const jobs = [
    chargeRetention({ db, chain, wholeSeq: lastSeq, operatorNowMs: () => operatorMs, logger: silentLogger }),
    journalRetention(visits, () => operatorMs, silentLogger),
  ];
  const steps = 60;
  for (let step = 0; step < steps; step++) {
    clock.jumpWall(ms / steps);
    operatorMs += ms / steps;
    for (const job of jobs) job.run();
  }
}

test('what was stamped by a clock that was years ahead goes in its time, and holds nothing up', () => {
  clock.jumpWall(tenYearsMs);
  buy(1);
  visit('ahead');
  clock.jumpWall(-tenYearsMs);
  buy(2);
  visit('right');
  pass(chargeKeptMs / 2);
  expect(count('charge')).toBe(2);
  expect(unwrap(db.read(() => db.prepare('SELECT visit_id FROM visit_event').all()))).toEqual([
    { visit_id: 'right' }, // The newest stays until there is another.
  ]);
  pass(chargeKeptMs / 2 + 30 * dayMs);
  buy(3);
  buy(4);
  pass(dayMs);
  expect(count('charge')).toBe(2);
});

test('a clock that stands years back for good holds nothing up either', () => {
  buy(1);
  visit('right');
  clock.jumpWall(-tenYearsMs);
  buy(2);
  visit('behind');
  pass(chargeKeptMs + 30 * dayMs);
  buy(3);
  buy(4);
  visit('now');
  pass(dayMs);
  expect([count('charge'), count('visit')]).toEqual([2, 1]);
});

test('nothing goes before its time for a clock that is ahead', () => {
  clock.jumpWall(tenYearsMs);
  buy(1);
  visit('ahead');
  buy(2);
  pass(journalKeptMs - 10 * dayMs);
  expect([count('charge'), count('visit')]).toEqual([2, 1]);
  pass(chargeKeptMs - journalKeptMs - 20 * dayMs);
  expect(count('charge')).toBe(2);
});
