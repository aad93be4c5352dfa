import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { makeDisputeId } from '../../shared/ids.ts';
import { openDatabase } from '../storage/database.ts';
import { migrations } from '../storage/migrations/index.ts';
import { makeScratchFolder, testKeyHex } from '../../testkit/main/storage/scratch.ts';
import { ChargeStore } from './charge-store.ts';
import { dueStatements } from './charge-due.ts';
import { Cabinet, assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { unsealedLog } from '../../testkit/main/charges/charge-log.ts';

/** A long backlog costs no more per charge than a short one, and one bad row costs none of the others. */

let clock: FakeClock;
let operator: StubOperator;
let network: FaultyNetwork;
let path: string;
let removeFolder: () => void;
let told: string[];
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  operator = new StubOperator();
  network = new FaultyNetwork(clock, operator);
  told = [];
});
afterEach(() => {
  removeFolder();
});
const boot = (): Cabinet => {
  const cabinet = new Cabinet({ path, clock, network, told });
  cabinet.start();
  return cabinet;
};
const sql = (cabinet: Cabinet, text: string, ...values: (string | number)[]) =>
  assertOk(
    cabinet.db.transaction(() => {
      cabinet.db.prepare(text).run(...values);
      return ok();
    }),
  );

test('what is due is found by indexes alone: nothing is walked, nothing is sorted', () => {
  const { db } = boot();
  for (const statement of dueStatements) {
    const zeros = Array(statement.split('?').length - 1).fill(0) as number[];
    const plan = assertOk(db.read(() => db.prepare(`EXPLAIN QUERY PLAN ${statement}`).all(...zeros)));
    const steps = plan.map((row) => String(row['detail']));
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      expect(step, statement).not.toMatch(/TEMP B-TREE/);
      // A scan of a partial index in its order ends at the first row.
      if (step.startsWith('SCAN'))
        expect(step, statement).toMatch(/SCAN dispute USING (COVERING )?INDEX dispute_by_due/);
    }
  }
});

test('a file of the version before is brought forward, and what waits in it leaves', async () => {
  const opened = openDatabase({ path, keyHex: testKeyHex, clock, migrations: migrations.slice(0, 4) });
  const old = assertOk(opened);
  const { chargeId, body } = sale(1, 100, clock.nowMs());
  const store = new ChargeStore(old, unsealedLog(old), clock, clock);
  assertOk(store.open({ ...body, memberDisplay: '王*' }));
  assertOk(store.finalise(chargeId, body));
  // As that version wrote a report: without the columns that came since.
  const report = `INSERT INTO dispute (dispute_id, charge_id, skus_json, created_ms, next_attempt_ms)
                  VALUES (?, ?, '["tea"]', ?, ?)`;
  const disputeId = makeDisputeId(1, new Uint8Array(10));
  const nowMs = clock.nowMs();
  const written = old.transaction<number, never>(() =>
    ok(old.prepare(report).run(disputeId, chargeId, nowMs, nowMs)),
  );
  assertOk(written);
  old.close();
  const cabinet = boot();
  await clock.advance(60_000);
  expect(operator.disputes.size).toBe(1);
  expect(operator.arrived.has(chargeId)).toBe(true);
  expect(cabinet.stopped).toEqual([]);
});

test('the network’s return writes no charge, and what waited for it leaves', async () => {
  const cabinet = boot();
  await clock.advance(1000);
  network.faultOf = () => 'refused';
  for (let i = 0; i < 30; i++) cabinet.sell(i, 100);
  await clock.advance(60 * 60_000);
  const writes = () =>
    assertOk(cabinet.db.read(() => cabinet.db.prepare('SELECT total_changes() AS count').first()))?.['count'];
  const before = writes();
  network.faultOf = ({ path: where }) => (where === '/v1/health' ? null : 'hang before');
  for (let i = 0; i < 2000 && !cabinet.link.isOnline(); i++) await clock.advance(10);
  await clock.advance(100);
  // One charge is marked as being sent, and nothing else.
  expect(Number(writes()) - Number(before)).toBeLessThanOrEqual(4);
  network.faultOf = () => null;
  await clock.advance(20_000);
  expect(assertOk(cabinet.store.unsettledSummary()).count).toBe(0);
  expect(operator.arrived.size).toBe(30);
  expect(network.breaches).toEqual([]);
});

