import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { testChainKey } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import type { Database } from '../storage/database.ts';
import { makeDisputeId } from '../../shared/ids.ts';
import { ChainAudit } from './chain-audit.ts';
import { ChargeChain, readBegin } from './charge-chain.ts';
import { ChargeLog } from './charge-log.ts';
import { chargeForgetMax, chargeKeptMs, chargeRetention, forgetOldCharges } from './charge-retention.ts';
import { ChargeStore } from './charge-store.ts';
import { DisputeStore } from './dispute-store.ts';

const dayMs = 86_400_000;
let clock: FakeClock;
let db: Database;
let chain: ChargeChain;
let charges: ChargeStore;
let disputes: DisputeStore;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  remove = scratch.remove;
  clock = new FakeClock(1_767_225_600_000);
  db = mustOpen(join(scratch.path, 'kaimen.db'), clock);
  chain = new ChargeChain(db, testChainKey);
  const log = new ChargeLog(chain);
  charges = new ChargeStore(db, log, clock, clock);
  disputes = new DisputeStore(db, log, clock, clock);
});
afterEach(() => {
  db.close();
  remove();
});

const rows = (sql: string) => unwrap(db.read(() => db.prepare(sql).all()));
const count = (table: string): unknown => rows(`SELECT COUNT(*) AS n FROM ${table}`)[0]?.['n'];
const audit = () => {
  const chainAudit = new ChainAudit(db, testChainKey);
  return { kinds: unwrap(chainAudit.run()).map(({ kind }) => kind), ...chainAudit.counts };
};
/** Number of the newest event. */
const lastSeq = (): number => Number(rows('SELECT MAX(seq) AS seq FROM charge_event')[0]?.['seq'] ?? 0);

function open(number: number): void {
  const { chargeId, body } = sale(number, 100, clock.nowMs());
  assertOk(charges.open({ ...body, memberDisplay: '王*' }));
  assertOk(charges.finalise(chargeId, body));
}
function pay(number: number, openedAtMs: number): void {
  const { chargeId, body } = sale(number, 100, openedAtMs);
  assertOk(charges.markSubmitting(chargeId));
  const { totalMinor } = body;
  assertOk(charges.recordOutcome(chargeId, { type: 'reply', state: 'paid', totalMinor, reason: null }, null));
}
function buy(number: number): void {
  open(number);
  pay(number, clock.nowMs());
}
/** The operator has acknowledged all there is. */
function tellOperator(): void {
  chain.acknowledged(lastSeq());
}
const forget = (wholeSeq = lastSeq(), nowMs = clock.nowMs()) =>
  unwrap(forgetOldCharges({ db, chain, wholeSeq: () => wholeSeq }, nowMs));

describe('charges that are done and have been kept long enough', () => {
  test('go with their events and disputes; what is left is whole, and goes on', () => {
    buy(1);
    const { chargeId, body } = sale(1, 100, clock.nowMs());
    const disputeId = makeDisputeId(clock.nowMs(), new Uint8Array(10).fill(1));
    assertOk(disputes.add(chargeId, disputeId, [body.lines[0]?.sku ?? '']));
    assertOk(disputes.markSent(disputeId, true));
    buy(2);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(3);
    tellOperator();
    buy(4);
    const before = lastSeq();
    expect(forget()).toBe(11);
    expect([count('charge'), count('dispute'), count('charge_event')]).toEqual([2, 0, before - 11]);
    expect(audit()).toMatchObject({ kinds: [], removedCount: 11, lastSeq: before, chargeCount: 2 });
    buy(5);
    expect(audit()).toMatchObject({ kinds: [], removedCount: 11, chargeCount: 3 });
  });

  test.each([
    ['the operator has acknowledged nothing', () => undefined, Infinity],
    ['the record was not looked through', tellOperator, 0],
  ])('stay while %s', (_, tell, wholeSeq) => {
    buy(1);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(2);
    tell();
    buy(3);
    expect(forget(wholeSeq)).toBe(0);
    expect(count('charge')).toBe(3);
  });

  test('stay while the operator’s time is unknown or behind, whatever the cabinet’s clock says', () => {
    const trueMs = clock.nowMs();
    buy(1);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(2);
    tellOperator();
    buy(3);
    let operatorMs: number | null = null;
    const options = { db, chain, wholeSeq: lastSeq, operatorNowMs: () => operatorMs, logger: silentLogger };
    const job = chargeRetention(options);
    job.run();
    operatorMs = trueMs + dayMs;
    job.run();
    expect(count('charge')).toBe(3);
    operatorMs = clock.nowMs();
    job.run();
    expect(count('charge')).toBe(2);
  });

  test('one that is not done keeps itself and all that came after it', () => {
    buy(1);
    open(2);
    const openedAtMs = clock.nowMs();
    buy(3);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(4);
    tellOperator();
    buy(5);
    expect(forget()).toBe(5);
    expect(forget()).toBe(0);
    expect(audit()).toMatchObject({ kinds: [], chargeCount: 4 });
    pay(2, openedAtMs);
    expect(forget()).toBe(0);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(6);
    tellOperator();
    buy(7);
    while (forget() > 0);
    expect(audit()).toMatchObject({ kinds: [], chargeCount: 2 });
  });

  test('one that goes a part at a time is no damage meanwhile, and its bill is still compared', () => {
    const manyAtOnce = Math.ceil(chargeForgetMax / 5) + 1;
    for (let number = 1; number <= manyAtOnce; number++) open(number);
    const openedAtMs = clock.nowMs();
    for (let number = 1; number <= manyAtOnce; number++) pay(number, openedAtMs);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(manyAtOnce + 1);
    tellOperator();
    buy(manyAtOnce + 2);
    expect(forget()).toBe(chargeForgetMax);
    expect(audit()).toMatchObject({ kinds: [], removedCount: chargeForgetMax });
    expect(Number(count('charge'))).toBeGreaterThan(2);
    harm("UPDATE charge SET body_json = replace(body_json, '100', '900')");
    expect(audit().kinds).toContain('body_changed');
  });
});

