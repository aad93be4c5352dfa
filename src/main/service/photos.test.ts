import { afterEach, beforeEach, expect, test } from 'vitest';
import { photoLimits } from '../goods/shelf-photos.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { GoodsOrder } from '../../shared/model/goods-order.schema.ts';
import { noisy, pictureFaults, shelfWith } from '../../testkit/core/seen-shelf.ts';
import { ServiceRig } from '../../testkit/main/service/service-rig.ts';
import { unwrap } from '../../testkit/unwrap.ts';

/** A restocker shows the camera inside what an article looks like: what is no picture of it is said, and not kept. */
let rig: ServiceRig;
beforeEach(async () => {
  rig = await new ServiceRig().withList();
  rig.catalog = catalogSchema.parse({
    ...{ version: 'v1', currency: 'CNY', tags: [] },
    products: ['TEA', 'COLA'].map((sku) => ({
      ...{ sku, name: { zh: sku, en: sku }, priceMinor: 350, weightG: 1, picture: 'x' },
    })),
  });
  await rig.signIn();
});
afterEach(() => {
  rig.remove();
});

async function order(of: GoodsOrder): Promise<ServiceRig['view']['last']> {
  rig.service.goods(rig.sessionId, of);
  for (let n = 0; n < 200 && rig.view.isBusy; n++) {
    await rig.clock.advance(50);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return rig.view.last;
}
const at = { act: 'takePhoto', camera: 'shelf-1', slot: 0 } as const;
const takeEmpty = () => order({ ...at, sku: null, look: null });
const take = (sku = 'TEA') => order({ ...at, sku, look: 'front' });
const known = (sku = 'TEA') => rig.view.photos?.known.find((one) => one.sku === sku)?.count ?? 0;
const show = (...there: Parameters<typeof shelfWith>): void => {
  rig.shows = () => noisy(shelfWith(...there));
};
const newest = () => unwrap(rig.log.latest(1))[0];

test('the slot empty, then one piece: known by one photo more each time, on record, and over a restart', async () => {
  expect(await takeEmpty()).toMatchObject({ outcome: 'done' });
  expect(rig.view.photos?.now).toMatchObject({ isSeenEmpty: true, kept: 0, jpeg: '/9j/AAAA' });
  show('TEA', null);
  expect(await take()).toMatchObject({ outcome: 'done' });
  expect(await take()).toMatchObject({ outcome: 'done' });
  expect(known()).toBe(2);
  const photos = { before: 1, after: 2 };
  expect(newest()).toMatchObject({ actor: '7001', act: 'takePhoto', data: { sku: 'TEA', photos } });
  rig.service.leave(rig.sessionId);
  expect(rig.photos.order).toBeNull();
  rig.restart();
  await rig.signIn();
  expect(rig.view.photos).toMatchObject({ now: null, undoCount: 0 });
  expect(known()).toBe(2);
});

test('the last photo is taken back, then the one before it; on record', async () => {
  await takeEmpty();
  show('TEA', null);
  await take();
  await take();
  expect(await order({ act: 'undoPhoto' })).toMatchObject({ outcome: 'done' });
  expect(newest()).toMatchObject({ act: 'undoPhoto', data: { photos: { before: 2, after: 1 } } });
  await order({ act: 'undoPhoto' });
  expect(known()).toBe(0);
  await order({ act: 'undoPhoto' });
  expect(await order({ act: 'undoPhoto' })).toMatchObject({ outcome: 'refused', detail: 'nothing_waits' });
});

test('nothing in the slot: said, and not kept', async () => {
  await takeEmpty();
  expect(await take()).toMatchObject({ outcome: 'refused', detail: 'nothing' });
  show(null, 'COLA');
  expect(await take()).toMatchObject({ outcome: 'refused', detail: 'nothing' });
  expect(known()).toBe(0);
});

test.each([
  ['unplugged', 'busy'],
  ['black', 'black'],
  ['dark', 'dark'],
  ['bright', 'bright'],
  ['frozen', 'frozen'],
  ['turned', 'turned'],
] as const)('a camera that is %s: said, and not kept', async (fault, why) => {
  await takeEmpty();
  rig.shows = () => pictureFaults[fault](shelfWith('TEA', null));
  expect(await take()).toMatchObject({ outcome: 'refused', detail: why });
  expect(known()).toBe(0);
  // The empty slot is still known: nobody has to begin again.
  show('TEA', null);
  expect(await take()).toMatchObject({ outcome: 'done' });
});

test('no article is learned before its slot was seen empty, nor in another one', async () => {
  show('TEA', 'COLA');
  expect(await take()).toMatchObject({ outcome: 'refused', detail: 'no_empty' });
  show(null, null);
  await takeEmpty();
  show('TEA', 'COLA');
  const other = { ...at, slot: 1, sku: 'COLA', look: 'back' } as const;
  expect(await order(other)).toMatchObject({ outcome: 'refused', detail: 'no_empty' });
  expect(await order({ ...other, slot: 7 })).toMatchObject({ outcome: 'refused', detail: 'no_slot' });
  expect(await take('BEER')).toMatchObject({ outcome: 'refused', detail: 'unknown' });
  expect(rig.view.photos?.known).toEqual([]);
});

test('what the others contradict is not kept: another article stands there', async () => {
  await takeEmpty();
  show('TEA', null);
  for (let n = 0; n < 3; n++) await take();
  show('COLA', null);
  expect(await take()).toMatchObject({ outcome: 'refused', detail: 'unlike' });
  expect(known()).toBe(3);
});

test('two that look the same are named: pictures alone never tell them apart', async () => {
  await takeEmpty();
  show('TEA', null);
  await take('TEA');
  await take('COLA');
  expect(rig.view.photos?.now?.twins).toEqual(['TEA']);
});

test('a view that dies: the photo is not kept, and the slot is photographed empty again', async () => {
  await takeEmpty();
  show('TEA', null);
  rig.service.goods(rig.sessionId, { ...at, sku: 'TEA', look: 'front' });
  rig.photos.viewGone();
  await rig.clock.advance(0);
  expect(rig.view.last).toMatchObject({ outcome: 'refused', detail: 'off' });
  expect(await take()).toMatchObject({ detail: 'no_empty' });
  show(null, null);
  expect(await takeEmpty()).toMatchObject({ outcome: 'done' });
});

test('a camera of which nothing is heard: the act ends by itself, and the next one begins', async () => {
  rig.shows = () => null;
  rig.eye.setOrder = () => undefined;
  rig.service.goods(rig.sessionId, { ...at, sku: null, look: null });
  await rig.clock.advance(photoLimits.waitMs - 1);
  expect(rig.view.isBusy).toBe(true);
  await rig.clock.advance(1);
  expect(rig.view).toMatchObject({ isBusy: false, last: { outcome: 'refused', detail: 'off' } });
});

test('without another photo the cameras go off', async () => {
  await takeEmpty();
  expect(rig.photos.order).not.toBeNull();
  await rig.clock.advance(photoLimits.openMs);
  expect(rig.photos.order).toBeNull();
});
