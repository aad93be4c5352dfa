import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { Cabinet, sale } from '../../testkit/main/charges/cabinet.ts';
import { FaultyNetwork, reply } from '../../testkit/main/charges/faulty-network.ts';
import { makeScratchFolder } from '../../testkit/main/storage/scratch.ts';
import type { HttpRequest, HttpResponse } from '../operator/http-transport.ts';

/** Tea for 5.00 and cola for 3.00 are paid; then the operator, put back to a backup, does not have the charge any more. */
const hourMs = 3_600_000;
let clock: FakeClock;
let cabinet: Cabinet;
let removeFolder: () => void;
let hasCharges: boolean;
/** Reports that have arrived, again and again. */
let arrived: string[];

function serve({ url, body }: HttpRequest): HttpResponse {
  const chargeId = /^\/v1\/charges\/(\w+)/.exec(url.pathname)?.[1];
  if (chargeId === undefined) return reply(200, { ok: true });
  const paid = { chargeId, state: 'paid', totalMinor: 800, reason: null, resolved: null };
  if (!url.pathname.endsWith('/disputes')) return reply(200, paid);
  const { disputeId } = JSON.parse(body.toString('utf8')) as { disputeId: string };
  arrived.push(disputeId);
  return reply(200, { disputeId, charge: hasCharges ? paid : null });
}
beforeEach(() => {
  const scratch = makeScratchFolder();
  removeFolder = scratch.remove;
  clock = new FakeClock();
  [hasCharges, arrived] = [true, []];
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

test('both reported before that, hours apart, and told again at times of their own: staff is told once', async () => {
  const chargeId = await paid(1);
  await report(1, chargeId, 'tea');
  await hoursPass(6);
  await report(2, chargeId, 'cola');
  hasCharges = false;
  await hoursPass(96);
  expect(cabinet.told).toEqual([
    `dispute_without_charge: ${chargeId}, paid 800, due back 800 minor units: tea cola`,
  ]);
  expect(cabinet.stopped).toEqual([]);
});

test('told of one, then another is reported: staff is told again, of the whole', async () => {
  const chargeId = await paid(1);
  hasCharges = false;
  await report(1, chargeId, 'tea');
  await report(2, chargeId, 'cola');
  expect(cabinet.told).toEqual([
    `dispute_without_charge: ${chargeId}, paid 800, due back 500 minor units: tea`,
    `dispute_without_charge: ${chargeId}, paid 800, due back 800 minor units: tea cola`,
  ]);
  expect(cabinet.stopped).toEqual([]);
});
