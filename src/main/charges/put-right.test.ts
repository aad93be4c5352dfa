import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import { waitingQueriesMax } from '../../core/charge/delivery.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';

/** What a human at the operator decides reaches the cabinet: slowly, in front of nobody, and ever more seldom. */
let clock: FakeClock;
let operator: StubOperator;
let network: FaultyNetwork;
let cabinet: Cabinet;
let removeFolder: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  operator = new StubOperator();
  network = new FaultyNetwork(clock, operator);
  operator.fateOf = () => 'human';
  cabinet = new Cabinet({ path: join(scratch.path, 'kaimen.db'), clock, network });
  cabinet.start();
});
afterEach(async () => {
  await cabinet.die();
  removeFolder();
});

const hourMs = 3_600_000;
const decide = (chargeId: ChargeId, how: string, billedMinor: number): void => {
  operator.decide(chargeId, { how, by: 'support', atMs: clock.nowMs() }, billedMinor);
};
const asked = (chargeId: ChargeId): number =>
  network.log.filter((entry) => entry.chargeId === chargeId && entry.method === 'GET').length;

test.each(['written_off', 'a word of tomorrow'])(
  '%s: told within an hour of its first question',
  async (how) => {
    const chargeId = cabinet.sell(1, 500);
    await clock.advance(1000);
    expect(cabinet.state(chargeId)).toBe('needs_attention');
    decide(chargeId, how, 0);
    await clock.advance(hourMs);
    expect(assertOk(cabinet.store.get(chargeId))).toMatchObject({
      ...{ state: 'paid', billedMinor: 0, reason: null },
      resolution: { how, by: 'support' },
    });
    expect(cabinet.changed).toContain(chargeId);
    expect(auditOf(cabinet.db).kinds).toEqual([]);
    const questions = asked(chargeId);
    await clock.advance(hourMs);
    expect(asked(chargeId)).toBe(questions);
    expect(network.breaches).toEqual([]);
  },
);

test('however many wait, there is one question in a while, and a new charge waits for none of them', async () => {
  for (let i = 0; i < 60; i++) cabinet.sell(i, 500);
  await clock.advance(60_000);
  network.log.length = 0;
  await clock.advance(15 * 60_000);
  const questions = network.log.map(({ atMs }) => atMs);
  expect(questions.length).toBeGreaterThan(50);
  questions.slice(1).forEach((atMs, i) => expect(atMs - questions[i]!).toBeGreaterThanOrEqual(5000));
  operator.fateOf = () => 'paid';
  const live = cabinet.sell(100, 700);
  await clock.advance(30);
  expect(cabinet.state(live)).toBe('paid');
});

test('nobody decides: it is asked about ever more seldom, in the end once a week', async () => {
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(3 * hourMs);
  const first = asked(chargeId);
  expect(first).toBeGreaterThan(2);
  expect(first).toBeLessThan(9);
  const isSet = cabinet.db.transaction(() => {
    const set = 'UPDATE charge SET attempts = ?, next_attempt_ms = ?';
    cabinet.db.prepare(set).run(waitingQueriesMax - 2, clock.nowMs());
    return ok();
  });
  expect(isSet.ok).toBe(true);
  await clock.advance(60_000);
  expect(asked(chargeId)).toBe(first + 1);
  expect(assertOk(cabinet.store.nextDueMs())).toBeGreaterThan(clock.nowMs() + 20 * hourMs);
  cabinet.db.transaction(() => {
    cabinet.db.prepare('UPDATE charge SET next_attempt_ms = ?').run(clock.nowMs());
    return ok();
  });
  await clock.advance(120_000);
  expect(asked(chargeId)).toBe(first + 2);
  expect(assertOk(cabinet.store.nextDueMs())).toBeGreaterThan(clock.nowMs() + 3 * 24 * hourMs);
  expect(cabinet.state(chargeId)).toBe('needs_attention');
});

test('an operator that answers wrongly to that question stops nothing', async () => {
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(1000);
  const faults = [
    'garbage before',
    'bad request',
    'bare 404',
    'error before',
    'key refused',
    'portal',
  ] as const;
  let count = 0;
  network.faultOf = ({ path }) => (path === '/v1/health' ? null : (faults[count++] ?? null));
  for (let i = 0; i <= faults.length; i++) {
    cabinet.db.transaction(() => {
      cabinet.db.prepare('UPDATE charge SET attempts = 0, next_attempt_ms = ?').run(clock.nowMs());
      return ok();
    });
    await clock.advance(10 * 60_000);
  }
  expect(count).toBeGreaterThan(faults.length);
  decide(chargeId, 'settled', 300);
  await clock.advance(hourMs);
  expect(assertOk(cabinet.store.get(chargeId))).toMatchObject({ state: 'paid', billedMinor: 300 });
  expect(cabinet.stopped).toEqual([]);
});

test('staff at the cabinet has everything tried now: what was decided is known at once', async () => {
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(1000);
  decide(chargeId, 'written_off', 0);
  await clock.advance(10_000);
  expect(cabinet.state(chargeId)).toBe('needs_attention');
  assertOk(cabinet.store.hasten());
  cabinet.queue.wake();
  await clock.advance(12_000);
  expect(cabinet.state(chargeId)).toBe('paid');
  // There is nothing left to be hastened.
  const questions = asked(chargeId);
  assertOk(cabinet.store.hasten());
  cabinet.queue.wake();
  await clock.advance(60_000);
  expect(asked(chargeId)).toBe(questions);
});
