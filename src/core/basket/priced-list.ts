import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import type { Discount, FrozenPromotions } from '../../shared/model/promotion.schema.ts';
import { type Minor, minor, timesMinor } from '../../shared/money.ts';
import { type Discounts, discountsOf } from '../pricing/pricing.ts';
import { savedBy } from '../pricing/share.ts';

/** A list of goods, and what promotions take off each line when all of it is bought together. */
export interface PricedList {
  readonly counts: ReadonlyMap<string, number>;
  readonly discounts: Discounts;
}

/** Lines by the catalogue, priced by the promotions of the visit. */
export function priceList(
  promotions: FrozenPromotions | undefined,
  lines: readonly ChargeLine[],
): PricedList {
  const counts = new Map(lines.map(({ sku, count }) => [sku, count]));
  if (promotions === undefined) return { counts, discounts: new Map() };
  const priced = lines.map(({ sku, unitPriceMinor, count }) => ({ sku, priceMinor: unitPriceMinor, count }));
  return { counts, discounts: discountsOf(priced, promotions) };
}

/**
 * What these pieces of a line of the list have of what it is taken off: the first ones, or (`isRest`) what those leave. Rounded
 * once for all promotions together, so that it is never more than the pieces cost.
 */
function sharesOf(
  { counts, discounts }: PricedList,
  { sku, count }: Pick<ChargeLine, 'sku' | 'count'>,
  isRest: boolean,
): Discount[] {
  const all = counts.get(sku) ?? 0;
  const first = isRest ? Math.max(all - count, 0) : count;
  const ofLine = discounts.get(sku) ?? [];
  let left = savedBy(
    first,
    all,
    ofLine.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  );
  return ofLine.flatMap((discount) => {
    const ofFirst = Math.min(savedBy(first, all, discount.amountMinor), left);
    left -= ofFirst;
    const share = isRest ? discount.amountMinor - ofFirst : ofFirst;
    return share > 0 ? [{ ...discount, amountMinor: minor(share) }] : [];
  });
}

/** What is taken off so many pieces of a line of the list, minor units. */
export function savedOn(list: PricedList, line: Pick<ChargeLine, 'sku' | 'count'>): Minor {
  return minor(sharesOf(list, line, false).reduce((sum, { amountMinor }) => sum + amountMinor, 0));
}

/** A line of the list, or part of it, at its own price: what it is billed, held, reported and paid back at. */
export function atListPrice(list: PricedList, line: ChargeLine, isRest = false): ChargeLine {
  const shares = sharesOf(list, line, isRest);
  if (shares.length === 0) return line;
  const off = shares.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const grossMinor = timesMinor(line.unitPriceMinor, line.count);
  return { ...line, amountMinor: minor(grossMinor - off), discounts: shares };
}

/** All of these lines are in the list, with no more pieces than it has. */
export function covers({ counts }: PricedList, lines: readonly ChargeLine[]): boolean {
  return lines.every(({ sku, count }) => count <= (counts.get(sku) ?? 0));
}