function harm(...texts: readonly string[]): void {
  assertOk(
    db.transaction(() => {
      for (const name of ['charge_event_kept', 'charge_event_no_update', 'charge_kept', 'charge_body_once'])
        db.prepare(`DROP TRIGGER IF EXISTS ${name}`).run();
      for (const text of texts) db.prepare(text).run();
      return ok();
    }),
  );
}

describe('somebody with the database’s key only', () => {
  function oneRemoved(): void {
    for (let number = 1; number <= 3; number++) buy(number);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(4);
    tellOperator();
    buy(5);
  }
  const frontGone = [
    'DELETE FROM charge_event WHERE seq <= 5',
    'DELETE FROM charge WHERE charge_id NOT IN (SELECT charge_id FROM charge_event)',
  ];

  test('cannot take the front away, nor more of it than was removed', () => {
    oneRemoved();
    harm(...frontGone);
    expect(audit().kinds).toContain('event_missing');
  });

  test('nor say that it begins later', () => {
    oneRemoved();
    const [row] = rows('SELECT seq, hash, seal FROM charge_event WHERE seq = 5');
    const begin = JSON.stringify({ ...row, beginSeal: '0'.repeat(64) });
    harm(...frontGone, `INSERT INTO meta (key, value) VALUES ('charge_chain_begin', '${begin}')`);
    expect(audit().kinds).toContain('event_missing');
  });

  test('nor have an unpaid charge removed by saying in its row that it is paid', () => {
    open(1);
    buy(2);
    clock.jumpWall(chargeKeptMs + dayMs);
    buy(3);
    tellOperator();
    buy(4);
    harm("UPDATE charge SET state = 'paid'");
    expect(forget()).toBe(0);
    expect(audit().kinds).toContain('charge_differs');
  });

  test.each([
    ['a hash', "UPDATE charge_event SET hash = 'garbage' WHERE seq = 15"],
    ['an event', "UPDATE charge_event SET data_json = '{}' WHERE seq = 7"],
    ['a seal', 'UPDATE charge_event SET seal = NULL WHERE seq = 9'],
  ])('nor have %s removed that was changed after the last look', (_, change) => {
    oneRemoved();
    harm(change);
    // At most the charge before it.
    expect(forget()).toBeLessThanOrEqual(5);
    expect(forget()).toBe(0);
    expect(audit().kinds).not.toEqual([]);
  });

  test('nor take out more behind a beginning that is genuine', () => {
    oneRemoved();
    expect(forget()).toBe(15);
    expect(unwrap(db.read(() => readBegin(db, testChainKey)))?.seq).toBe(15);
    harm(
      'DELETE FROM charge_event WHERE seq <= 20',
      'DELETE FROM charge WHERE charge_id NOT IN (SELECT charge_id FROM charge_event)',
    );
    expect(audit().kinds).toContain('event_missing');
  });
});

test('a removal beside an audit is no damage, wherever the audit is', () => {
  for (let number = 1; number <= 60; number++) buy(number);
  clock.jumpWall(chargeKeptMs + dayMs);
  buy(61);
  tellOperator();
  buy(62);
  for (const steps of [0, 1, 2, 3, 12, 16, 17, 18]) {
    const beside = new ChainAudit(db, testChainKey);
    for (let step = 0; step < steps; step++) unwrap(beside.step());
    forget();
    expect(unwrap(beside.run()), `after ${steps} steps`).toEqual([]);
  }
  expect(Number(count('charge'))).toBeLessThan(62);
});

test('the schema refuses what is still needed, and anything out of the middle', () => {
  buy(1);
  clock.jumpWall(chargeKeptMs + dayMs);
  open(2);
  const run = (sql: string) => () =>
    db.transaction(() => {
      db.prepare(sql).run();
      return ok();
    });
  for (const sql of [
    'DELETE FROM charge_event WHERE seq = 2',
    'DELETE FROM charge_event WHERE seq = (SELECT MAX(seq) FROM charge_event)',
    'DELETE FROM charge',
  ])
    expect(run(sql), sql).toThrow(/needed/);
  expect(count('charge')).toBe(2);
});
