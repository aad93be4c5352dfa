import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { minor } from '../../shared/money.ts';
import { CabinetRig, tagsOf } from '../../testkit/main/visit/cabinet-rig.ts';

/** Goods that no product is named for have left: staff is told which of the reasons it is. */
let rig: CabinetRig;
beforeEach(() => {
  rig = new CabinetRig({ count: 10, readsPerSecond: 100, p: 0.95 });
});
afterEach(() => {
  rig.remove();
});

const faults: readonly (readonly [code: string, (catalog: Catalog) => Catalog])[] = [
  ['goods_of_no_product', (catalog) => ({ ...catalog, tags: catalog.tags.slice(3) })],
  [
    'goods_of_two_products',
    (catalog) => ({
      ...catalog,
      products: catalog.products.flatMap((one) => [one, { ...one, sku: 'TEA' }]),
      tags: catalog.tags.flatMap((one) => [one, { ...one, sku: 'TEA' }]),
    }),
  ],
  [
    'goods_at_two_prices',
    (catalog) => ({
      ...catalog,
      products: catalog.products.flatMap((one) => [one, { ...one, priceMinor: minor(900) }]),
    }),
  ],
];

it.each(faults)('%s', async (code, change) => {
  rig.catalog = change(rig.catalog);
  await rig.begin();
  const { visitId } = rig.loop.visit.context;
  for (const epc of tagsOf(3)) rig.inside.delete(epc);
  await rig.run(10_000);
  expect(await rig.shut()).toMatchObject({ totalMinor: 0 });
  const told = rig.alarms.filter((alarm) => alarm.startsWith('device_fault goods_'));
  expect(told).toEqual([`device_fault ${code}`]);
  expect(rig.alarmVisits[rig.alarms.indexOf(`device_fault ${code}`)]).toBe(visitId);
});

it('nothing is said of goods that stay, or of what somebody has put in and taken out again', async () => {
  rig.catalog = { ...rig.catalog, tags: rig.catalog.tags.slice(3) };
  await rig.begin();
  rig.inside.add('E2FF00000000000000000001');
  await rig.run(5_000);
  rig.inside.delete('E2FF00000000000000000001');
  await rig.run(5_000);
  for (const epc of tagsOf(6).slice(3)) rig.inside.delete(epc);
  await rig.run(10_000);
  expect(await rig.shut()).toMatchObject({ totalMinor: 300 });
  expect(rig.alarms.filter((alarm) => alarm.includes('goods_'))).toEqual([]);
});

it.each(['before the next visit', 'in the next visit'])(
  'nothing is said of a thing of their own that somebody left in one visit, and takes in another: begun anew %s',
  async (when) => {
    const own = 'E2FF00000000000000000001';
    await rig.begin();
    rig.inside.add(own);
    await rig.run(5_000);
    await rig.shut();
    await rig.run(120_000, () => rig.loop.visit.state === 'attract');
    await rig.run(20_000);
    if (when === 'before the next visit') await rig.restart(10_000, () => undefined, 'closed');
    await rig.run(60_000);
    expect(await rig.scan()).toBe(true);
    rig.door('open');
    await rig.run(2_000);
    if (when === 'in the next visit') await rig.restart(10_000, () => undefined, 'open');
    await rig.run(2_000);
    rig.inside.delete(own);
    await rig.run(10_000);
    expect(await rig.shut()).toMatchObject({ totalMinor: 0 });
    expect(rig.alarms.filter((alarm) => alarm.includes('goods_'))).toEqual([]);
  },
);

it('what was put in before the catalogue knew it is goods like any after three minutes', async () => {
  const late = 'E2FF00000000000000000001';
  await rig.begin();
  rig.inside.add(late);
  await rig.run(5_000);
  await rig.shut();
  await rig.run(200_000);
  rig.catalog = { ...rig.catalog, tags: [...rig.catalog.tags, { epc: late, sku: 'COLA' }] };
  expect(await rig.scan()).toBe(true);
  rig.door('open');
  await rig.run(2_000);
  rig.inside.delete(late);
  await rig.run(10_000);
  expect(await rig.shut()).toMatchObject({ totalMinor: 100 });
});
