import { afterEach, beforeEach, expect, test } from 'vitest';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import { ServiceRig, turn } from '../../testkit/main/service/service-rig.ts';

/** What a restocker says of goods at the screen. */
let rig: ServiceRig;
const catalog = catalogSchema.parse({
  ...{ version: 'v1', currency: 'CNY', tags: [] },
  products: [
    ['cola', '6901234567892'],
    ['tea', '96385074'],
  ].map(([sku, gtin]) => ({
    ...{ sku, gtin, name: { zh: sku, en: sku }, priceMinor: 350, weightG: 1, picture: 'x' },
  })),
});
beforeEach(async () => {
  rig = await new ServiceRig().withList();
  rig.catalog = catalog;
});
afterEach(() => {
  rig.remove();
});

type Open = Extract<ServiceView, { screen: 'open' }>;
const view = (): Open => {
  const now = rig.service.view();
  if (now?.screen !== 'open') throw new Error(JSON.stringify(now));
  return now;
};
const lot = (over: object = {}) => ({ sku: 'cola', bestBefore: '2029-12-31', count: 2, ...over });
async function order(act: 'addLot' | 'removeLot', of = lot()): Promise<Open['last']> {
  rig.service.goods(view().sessionId, { act, lot: of });
  await turn();
  return view().last;
}

test('a lot is put in and taken out, each on the sealed record', async () => {
  rig.ledger.before('visit-1');
  await rig.signIn();
  expect(await order('addLot')).toMatchObject({ outcome: 'done' });
  expect(view().lots).toMatchObject([{ ...lot(), name: { zh: 'cola' }, state: 'good' }]);
  expect(await order('removeLot', lot({ count: 3 }))).toMatchObject({
    outcome: 'refused',
    detail: 'unknown',
  });
  expect(await order('removeLot')).toMatchObject({ outcome: 'done' });
  expect(view().lots).toEqual([]);
  const acts = rig.log.latest(20);
  expect(acts.ok && acts.value.map(({ act, data }) => `${act} ${String(data['state'])}`)).toEqual(
    expect.arrayContaining(['addLot done', 'removeLot done', 'removeLot refused']),
  );
  expect(rig.log.broken()).toEqual({ ok: true, value: null });
});

test.each([
  [lot({ bestBefore: '2001-01-01' }), 'past'],
  [lot({ bestBefore: '2099-01-01' }), 'far'],
  [lot({ sku: 'never-sold' }), 'unknown'],
])('%j is refused: %s', async (wrong, detail) => {
  rig.ledger.before('visit-1');
  await rig.signIn();
  expect(await order('addLot', wrong)).toMatchObject({ outcome: 'refused', detail });
  expect(view().lots).toEqual([]);
});

test('what was never counted has no lots', async () => {
  await rig.signIn();
  rig.db.transaction(() => {
    rig.db.prepare('DELETE FROM stock_book').run();
    return { ok: true, value: undefined };
  });
  expect(await order('addLot')).toMatchObject({ outcome: 'refused', detail: 'not_inside' });
});

test('a bar code finds its product, with and without zeros in front; for nobody who is not signed in', async () => {
  expect(rig.service.scanned('6901234567892')).toBe(false);
  await rig.signIn();
  for (const [text, sku] of [
    ['6901234567892', 'cola'],
    ['06901234567892', 'cola'],
    [' 96385074\r', 'tea'],
    ['00000096385074', 'tea'],
    ['6900000000007', null],
  ] as const) {
    expect(rig.service.scanned(text)).toBe(true);
    expect(view().scanned).toMatchObject({ text: text.trim(), sku });
  }
  const seq = view().scanned?.seq;
  for (const text of ['', 'https://example.org', '123', '1'.repeat(15), '690123456789x'])
    expect(rig.service.scanned(text)).toBe(false);
  expect(view().scanned?.seq).toBe(seq);
});

test('the staff has the door: what was gone before is named, and nothing of theirs is', async () => {
  rig.ledger.before('visit-1');
  rig.stock = new Map([['cola', 1]]);
  await rig.signIn();
  rig.service.openDoor(view().sessionId);
  await turn();
  expect(view().differences).toMatchObject([{ sku: 'cola', expected: 2, counted: 1, between: ['visit-1'] }]);
  rig.stock = new Map([['cola', 9]]);
  await rig.clock.advance(30_000);
  rig.service.acceptStock(view().sessionId);
  await turn();
  expect(view()).toMatchObject({ last: { act: 'acceptStock', outcome: 'done' }, differences: [{}] });
  expect(rig.ledger.book()).toMatchObject({ counts: { cola: 9 }, between: [] });
});
