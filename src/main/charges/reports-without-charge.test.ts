import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { ok } from '../../shared/result.ts';
import { Cabinet, sale } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { HttpRequest, HttpResponse } from '../operator/http-transport.ts';

/**
 * Tea for 5.00 and cola for 3.00 are paid; then the operator, put back to a backup, does not have the charge any more, or
 * does not take what is told again.
 */
const hourMs = 3_600_000;
let clock: FakeClock;
let cabinet: Cabinet;
let removeFolder: () => void;
let hasCharges: boolean;
/** How every report is refused; null: it is not. */
let refusal: { status: number; error: string } | null;
/** Reports that have arrived, again and again. */
let arrived: string[];

function serve({ url, body }: HttpRequest): HttpResponse {
  const chargeId = /^\/v1\/charges\/(\w+)/.exec(url.pathname)?.[1];
  if (chargeId === undefined) return reply(200, { ok: true });
  const paid = { chargeId, state: 'paid', totalMinor: 800, reason: null, resolved: null };
  if (!url.pathname.endsWith('/disputes')) return reply(200, paid);
  if (refusal !== null)
    return reply(refusal.status, { error: refusal.error, message: 'a faulty deployment' });
  const { disputeId } = JSON.parse(body.toString('utf8')) as { disputeId: string };
  arrived.push(disputeId);
  return reply(200, { disputeId, charge: hasCharges ? paid : null });
}
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  [hasCharges, refusal, arrived] = [true, null, []];
  const network = new FaultyNetwork(clock, { serve });
  cabinet = new Cabinet({ path: join(scratch.path, 'kaimen.db'), clock, network });
  cabinet.start();
});
afterEach(async () => {
  await cabinet.die();
  removeFolder();
});

async function paid(number: number): Promise<ChargeId> {
  const { body } = sale(number, 500, clock.nowMs());
  const cola = { sku: 'cola', name: { zh: '可乐', en: 'Cola' }, unitPriceMinor: minor(300), count: 1 };
  const lines = [...body.lines, { ...cola, amountMinor: minor(300) }];
  const chargeId = cabinet.sellBody({ ...body, lines, totalMinor: minor(800) });
  await clock.advance(10_000);
  expect(cabinet.state(chargeId)).toBe('paid');
  return chargeId;
}
async function report(number: number, chargeId: ChargeId, sku: string): Promise<void> {
  cabinet.dispute(number, chargeId, [sku]);
  await clock.advance(60_000);
}
async function hoursPass(hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    clock.skip(hourMs);
    await clock.advance(2 * 60_000);
  }
}

test('reported before and after that: staff is told of both, and what others report is delivered still', async () => {
  const chargeId = await paid(1);
  await report(1, chargeId, 'tea');
  hasCharges = false;
  await report(2, chargeId, 'cola');
  expect(cabinet.told).toEqual([
    `dispute_without_charge: ${chargeId}, paid 800, due back 800 minor units: tea cola`,
  ]);
  hasCharges = true;
  const before = new Set(arrived).size;
  await report(3, await paid(2), 'tea');
  expect(new Set(arrived).size).toBe(before + 1);
  expect(cabinet.stopped).toEqual([]);
});

test('both reported before that, hours apart, and told again at times of their own: one word a telling', async () => {
  const chargeId = await paid(1);
  await report(1, chargeId, 'tea');
  await hoursPass(6);
  await report(2, chargeId, 'cola');
  hasCharges = false;
  await hoursPass(96);
  const word = `dispute_without_charge: ${chargeId}, paid 800, due back 800 minor units`;
  expect(cabinet.told).toEqual([`${word}: tea cola`, `${word} (told before): tea cola`]);
  expect(cabinet.stopped).toEqual([]);
});

test('told of one, then another is reported: staff is told again, of the whole', async () => {
  const chargeId = await paid(1);
  hasCharges = false;
  await report(1, chargeId, 'tea');
  await report(2, chargeId, 'cola');
  expect(cabinet.told).toEqual([
    `dispute_without_charge: ${chargeId}, paid 800, due back 500 minor units: tea`,
    `dispute_without_charge: ${chargeId}, paid 800, due back 800 minor units (told before): tea cola`,
  ]);
  expect(cabinet.stopped).toEqual([]);
});

test('put back twice: what is due back is told to the staff of the second one, too, once a telling', async () => {
  const chargeId = await paid(1);
  await report(1, chargeId, 'tea');
  hasCharges = false;
  await hoursPass(26);
  const word = `dispute_without_charge: ${chargeId}, paid 800, due back 500 minor units`;
  expect(cabinet.told).toEqual([`${word}: tea`]);
  // A day later it is put back once more, to the same backup: report and alarm are gone there.
  await hoursPass(40 * 24);
  expect(cabinet.told).toEqual([`${word}: tea`, ...Array<string>(4).fill(`${word} (told before): tea`)]);
});

const faulty = [
  [{ status: 400, error: 'bad_request' }, 32],
  [{ status: 404, error: 'unknown_charge' }, 32 * 24],
] as const;

test.each(faulty)('what was taken stays so when it is told again and answered %o', async (answer, hours) => {
  const chargeId = await paid(1);
  await report(1, chargeId, 'tea');
  await hoursPass(20);
  refusal = answer;
  await hoursPass(hours);
  refusal = null;
  await hoursPass(60);
  expect(cabinet.disputes.skusOf(chargeId)).toEqual({ ok: true, value: ['tea'] });
  expect(cabinet.disputes.refusedSkusOf(chargeId)).toEqual({ ok: true, value: [] });
  expect(cabinet.told.filter((word) => word.startsWith('dispute_given_up'))).toEqual([]);
  expect(arrived).toHaveLength(2);
});

test('and so it does when its row cannot be read while it waits: staff is told of the row', async () => {
  const chargeId = await paid(1);
  await report(1, chargeId, 'tea');
  await hoursPass(20);
  refusal = faulty[0][0];
  await hoursPass(6);
  cabinet.db.transaction(() => ok(cabinet.db.prepare('UPDATE dispute SET attempts = -1').run()));
  [refusal, hasCharges] = [null, false];
  await hoursPass(60);
  expect(cabinet.disputes.skusOf(chargeId)).toEqual({ ok: true, value: ['tea'] });
  expect(cabinet.told.map((word) => word.split(':')[0])).toEqual([
    'dispute_not_taken',
    'charge_unreadable',
    'dispute_without_charge',
  ]);
});

test('and it is told again to an operator that is put back after that: staff hears what is due back', async () => {
  const chargeId = await paid(1);
  await report(1, chargeId, 'tea');
  await hoursPass(20);
  refusal = faulty[0][0];
  await hoursPass(32);
  [refusal, hasCharges] = [null, false];
  await hoursPass(60);
  expect(cabinet.told).toContain(
    `dispute_without_charge: ${chargeId}, paid 800, due back 500 minor units: tea`,
  );
});

test.each([
  ['it was taken', ['dispute_without_charge']],
  ['it never was', ['dispute_without_charge', 'dispute_given_up']],
])(
  'for weeks the answer is that there is no such charge, and %s: staff hears of it',
  async (before, kinds) => {
    const chargeId = await paid(1);
    if (before === 'it never was') refusal = faulty[1][0];
    await report(1, chargeId, 'tea');
    refusal = faulty[1][0];
    await hoursPass(33 * 24);
    expect(cabinet.told.map((word) => word.split(':')[0])).toEqual(kinds);
    expect(cabinet.told[0]).toBe(
      `dispute_without_charge: ${chargeId}, paid 800, due back 500 minor units: tea`,
    );
  },
);
