import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import { baselineOfTags, linesOfTags } from '../../testkit/core/lines-of-tags.ts';
import { anyFrozen } from '../../testkit/core/promotions.ts';
import type { VisitEffect, VisitEvent } from './visit-model.ts';
import { toStoredVisit } from './stored-visit.ts';
import { type Visit, VisitChart } from './visit.ts';

const random = new Uint8Array(10).fill(7);
const visitId = makeVisitId(1, random);
const chargeId = makeChargeId(1, random);
const product = (sku: string, priceMinor: number) => ({
  sku,
  name: { zh: sku, en: sku },
  priceMinor: minor(priceMinor),
  weightG: 1,
  picture: 'x',
});
const catalog: Catalog = {
  version: 'v1',
  currency: 'CNY',
  products: [product('COLA', 350), product('CHIP', 780)],
  tags: [
    { epc: 'A001', sku: 'COLA' },
    { epc: 'A002', sku: 'COLA' },
    { epc: 'B001', sku: 'CHIP' },
  ],
};
const tags = ['A001', 'A002', 'B001', 'CCCC'];
const inventory = baselineOfTags(tags, catalog);
const linesOf = (epcs: readonly string[]) => linesOfTags(epcs, catalog);
const chart = new VisitChart();

const opened: VisitEvent = { type: 'door', door: 'open', atMs: 20 };
const closed: VisitEvent = { type: 'door', door: 'closed', atMs: 90 };
const unlocked: VisitEvent[] = [
  { type: 'availabilityChanged', available: true, isDoorForced: false },
  { type: 'codeScanned', code: 'KM1.x', visitId, chargeId },
  { type: 'authorised', member: { memberId: 'M-1', display: '王*' } },
  { type: 'baseline', inventory, atMs: 10 },
];
const toShopping = [...unlocked, opened];
const evidence = (taken: string[], unwatched: string[] = []): VisitEvent => ({
  type: 'evidence',
  taken: linesOf(taken),
  added: [],
  unwatched: linesOf(unwatched),
});
const finalReading = (absent: string[], unsure: string[] = [], unseen: string[] = []): VisitEvent => ({
  type: 'finalReading',
  reading: { absent: linesOf(absent), unsure: linesOf(unsure), unseen: linesOf(unseen) },
});
type Next = VisitEvent | ((visit: Visit) => VisitEvent);
const timer = ({ context }: Visit): VisitEvent => ({ type: 'timer', seq: context.timer?.seq ?? -1 });
const confirm = ({ context }: Visit): VisitEvent => ({ type: 'confirm', revision: context.basket.revision });
function play(
  events: readonly Next[],
  from: Visit = chart.start(),
): { visit: Visit; effects: VisitEffect[] } {
  let visit = from;
  const effects: VisitEffect[] = [];
  for (const next of events) {
    const step = chart.step(visit, typeof next === 'function' ? next(visit) : next);
    visit = step.visit;
    effects.push(...step.effects);
  }
  return { visit, effects };
}
function restart(visit: Visit): Visit {
  const back = chart.restore(JSON.parse(JSON.stringify(toStoredVisit(visit, null))));
  if (!back.ok) throw new Error(back.error.message);
  return play([{ type: 'resumed' }], back.value.visit).visit;
}
const billOf = (events: readonly Next[], from?: Visit) => {
  const { bill } = play(events, from).visit.context;
  if (bill === null) throw new Error('no bill');
  const short = (lines: readonly { sku: string; count: number }[]) => lines.map((l) => `${l.sku} ${l.count}`);
  return { lines: short(bill.lines), held: short(bill.heldLines), review: bill.review };
};
const differs = 'recognition.differs_from_confirmed';
const leftOpen = 'recognition.door_left_open';

