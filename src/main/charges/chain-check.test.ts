import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { testChainKey, testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import type { Database } from '../storage/database.ts';
import { slicedCheckLimits } from '../storage/sliced-check.ts';
import { ChainCheck } from './chain-check.ts';
import { ChargeStore } from './charge-store.ts';

const chargeCount = 120;
let clock: FakeClock;
let db: Database;
let told: string[];
let check: ChainCheck;
let remove: () => void;
let wholeUpTo: number[];
const outside = { floor: () => null, onWhole: (lastSeq: number) => void wholeUpTo.push(lastSeq) };
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock();
  db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
  const store = new ChargeStore(db, testLog(db), clock, clock);
  for (let number = 1; number <= chargeCount; number++) {
    const { chargeId, body } = sale(number, 100, clock.nowMs());
    assertOk(store.open({ ...body, memberDisplay: '王*' }));
    assertOk(store.finalise(chargeId, body));
  }
  told = [];
  wholeUpTo = [];
  const tellStaff = (detail: string): void => void told.push(detail);
  check = new ChainCheck({ ...outside, db, key: testChainKey, clock, logger: silentLogger, tellStaff });
});
afterEach(() => {
  check.stop();
  db.close();
  remove();
});
const harm = (text: string): void => {
  assertOk(
    db.transaction(() => {
      db.prepare('DROP TRIGGER IF EXISTS charge_body_once').run();
      db.prepare('DROP TRIGGER IF EXISTS charge_event_no_update').run();
      db.prepare(text).run();
      return ok();
    }),
  );
};

test('a whole record: staff hears nothing, today or tomorrow', async () => {
  check.start();
  await clock.advance(slicedCheckLimits.firstAfterMs + slicedCheckLimits.everyMs + 60_000);
  expect(told).toEqual([]);
  expect(wholeUpTo).toEqual([3 * chargeCount, 3 * chargeCount]);
});

test('what is found staff is told once, and what comes later on the next day', async () => {
  harm(`UPDATE charge SET body_json = replace(body_json, 'M', 'X') WHERE rowid = ${chargeCount}`);
  check.start();
  await clock.advance(slicedCheckLimits.firstAfterMs - 1);
  expect(told).toEqual([]);
  await clock.advance(60_000);
  expect(told).toEqual(['charge_record_body_changed']);
  harm('UPDATE charge_event SET at_ms = 1 WHERE seq = 7');
  await clock.advance(2 * slicedCheckLimits.everyMs);
  expect(told).toEqual(['charge_record_body_changed', 'charge_record_event_changed']);
});

test('a slice is over by its time, not by the length of the record', async () => {
  // A clock that goes on while a page is looked at, as a slow board's does.
  let lateMs = 0;
  let [pages, mostPages] = [0, 0];
  const slow: Clock = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs() + lateMs,
    after: (ms, fn) =>
      clock.after(ms, () => {
        pages = 0;
        fn();
      }),
  };
  const read = db.read.bind(db);
  db.read = (fn) => {
    mostPages = Math.max(mostPages, ++pages);
    lateMs += slicedCheckLimits.sliceMs / 2;
    return read(fn);
  };
  let isChecked = false;
  const logger = { ...silentLogger, info: () => (isChecked = true) };
  check = new ChainCheck({
    ...outside,
    db,
    key: testChainKey,
    clock: slow,
    logger,
    tellStaff: () => undefined,
  });
  check.start();
  await clock.advance(slicedCheckLimits.firstAfterMs + 60_000);
  expect(isChecked).toBe(true);
  expect(mostPages).toBe(2);
});
