import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StockBook, type StockLot, bestBeforeSchema, lotsMax } from '../../shared/model/stock.schema.ts';
import { acceptStock, countStock, moveStock } from './stock-book.ts';
import { addLot, expiredOf, fitLots, removeLot, stateOfLot, takeFromLots } from './lots.ts';

const today = '2026-11-30';
const lot = (sku: string, bestBefore: string, count: number): StockLot => ({ sku, bestBefore, count });
const book = (counts: Record<string, number>): StockBook =>
  countStock(null, new Map(Object.entries(counts)), 1).book;
const withLots = (counts: Record<string, number>, lots: readonly StockLot[]): StockBook => ({
  ...book(counts),
  lots: [...lots],
});

describe('a lot that is put in', () => {
  test('stands among the others by its day; of one day there is one', () => {
    const first = addLot(book({ cola: 9 }), lot('cola', '2027-01-31', 3), today);
    if (!first.ok) throw new Error(first.error.code);
    const second = addLot(first.value, lot('cola', '2026-12-24', 2), today);
    if (!second.ok) throw new Error(second.error.code);
    expect(addLot(second.value, lot('cola', '2027-01-31', 1), today)).toMatchObject({
      value: { lots: [lot('cola', '2026-12-24', 2), lot('cola', '2027-01-31', 4)] },
    });
  });

  test.each([
    ['2026-11-29', 'past'],
    ['2020-01-01', 'past'],
    ['2037-01-01', 'far'],
  ])('good until %s: %s', (day, code) => {
    expect(addLot(book({ cola: 1 }), lot('cola', day, 1), today)).toMatchObject({ error: { code } });
  });

  test('good until today is good; very many are refused', () => {
    expect(addLot(book({ cola: 1 }), lot('cola', today, 1), today).ok).toBe(true);
    const many = Array.from({ length: lotsMax }, (_, i) => lot(`sku-${i}`, today, 1));
    expect(addLot(withLots({}, many), lot('cola', today, 1), today)).toMatchObject({
      error: { code: 'full' },
    });
    expect(addLot(withLots({}, many), lot('sku-1', today, 1), today).ok).toBe(true);
  });

  test.each(['2026-02-30', '2026-13-01', '26-01-01', '2026-1-1', '', '2026-11-31'])('%j is no day', (day) => {
    expect(bestBeforeSchema.safeParse(day).success).toBe(false);
  });
});

test('what is taken out: no more than there is of that day', () => {
  const two = withLots({ cola: 5 }, [lot('cola', '2026-11-01', 2), lot('cola', today, 1)]);
  expect(removeLot(two, lot('cola', '2026-11-01', 1))).toMatchObject({
    value: { lots: [lot('cola', '2026-11-01', 1), lot('cola', today, 1)] },
  });
  for (const wrong of [lot('cola', '2026-11-01', 3), lot('cola', '2026-11-02', 1), lot('tea', today, 1)])
    expect(removeLot(two, wrong)).toMatchObject({ error: { code: 'unknown' } });
});

test('shoppers take the oldest; what went unseen leaves the soonest due named', () => {
  const lots = [lot('cola', '2026-11-01', 2), lot('tea', '2026-11-02', 1), lot('cola', '2026-12-31', 3)];
  expect(takeFromLots(lots, 'cola', 3)).toEqual([lot('tea', '2026-11-02', 1), lot('cola', '2026-12-31', 2)]);
  expect(fitLots(lots, { cola: 3, tea: 1 })).toEqual([...lots.slice(0, 2), lot('cola', '2026-12-31', 1)]);
  expect(fitLots(lots, { cola: -1 })).toEqual([]);
});

test('past its day, due soon, good', () => {
  expect(
    [today, '2026-12-06', '2026-12-07', '2026-11-29'].map((day) => stateOfLot({ bestBefore: day }, today)),
  ).toEqual(['soon', 'soon', 'good', 'expired']);
  const old = withLots({ cola: 5 }, [
    lot('cola', '2026-10-01', 1),
    lot('cola', '2026-11-29', 2),
    lot('cola', today, 2),
  ]);
  expect(expiredOf(old, today)).toEqual(new Map([['cola', 3]]));
});

test('whatever moves: never more in lots than there is, never a lot of none', () => {
  const skus = ['cola', 'tea'];
  const days = ['2026-11-01', '2026-11-30', '2027-03-01'];
  const step = fc.record({
    sku: fc.constantFrom(...skus),
    day: fc.constantFrom(...days),
    n: fc.integer({ min: 1, max: 6 }),
    what: fc.constantFrom('add', 'remove', 'take', 'count'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now = book({ cola: 6, tea: 6 });
      for (const { sku, day, n, what } of steps) {
        const one = lot(sku, day, n);
        if (what === 'take') now = moveStock(now, [{ sku, count: n }], []);
        else if (what === 'count') now = acceptStock(now, new Map([[sku, n]]), 2);
        else {
          const tried = what === 'add' ? addLot(now, one, '2026-11-01') : removeLot(now, one);
          if (tried.ok) now = tried.value;
        }
        for (const { count } of now.lots) expect(count).toBeGreaterThan(0);
      }
      const counted = acceptStock(
        now,
        new Map([
          ['cola', 2],
          ['tea', 0],
        ]),
        3,
      );
      const inLots = (sku: string) =>
        counted.lots.filter((l) => l.sku === sku).reduce((sum, { count }) => sum + count, 0);
      expect([inLots('cola') <= 2, inLots('tea')]).toEqual([true, 0]);
    }),
    { numRuns: 200 },
  );
});
