import { type StockBook, type StockDifference, betweenMax } from '../../shared/model/stock.schema.ts';
import type { InventoryLine } from '../recognition/inventory.ts';
import { type HeardTags, dateTags } from './dated-tags.ts';
import { fitLots, joinLots, takeFromLots, takenOfLots } from './lots.ts';
import { ownOf } from '../../shared/util/own.ts';

/** How many of each article lie there; of one that is not in it nobody can tell. */
export type Counted = ReadonlyMap<string, number>;
type Found = Omit<StockDifference, 'id'>;

/**
 * The goods were counted behind the shut door, before anybody opens it: what differs from the book was gone, or too much, before.
 * It is on record with who had the door since the count before, and on nobody's bill. Of an article that the book does not know
 * nothing differs: it could not be counted before.
 */
export function countStock(
  book: StockBook | null,
  counted: Counted,
  atMs: number,
  heard: HeardTags = new Map(),
): { readonly book: StockBook; readonly found: readonly Found[] } {
  const found = [...counted].flatMap(([sku, count]): Found[] => {
    const expected = book === null ? undefined : ownOf(book.counts, sku);
    if (book === null || expected === undefined || expected === count) return [];
    const { sinceMs, between, betweenCount } = book;
    return [{ atMs, sinceMs, sku, expected, counted: count, between, betweenCount }];
  });
  if (book === null) return { book: acceptStock(book, counted, atMs, heard), found };
  // Of what was taken for gone and lies there after all the day is known still.
  const again = found.flatMap((one) => takenOfLots(book.left, one.sku, one.counted - one.expected));
  const left = book.left.filter(({ sku }) => !counted.has(sku));
  const lots = joinLots(book.lots, again);
  return { book: { ...acceptStock({ ...book, lots }, counted, atMs, heard), left }, found };
}

/** What lies there is right as it is: the staff says so. `heard`: the tags of what was counted. */
export function acceptStock(
  book: StockBook | null,
  counted: Counted,
  atMs: number,
  heard: HeardTags = new Map(),
): StockBook {
  // Of what cannot be counted any more only what should still be there is remembered.
  const uncounted = Object.entries(book?.counts ?? {}).filter(([sku, n]) => n !== 0 && !counted.has(sku));
  const counts = { ...Object.fromEntries(uncounted), ...Object.fromEntries(counted) };
  const isThere = ({ sku }: { readonly sku: string }): boolean => ownOf(counts, sku) !== undefined;
  const dated = dateTags(
    {
      ...{ counts, sinceMs: atMs, between: [], betweenCount: 0, left: [] },
      lots: (book?.lots ?? []).filter(isThere),
      entered: (book?.entered ?? []).filter(isThere),
      tags: (book?.tags ?? []).filter(isThere),
      byTag: (book?.byTag ?? []).filter((sku) => isThere({ sku })),
    },
    heard,
  );
  return { ...dated, lots: fitLots(dated.lots, counts) };
}

/** Somebody gets the door: a visit, or the staff. */
export function openedBy(book: StockBook, who: string): StockBook {
  const between = [...book.between, who].slice(-betweenMax);
  return { ...book, between, betweenCount: book.betweenCount + 1 };
}

/** Goods have left, or were put in, with somebody's knowledge. */
export function moveStock(
  book: StockBook,
  taken: readonly { readonly sku: string; readonly count: number }[],
  added: readonly InventoryLine[],
): StockBook {
  const counts = { ...book.counts };
  const move = (sku: string, by: number): void => {
    const before = ownOf(counts, sku);
    // What was never counted is not made known by what leaves.
    if (before !== undefined) counts[sku] = before + by;
  };
  for (const { sku, count } of taken) move(sku, -count);
  for (const { sku, quantity } of added) if (sku !== null) move(sku, quantity);
  let { lots, left } = book;
  for (const { sku, count } of taken) {
    left = joinLots(left, takenOfLots(lots, sku, count));
    lots = takeFromLots(lots, sku, count);
  }
  return { ...book, counts, lots, left };
}