describe('a row that cannot be read', () => {
  const harm: [string, string, ...(string | number)[]][] = [
    [
      'a byte of the body',
      `UPDATE charge SET body_json = replace(body_json, 'Oolong', 'Oolang') WHERE charge_id = ?`,
    ],
    ['a currency that there is not', `UPDATE charge SET currency = 'XXX' WHERE charge_id = ?`],
    ['an amount below nothing', `UPDATE charge SET attempts = -1 WHERE charge_id = ?`],
    ['the number of its visit', `UPDATE charge SET visit_id = 'no visit' WHERE charge_id = ?`],
  ];
  test.each(harm)('%s: the others go on, it is kept and told, also after a restart', async (_, text) => {
    network.faultOf = () => 'refused';
    const first = boot();
    const ids = [1, 2, 3, 4, 5].map((number) => first.sell(number, 100));
    for (const trigger of ['charge_body_once', 'charge_identity']) sql(first, `DROP TRIGGER ${trigger}`);
    sql(first, text, ids[2]!);
    await first.die();

    network.faultOf = () => null;
    for (let run = 0; run < 2; run++) {
      const cabinet = boot();
      const fresh = cabinet.sell(10 + run, 100);
      await clock.advance(60_000);
      for (const id of [...ids.filter((id) => id !== ids[2]), fresh]) expect(cabinet.state(id)).toBe('paid');
      expect(cabinet.stopped).toEqual([]);
      expect(operator.arrived.has(ids[2]!)).toBe(false);
      const row = cabinet.db.read(() =>
        cabinet.db.prepare('SELECT state, quarantined_ms FROM charge WHERE charge_id = ?').first(ids[2]!),
      );
      expect(row).toMatchObject({ value: { state: 'queued', quarantined_ms: expect.any(Number) as number } });
      expect(told).toEqual(['charge_unreadable']);
      await cabinet.die();
    }
  });

  test('while it was being sent: the next run goes on without it', async () => {
    network.faultOf = () => 'hang before';
    const first = boot();
    const ids = [1, 2].map((number) => first.sell(number, 100));
    await clock.advance(50);
    expect(first.state(ids[0]!)).toBe('submitting');
    sql(first, 'DROP TRIGGER charge_body_once');
    sql(first, `UPDATE charge SET body_json = body_json || ' ' WHERE charge_id = ?`, ids[0]!);
    first.db.close();
    network.faultOf = () => null;
    const cabinet = boot();
    await clock.advance(60_000);
    expect(cabinet.state(ids[1]!)).toBe('paid');
    expect(told).toEqual(['charge_unreadable']);
  });

  test('a reason that a newer version has written is no damage', async () => {
    network.faultOf = () => 'refused';
    const first = boot();
    const chargeId = first.sell(1, 100);
    sql(first, `UPDATE charge SET reason = 'network.on_the_moon' WHERE charge_id = ?`, chargeId);
    await first.die();
    network.faultOf = () => null;
    const cabinet = boot();
    await clock.advance(60_000);
    expect(cabinet.state(chargeId)).toBe('paid');
    expect(told).toEqual([]);
  });

  test('a dispute: the others and the charge go on', async () => {
    network.faultOf = () => 'refused';
    const first = boot();
    const ids = [1, 2].map((number) => first.sell(number, 100));
    for (const [i, id] of ids.entries()) first.dispute(i, id, ['tea']);
    sql(first, 'DROP TRIGGER dispute_identity');
    sql(first, `UPDATE dispute SET skus_json = '[tea' WHERE charge_id = ?`, ids[0]!);
    await first.die();
    network.faultOf = () => null;
    const cabinet = boot();
    await clock.advance(60_000);
    expect([...operator.disputes.values()].map(({ chargeId }) => chargeId)).toEqual([ids[1]]);
    expect(cabinet.stopped).toEqual([]);
    expect(operator.arrived.has(ids[0]!)).toBe(true);
    expect(told).toEqual(['charge_unreadable']);
  });
});

test('a dispute that the operator never takes holds its charge for a day, not for ever', async () => {
  const cabinet = boot();
  network.faultOf = ({ path: where }) => (where.endsWith('/disputes') ? 'error before' : null);
  await clock.advance(100);
  const { chargeId, body } = sale(1, 100, clock.nowMs());
  const { visitId, memberId, cabinetId, currency } = body;
  const opened = { chargeId, visitId, memberId, memberDisplay: '王*', cabinetId, currency };
  assertOk(cabinet.store.open(opened));
  assertOk(cabinet.store.finalise(chargeId, body));
  cabinet.dispute(1, chargeId, ['tea']);
  cabinet.queue.wake();
  await clock.advance(23 * 3_600_000);
  expect(cabinet.state(chargeId)).toBe('queued');
  await clock.advance(2 * 3_600_000);
  expect(cabinet.state(chargeId)).toBe('paid');
  network.faultOf = () => null;
  await clock.advance(10 * 60_000);
  expect(operator.disputes.size).toBe(1);
});

test('a visit that ends while a long backlog leaves does not wait for it', async () => {
  const cabinet = boot();
  await clock.advance(1000);
  network.faultOf = () => 'refused';
  for (let i = 0; i < 300; i++) cabinet.sell(i, 100);
  await clock.advance(10 * 60_000);
  network.faultOf = () => null;
  for (let i = 0; i < 2000 && operator.arrived.size < 20; i++) await clock.advance(10);
  const chargeId = cabinet.sell(1000, 100);
  await clock.advance(50);
  expect(cabinet.state(chargeId)).toBe('paid');
  expect(assertOk(cabinet.store.unsettledSummary()).count).toBeGreaterThan(200);
});
