import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../shared/clock.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { sellAndPay } from '../testkit/main/charges/cabinet.ts';
import { testChainKey } from '../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../testkit/main/storage/scratch.ts';
import { unwrap } from '../testkit/unwrap.ts';
import type { Database } from './storage/database.ts';
import { ChargeChain } from './charges/charge-chain.ts';
import { ChargeLog } from './charges/charge-log.ts';
import { chargeKeptMs, chargeRetention } from './charges/charge-retention.ts';
import { ChargeStore } from './charges/charge-store.ts';
import { RecordAges } from './record-ages.ts';

const dayMs = 86_400_000;
const trueMs = 1_767_225_600_000;
let clock: FakeClock;
let db: Database;
let chain: ChargeChain;
let charges: ChargeStore;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock(trueMs);
  db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
  chain = new ChargeChain(db, testChainKey);
  charges = new ChargeStore(db, new ChargeLog(chain), clock, clock);
});
afterEach(() => {
  db.close();
  remove();
});
const count = () => unwrap(db.read(() => db.prepare('SELECT COUNT(*) AS n FROM charge').first()))?.['n'];
const lastSeq = (): number =>
  Number(unwrap(db.read(() => db.prepare('SELECT MAX(seq) AS seq FROM charge_event').first()))?.['seq'] ?? 0);
function buy(number: number): void {
  sellAndPay(charges, number, clock.nowMs());
}

test('an operator whose clock was behind once makes nothing old', () => {
  const ages = new RecordAges({ db, table: 'charge_event', key: 'charge_ages', keptMs: chargeKeptMs });
  expect(unwrap(ages.agedSeq(trueMs))).toBe(0);
  buy(1);
  expect(unwrap(ages.agedSeq(trueMs - chargeKeptMs - dayMs))).toBe(0);
  // Its clock is right again: what was sold a moment ago is a moment old.
  expect(unwrap(ages.agedSeq(trueMs + 60_000))).toBe(0);
});

test('end to end: the charge of yesterday stays, though cabinet and operator were both behind for a while', () => {
  let operatorMs = trueMs;
  const options = { db, chain, wholeSeq: lastSeq, operatorNowMs: () => operatorMs, logger: silentLogger };
  const job = chargeRetention(options);
  job.run();
  // No battery for its clock: after a power cut the cabinet stands years back until it is set.
  clock.jumpWall(-5 * 365 * dayMs);
  buy(1);
  operatorMs = trueMs - 2 * 365 * dayMs;
  job.run();
  operatorMs = trueMs + dayMs;
  clock.jumpWall(5 * 365 * dayMs + dayMs);
  buy(2);
  chain.acknowledged(lastSeq());
  buy(3);
  job.run();
  expect(count()).toBe(3);
});
