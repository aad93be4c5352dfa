import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StockBook, betweenMax, stockBookSchema } from '../../shared/model/stock.schema.ts';
import type { InventoryLine } from '../recognition/inventory.ts';
import { acceptStock, countStock, moveStock, openedBy } from './stock-book.ts';

const of = (counts: Record<string, number>): ReadonlyMap<string, number> => new Map(Object.entries(counts));
const added = (sku: string | null, quantity: number): InventoryLine => ({
  ...{ sku, quantity, confidence: 1, sources: ['tags'] },
});

describe('a count before the door is opened', () => {
  test('the first one says nothing: nobody knows what should have been there', () => {
    const { book, found } = countStock(null, of({ cola: 3 }), 100);
    expect(found).toEqual([]);
    expect(book).toEqual({
      counts: { cola: 3 },
      sinceMs: 100,
      between: [],
      betweenCount: 0,
      lots: [],
      left: [],
      entered: [],
      tags: [],
      byTag: [],
    });
  });

  test('names what is gone and what is too much, since when, and who had the door', () => {
    const counted = countStock(null, of({ cola: 3, tea: 2, milk: 1 }), 100).book;
    const book = moveStock(openedBy(counted, 'visit-1'), [{ sku: 'cola', count: 1 }], []);
    const { found } = countStock(book, of({ cola: 1, tea: 3, milk: 1 }), 900);
    const between = { atMs: 900, sinceMs: 100, between: ['visit-1'], betweenCount: 1 };
    expect(found).toEqual([
      { ...between, sku: 'cola', expected: 2, counted: 1 },
      { ...between, sku: 'tea', expected: 2, counted: 3 },
    ]);
  });

  test('what cannot be counted now is left as it was, and compared when it can be again', () => {
    const first = countStock(null, of({ cola: 3, tea: 2 }), 1).book;
    const second = countStock(first, of({ tea: 2 }), 2);
    expect(second.found).toEqual([]);
    expect(countStock(second.book, of({ cola: 1, tea: 2 }), 3).found).toMatchObject([
      { sku: 'cola', expected: 3, counted: 1 },
    ]);
  });

  test('an article that is new in the catalogue was not too much before', () => {
    const book = countStock(null, of({ cola: 3 }), 1).book;
    expect(countStock(book, of({ cola: 3, tea: 4 }), 2).found).toEqual([]);
  });

  test('what the staff accepts differs from nothing', () => {
    const book = openedBy(countStock(null, of({ cola: 3 }), 1).book, 'service:4410');
    const accepted = acceptStock(book, of({ cola: 12 }), 2);
    expect(accepted.between).toEqual([]);
    expect(countStock(accepted, of({ cola: 12 }), 3).found).toEqual([]);
  });
});

test('more left than was known of: the book goes below nothing, and the next count says what was too much', () => {
  const book = moveStock(countStock(null, of({ cola: 1 }), 1).book, [{ sku: 'cola', count: 3 }], []);
  expect(book.counts).toEqual({ cola: -2 });
  expect(countStock(book, of({ cola: 0 }), 2).found).toMatchObject([{ expected: -2, counted: 0 }]);
});

test('goods that were put in belong to the book, goods without a product do not', () => {
  const book = countStock(null, of({ cola: 1 }), 1).book;
  expect(moveStock(book, [], [added('cola', 2), added(null, 4), added('never-seen', 1)]).counts).toEqual({
    cola: 3,
  });
});

test('of very many who had the door the last ones are named, and all are counted', () => {
  let book: StockBook = countStock(null, of({ cola: 1 }), 1).book;
  for (let i = 0; i < 50; i++) book = openedBy(book, `visit-${i}`);
  expect([book.between.length, book.betweenCount, book.between.at(-1)]).toEqual([betweenMax, 50, 'visit-49']);
  expect(stockBookSchema.safeParse(book).success).toBe(true);
});

/** Whatever happens: what a count finds is what changed behind the book's back, to the piece. */
test('nothing is lost: the first count, all that moved and all differences make the last count', () => {
  const skus = ['cola', 'tea', 'milk'];
  const step = fc.record({
    taken: fc.dictionary(fc.constantFrom(...skus), fc.integer({ min: 0, max: 4 })),
    put: fc.dictionary(fc.constantFrom(...skus), fc.integer({ min: 1, max: 4 })),
    stolen: fc.dictionary(fc.constantFrom(...skus), fc.integer({ min: -3, max: 3 })),
    isCounted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const real = new Map(skus.map((sku) => [sku, 50]));
      const change = (by: Record<string, number>, sign: number): void => {
        for (const [sku, n] of Object.entries(by)) real.set(sku, (real.get(sku) ?? 0) + sign * n);
      };
      const difference = new Map(skus.map((sku) => [sku, 0]));
      const secret = new Map(skus.map((sku) => [sku, 0]));
      const count = (book: StockBook | null, atMs: number): StockBook => {
        const counted = countStock(book, real, atMs);
        for (const { sku, expected, counted: n } of counted.found)
          difference.set(sku, (difference.get(sku) ?? 0) + n - expected);
        return counted.book;
      };
      let book = count(null, 0);
      for (const [i, { taken, put, stolen, isCounted }] of steps.entries()) {
        change(stolen, -1);
        for (const [sku, n] of Object.entries(stolen)) secret.set(sku, (secret.get(sku) ?? 0) - n);
        if (isCounted) book = count(book, i);
        book = openedBy(book, `visit-${i}`);
        change(taken, -1);
        change(put, 1);
        const gone = Object.entries(taken).map(([sku, n]) => ({ sku, count: n }));
        const came = Object.entries(put).map(([sku, n]) => added(sku, n));
        book = moveStock(book, gone, came);
      }
      book = count(book, 99);
      expect(difference).toEqual(secret);
      expect(new Map(Object.entries(book.counts))).toEqual(real);
    }),
    { numRuns: 200 },
  );
});
