import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { VisitChart } from '../../core/visit/visit.ts';
import { FakeClock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { DeviceHealth } from '../../shared/model/device.ts';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { ok } from '../../shared/result.ts';
import { ChargeStore } from '../charges/charge-store.ts';
import { makeScratchFolder, mustOpen } from '../../testkit/main/storage/scratch.ts';
import { makeVisitRecords } from './stored-records.ts';
import { VisitLoop } from './visit-loop.ts';
import { VisitStore } from './visit-store.ts';
import { testLog } from '../../testkit/main/charges/charge-log.ts';
import { countedRandom } from '../../testkit/counted-random.ts';

const health = (kind: DeviceHealth['kind']): DeviceHealth => ({
  id: kind,
  kind,
  state: 'ready',
  lastSeenMs: 0,
  errorCount: 0,
  resetCount: 0,
  detail: '',
});
const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const tagsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => `E200${String(i).padStart(20, '0')}`);
const visitId = makeVisitId(1, new Uint8Array(10).fill(7));
const chargeId = makeChargeId(1, new Uint8Array(10).fill(7));
let removeRig = () => {};
afterEach(() => {
  removeRig();
});

/** A visit on a cabinet with so many tags, by a reader of such a speed that hears each tag with chance `p`. */
function makeRig({ count, readsPerSecond, p }: { count: number; readsPerSecond: number; p: number }) {
  const folder = makeScratchFolder();
  const clock = new FakeClock();
  const database = mustOpen(join(folder.path, 'kaimen.db'), clock);
  let catalog: Catalog = {
    version: 'v1',
    currency: 'CNY',
    products: [
      { sku: 'COLA', name: { zh: '可乐', en: 'Cola' }, priceMinor: minor(100), weightG: 1, picture: 'x' },
    ],
    tags: tagsOf(count).map((epc) => ({ epc, sku: 'COLA' })),
  };
  const visits = new VisitStore(database, clock);
  const alarms: string[] = [];
  const makeLoop = () =>
    new VisitLoop({
      chart: new VisitChart(),
      clock,
      logger,
      ports: {
        cabinetId: 'S-0001',
        devices: { unlock: () => Promise.resolve(ok({ door: 'closed' as const })), setPollMode: () => {} },
        catalog: () => catalog,
        enrolled: () => true,
        canPersistCharges: () => true,
        operatorNowMs: () => null,
        authorise: () => Promise.resolve({ member: { memberId: 'M-1', display: '王*' } }),
        raiseAlarm: ({ kind, detail }) => alarms.push(`${kind} ${detail}`),
        chargeSettled: () => {},
        random: countedRandom(),
      },
      records: makeVisitRecords(database, visits, new ChargeStore(database, testLog(database), clock)),
    });
  let loop = makeLoop();
  removeRig = () => {
    loop.stop();
    database.close();
    folder.remove();
  };
  const inside = new Set(tagsOf(count));
  let seed = 7;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let order: string[] = [];
  let slots = 0;
  const door = (state: 'open' | 'closed') => {
    loop.deviceEvent({ type: 'door', door: state, atMs: clock.monotonicMs() });
  };
  /** Until `isDone`, or for so long. */
  const run = async (ms: number, isDone: () => boolean = () => false): Promise<void> => {
    for (const endMs = clock.monotonicMs() + ms; clock.monotonicMs() < endMs && !isDone();) {
      await clock.advance(50);
      const atMs = clock.monotonicMs();
      const reads: { epc: string; rssiDbm: null; atMs: number }[] = [];
      for (slots += readsPerSecond / 20; slots >= 1; slots--) {
        if (order.length === 0) order = [...inside].sort(() => random() - 0.5);
        const epc = order.shift();
        if (epc !== undefined && inside.has(epc) && random() < p) reads.push({ epc, rssiDbm: null, atMs });
      }
      loop.deviceEvent({ type: 'tags', reads, atMs });
    }
  };
  const start = () => {
    loop.start();
    loop.deviceEvent({ type: 'health', devices: [health('lock'), health('tag-reader')] });
    door('closed');
  };
  const begin = async () => {
    start();
    await run(60_000);
    loop.dispatch({ type: 'codeScanned', code: 'KM1.x', visitId, chargeId });
    await run(3_000, () => loop.visit.state === 'unlocking');
    expect(loop.visit.state).toBe('unlocking');
    door('open');
  };
  const shut = async () => {
    door('closed');
    await run(60_000, () => loop.visit.state !== 'checking');
    return loop.visit.context.bill;
  };
  /** The power is away for so long, with the door open; then it is open still, confirmed and shut. */
  const restart = async (darkMs: number, meanwhile: () => void) => {
    loop.stop();
    meanwhile();
    await clock.advance(darkMs);
    loop = makeLoop();
    loop.start();
    loop.deviceEvent({ type: 'health', devices: [health('lock'), health('tag-reader')] });
    door('open');
    await run(30_000, () => loop.visit.context.basket.itemCount === 3);
    expect(loop.confirm(loop.visit.context.basket.revision)).toBe(true);
    return shut();
  };
  const changeCatalog = (change: (before: Catalog) => Catalog) => {
    catalog = change(catalog);
  };
  const setCurrency = (currency: Catalog['currency']) => {
    catalog = { ...catalog, currency };
  };
  return {
    alarms,
    loop,
    inside,
    run,
    start,
    begin,
    shut,
    visits,
    clock,
    restart,
    setCurrency,
    changeCatalog,
  };
}