describe('what the final reading leaves in doubt', () => {
  it('is billed when it was shown, confirmed, and not heard again', () => {
    const bill = billOf([...toShopping, evidence(['A001']), confirm, closed, finalReading([], ['A001'])]);
    expect(bill).toEqual({ lines: ['COLA 1'], held: [], review: [] });
  });
  it('is held when nobody confirmed it', () => {
    const bill = billOf([...toShopping, evidence(['A001']), closed, finalReading([], ['A001'])]);
    expect(bill).toEqual({ lines: [], held: ['COLA 1'], review: [differs] });
  });
  it('is held when it was never shown: a quick hand is not free', () => {
    expect(billOf([...toShopping, closed, finalReading([], [], ['B001'])])).toEqual({
      lines: [],
      held: ['CHIP 1'],
      review: [differs],
    });
  });
  it('is billed when the shopper names it, though the list could show the other of the two alone', () => {
    const asked: VisitEvent = { type: 'question', question: { sku: 'CHIP', count: 1, or: 'COLA' } };
    const answered: VisitEvent = { type: 'answer', sku: 'CHIP', count: 1, answer: 'this' };
    const shut = [...toShopping, evidence(['A001']), closed];
    expect(billOf([...shut, asked, answered, finalReading(['B001'])])).toEqual({
      ...{ lines: ['CHIP 1'], held: [], review: [] },
    });
    // The door opens again: what was answered before is void.
    const again = [...shut, asked, answered, opened, closed];
    expect(billOf([...again, finalReading(['B001'])])).toEqual({
      lines: [],
      held: ['CHIP 1'],
      review: [differs],
    });
  });
  it('is read for longer, once, before anything is decided', () => {
    const checking = play([...toShopping, evidence(['A001']), closed]).visit;
    const { visit } = play([{ type: 'readingContinues' }], checking);
    expect(visit.state).toBe('checking');
    expect(visit.context.timer?.durationMs).toBeGreaterThan(15_000);
    expect(play([timer(checking)], visit).visit.state).toBe('checking');
    expect(play([timer], visit).visit.state).toBe('receipt');
  });
});

it('goods of no product that leave are looked at, and staff is told', () => {
  const { visit, effects } = play([...toShopping, evidence(['CCCC']), closed, finalReading(['CCCC'])]);
  expect(visit).toMatchObject({ state: 'receipt', context: { bill: { lines: [], review: [differs] } } });
  expect(effects).toContainEqual({ type: 'raiseAlarm', alarm: 'device_fault' });
});

it('a bill beyond any amount is no bug: what goes over it is held', () => {
  const dear: Catalog = { ...catalog, products: [product('COLA', amountMaxMinor), product('CHIP', 780)] };
  const start = play(unlocked.slice(0, 3)).visit;
  const events: Next[] = [
    { type: 'baseline', inventory: baselineOfTags(tags, dear), atMs: 10 },
    ...[opened, evidence(['A001', 'A002', 'B001']), confirm, closed, finalReading(['A001', 'A002', 'B001'])],
  ];
  const { visit } = play(events, start);
  expect(visit.context.bill?.totalMinor).toBeLessThanOrEqual(amountMaxMinor);
  expect(visit.context.bill?.review).toEqual([differs]);
});

describe('after a restart', () => {
  it('a confirmation is still the ceiling', () => {
    const checking = play([...toShopping, evidence(['A001']), confirm, closed]).visit;
    const bill = billOf([closed, finalReading(['A001', 'B001'])], restart(checking));
    expect(bill).toEqual({ lines: ['COLA 1'], held: ['CHIP 1'], review: [differs] });
  });
  it('what left behind an open door while nobody watched is held, also when it is confirmed', () => {
    const shopping = play([...toShopping, evidence(['A001'])]).visit;
    const all = ['A001', 'A002', 'B001'];
    for (const touches of [[], [confirm]]) {
      const events = [opened, evidence(all, ['A002', 'B001']), ...touches, closed, finalReading(all)];
      expect(billOf(events, restart(shopping))).toEqual({
        lines: ['COLA 1'],
        held: ['COLA 1', 'CHIP 1'],
        review: [leftOpen],
      });
    }
  });
  it('a lock that never answers is told to staff, and the door counts as open', () => {
    const waiting = restart(play(toShopping).visit);
    expect(waiting).toMatchObject({ state: 'recovering', context: { timer: { durationMs: 60_000 } } });
    const lost = play([{ type: 'door', door: 'unknown', atMs: 1 }], waiting).visit;
    const { visit, effects } = play([timer], lost);
    expect(visit.state).toBe('shopping');
    expect(effects).toEqual([{ type: 'raiseAlarm', alarm: 'device_fault' }]);
  });
});

