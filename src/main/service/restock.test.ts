import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GoodsOrder } from '../../shared/model/goods-order.schema.ts';
import type { Planogram } from '../../shared/model/planogram.schema.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { ServiceRig, colaAndTea, turn } from '../../testkit/main/service/service-rig.ts';

/** The guided restock: each step on record, and a power cut in any of them ends locked and goes on where it was. */
let rig: ServiceRig;
const planOf = (version: number, over: Partial<Planogram['slots'][number]> = {}): Planogram => ({
  ...{ version, issuedAtMs: 0, expiresAtMs: 9e15, cabinetId: 'K' },
  slots: [{ sku: 'cola', target: 5, lane: null, slot: '1-1', ...over }],
});
beforeEach(async () => {
  rig = await new ServiceRig().withList();
  rig.catalog = colaAndTea;
  rig.draft = planOf(7);
  rig.ledger.before('visit-1');
  await rig.signIn();
});
afterEach(() => {
  rig.remove();
});

const view = () => rig.view;
const order = (of: GoodsOrder) => rig.order(of);
const begin = () => order({ act: 'beginRestock' });
const next = () => order({ act: 'nextRestock' });
async function door(state: 'open' | 'closed'): Promise<void> {
  rig.door = state;
  rig.service.doorMoved();
  await rig.clock.advance(25_000);
}
const recorded = () => unwrap(rig.log.latest(50)).map(({ act, data }) => `${act} ${String(data['state'])}`);
/** To this step, with the door open and goods put in. */
async function to(step: 'waste' | 'plan' | 'fill' | 'count'): Promise<void> {
  await begin();
  await door('open');
  rig.stock = null;
  for (const at of ['waste', 'plan', 'fill'] as const) {
    if (step === at) return;
    if (at === 'fill') {
      await door('closed');
      rig.stock = new Map([['cola', 4]]);
    }
    expect(await next()).toMatchObject({ outcome: 'done' });
  }
}

test('from opening to the accepted count, each step on the sealed record, differences to the plan named', async () => {
  await begin();
  expect([rig.unlocks, view().restock?.step]).toEqual([1, 'waste']);
  await door('open');
  expect(await next()).toMatchObject({ outcome: 'done' });
  expect(view().plan).toMatchObject({ version: 7, draftVersion: 7, problem: null });
  expect(await next()).toMatchObject({ outcome: 'done' });
  expect(rig.plans.inForce()).toMatchObject({ version: 7 });
  rig.stock = null;
  expect(await next()).toMatchObject({ outcome: 'refused', detail: 'not_settled' });
  await door('closed');
  rig.stock = new Map([['cola', 4]]);
  expect(await next()).toMatchObject({ outcome: 'done' });
  expect(view().restock?.step).toBe('count');
  expect(await next()).toMatchObject({ outcome: 'done' });
  expect(view().restock).toBeNull();
  expect(rig.ledger.book()).toMatchObject({ counts: { cola: 4 }, between: [] });
  const [last] = unwrap(rig.log.latest(1));
  expect(last?.data).toMatchObject({
    step: 'count',
    toPlan: { cola: -1 },
    before: { cola: 2 },
    after: { cola: 4 },
  });
  expect(recorded().filter((one) => one === 'nextRestock done')).toHaveLength(4);
  expect(rig.log.broken()).toEqual({ ok: true, value: null });
});

test('nothing goes on while something past its day is inside', async () => {
  unwrap(rig.ledger.addLot({ sku: 'cola', bestBefore: '2020-02-01', count: 1 }, '2020-01-01'));
  await begin();
  if (rig.ledger.today <= '2020-02-01') throw new Error('the clock of this test stands before that day');
  expect(await next()).toMatchObject({ outcome: 'refused', detail: 'expired_left' });
  await order({ act: 'removeLot', lot: { sku: 'cola', bestBefore: '2020-02-01', count: 1 } });
  expect(await next()).toMatchObject({ outcome: 'done' });
});

describe('a plan that does not fit', () => {
  test.each([
    [planOf(8, { sku: 'rum' }), 'unknown_sku: rum'],
    [planOf(8, { lane: 9 }), 'no_such_lane: cola 9'],
  ])('%j: the one before goes on to count, and the operator hears why', async (draft, problem) => {
    await to('fill');
    await order({ act: 'breakOffRestock' });
    rig.draft = draft;
    expect(view().plan).toMatchObject({ version: 7, draftVersion: 8, problem });
    await to('fill');
    expect(rig.plans.inForce()).toMatchObject({ version: 7 });
    expect(rig.told).toContain(`planogram_does_not_fit: ${problem}`);
  });

  test('an older plan is no newer one', async () => {
    await to('fill');
    rig.draft = planOf(6);
    expect(view().plan).toMatchObject({ version: 7, draftVersion: null });
  });
});

