import { type StockBook, type StockLot, lotCountMax, lotsMax } from '../../shared/model/stock.schema.ts';
import { ownOf } from '../../shared/util/own.ts';
import { dayNumberOf } from '../../shared/util/calendar-day.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';

/** Goods that are good for fewer days than this are named to whoever restocks. */
export const dueWithinDays = 7;
/** Nobody sells goods that are good for longer: it is a slip of the finger. */
const yearsMax = 10;

const isOf = (sku: string, bestBefore: string) => (lot: StockLot) =>
  lot.sku === sku && lot.bestBefore === bestBefore;
const byDay = (a: StockLot, b: StockLot): number =>
  a.bestBefore.localeCompare(b.bestBefore) || a.sku.localeCompare(b.sku);
const without = (lot: StockLot, count: number): StockLot[] =>
  lot.count > count ? [{ ...lot, count: lot.count - count }] : [];

/** Pieces that a shopper took: the oldest first, as they stand in front. What is in no lot goes last. */
export function takeFromLots(lots: readonly StockLot[], sku: string, count: number): StockLot[] {
  let left = count;
  return lots.flatMap((lot) => {
    if (lot.sku !== sku || left <= 0) return [lot];
    const taken = Math.min(left, lot.count);
    left -= taken;
    return without(lot, taken);
  });
}

/** Those of them that `takeFromLots` takes. */
export function takenOfLots(lots: readonly StockLot[], sku: string, count: number): StockLot[] {
  let left = count;
  return lots.flatMap((lot) => {
    const taken = lot.sku === sku ? Math.min(left, lot.count) : 0;
    left -= taken;
    return taken > 0 ? [{ ...lot, count: taken }] : [];
  });
}

/** Those of both, each day of an article once; what is more than can be kept is due last. */
export function joinLots(a: readonly StockLot[], b: readonly StockLot[]): StockLot[] {
  const joined = [...a];
  for (const lot of b) {
    const at = joined.findIndex(isOf(lot.sku, lot.bestBefore));
    const count = Math.min((joined[at]?.count ?? 0) + lot.count, lotCountMax);
    joined.splice(at < 0 ? joined.length : at, 1, { ...lot, count });
  }
  return joined.sort(byDay).slice(0, lotsMax);
}

/** No more in lots than lie there. Of what is gone nobody knows the day: what is due soonest stays named. */
export function fitLots(lots: readonly StockLot[], counts: Readonly<Record<string, number>>): StockLot[] {
  const room = new Map<string, number>();
  return lots.flatMap((lot) => {
    const free = room.get(lot.sku) ?? Math.max(ownOf(counts, lot.sku) ?? 0, 0);
    const kept = Math.min(lot.count, free);
    room.set(lot.sku, free - kept);
    return kept > 0 ? [{ ...lot, count: kept }] : [];
  });
}

/** `past`: it would be sold when it is not good any more; `far`: no such goods; `full`: too many lots, or of one. */
export type LotFailure = Failure<'past' | 'far' | 'full' | 'unknown'>;

/** These have been put in. `today`: the cabinet's own day. */
export function addLot(book: StockBook, lot: StockLot, today: string): Result<StockBook, LotFailure> {
  if (lot.bestBefore < today) return fail('past', `good until ${lot.bestBefore} only`);
  if (Number(lot.bestBefore.slice(0, 4)) > Number(today.slice(0, 4)) + yearsMax)
    return fail('far', `good until ${lot.bestBefore}?`);
  const isSame = isOf(lot.sku, lot.bestBefore);
  const before = book.lots.find(isSame)?.count ?? 0;
  // A book with more could not be read again: all that it knows would be lost, and with it who took what.
  if (before + lot.count > lotCountMax) return fail('full', 'too many of one lot');
  if (before === 0 && book.lots.length >= lotsMax) return fail('full', 'too many lots');
  return ok({ ...book, lots: joinLots(book.lots, [lot]), entered: joinLots(book.entered, [lot]) });
}

/** These have been taken out by the staff. `unknown`: there are not so many of that day. */
export function removeLot(
  book: StockBook,
  { sku, bestBefore, count }: StockLot,
): Result<StockBook, LotFailure> {
  const lot = book.lots.find(isOf(sku, bestBefore));
  if (lot === undefined || lot.count < count) return fail('unknown', 'there are not so many of that day');
  const isSame = isOf(sku, bestBefore);
  const less = (lots: readonly StockLot[]): StockLot[] =>
    lots.flatMap((one) => (isSame(one) ? without(one, count) : [one]));
  // What was entered last is the slip of a finger, if it is taken back before the next count.
  return ok({ ...book, lots: less(book.lots), entered: less(book.entered) });
}

/** How many of each article are past their day. */
export function expiredOf({ lots }: StockBook, today: string): ReadonlyMap<string, number> {
  const expired = new Map<string, number>();
  for (const { sku, bestBefore, count } of lots)
    if (bestBefore < today) expired.set(sku, (expired.get(sku) ?? 0) + count);
  return expired;
}

export type LotState = 'expired' | 'soon' | 'good';

/** How a lot stands today. */
export function stateOfLot({ bestBefore }: Pick<StockLot, 'bestBefore'>, today: string): LotState {
  if (bestBefore < today) return 'expired';
  const left = (dayNumberOf(bestBefore) ?? 0) - (dayNumberOf(today) ?? 0);
  return left < dueWithinDays ? 'soon' : 'good';
}
