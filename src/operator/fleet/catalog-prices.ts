import { and, eq, gt, inArray, isNull, lte, or, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Currency } from '../../shared/money.ts';
import { chargeAgeMaxMs, openingOffMs, tellingMs } from '../limits.ts';
import { catalogPrice } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

/** What of a catalogue its prices are. */
export interface PriceList {
  readonly currency: Currency;
  readonly products: readonly { readonly sku: string; readonly priceMinor: number }[];
}

/** Twice what one catalogue may have. */
const goodsMax = 1_000;
/** Rows of one insert. */
const batchSize = 1_000;

/**
 * Notes at the start which prices are served from now on, and until when those were that are not any more. One that ended
 * while the clock was ahead ends now: charges of it may still come. While the time is not sure nothing ends: a clock that is
 * behind would end it long ago, and hold what was sold at it. The next start with a sure time does it.
 */
export async function recordPrices(
  db: Db,
  clock: Clock,
  { currency, products }: PriceList,
  isTimeSure = true,
): Promise<void> {
  const nowMs = clock.nowMs();
  const rows = products.map(({ sku, priceMinor }) => ({
    sku,
    currency,
    unitPriceMinor: priceMinor,
    sinceMs: nowMs,
  }));
  await db.transaction(async (tx) => {
    const isUnended = or(isNull(catalogPrice.untilMs), gt(catalogPrice.untilMs, nowMs));
    if (isTimeSure) await tx.update(catalogPrice).set({ untilMs: nowMs }).where(isUnended);
    for (let at = 0; at < rows.length; at += batchSize)
      await tx
        .insert(catalogPrice)
        .values(rows.slice(at, at + batchSize))
        .onConflictDoUpdate({
          target: [catalogPrice.sku, catalogPrice.currency, catalogPrice.unitPriceMinor],
          set: { untilMs: null },
        });
  });
}

/**
 * The prices (minor units) at which a cabinet may have sold these goods: those that are served, and those that were within
 * the time for which a charge may be held back.
 */
export async function pricesOf(
  db: Db,
  clock: Clock,
  served: PriceList,
  skus: readonly string[],
): Promise<(sku: string) => readonly number[]> {
  const bySku = new Map<string, number[]>();
  const add = (sku: string, priceMinor: number): void => {
    bySku.set(sku, [...(bySku.get(sku) ?? []), priceMinor]);
  };
  const wanted = new Set(skus);
  for (const { sku, priceMinor } of served.products) if (wanted.has(sku)) add(sku, priceMinor);
  const isRecent = or(
    isNull(catalogPrice.untilMs),
    isWithin(catalogPrice.untilMs, clock.nowMs(), chargeAgeMaxMs),
  );
  const isOurs = and(inArray(catalogPrice.sku, [...wanted]), eq(catalogPrice.currency, served.currency));
  const rows = wanted.size === 0 ? [] : await db.select().from(catalogPrice).where(and(isOurs, isRecent));
  for (const { sku, unitPriceMinor } of rows) add(sku, unitPriceMinor);
  return (sku) => bySku.get(sku) ?? [];
}

/** Wall time, ms; both ends belong to it. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * When what its cabinet showed in a visit may have been served, whose member was let in at this moment: it may not have heard yet of
 * what was changed shortly before, and has opened its door a little later.
 */
export const shownFrom = (allowedAtMs: number): Span => ({
  fromMs: allowedAtMs - tellingMs,
  toMs: allowedAtMs + openingOffMs,
});

/**
 * What was sold within a time, and what it cost, minor units: of the prices that may have been served then the lowest. One that was
 * served, and is again, counts for the time between as well. Goods that are not in it were not sold then, as far as is known.
 * `skus` left out: of all goods, at most a thousand.
 */
export async function pricesWithin(
  db: Db,
  currency: Currency,
  { fromMs, toMs }: Span,
  skus?: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { sku, sinceMs, untilMs, unitPriceMinor } = catalogPrice;
  const wasServed = and(or(isNull(sinceMs), lte(sinceMs, toMs)), or(isNull(untilMs), gt(untilMs, fromMs)));
  const isWanted = skus === undefined ? undefined : inArray(sku, [...skus]);
  const rows = await db
    .select({ sku, priceMinor: sql<number>`min(${unitPriceMinor})`.mapWith(Number) })
    .from(catalogPrice)
    .where(and(eq(catalogPrice.currency, currency), isWanted, wasServed))
    .groupBy(sku)
    .orderBy(sku)
    .limit(goodsMax);
  return new Map(rows.map((row) => [row.sku, row.priceMinor]));
}
