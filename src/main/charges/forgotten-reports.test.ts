import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { disputeHoldMaxMs } from '../../core/charge/delivery.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { Cabinet, assertOk } from '../../testkit/main/charges/cabinet.ts';
import { auditOf } from '../../testkit/main/charges/charge-log.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { HttpRequest } from '../operator/http-transport.ts';
import type { StorageFailure } from '../storage/database.ts';

/** An operator that has forgotten what a shopper reported (its database was put back), or says so. */
const hourMs = 3_600_000;
let clock: FakeClock;
let network: FaultyNetwork;
let cabinet: Cabinet;
let folder: string;
let removeFolder: () => void;
/** What is answered about the one charge; null: it is unknown. A dispute is taken when it comes. */
let billedMinor: number | null;
let state: 'collecting' | 'paid';
let takesDisputes: boolean;
/** What is said while they are not taken. */
let [noStatus, noError]: readonly [number, string] = [503, 'unavailable'];
let onDispute: () => void;
/** Bodies of the disputes that have come. */
let reports: string[];

function serve(request: HttpRequest) {
  const path = request.url.pathname;
  const chargeId = /^\/v1\/charges\/(\w+)/.exec(path)?.[1];
  if (chargeId === undefined) return reply(200, { ok: true });
  if (path.endsWith('/disputes')) {
    if (!takesDisputes) return reply(noStatus, { error: noError, message: 'later' });
    reports.push(request.body.toString('utf8'));
    onDispute();
    const { disputeId } = JSON.parse(reports.at(-1) ?? '') as { disputeId: string };
    return reply(200, { disputeId, charge: null });
  }
  if (request.method === 'PUT') billedMinor ??= reports.length > 1 ? 0 : 500;
  if (billedMinor === null) return reply(404, { error: 'unknown_charge', message: 'no' });
  const reason = state === 'paid' ? null : 'account.insufficient_funds';
  return reply(200, { chargeId, state, totalMinor: billedMinor, reason, resolved: null });
}

beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  folder = scratch.path;
  clock = new FakeClock();
  billedMinor = null;
  state = 'collecting';
  takesDisputes = true;
  [noStatus, noError] = [503, 'unavailable'];
  onDispute = () => (billedMinor = 0);
  reports = [];
  network = new FaultyNetwork(clock, { serve });
  cabinet = new Cabinet({ path: join(scratch.path, 'kaimen.db'), clock, network });
  cabinet.start();
});
afterEach(async () => {
  await cabinet.die();
  expect(network.breaches).toEqual([]);
  expect(auditOf(cabinet.db).kinds).toEqual([]);
  removeFolder();
});
/** 5.00 in collection, all of it reported. */
async function reported(): Promise<ChargeId> {
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(2_000);
  cabinet.dispute(1, chargeId, ['tea']);
  await clock.advance(10 * 60_000);
  expect(now(chargeId)).toMatchObject({ state: 'collecting', billedMinor: 0 });
  expect(reports).toHaveLength(1);
  return chargeId;
}
/** A few minutes of each are seen. */
async function daysPass(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    clock.skip(24 * hourMs);
    await clock.advance(2 * 60_000);
  }
}
const now = (chargeId: ChargeId) => assertOk(cabinet.store.get(chargeId));

test('it bills more than before: the same report is sent once more, and nobody has to look', async () => {
  const chargeId = await reported();
  billedMinor = 500;
  await clock.advance(hourMs);
  expect(reports).toEqual([reports[0], reports[0]]);
  expect(now(chargeId)).toMatchObject({ state: 'collecting', billedMinor: 0 });
  expect(cabinet.told).toEqual([]);
});

test('it does not have the charge any more: the report goes before it', async () => {
  const chargeId = await reported();
  network.log.length = 0;
  onDispute = () => undefined;
  billedMinor = null;
  await clock.advance(hourMs);
  expect(reports).toEqual([reports[0], reports[0]]);
  // When the charge came, the report was there.
  expect(billedMinor).toBe(0);
  expect(now(chargeId)).toMatchObject({ state: 'collecting', billedMinor: 0 });
});

test('it bills too much all the same: sent once more and no oftener, and staff is told once', async () => {
  const chargeId = await reported();
  onDispute = () => undefined;
  billedMinor = 500;
  await daysPass(30);
  expect(reports).toHaveLength(2);
  expect(now(chargeId)).toMatchObject({
    state: 'needs_attention',
    reason: 'system.conflict',
    billedMinor: 0,
  });
  expect(cabinet.told).toEqual([`charge_billed_too_high: ${chargeId}, 500 minor units`]);
  // It comes to its senses: no decision is needed.
  billedMinor = 0;
  await daysPass(60);
  expect(now(chargeId)).toMatchObject({ state: 'collecting', billedMinor: 0 });
});

