import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StockBook, type StockLot, stockBookSchema } from '../../shared/model/stock.schema.ts';
import { unwrap } from '../../testkit/unwrap.ts';
import { tagsPastDay } from './dated-tags.ts';
import { addLot, expiredOf, removeLot } from './lots.ts';
import { acceptStock, countStock, moveStock } from './stock-book.ts';

/** Until when each piece is good, by its tag. */
const [old, fresh, later] = ['2030-01-01', '2030-06-01', '2030-09-01'] as const;
const heard = (tags: string): ReadonlyMap<string, string[]> =>
  new Map([['cola', tags.split(' ').filter((one) => one !== '')]]);
const sizes = (of: ReadonlyMap<string, readonly string[]>): Map<string, number> =>
  new Map([...of].map(([sku, tags]) => [sku, tags.length]));
const accept = (book: StockBook | null, tags: string): StockBook =>
  acceptStock(book, sizes(heard(tags)), 1, heard(tags));
const count = (book: StockBook, tags: string): StockBook =>
  countStock(book, sizes(heard(tags)), 2, heard(tags)).book;
const enter = (book: StockBook, bestBefore: string, n: number): StockBook =>
  unwrap(addLot(book, { sku: 'cola', bestBefore, count: n }, '2029-01-01'));
const lots = (book: StockBook): string[] =>
  book.lots.map((lot: StockLot) => `${lot.bestBefore} ${lot.count}`);
/** The tags that are past their day on this one. */
const past = (book: StockBook, today: string): string | null => {
  const tags = tagsPastDay(book, today).get('cola');
  return tags === undefined ? null : [...tags].sort().join(' ');
};
/** One old piece, A1, and after it two fresh ones. */
const both = (): StockBook => {
  const first = accept(enter(accept(null, ''), old, 1), 'A1');
  return accept(enter(first, fresh, 2), 'A1 B1 B2');
};

test('what was put in with one lot is known by its tags', () => {
  expect(past(both(), '2030-03-01')).toBe('A1');
  expect(past(both(), '2030-07-01')).toBe('A1 B1 B2');
  expect(past(both(), '2029-12-01')).toBeNull();
});

test('a fresh one is taken: the old one is still the one that is past its day, and the lots say so', () => {
  const book = count(moveStock(both(), [{ sku: 'cola', count: 1 }], []), 'A1 B2');
  expect([past(book, '2030-03-01'), lots(book)]).toEqual(['A1', [`${old} 1`, `${fresh} 1`]]);
});

test('the old one is taken: nothing is past its day any more, and it is again when it comes back', () => {
  const gone = count(moveStock(both(), [{ sku: 'cola', count: 1 }], []), 'B1 B2');
  expect([lots(gone), expiredOf(gone, '2030-03-01').size]).toEqual([[`${fresh} 2`], 0]);
  const back = count(gone, 'A1 B1 B2');
  expect([past(back, '2030-03-01'), lots(back)]).toEqual(['A1', [`${old} 1`, `${fresh} 2`]]);
});

test('a lot that is entered after the count of what was put in', () => {
  const book = count(enter(accept(accept(null, ''), 'A1 A2'), old, 2), 'A1 A2');
  expect(past(book, '2030-03-01')).toBe('A1 A2');
});

describe('by lot, where it cannot be told which they are', () => {
  test.each([
    ['two lots at once', (book: StockBook) => enter(enter(book, fresh, 1), later, 1), 'A1 B1 B2'],
    ['fewer than were entered', (book: StockBook) => enter(book, fresh, 3), 'A1 B1 B2'],
    ['more than were entered', (book: StockBook) => enter(book, fresh, 1), 'A1 B1 B2'],
  ])('%s', (_, put, tags) => {
    const first = accept(enter(accept(null, ''), old, 1), 'A1');
    const book = accept(put(first), tags);
    expect(past(book, '2030-10-01')).toBeNull();
    expect(expiredOf(book, '2030-03-01')).toEqual(new Map([['cola', 1]]));
    // … until nothing of its lots is left.
    const empty = accept(removeAll(book), '');
    expect(past(accept(enter(empty, old, 2), 'C1 C2'), '2030-03-01')).toBe('C1 C2');
  });

  test('what lay there by lot before there were tags in the book', () => {
    const plain = { ...accept(null, 'A1 A2'), tags: [], byTag: [] };
    const book = accept({ ...plain, lots: [{ sku: 'cola', bestBefore: old, count: 2 }] }, 'A1 A2');
    expect(past(accept(enter(book, fresh, 1), 'A1 A2 B1'), '2030-10-01')).toBeNull();
  });

  test('a lot that no count has heard yet', () => {
    expect(past(enter(both(), later, 1), '2030-03-01')).toBeNull();
  });
});

function removeAll(book: StockBook): StockBook {
  return book.lots.reduce((now, lot) => unwrap(removeLot(now, lot)), book);
}

const step = fc.oneof(
  fc.record({ put: fc.nat(4), day: fc.constantFrom(old, fresh, later), isEntered: fc.boolean() }),
  fc.record({ take: fc.array(fc.nat(20), { maxLength: 4 }), isSeen: fc.boolean() }),
);

test('property: who knows a day by its tag is never wrong, and the book can be read again', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let [book, next, here] = [accept(null, ''), 0, [] as string[]];
      const dayOf = new Map<string, string>();
      for (const one of steps) {
        if ('put' in one) {
          const put = Array.from({ length: one.put }, () => `T${++next}`);
          if (one.isEntered && put.length > 0) {
            book = enter(book, one.day, put.length);
            for (const epc of put) dayOf.set(epc, one.day);
          }
          here = [...here, ...put];
          book = accept(book, here.join(' '));
        } else {
          const taken = new Set(one.take.map((n) => here[n % Math.max(here.length, 1)] ?? ''));
          const left = here.filter((epc) => taken.has(epc)).length;
          here = here.filter((epc) => !taken.has(epc));
          if (one.isSeen) book = moveStock(book, [{ sku: 'cola', count: left }], []);
          book = count(book, here.join(' '));
        }
        // The tags of this test are no hexadecimal ones.
        expect(stockBookSchema.safeParse({ ...book, tags: [] }).success).toBe(true);
        const right = new Set([...dayOf].flatMap(([epc, day]) => (day < later ? [epc] : [])));
        for (const epc of tagsPastDay(book, later).get('cola') ?? []) expect(right).toContain(epc);
        const lying = here.filter((epc) => right.has(epc));
        expect(expiredOf(book, later).get('cola') ?? 0).toBe(lying.length);
      }
    }),
  );
});
