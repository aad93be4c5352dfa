import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { retryAfterMaxMs } from '../../core/charge/delivery.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { HttpRequest } from '../operator/http-transport.ts';

/**
 * The operator's database was put back: it knows nothing of the visits of many charges, and takes so many of them in a day.
 * What is beyond waits, and nothing else does.
 */
let clock: FakeClock;
let network: FaultyNetwork;
let cabinet: Cabinet;
let removeFolder: () => void;
let othersMayCome: boolean;
/** So many more of the lost ones are taken. */
let room: number;
let lost: Set<string>;
let taken: Map<string, number>;
let refusedCount: number;

function serve(request: HttpRequest) {
  const [, chargeId, isDispute] = /^\/v1\/charges\/(\w+)(\/disputes)?$/.exec(request.url.pathname) ?? [];
  if (chargeId === undefined) return reply(200, { ok: true });
  if (lost.has(chargeId) && !taken.has(chargeId)) {
    if (room === 0) {
      refusedCount++;
      const said = { error: 'unavailable', message: 'too many', ...(othersMayCome ? { othersMayCome } : {}) };
      return { ...reply(429, said), headers: { 'retry-after': '10' } };
    }
    room--;
  }
  if (isDispute !== undefined) {
    const { disputeId } = JSON.parse(request.body.toString()) as { disputeId: string };
    taken.set(disputeId, clock.nowMs());
    return reply(200, { disputeId, charge: null });
  }
  taken.set(chargeId, clock.nowMs());
  return reply(200, { chargeId, state: 'paid', totalMinor: 500, reason: null, resolved: null });
}

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  [othersMayCome, room, refusedCount] = [true, 0, 0];
  lost = new Set();
  taken = new Map();
  network = new FaultyNetwork(clock, { serve });
  cabinet = new Cabinet({ path: join(scratch.path, 'kaimen.db'), clock, network });
});
afterEach(async () => {
  await cabinet.die();
  expect(network.breaches).toEqual([]);
  expect(auditOf(cabinet.db).kinds).toEqual([]);
  removeFolder();
});

/** So many charges that the operator has lost wait when the cabinet begins to send. */
async function drain(count: number): Promise<ChargeId[]> {
  const ids = Array.from({ length: count }, (_, i) => cabinet.sell(i + 1, 500));
  for (const id of ids) lost.add(id);
  await clock.advance(120_000);
  cabinet.start();
  await clock.advance(5_000);
  return ids;
}
/** How long the operator does not have it, ms. */
async function takenAfterMs(chargeId: ChargeId): Promise<number> {
  const fromMs = clock.nowMs();
  for (let i = 0; i < 1_000 && !taken.has(chargeId); i++) await clock.advance(100);
  return (taken.get(chargeId) ?? Infinity) - fromMs;
}

test('a charge beside them is taken within a second, whenever it comes', async () => {
  await drain(60);
  for (let i = 0; i < 10; i++) {
    expect(await takenAfterMs(cabinet.sell(1_000 + i, 500))).toBeLessThan(1_000);
    await clock.advance(47_000);
  }
});

test('a backlog of others behind them leaves at once', async () => {
  const others = Array.from({ length: 20 }, (_, i) => cabinet.sell(2_000 + i, 500));
  await drain(60);
  for (const id of others) expect(cabinet.state(id)).toBe('paid');
});

test('they are asked for again every few minutes, and leave when there is room', async () => {
  const ids = await drain(60);
  refusedCount = 0;
  await clock.advance(6 * 3_600_000);
  // Each at most 12 times an hour.
  expect(refusedCount).toBeLessThan(60 * 6 * 12 + 60);
  room = 25;
  await clock.advance(retryAfterMaxMs);
  expect(ids.filter((id) => cabinet.state(id) === 'paid')).toHaveLength(25);
  room = Infinity;
  await clock.advance(retryAfterMaxMs);
  for (const id of ids) expect(cabinet.state(id)).toBe('paid');
});

test('an operator that does not say so means all of them', async () => {
  othersMayCome = false;
  await drain(5);
  expect(await takenAfterMs(cabinet.sell(1_000, 500))).toBeGreaterThan(1_000);
});

test('a report beside them is taken at once', async () => {
  const ids = await drain(10);
  const paid = cabinet.sell(1_000, 500);
  await clock.advance(1_000);
  for (const [i, id] of ids.entries()) cabinet.dispute(i + 1, id, ['tea']);
  await clock.advance(10_000);
  const before = taken.size;
  cabinet.dispute(1_000, paid, ['tea']);
  await clock.advance(1_000);
  expect(taken.size).toBe(before + 1);
  expect(assertOk(cabinet.disputes.nextDueMs())).not.toBeNull();
});
