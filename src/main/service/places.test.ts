import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GoodsOrder } from '../../shared/model/goods-order.schema.ts';
import { fail } from '../../shared/result.ts';
import type { Planogram } from '../../shared/model/planogram.schema.ts';
import { ServiceRig, colaAndTea, turn } from '../../testkit/main/service/service-rig.ts';
import { unwrap } from '../../testkit/unwrap.ts';

/** A restocker says that goods stand elsewhere: it waits for the accepted count, and is one change of the plan in force. */
let rig: ServiceRig;
const planOf = (version: number): Planogram => ({
  ...{ version, issuedAtMs: 0, expiresAtMs: 9e15, cabinetId: 'K' },
  slots: [
    { sku: 'cola', target: 5, lane: null, slot: '1-1' },
    { sku: 'tea', target: 2, lane: null, slot: '1-2' },
  ],
});
beforeEach(async () => {
  rig = await new ServiceRig().withList();
  rig.catalog = colaAndTea;
  rig.draft = planOf(7);
  unwrap(rig.plans.apply());
  rig.ledger.before('visit-1');
  await rig.signIn();
});
afterEach(() => {
  rig.remove();
});

const view = () => rig.view;
const order = (of: GoodsOrder) => rig.order(of);
async function accept(): Promise<ServiceRig['view']['last']> {
  rig.service.acceptStock(view().sessionId);
  await turn();
  await turn();
  return view().last;
}
const swap = { act: 'moveProduct', sku: 'cola', slot: '1-2', swapWith: 'tea' } as const;
const inForce = () => rig.plans.inForce()?.slots.map(({ slot }) => slot);
const shown = () => view().places?.map(({ slot, isWaiting }) => `${slot} ${isWaiting}`);

test('two swap places: shown at once, in force with the accepted count, all of it on the sealed record', async () => {
  expect(await order(swap)).toMatchObject({ outcome: 'done' });
  expect(shown()).toEqual(['1-2 true', '1-1 true']);
  expect(inForce()).toEqual(['1-1', '1-2']);
  const places = { cola: { before: '1-1', after: '1-2' }, tea: { before: '1-2', after: '1-1' } };
  expect(unwrap(rig.log.latest(1))[0]).toMatchObject({ act: 'moveProduct', data: { places } });
  expect(await accept()).toMatchObject({ outcome: 'done' });
  expect(inForce()).toEqual(['1-2', '1-1']);
  expect(shown()).toEqual(['1-2 false', '1-1 false']);
  expect(unwrap(rig.log.latest(1))[0]).toMatchObject({ act: 'acceptStock', data: { moved: places } });
  expect(rig.plans.inForce()).toMatchObject({
    version: 7,
    moves: [
      { sku: 'cola', slot: '1-2', by: '7001' },
      { sku: 'tea', slot: '1-1', by: '7001' },
    ],
  });
  // And back: nothing is moved any more.
  await order({ act: 'moveProduct', sku: 'cola', slot: '1-1', swapWith: 'tea' });
  await accept();
  expect(rig.plans.inForce()).toMatchObject({ moves: [], slots: planOf(7).slots });
  expect(rig.log.broken()).toEqual({ ok: true, value: null });
});

test('the last step that waits is undone, step by step, on record; then nothing is left to undo', async () => {
  await order(swap);
  await order({ act: 'moveProduct', sku: 'tea', slot: '3-1', swapWith: null });
  expect(shown()).toEqual(['1-2 true', '3-1 true']);
  expect(await order({ act: 'undoMove' })).toMatchObject({ outcome: 'done' });
  expect(unwrap(rig.log.latest(1))[0]).toMatchObject({
    data: { places: { tea: { before: '3-1', after: '1-1' } } },
  });
  expect(shown()).toEqual(['1-2 true', '1-1 true']);
  await order({ act: 'undoMove' });
  expect(shown()).toEqual(['1-1 false', '1-2 false']);
  expect(await order({ act: 'undoMove' })).toMatchObject({ outcome: 'refused', detail: 'nothing_waits' });
  await accept();
  expect(rig.plans.inForce()).toMatchObject({ moves: [] });
});

test('what another finger has moved meanwhile is not moved by an old picture', async () => {
  await order(swap);
  expect(await order(swap)).toMatchObject({ outcome: 'refused', detail: 'same_place' });
  const old = { act: 'moveProduct', sku: 'tea', slot: '1-2', swapWith: null } as const;
  expect(await order(old)).toMatchObject({ outcome: 'refused', detail: 'stands_other' });
});

test('no scale and no camera is told otherwise than it is set up', async () => {
  rig.room.laneOf.set('cola', 1);
  expect(await order(swap)).toMatchObject({ outcome: 'refused', detail: 'other_scale' });
  rig.room.laneOf.set('tea', 1);
  rig.room.seen.add('tea');
  expect(await order(swap)).toMatchObject({ outcome: 'refused', detail: 'seen_by_camera' });
  expect(shown()).toEqual(['1-1 false', '1-2 false']);
});

describe('the power goes', () => {
  test('while it waits: it waits on, for whoever comes next', async () => {
    await order(swap);
    rig.restart();
    await turn();
    await rig.signIn();
    expect(inForce()).toEqual(['1-1', '1-2']);
    expect(shown()).toEqual(['1-2 true', '1-1 true']);
    await accept();
    expect(inForce()).toEqual(['1-2', '1-1']);
  });

  test('in the middle of accepting: neither the count nor the places are new', async () => {
    await order(swap);
    rig.stock = new Map([['cola', 9]]);
    // As the disk leaves a transaction that did not end.
    rig.db.transaction(() => {
      unwrap(rig.ledger.accept(new Map([['cola', 9]]), () => rig.plans.settle()));
      return fail('cut', 'the power went');
    });
    expect(rig.ledger.book()?.counts['cola']).toBe(2);
    expect(inForce()).toEqual(['1-1', '1-2']);
    expect(shown()).toEqual(['1-2 true', '1-1 true']);
  });
});

test('the operator’s next plan takes the place of all that was moved, waiting or not', async () => {
  await order(swap);
  await accept();
  await order({ act: 'moveProduct', sku: 'cola', slot: '4-4', swapWith: null });
  rig.draft = planOf(8);
  for (const act of ['beginRestock', 'nextRestock', 'nextRestock'] as const) await order({ act });
  expect(rig.plans.inForce()).toMatchObject({ version: 8, moves: [] });
  expect(shown()).toEqual(['1-1 false', '1-2 false']);
});

test.each([
  '{"version":7,"steps":[[]]}',
  '{"version":6,"steps":[[{"sku":"cola","slot":"9","by":"1","atMs":1}]]}',
  '{',
])('what is on the disk and is no step of this plan is none: %s', (text) => {
  rig.db.transaction(() => {
    rig.db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('planogram_moves', ?)").run(text);
    return { ok: true, value: undefined };
  });
  expect(shown()).toEqual(['1-1 false', '1-2 false']);
  expect(rig.plans.settle()).toEqual({ ok: true, value: {} });
});

test('without a plan there are no places', async () => {
  unwrap(rig.plans.forget());
  expect(view().places).toBeNull();
  expect(await order(swap)).toMatchObject({ outcome: 'refused', detail: 'not_planned' });
});