describe('after staff was told of an open door', () => {
  const told = play([...toShopping, evidence(['A001']), timer, timer, timer]).visit;
  it.each<[string, Next[]]>([
    ['taken before it is noticed', [closed]],
    ['somebody touches "confirm" first', [confirm, evidence(['A001', 'B001']), closed]],
    ['and confirms what left', [evidence(['A001', 'B001']), confirm, closed]],
    ['the door bounces', [closed, opened, evidence(['A001', 'B001']), closed]],
    ['noticed after the close', [closed, evidence(['A001', 'B001'])]],
  ])('what leaves is held: %s', (_, events) => {
    const bill = billOf([...events, finalReading(['A001', 'B001'])], told);
    expect(bill).toMatchObject({ lines: ['COLA 1'], held: ['CHIP 1'] });
    expect(bill.review).toContain(leftOpen);
  });
  it('survives a restart', () => {
    const bill = billOf(
      [opened, evidence(['A001', 'B001']), confirm, closed, finalReading(['A001', 'B001'])],
      restart(told),
    );
    expect(bill).toEqual({ lines: ['COLA 1'], held: ['CHIP 1'], review: [leftOpen] });
  });
  it('a piece that flickers is one piece', () => {
    const events = [evidence(['A001', 'A002']), evidence(['A001']), evidence(['A001', 'A002'])];
    expect(billOf([...events, closed, finalReading(['A001', 'A002'])], told)).toEqual({
      lines: ['COLA 1'],
      held: ['COLA 1'],
      review: [leftOpen],
    });
  });
});

it('a tag that flaps does not put off the words about the open door', () => {
  let visit = play([...toShopping, evidence(['A001'])]).visit;
  const { seq } = visit.context.timer!;
  for (let turn = 0; turn < 20; turn++) visit = play([evidence([]), evidence(['A001'])], visit).visit;
  expect(visit.context.timer?.seq).toBe(seq);
  visit = play([timer, evidence([]), evidence(['A001'])], visit).visit;
  expect(visit.state).toBe('ajar');
  // Somebody is shopping.
  expect(play([evidence(['A001', 'B001'])], visit).visit.state).toBe('shopping');
});

it('no bill is above the number on screen when the door shut, and what was taken is billed or held', () => {
  const subset = fc.subarray(tags);
  const step: fc.Arbitrary<Next> = fc.oneof(
    subset.map((taken) => evidence(taken)),
    fc.constantFrom<Next>(confirm, timer, { type: 'report', sku: 'COLA', wrong: true }, opened),
    fc.constantFrom<Next>({ type: 'report', sku: 'COLA', wrong: false }, evidence(['A001'], ['A001'])),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 15 }),
      fc.array(subset, { maxLength: 3 }),
      subset,
      anyFrozen(['COLA', 'CHIP']),
      (events, late, gone, promotions) => {
        const frozen = promotions === null ? inventory : { ...inventory, promotions };
        const began = toShopping.map((one) =>
          one.type === 'baseline' ? { ...one, inventory: frozen } : one,
        );
        const open = play(events, play(began).visit).visit;
        const shownMinor = open.context.basket.totalMinor;
        const { visit } = play([closed, ...late.map((taken) => evidence(taken)), finalReading(gone)], open);
        const { bill } = visit.context;
        if (bill === null) throw new Error('no bill');
        expect(bill.totalMinor).toBeLessThanOrEqual(shownMinor);
        for (const [sku, count] of [
          ['COLA', gone.filter((e) => e[0] === 'A').length],
          ['CHIP', gone.includes('B001') ? 1 : 0],
        ] as const) {
          const named = [...bill.lines, ...bill.heldLines].filter((l) => l.sku === sku);
          expect(named.reduce((sum, l) => sum + l.count, 0)).toBe(count);
        }
        // Each amount that the number lacks is a line with a mark.
        for (const line of open.context.basket.lines) {
          if (line.reported || line.confidence === 'doubtful') return;
        }
        expect(shownMinor).toBe(open.context.basket.lines.reduce((sum, l) => sum + l.amountMinor, 0));
      },
    ),
    { numRuns: 1000 },
  );
});