describe('the power goes', () => {
  test.each(['waste', 'plan', 'fill', 'count'] as const)(
    'in the step %s: locked, maintenance on record, and it goes on where it was',
    async (step) => {
      await to(step);
      // Nobody answers for the door while the power is away.
      rig.door = 'unknown';
      rig.restart();
      await turn();
      expect(rig.visitState).toBe('outOfService');
      expect(rig.service.padView()).toMatchObject({ screen: 'signIn', isAtWork: true });
      await rig.signIn();
      expect(view().restock).toMatchObject({ step, isInterrupted: true });
      expect(await begin()).toMatchObject({ outcome: 'refused', detail: 'begun' });
      await door('closed');
      rig.stock = new Map([['cola', 4]]);
      expect(await next()).toMatchObject({ outcome: 'done' });
      expect(view().restock?.isInterrupted ?? false).toBe(false);
      if (step !== 'count') expect(view().restock).not.toBeNull();
    },
  );

  test('and whoever comes next breaks it off: on record, and what was put in is a difference', async () => {
    await to('fill');
    rig.restart();
    await turn();
    await rig.signIn();
    expect(await order({ act: 'breakOffRestock' })).toMatchObject({ outcome: 'done' });
    expect(view().restock).toBeNull();
    expect(unwrap(rig.log.latest(1))[0]?.data).toMatchObject({ brokenOff: { step: 'fill', by: '7001' } });
    rig.stock = new Map([['cola', 9]]);
    rig.ledger.before('visit-2');
    expect(rig.ledger.differences(1)).toMatchObject([{ sku: 'cola', counted: 9, between: ['service:7001'] }]);
  });
});

test('what is on the disk and is no restock is none; none is stepped or broken off', async () => {
  rig.db.transaction(() => {
    rig.db.prepare('INSERT INTO meta (key, value) VALUES (\'restock\', \'{"step":"rob"}\')').run();
    return { ok: true, value: undefined };
  });
  expect(view().restock).toBeNull();
  expect(await next()).toMatchObject({ outcome: 'refused', detail: 'no_restock' });
  expect(await order({ act: 'breakOffRestock' })).toMatchObject({ outcome: 'refused', detail: 'no_restock' });
});

describe('a restocker who steals', () => {
  const direct = async (act: 'openDoor' | 'acceptStock'): Promise<void> => {
    rig.service[act](view().sessionId);
    await turn();
    await turn();
  };
  test('after the goods were accepted, by the same session, is named with the difference', async () => {
    await direct('openDoor');
    await door('open');
    await door('closed');
    await direct('acceptStock');
    expect(view().last).toMatchObject({ outcome: 'done' });
    await direct('openDoor');
    rig.stock = new Map([['cola', 0]]);
    rig.ledger.before('visit-2');
    expect(rig.ledger.differences(1)).toMatchObject([
      { sku: 'cola', expected: 2, counted: 0, between: ['service:7001'] },
    ]);
  });

  test('and has what is left accepted by another session: the record says how many there were', async () => {
    await direct('openDoor');
    await door('open');
    await door('closed');
    rig.service.leave(view().sessionId);
    rig.stock = new Map([['cola', 0]]);
    await rig.signIn();
    await direct('acceptStock');
    expect(view().last).toMatchObject({ outcome: 'done' });
    expect(unwrap(rig.log.latest(1))[0]?.data).toMatchObject({ before: { cola: 2 }, after: { cola: 0 } });
  });
});

test('a lot of more than lies there is entered once the door was opened: no count forgets it', async () => {
  const lot = { sku: 'cola', bestBefore: '2029-12-31', count: 2 };
  const later = { sku: 'cola', bestBefore: '2030-12-31', count: 3 };
  expect(await order({ act: 'addLot', lot })).toMatchObject({ outcome: 'done' });
  expect(await order({ act: 'addLot', lot: later })).toMatchObject({
    outcome: 'refused',
    detail: 'not_inside',
  });
  await begin();
  await door('open');
  expect(await order({ act: 'addLot', lot: later })).toMatchObject({ outcome: 'done' });
  rig.stock = new Map([['cola', 5]]);
  await door('closed');
  for (let i = 0; i < 4; i++) await next();
  expect(view().lots).toMatchObject([lot, later]);
});

test('a plan that has ended is no newer one', async () => {
  rig.draft = { ...planOf(8), expiresAtMs: 1 };
  expect(view().plan?.draftVersion ?? null).toBeNull();
});
