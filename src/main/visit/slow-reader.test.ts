import { afterEach, expect, it } from 'vitest';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { minor } from '../../shared/money.ts';
import { CabinetRig, namedOf, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

const visitId = makeVisitId(1, new Uint8Array(10).fill(7));
const chargeId = makeChargeId(1, new Uint8Array(10).fill(7));
const rigs: CabinetRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.remove();
});

/** A cabinet with so many tags, and a reader of such a speed that hears each tag with chance `p`. */
function makeRig(options: ConstructorParameters<typeof CabinetRig>[0]): CabinetRig {
  const rig = new CabinetRig(options);
  rigs.push(rig);
  return rig;
}

it.each([
  ...[20, 15, 10].map((readsPerSecond) => ({ count: 10, readsPerSecond, p: 0.95 })),
  ...[100, 60].map((readsPerSecond) => ({ count: 60, readsPerSecond, p: 0.95 })),
  { count: 100, readsPerSecond: 100, p: 0.95 },
])('what was shown, confirmed and taken is billed: %o', async (reader) => {
  const rig = makeRig(reader);
  const { loop, inside } = rig;
  await rig.begin();
  for (const epc of tagsOf(3)) inside.delete(epc);
  await rig.run(60_000, () => loop.visit.context.basket.itemCount === 3);
  expect(loop.confirm(loop.visit.context.basket.revision)).toBe(true);
  expect(await rig.shut()).toMatchObject({ totalMinor: 300, heldLines: [], review: [] });
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
    const rig = makeRig({
      count: 10,
      readsPerSecond: 100,
      p: 0.95,
    });
    const { alarms, loop, inside } = rig;
    rig.catalog = change(rig.catalog);
    await rig.begin();
    for (const epc of tagsOf(3)) inside.delete(epc);
    await rig.run(10_000);
    expect(loop.confirm(loop.visit.context.basket.revision)).toBe(true);
    const bill = await rig.shut();
    expect(bill?.totalMinor).toBe(0);
    expect(bill?.review).toEqual(['recognition.differs_from_confirmed']);
    expect(alarms.some((one) => one.startsWith('device_fault'))).toBe(true);
  },
);

it('more tags than the reader can follow: nobody is let in until there are fewer', async () => {
  const rig = makeRig({ count: 250, readsPerSecond: 100, p: 0.95 });
  const { alarms, loop, inside } = rig;
  rig.start();
  await rig.run(40_000);
  expect(loop.availability.availability).toMatchObject({ state: 'outOfService', reason: 'too_many_tags' });
  expect(alarms).toEqual(['device_fault too_many_tags']);
  loop.dispatch({ type: 'codeScanned', code: 'KM1.x', visitId, chargeId });
  expect(loop.visit.state).toBe('outOfService');
  for (const epc of tagsOf(150)) inside.delete(epc);
  await rig.run(120_000);
  expect(loop.availability.availability).toMatchObject({ state: 'available' });
});

it.each([
  { count: 100, readsPerSecond: 100, p: 0.7, hand: 36 },
  { count: 60, readsPerSecond: 100, p: 0.95, hand: 36 },
  { count: 10, readsPerSecond: 10, p: 0.95, hand: 3 },
])('a quick hand is never free and silent: %o', async (reader) => {
  const rig = makeRig(reader);
  const { inside } = rig;
  await rig.begin();
  for (const epc of tagsOf(reader.hand)) {
    inside.delete(epc);
    await rig.run(1_200 / reader.hand);
  }
  const bill = await rig.shut();
  expect(namedOf(bill)).toBe(reader.hand);
  expect(bill?.review).not.toEqual([]);
});

it('half of the tags that fall silent at one instant are not billed unless somebody confirms them', async () => {
  for (const confirms of [false, true]) {
    const rig = makeRig({ count: 20, readsPerSecond: 200, p: 0.95 });
    const { loop, inside } = rig;
    await rig.begin();
    await rig.run(1_000);
    for (const epc of tagsOf(12)) inside.delete(epc);
    await rig.run(5_000);
    if (confirms) expect(loop.confirm(loop.visit.context.basket.revision)).toBe(true);
    const bill = await rig.shut();
    expect(bill?.totalMinor).toBe(confirms ? 1_200 : 0);
    expect(bill?.heldLines.reduce((sum, line) => sum + line.count, 0)).toBe(confirms ? 0 : 12);
  }
});

it('two pieces of one article that swap are remembered as what they are', async () => {
  const rig = makeRig({ count: 10, readsPerSecond: 200, p: 1 });
  const { loop, inside, visits, clock } = rig;
  await rig.begin();
  const [first, second] = tagsOf(2) as [string, string];
  inside.delete(first);
  await rig.run(10_000, () => loop.visit.context.basket.itemCount === 1);
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
  const rig = makeRig({ count: 10, readsPerSecond: 200, p: 0.95 });
  const { loop, inside } = rig;
  await rig.begin();
  inside.delete(tagsOf(1)[0] ?? '');
  await rig.run(10_000, () => loop.visit.context.basket.itemCount === 1);
  await rig.restart(darkMs, () => {
    for (const epc of tagsOf(3)) inside.delete(epc);
  });
  await rig.run(30_000, () => rig.loop.visit.context.basket.itemCount === 3);
  expect(rig.loop.confirm(rig.loop.visit.context.basket.revision)).toBe(true);
  const bill = await rig.shut();
  expect(bill).toMatchObject({ totalMinor: billed * 100 });
  expect(bill?.heldLines.reduce((sum, line) => sum + line.count, 0)).toBe(held);
});

it('a catalogue that changes its currency meanwhile changes nothing about the visit in hand', async () => {
  const rig = makeRig({
    count: 10,
    readsPerSecond: 200,
    p: 0.95,
  });
  const { loop, inside } = rig;
  await rig.begin();
  inside.delete(tagsOf(1)[0] ?? '');
  await rig.run(10_000, () => loop.visit.context.basket.itemCount === 1);
  rig.catalog = { ...rig.catalog, currency: 'EUR' };
  expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
  expect(loop.visit.state).toBe('receipt');
});
