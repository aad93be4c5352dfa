import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { SqlValue } from '../storage/statement.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { Cabinet, assertOk, sale } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import type { Fault } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { Killer } from '../../testkit/main/charges/killer.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';

let clock: FakeClock;
let operator: StubOperator;
let network: FaultyNetwork;
let path: string;
let removeFolder: () => void;
let running: Cabinet[];
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  operator = new StubOperator();
  network = new FaultyNetwork(clock, operator);
  running = [];
});
afterEach(async () => {
  for (const cabinet of running) void cabinet.die();
  removeFolder();
});
function run(wrap?: Killer['wrap']): Cabinet {
  const cabinet = new Cabinet({ path, clock, network, ...(wrap === undefined ? {} : { wrap }) });
  running.push(cabinet);
  cabinet.start();
  return cabinet;
}
const sql = (cabinet: Cabinet, text: string, ...values: SqlValue[]) =>
  cabinet.db.transaction(() => {
    cabinet.db.prepare(text).run(...values);
    return ok();
  });
const types = (cabinet: Cabinet, chargeId: ChargeId) =>
  assertOk(cabinet.store.history(chargeId)).map((entry) => entry.event.type);

describe('on record', () => {
  test('with its event in the chain, each line once, and only what is billed', () => {
    const cabinet = run();
    const chargeId = cabinet.sell(1, 1250);
    expect(cabinet.dispute(1, chargeId, ['tea', 'tea'])).toBe(true);
    expect(cabinet.dispute(2, chargeId, ['tea'])).toBe(false);
    expect(assertOk(cabinet.disputes.skusOf(chargeId))).toEqual(['tea']);
    expect(types(cabinet, chargeId)).toEqual(['open', 'finalise', 'enqueue', 'dispute']);
    expect(() => cabinet.dispute(3, chargeId, ['cola'])).toThrow(/no_such_line/);
    expect(() => cabinet.dispute(3, 'KM0' as ChargeId, ['tea'])).toThrow(/charge.unknown/);
    const { chargeId: open, body } = sale(2, 100, clock.nowMs());
    assertOk(cabinet.store.open({ ...body, memberDisplay: '王*' }));
    expect(() => cabinet.dispute(3, open, ['tea'])).toThrow(/charge.unknown/);
    expect(auditOf(cabinet.db)).toMatchObject({ kinds: [], chargeCount: 2 });
  });

  test('what was said cannot be changed, removed or sent twice; a change behind our back is noticed', () => {
    const cabinet = run();
    const chargeId = cabinet.sell(1, 1250);
    cabinet.dispute(1, chargeId, ['tea']);
    const spoil = [
      'DELETE FROM dispute',
      "UPDATE dispute SET skus_json = '[]'",
      "UPDATE dispute SET charge_id = 'x'",
      'UPDATE dispute SET next_attempt_ms = NULL',
    ];
    for (const text of spoil) expect(() => sql(cabinet, text), text).toThrow();
    const [{ disputeId }] = [assertOk(cabinet.disputes.nextDue(clock.nowMs(), 0))!];
    assertOk(cabinet.disputes.markSent(disputeId, true));
    expect(() => cabinet.disputes.defer(disputeId, 1, 1)).toThrow(/done/);
    sql(cabinet, 'DROP TRIGGER dispute_identity');
    sql(cabinet, 'DROP TRIGGER dispute_done');
    sql(cabinet, "UPDATE dispute SET skus_json = '[]'");
    expect(auditOf(cabinet.db).kinds).toEqual(['dispute_differs']);
  });
});

