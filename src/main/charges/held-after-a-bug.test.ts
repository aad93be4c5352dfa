import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ChargeReply } from '../../shared/api/operator.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeDisputeId } from '../../shared/ids.ts';
import type { ChargeId, DisputeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { SeededRandom } from '../../shared/random.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { assertOk, sale, sellAndPay } from '../../testkit/main/charges/cabinet.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import type { Database } from '../storage/database.ts';
import { ChargeStore } from './charge-store.ts';
import { DeliveryQueues } from './delivery-queues.ts';
import { DisputeStore } from './dispute-store.ts';
import { VisitClosings } from './visit-closings.ts';

const hourMs = 3_600_000;
let clock: FakeClock;
let db: Database;
let charges: ChargeStore;
let disputes: DisputeStore;
let queues: DeliveryQueues;
let removeFolder: () => void;
let told: string[];
let sent: string[];
let closed: number;

const paid = (chargeId: string): ChargeReply => ({
  chargeId: chargeId as ChargeId,
  state: 'paid',
  totalMinor: minor(500),
  reason: null,
  resolved: null,
});
const start = (): void => {
  queues = new DeliveryQueues({
    charges,
    disputes,
    closings: new VisitClosings(db, clock, clock),
    client: {
      closeVisit: () => Promise.resolve(ok({ known: true })),
      putCharge: (chargeId) => {
        sent.push(chargeId);
        return Promise.resolve(ok(paid(chargeId)));
      },
      getCharge: (chargeId) => {
        sent.push(chargeId);
        return Promise.resolve(ok(paid(chargeId)));
      },
      sendDispute: (chargeId, disputeId) => {
        sent.push(disputeId);
        return Promise.resolve(ok({ disputeId: disputeId as DisputeId, charge: paid(chargeId) }));
      },
    },
    link: { onChange: () => () => undefined },
    clock,
    random: new SeededRandom(1),
    tellStaff: (detail) => void told.push(detail),
    logger: silentLogger,
  });
  queues.onCanPersistChanged(() => {
    if (!queues.canPersist) closed++;
  });
  queues.start();
};

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  db = mustOpen(`${scratch.path}/kaimen.db`, clock);
  charges = new ChargeStore(db, testLog(db), clock, clock);
  disputes = new DisputeStore(db, testLog(db), clock, clock);
  [told, sent, closed] = [[], [], 0];
});
afterEach(async () => {
  await queues.stop();
  vi.restoreAllMocks();
  db.close();
  removeFolder();
});

const sell = (number: number): ChargeId => {
  const { chargeId, body } = sale(number, 500, clock.nowMs());
  assertOk(charges.open({ ...body, memberDisplay: '王*' }));
  assertOk(charges.finalise(chargeId, body));
  return chargeId;
};
const report = (number: number): DisputeId => {
  const disputeId = makeDisputeId(clock.nowMs(), new Uint8Array(10).fill(number));
  assertOk(disputes.add(sellAndPay(charges, number, clock.nowMs()), disputeId, ['tea']));
  return disputeId;
};
const countOf = (id: string): number => sent.filter((other) => other === id).length;

const bugs = {
  throws: (): never => {
    throw new Error('a bug');
  },
  'is against the rules': () => fail('charge.illegal', 'a bug'),
};

/** What is made wrong for one charge, and the state in which it is held. */
test.each([
  ['its answer', 'throws', 'recordOutcome', 'in_doubt'],
  ['its answer', 'is against the rules', 'recordOutcome', 'in_doubt'],
  ['its sending', 'throws', 'markSubmitting', 'queued'],
] as const)(
  'a charge is held when to write down %s %s: the others go, and it goes when that is mended',
  async (_, bug, method, state) => {
    const [stuck, other] = [sell(1), sell(2)];
    const asItIs = (charges[method] as (...args: unknown[]) => unknown).bind(charges);
    const spy = vi
      .spyOn(charges, method)
      .mockImplementation(((chargeId: ChargeId, ...rest: unknown[]) =>
        chargeId === stuck ? bugs[bug]() : asItIs(chargeId, ...rest)) as never);
    start();
    await clock.advance(hourMs);
    expect(assertOk(charges.get(other)).state).toBe('paid');
    expect(assertOk(charges.get(stuck)).state).toBe(state);
    expect({ closed, told }).toEqual({ closed: 0, told: [`charge_held_by_a_bug: ${stuck}`] });
    expect(countOf(stuck)).toBeLessThan(10);
    const later = sell(3);
    queues.wakeCharges();
    await clock.advance(1_000);
    expect(assertOk(charges.get(later)).state).toBe('paid');
    spy.mockRestore();
    await clock.advance(hourMs);
    expect(assertOk(charges.get(stuck)).state).toBe('paid');
  },
);

test('a report is held when its answer is not written: the others go, and it goes when that is mended', async () => {
  const [stuck, other] = [report(1), report(2)];
  const asItIs = disputes.markSent.bind(disputes);
  const spy = vi
    .spyOn(disputes, 'markSent')
    .mockImplementation((disputeId, hasCharge) =>
      disputeId === stuck ? bugs.throws() : asItIs(disputeId, hasCharge),
    );
  start();
  await clock.advance(hourMs);
  expect(countOf(other)).toBe(1);
  expect({ closed, told }).toEqual({ closed: 0, told: [`dispute_held_by_a_bug: ${stuck}`] });
  expect(countOf(stuck)).toBeGreaterThan(3);
  expect(countOf(stuck)).toBeLessThan(10);
  const waits = (): unknown =>
    assertOk(
      db.read(
        () =>
          db.prepare('SELECT next_attempt_ms FROM dispute WHERE dispute_id = ?').first(stuck)?.[
            'next_attempt_ms'
          ],
      ),
    );
  expect(waits()).not.toBeNull();
  spy.mockRestore();
  await clock.advance(hourMs);
  expect(waits()).toBeNull();
});

test('what is held is tried again at the next start', async () => {
  const stuck = sell(1);
  const spy = vi.spyOn(charges, 'recordOutcome').mockImplementation(bugs.throws);
  start();
  await clock.advance(10_000);
  await queues.stop();
  spy.mockRestore();
  start();
  await clock.advance(1_000);
  expect(assertOk(charges.get(stuck)).state).toBe('paid');
});

test('a bug of no charge: the queue is started ever later, staff is told once, and the reports go on', async () => {
  const spy = vi.spyOn(charges, 'nextDue').mockImplementation(bugs.throws);
  start();
  await clock.advance(hourMs);
  const firstHour = spy.mock.calls.length;
  expect(firstHour).toBeGreaterThan(5);
  expect(firstHour).toBeLessThan(20);
  await clock.advance(24 * hourMs);
  // Every ten minutes.
  expect(spy.mock.calls.length - firstHour).toBeGreaterThan(24 * 5);
  expect(spy.mock.calls.length - firstHour).toBeLessThan(24 * 7);
  expect(told).toEqual(['charge_delivery_stopped']);
  const disputeId = report(1);
  queues.wakeDisputes();
  await clock.advance(1_000);
  expect(countOf(disputeId)).toBe(1);
  expect(queues.canPersist).toBe(false);
  spy.mockRestore();
  await clock.advance(10 * 60_000);
  expect(queues.canPersist).toBe(true);
  // After it has run for a while it is another one: soon again, and told.
  await clock.advance(hourMs);
  vi.spyOn(charges, 'nextDue').mockImplementationOnce(bugs.throws);
  queues.wakeCharges();
  await clock.advance(2_500);
  expect(queues.canPersist).toBe(true);
  expect(told).toHaveLength(2);
});
