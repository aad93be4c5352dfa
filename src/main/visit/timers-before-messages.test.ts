import type { Bill } from '../../core/basket/basket.ts';
import { afterEach, expect, it } from 'vitest';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/**
 * The machine stands still while a wait of the visit ends. Once it goes on, the timers that fell due meanwhile run first,
 * and then what the device host has said meanwhile is told, all in one batch (measured in Electron: ADR 0104).
 */
let rig: CabinetRig;
afterEach(() => {
  rig.remove();
});

/** What the device host has heard of the shelf between these moments, told now. */
function deliverReads(fromMs: number, toMs: number): void {
  for (let atMs = fromMs + 50; atMs <= toMs; atMs += 50) {
    const heard = [...rig.inside].filter(() => rig.random() < 0.8);
    rig.loop.deviceEvent({ type: 'tags', reads: heard.map((epc) => ({ epc, rssiDbm: null, atMs })), atMs });
  }
}

/** The machine stands still for so long; says since when. */
async function standStill(ms: number, timersFirst: boolean): Promise<number> {
  const fromMs = rig.clock.monotonicMs();
  rig.clock.skip(ms);
  if (timersFirst) await rig.clock.advance(0);
  return fromMs;
}

async function heldUp(ms: number, timersFirst: boolean): Promise<void> {
  const fromMs = await standStill(ms, timersFirst);
  deliverReads(fromMs, fromMs + ms);
}

it.each([
  [2_000, true],
  [4_000, false],
  [4_000, true],
  [8_000, true],
])('confirmed, put back at the last moment, held up %i ms, timers first %s', async (ms, timersFirst) => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
  await rig.begin();
  rig.take(0, 1);
  await rig.run(4_000);
  expect(rig.loop.visit.context.basket.totalMinor).toBe(100);
  rig.loop.confirm(rig.loop.visit.context.basket.revision);
  expect(rig.loop.visit.state).toBe('confirmed');
  for (const epc of tagsOf(1)) rig.inside.add(epc);
  rig.door('closed');
  await heldUp(ms, timersFirst);
  await rig.run(30_000, () => rig.loop.visit.state !== 'checking');
  const { bill } = rig.loop.visit.context;
  expect({ state: rig.loop.visit.state, total: bill?.totalMinor, review: bill?.review }).toMatchObject({
    total: 0,
    review: [],
  });
});

it.each([
  [4_000, false],
  [4_000, true],
  [8_000, true],
])('opened again and shut, held up %i ms, timers first %s', async (ms, timersFirst) => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
  await rig.begin();
  let bill: Bill | null = null;
  rig.loop.onVisitChanged(({ context }) => (bill = context.bill ?? bill));
  rig.take(0, 1);
  await rig.run(4_000);
  rig.door('closed');
  const fromMs = await standStill(ms, timersFirst);
  // The bolt had not caught: open again for two seconds, and three more leave.
  rig.door('open');
  deliverReads(fromMs, fromMs + 500);
  rig.take(1, 4);
  deliverReads(fromMs + 500, fromMs + 2_500);
  rig.door('closed');
  deliverReads(fromMs + 2_500, fromMs + ms);
  await rig.run(60_000);
  const alarms = rig.alarms.map((alarm, i) => `${alarm} (visit: ${String(rig.alarmVisits[i] !== null)})`);
  expect({ named: namedOf(bill), bill, alarms }).toMatchObject({ named: 4 });
});

it.each([
  [2_500, false],
  [2_500, true],
  [3_000, true],
  [20_000, true],
])('the member pulls while it stands still for %i ms, timers first %s', async (ms, timersFirst) => {
  rig = new CabinetRig({ count: 12, readsPerSecond: 200, p: 0.95 });
  await rig.letIn();
  const { chargeId } = rig.loop.visit.context;
  const found: { bill: Bill | null; ends: string[] } = { bill: null, ends: [] };
  rig.loop.onVisitChanged(({ state, context }) => {
    if (context.chargeId === chargeId) found.bill = context.bill ?? found.bill;
    found.ends.push(`${state} ${context.nothingChargedReason ?? ''}`.trim());
  });
  const before = Math.max(13_500 - (ms - 2_500), 500);
  await rig.run(before);
  expect(rig.loop.visit.state).toBe('unlocking');
  const fromMs = await standStill(ms, timersFirst);
  // Pulled a second later.
  deliverReads(fromMs, fromMs + 1_000);
  rig.door('open');
  deliverReads(fromMs + 1_000, fromMs + ms);
  await rig.run(5_000);
  rig.take(0, 3);
  await rig.run(8_000);
  rig.door('closed');
  await rig.run(60_000);
  const all = { named: namedOf(found.bill), alarms: rig.alarms, ends: [...new Set(found.ends)] };
  expect(all).toMatchObject({ named: 3, alarms: [] });
});

it.each([
  [0, true],
  [1_000, true],
  [1_500, true],
  [1_800, true],
  [2_200, true],
  [3_000, true],
  [4_000, true],
  [4_000, false],
])('two honest visits, each held up %i ms in its last reading, timers first %s', async (ms, timersFirst) => {
  rig = new CabinetRig({ count: 24, readsPerSecond: 60, p: 0.8 });
  await rig.begin();
  const reviews: string[] = [];
  const totals: (number | undefined)[] = [];
  for (let visit = 0; visit < 2; visit++) {
    if (visit > 0) {
      await rig.run(20_000);
      expect(await rig.scan()).toBe(true);
      rig.door('open');
    }
    await rig.run(2_000);
    rig.take(visit, visit + 1);
    await rig.run(8_000);
    rig.door('closed');
    await rig.run(700);
    expect(rig.loop.visit.state).toBe('checking');
    await heldUp(ms, timersFirst);
    await rig.run(40_000, () => rig.loop.visit.state === 'receipt');
    const { bill } = rig.loop.visit.context;
    reviews.push(...(bill?.review ?? []));
    totals.push(bill?.totalMinor);
  }
  await rig.run(15_000);
  const all = { totals, reviews, alarms: rig.alarms, sells: rig.loop.availability.availability.state };
  expect(all).toMatchObject({ reviews: [], alarms: [], sells: 'available' });
});
