import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { refusedAgainMs } from '../../core/charge/delivery.ts';
import type { Database } from '../storage/database.ts';
import { dueRow } from './charge-due.ts';
import { nextStep } from '../../core/charge/charge-life.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { ok } from '../../shared/result.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import { DeliveryQueues } from './delivery-queues.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork } from '../../testkit/main/charges/faulty-network.ts';
import { StubOperator } from '../../testkit/main/charges/stub-operator.ts';
import { OperatorClient } from '../operator/operator-client.ts';
import { VisitClosings } from './visit-closings.ts';

let clock: FakeClock;
let operator: StubOperator;
let network: FaultyNetwork;
let path: string;
let removeFolder: () => void;

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  path = join(scratch.path, 'kaimen.db');
  clock = new FakeClock();
  operator = new StubOperator();
  network = new FaultyNetwork(clock, operator);
});
afterEach(() => removeFolder());

const boot = (): Cabinet => {
  const cabinet = new Cabinet({ path, clock, network });
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

let nonceCount = 0;
function queuesOf(cabinet: Cabinet): DeliveryQueues {
  const client = new OperatorClient({
    baseUrl: 'http://operator.test',
    cabinetId: 'CAB-1',
    sign: () => 'no signature',
    clock,
    randomNonce: () => `again-${nonceCount++}`,
    transport: network,
  });
  return new DeliveryQueues({
    charges: cabinet.store,
    disputes: cabinet.disputes,
    closings: new VisitClosings(cabinet.db, clock, clock),
    client,
    link: { onChange: () => () => undefined },
    clock,
    random: { unit: () => 0.5, bytes: (n: number) => new Uint8Array(n) },
    logger: silentLogger,
  });
}

/** A faulty deployment refuses everything (400) for an hour; then all is well. */
test('what the shopper reported while everything was refused is heard before the charge is debited', async () => {
  network.faultOf = ({ path: where }) => (where === '/v1/health' ? null : 'bad request');
  const cabinet = boot();
  await clock.advance(100);
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(1_000);
  expect(cabinet.state(chargeId)).toBe('needs_attention');
  expect(cabinet.dispute(1, chargeId, ['tea'])).toBe(true);
  await clock.advance(60 * 60_000);
  network.faultOf = () => null;
  await clock.advance(refusedAgainMs);
  await clock.advance(6.5 * 3_600_000);
  // The operator has the charge again; the report must have been there before it, and nothing may have been taken.
  expect(operator.disputes.size).toBe(1);
  expect(operator.answerOf(chargeId)?.state).toBe('needs_attention');
});

/** Only the path of disputes is away for some hours: a charge that has not left waits 24 h for its dispute. */
test('a refused charge waits for the dispute about it like any that has not left yet', async () => {
  operator.fateOf = () => 'reject';
  network.faultOf = ({ path: where }) => (where.endsWith('/disputes') ? 'error before' : null);
  const cabinet = boot();
  await clock.advance(100);
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(1_000);
  expect(cabinet.state(chargeId)).toBe('needs_attention');
  cabinet.dispute(1, chargeId, ['tea']);
  await clock.advance(60_000);
  operator.fateOf = () => 'paid';
  await clock.advance(refusedAgainMs + 60_000); // far less than 24 h
  network.faultOf = () => null;
  await clock.advance(refusedAgainMs + 30 * 60_000);
  expect(operator.disputes.size).toBe(1);
  expect(operator.answerOf(chargeId)?.state).toBe('needs_attention');
});

test('a charge that a restored operator has lost and then refuses is tried until it is taken', async () => {
  operator.fateOf = () => 'accepted';
  const cabinet = boot();
  await clock.advance(100);
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(50);
  expect(cabinet.state(chargeId)).toBe('accepted');
  // Restored from a back-up, with a faulty deployment for an hour.
  operator.arrived.clear();
  operator.fateOf = () => 'reject';
  await clock.advance(60 * 60_000);
  // It has had the charge, so its no is no end: tried again, and counted as not delivered.
  expect(cabinet.state(chargeId)).toBe('queued');
  expect(assertOk(cabinet.store.unsettledSummary()).undeliveredCount).toBe(1);
  operator.fateOf = () => 'paid';
  await clock.advance(6.5 * 3_600_000);
  expect(assertOk(cabinet.store.unsettledSummary()).undeliveredCount).toBe(0);
  expect(cabinet.state(chargeId)).toBe('paid');
});

test('a refused charge whose reason this version does not know stops neither the queue nor the cabinet', async () => {
  operator.fateOf = () => 'reject';
  const cabinet = boot();
  await clock.advance(100);
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(1_000);
  await cabinet.die();
  // As charge-record.ts allows for: "One that this version does not know (the file was written by a newer one)".
  sql(cabinet, `UPDATE charge SET reason = 'system.refused_softly' WHERE charge_id = ?`, chargeId);
  operator.fateOf = () => 'paid';
  const queues = queuesOf(cabinet);
  const canPersist: boolean[] = [];
  queues.onCanPersistChanged(() => canPersist.push(queues.canPersist));
  queues.start();
  await clock.advance(refusedAgainMs + 10 * 60_000);
  await queues.stop();
  expect(canPersist.filter((can) => !can).length).toBe(0);
  const due = assertOk(cabinet.store.nextDue(clock.nowMs(), 0));
  expect(due === null || nextStep(due) !== 'none').toBe(true);
});

test.each([
  ['attempts', 2n ** 60n],
  ['attempts', -(2n ** 60n)],
] as const)('to look for what is due ends when a damaged row has %s = %d', async (column, value) => {
  network.faultOf = () => 'refused';
  const cabinet = boot();
  await clock.advance(100);
  const bad = cabinet.sell(1, 500);
  await clock.advance(10);
  await cabinet.die();
  sql(
    cabinet,
    `UPDATE charge SET ${column} = ${value}, next_attempt_ms = ${clock.nowMs() + 60_000},
    reason = 'system.operator_error', updated_ms = ${clock.nowMs() + 1} WHERE charge_id = ?`,
    bad,
  );
  let lookCount = 0;
  const { db } = cabinet;
  const counting = {
    prepare: (text: string) => {
      if (++lookCount > 10_000) throw new Error('it goes on for ever');
      return db.prepare(text);
    },
  } as unknown as Database;
  const look = (atMs: number) => {
    let found: unknown;
    try {
      const read = db.read(() => dueRow(counting, atMs, 0, true));
      found = read.ok ? read.value : read.error;
    } catch (error) {
      found = String(error);
    }
    return found;
  };
  // Not due yet, and later due: put aside or sent, but never a frozen program or a row that nobody sees.
  expect(look(clock.nowMs())).toBe(undefined);
  lookCount = 0;
  expect(look(clock.nowMs() + 120_000)).toMatchObject({ charge_id: bad });
});

test('one damaged count does not stop the others from being asked about, nor the cabinet from selling', async () => {
  const cabinet = boot();
  await clock.advance(100);
  operator.fateOf = () => 'accepted';
  const other = cabinet.sell(1, 500);
  await clock.advance(20);
  expect(cabinet.state(other)).toBe('accepted');
  network.faultOf = () => 'refused';
  const bad = cabinet.sell(2, 500);
  await clock.advance(20);
  await cabinet.die();
  sql(cabinet, `UPDATE charge SET attempts = ${2n ** 60n} WHERE charge_id = ?`, bad);
  network.faultOf = () => null;
  const queues = queuesOf(cabinet);
  const canPersist: boolean[] = [];
  queues.onCanPersistChanged(() => canPersist.push(queues.canPersist));
  queues.start();
  await clock.advance(60 * 60_000);
  await queues.stop();
  expect({ other: cabinet.state(other), stops: canPersist.filter((can) => !can).length }).toEqual({
    other: 'paid',
    stops: 0,
  });
});