it.each([
  ...[20, 15, 10].map((readsPerSecond) => ({ count: 10, readsPerSecond, p: 0.95 })),
  ...[100, 60].map((readsPerSecond) => ({ count: 60, readsPerSecond, p: 0.95 })),
  { count: 100, readsPerSecond: 100, p: 0.95 },
])('what was shown, confirmed and taken is billed: %o', async (reader) => {
  const { loop, inside, run, begin, shut } = makeRig(reader);
  await begin();
  for (const epc of tagsOf(3)) inside.delete(epc);
  await run(60_000, () => loop.visit.context.basket.itemCount === 3);
  expect(loop.confirm(loop.visit.context.basket.revision)).toBe(true);
  expect(await shut()).toMatchObject({ totalMinor: 300, heldLines: [], review: [] });
});

it.each<readonly [string, (catalog: Catalog) => Catalog]>([
  [
    'one product at two prices',
    (catalog) => ({
      ...catalog,
      products: catalog.products.flatMap((one) => [one, { ...one, priceMinor: minor(900) }]),
    }),
  ],
  [
    'tags on two products',
    (catalog) => ({
      ...catalog,
      products: catalog.products.flatMap((one) => [one, { ...one, sku: 'TEA' }]),
      tags: catalog.tags.flatMap((one) => [one, { ...one, sku: 'TEA' }]),
    }),
  ],
])(
  'a catalogue that contradicts itself (%s): what is taken is looked at, never free in silence',
  async (_what, change) => {
    const { alarms, loop, inside, run, begin, shut, changeCatalog } = makeRig({
      count: 10,
      readsPerSecond: 100,
      p: 0.95,
    });
    changeCatalog(change);
    await begin();
    for (const epc of tagsOf(3)) inside.delete(epc);
    await run(10_000);
    expect(loop.confirm(loop.visit.context.basket.revision)).toBe(true);
    const bill = await shut();
    expect(bill?.totalMinor).toBe(0);
    expect(bill?.review).toEqual(['recognition.differs_from_confirmed']);
    expect(alarms.some((one) => one.startsWith('device_fault'))).toBe(true);
  },
);

it('more tags than the reader can follow: nobody is let in until there are fewer', async () => {
  const { alarms, loop, inside, run, start } = makeRig({ count: 250, readsPerSecond: 100, p: 0.95 });
  start();
  await run(40_000);
  expect(loop.availability.availability).toMatchObject({ state: 'outOfService', reason: 'too_many_tags' });
  expect(alarms).toEqual(['device_fault too_many_tags']);
  loop.dispatch({ type: 'codeScanned', code: 'KM1.x', visitId, chargeId });
  expect(loop.visit.state).toBe('outOfService');
  for (const epc of tagsOf(150)) inside.delete(epc);
  await run(120_000);
  expect(loop.availability.availability).toMatchObject({ state: 'available' });
});