describe('on its way', () => {
  test('is at the operator before a charge that has not left, so that the debit is lower', async () => {
    const cabinet = run();
    network.faultOf = () => 'refused';
    await clock.advance(2_000);
    const chargeId = cabinet.sell(1, 1250);
    await clock.advance(1_000);
    cabinet.dispute(1, chargeId, ['tea']);
    await clock.advance(120_000);
    network.faultOf = () => null;
    await clock.advance(30_000);
    expect([...operator.disputes.values()]).toMatchObject([{ chargeId, skus: ['tea'] }]);
    expect(operator.answerOf(chargeId)).toMatchObject({ state: 'needs_attention' });
    expect(cabinet.state(chargeId)).toBe('needs_attention');
    expect(network.breaches).toEqual([]);
  });

  test('after the debit it is only told', async () => {
    const cabinet = run();
    const chargeId = cabinet.sell(1, 1250);
    await clock.advance(1_000);
    expect(cabinet.state(chargeId)).toBe('paid');
    cabinet.dispute(1, chargeId, ['tea']);
    await clock.advance(1_000);
    expect(operator.disputes.size).toBe(1);
    expect(operator.answerOf(chargeId)).toEqual({ state: 'paid', billedMinor: 1250 });
    expect(assertOk(cabinet.disputes.nextDueMs())).toBeNull();
  });

  test('one that the operator refuses is tried for a day and stays on record; then the charge goes', async () => {
    const cabinet = run();
    operator.disputesRefused = 'bad_request';
    const chargeId = cabinet.sell(1, 1250);
    cabinet.dispute(1, chargeId, ['tea']);
    await clock.advance(23 * 3_600_000);
    expect(cabinet.state(chargeId)).toBe('queued');
    await clock.advance(2 * 3_600_000);
    expect(cabinet.state(chargeId)).toBe('paid');
    expect(assertOk(cabinet.disputes.nextDueMs())).toBeNull();
    expect(assertOk(cabinet.disputes.skusOf(chargeId))).toEqual([]);
    expect(assertOk(cabinet.disputes.refusedSkusOf(chargeId))).toEqual(['tea']);
    expect(cabinet.dispute(2, chargeId, ['tea'])).toBe(false);
    expect(cabinet.disputeQueue.running).toBe(true);
  });

  test('holds no other charge', async () => {
    const cabinet = run();
    network.faultOf = ({ path: at }) => (at.endsWith('/disputes') ? 'error before' : null);
    const held = cabinet.sell(1, 1250);
    cabinet.dispute(1, held, ['tea']);
    const free = cabinet.sell(2, 300);
    await clock.advance(10_000);
    expect([cabinet.state(held), cabinet.state(free)]).toEqual(['queued', 'paid']);
    network.faultOf = () => null;
    await clock.advance(6 * 60_000);
    expect(cabinet.state(held)).toBe('needs_attention');
  });
});

describe('killed at every step', () => {
  const faults: (Fault | null)[] = [null, 'cut after', 'cut before', 'error after', 'late', 'garbage after'];
  for (const fault of faults) {
    test(`first request: ${fault ?? 'fine'}`, async () => {
      let killedCount = 0;
      let recordedCount = 0;
      for (let at = 0; at < 200; at++) {
        const scratch = makeScratchFolder();
        path = join(scratch.path, 'kaimen.db');
        operator = new StubOperator();
        network = new FaultyNetwork(clock, operator);
        const left = [fault];
        network.faultOf = ({ path: to }) => (to === '/v1/health' ? null : (left.shift() ?? null));
        const killer = new Killer(at);
        const first = run(killer.wrap);
        const chargeId = first.sell(1, 1250);
        let said = false;
        try {
          said = first.dispute(1, chargeId, ['tea']);
        } catch {
          // Killed while it was put on record: the screen has said nothing.
        }
        await clock.advance(20_000);
        const wasKilled = killer.dead;
        killer.dead = true;
        first.link.stop();
        const second = run();
        await clock.advance(60_000);
        const onRecord = assertOk(second.disputes.skusOf(chargeId)).length > 0;
        if (said) expect(onRecord, `step ${at}: said is on record`).toBe(true);
        expect(operator.disputes.size, `step ${at}: once`).toBe(onRecord ? 1 : 0);
        // What was said is there before the charge, or nothing was said.
        const arrivedAfterIt = onRecord ? 'needs_attention' : 'paid';
        expect(operator.answerOf(chargeId)?.state, `step ${at}`).toBe(arrivedAfterIt);
        expect(assertOk(second.disputes.nextDueMs())).toBeNull();
        expect(auditOf(second.db)).toMatchObject({ kinds: [], chargeCount: 1 });
        expect(network.breaches).toEqual([]);
        await second.die();
        running = [];
        scratch.remove();
        if (onRecord) recordedCount++;
        if (!wasKilled) break;
        killedCount++;
      }
      expect(killedCount).toBeGreaterThan(10);
      expect(killedCount).toBeLessThan(199);
      expect(recordedCount).toBeGreaterThan(5);
    });
  }
});