test.each([
  [503, 'unavailable'],
  [400, 'bad_request'],
] as const)(
  'its answer does not count while the report is on its way (%i), for a day at most',
  async (...no) => {
    const chargeId = await reported();
    [noStatus, noError] = no;
    takesDisputes = false;
    billedMinor = 500;
    await clock.advance(disputeHoldMaxMs - hourMs);
    expect(now(chargeId)).toMatchObject({ state: 'collecting', billedMinor: 0 });
    const { length } = network.log;
    expect(length).toBeLessThan(1_000);
    await clock.advance(2 * hourMs);
    expect(now(chargeId)).toMatchObject({ state: 'needs_attention', reason: 'system.conflict' });
    expect(cabinet.told).toContain(`charge_billed_too_high: ${chargeId}, 500 minor units`);
  },
);

test('a charge that an earlier version has left in conflict comes out of it', async () => {
  const chargeId = await reported();
  billedMinor = 500;
  const event = { type: 'reply', state: 'collecting', totalMinor: 500 as never, reason: null } as const;
  assertOk(cabinet.store.recordOutcome(chargeId, event, clock.nowMs()));
  expect(now(chargeId)).toMatchObject({ state: 'needs_attention', reason: 'system.conflict' });
  await clock.advance(hourMs);
  expect(reports).toHaveLength(2);
  expect(now(chargeId)).toMatchObject({ state: 'collecting', billedMinor: 0 });
});

/** Whole days between each two times that the one report has come, while so many days pass. */
async function daysBetween(count: number): Promise<number[]> {
  const days: number[] = [];
  let [lastMs, known] = [clock.nowMs(), reports.length];
  for (let step = 0; step < count * 4; step++) {
    clock.skip(5 * hourMs);
    await clock.advance(hourMs);
    if (reports.length === known) continue;
    days.push(...reports.slice(known).map(() => Math.floor((clock.nowMs() - lastMs) / (24 * hourMs))));
    [lastMs, known] = [clock.nowMs(), reports.length];
  }
  return days;
}
/** 5.00 are paid; then all of it is reported. */
async function reportedWhenPaid(): Promise<ChargeId> {
  state = 'paid';
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(2_000);
  expect(now(chargeId).state).toBe('paid');
  cabinet.dispute(1, chargeId, ['tea']);
  await clock.advance(2_000);
  expect(reports).toHaveLength(1);
  return chargeId;
}

test('of a paid charge nobody asks any more: its report is told again, a few times within a month', async () => {
  const chargeId = await reportedWhenPaid();
  expect(await daysBetween(60)).toEqual([1, 2, 4, 8, 16]);
  expect(now(chargeId)).toMatchObject({ state: 'paid', billedMinor: 500 });
});

test('a restart begins no new month, and neither does a clock that jumps', async () => {
  await reportedWhenPaid();
  clock.jumpWall(3_650 * 24 * hourMs);
  await clock.advance(2 * hourMs);
  clock.jumpWall(-3_650 * 24 * hourMs);
  await clock.advance(2 * hourMs);
  await cabinet.die();
  cabinet = new Cabinet({ path: join(folder, 'kaimen.db'), clock, network });
  cabinet.start();
  await daysBetween(10);
  expect(cabinet.stopped).toEqual([]);
  expect(cabinet.queue.running && cabinet.disputeQueue.running).toBe(true);
});

test('while the operator does not take it, it waits, and holds no charge', async () => {
  await reportedWhenPaid();
  takesDisputes = false;
  await daysPass(3);
  const other = cabinet.sell(2, 500);
  await clock.advance(1_000);
  expect(now(other).state).toBe('paid');
  takesDisputes = true;
  reports = [];
  await clock.advance(hourMs);
  expect(reports).toHaveLength(1);
});

const change = (what: string) =>
  cabinet.db.transaction((): Result<void, StorageFailure> => {
    cabinet.db.prepare(`UPDATE dispute SET ${what}`).run();
    return ok();
  });
const again = `next_attempt_ms = 1, sent_ms = NULL, again_ms = `;

test('what was sent is sent again, but not before a day is over, and is never refused', async () => {
  await reported();
  expect(() => change(`${again} NULL`)).toThrow(/done/);
  assertOk(change(`${again} 5`));
  assertOk(change('next_attempt_ms = NULL, sent_ms = 6'));
  expect(() => change(`${again} 86400004`)).toThrow(/done/);
  assertOk(change(`${again} 86400005`));
  expect(() => change(`next_attempt_ms = NULL, refused = 'no'`)).toThrow(/never refused/);
  expect(() => change('again_ms = NULL')).toThrow(/never refused/);
});

test('what was not sent is not sent again', async () => {
  takesDisputes = false;
  const chargeId = cabinet.sell(1, 500);
  await clock.advance(2_000);
  cabinet.dispute(1, chargeId, ['tea']);
  expect(() => change('again_ms = 5')).toThrow(/nothing else is put back/);
  assertOk(change(`next_attempt_ms = NULL, refused = 'no'`));
  expect(() => change(`refused = NULL, next_attempt_ms = 1`)).toThrow(/done/);
  expect(() => change(`refused = NULL, ${again} 864000000`)).toThrow(/nothing else is put back/);
});