it.each([
  { count: 100, readsPerSecond: 100, p: 0.7, hand: 36 },
  { count: 60, readsPerSecond: 100, p: 0.95, hand: 36 },
  { count: 10, readsPerSecond: 10, p: 0.95, hand: 3 },
])('a quick hand is never free and silent: %o', async (reader) => {
  const { inside, run, begin, shut } = makeRig(reader);
  await begin();
  for (const epc of tagsOf(reader.hand)) {
    inside.delete(epc);
    await run(1_200 / reader.hand);
  }
  const bill = await shut();
  const named = [...(bill?.lines ?? []), ...(bill?.heldLines ?? [])];
  expect(named.reduce((sum, line) => sum + line.count, 0)).toBe(reader.hand);
  expect(bill?.review).not.toEqual([]);
});

it('half of the tags that fall silent at one instant are not billed unless somebody confirms them', async () => {
  for (const confirms of [false, true]) {
    const { loop, inside, run, begin, shut } = makeRig({ count: 20, readsPerSecond: 200, p: 0.95 });
    await begin();
    await run(1_000);
    for (const epc of tagsOf(12)) inside.delete(epc);
    await run(5_000);
    if (confirms) expect(loop.confirm(loop.visit.context.basket.revision)).toBe(true);
    const bill = await shut();
    expect(bill?.totalMinor).toBe(confirms ? 1_200 : 0);
    expect(bill?.heldLines.reduce((sum, line) => sum + line.count, 0)).toBe(confirms ? 0 : 12);
    removeRig();
  }
  removeRig = () => {};
});

it('two pieces of one article that swap are remembered as what they are', async () => {
  const { loop, inside, run, begin, visits, clock } = makeRig({ count: 10, readsPerSecond: 200, p: 1 });
  await begin();
  const [first, second] = tagsOf(2) as [string, string];
  inside.delete(first);
  await run(10_000, () => loop.visit.context.basket.itemCount === 1);
  const { revision } = loop.visit.context.basket;
  // In one message: one is back, the other has been silent for long enough.
  inside.delete(second);
  const remembered = () => {
    const stored = visits.loadActive();
    const state = stored.ok ? (stored.value?.state as { estimator: { taken: string[] } }) : null;
    return state?.estimator.taken;
  };
  expect(remembered()).toEqual([first]);
  const startMs = clock.monotonicMs();
  const reads = Array.from({ length: 60 }, (_, n) =>
    [...inside, ...(n < 57 ? [] : [first])].map((epc) => ({ epc, rssiDbm: null, atMs: startMs + 50 * n })),
  ).flat();
  loop.deviceEvent({ type: 'tags', reads, atMs: startMs + 3_000 });
  expect(loop.visit.context.basket.revision).toBe(revision);
  expect(remembered()).toEqual([second]);
});

it.each([
  [5_000, 3, 0],
  [12 * 3_600_000, 1, 2],
])('dark for %i ms with the door open: %i billed, %i held', async (darkMs, billed, held) => {
  const { loop, inside, run, begin, restart } = makeRig({ count: 10, readsPerSecond: 200, p: 0.95 });
  await begin();
  inside.delete(tagsOf(1)[0] ?? '');
  await run(10_000, () => loop.visit.context.basket.itemCount === 1);
  const bill = await restart(darkMs, () => {
    for (const epc of tagsOf(3)) inside.delete(epc);
  });
  expect(bill).toMatchObject({ totalMinor: billed * 100 });
  expect(bill?.heldLines.reduce((sum, line) => sum + line.count, 0)).toBe(held);
});

it('a catalogue that changes its currency meanwhile changes nothing about the visit in hand', async () => {
  const { loop, inside, run, begin, shut, setCurrency } = makeRig({
    count: 10,
    readsPerSecond: 200,
    p: 0.95,
  });
  await begin();
  inside.delete(tagsOf(1)[0] ?? '');
  await run(10_000, () => loop.visit.context.basket.itemCount === 1);
  setCurrency('EUR');
  expect(await shut()).toMatchObject({ totalMinor: 100 });
  expect(loop.visit.state).toBe('receipt');
});
