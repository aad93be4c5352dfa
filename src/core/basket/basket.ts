import { type Minor, sumMinor, timesMinor, zeroMinor } from '../../shared/money.ts';
import { z } from 'zod';
import { type BasketLine, basketSchema } from '../../shared/model/basket.schema.ts';
import type { Product } from '../../shared/model/catalog.schema.ts';
import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import {
  type BaselineInventory,
  type Estimate,
  type FinalEstimate,
  type InventoryLine,
  inventoryLinesSchema,
  quantityOf,
} from '../recognition/inventory.ts';

/** Put in and not of the baseline, as shown at most. */
export const foreignCountMax = 200;

/** The basket as the visit keeps it. What was put in is named when it is shown, by the catalogue of that moment. */
export const visitBasketSchema = basketSchema.extend({
  foreign: inventoryLinesSchema,
});
export type VisitBasket = z.infer<typeof visitBasketSchema>;

export const emptyBasket: VisitBasket = {
  revision: 0,
  lines: [],
  itemCount: 0,
  totalMinor: zeroMinor,
  foreign: [],
  unknownTakenCount: 0,
};

/** How many of an article in these lines; never more than the baseline has of it. */
function countOf(baseline: BaselineInventory, lines: readonly InventoryLine[], sku: string | null): number {
  return Math.min(quantityOf(lines, sku), quantityOf(baseline.lines, sku));
}

/** The lines that belong to a product of the baseline, in catalogue order. */
function byProduct(
  baseline: BaselineInventory,
  lines: readonly InventoryLine[],
): { product: Product; count: number }[] {
  return baseline.products.flatMap((product) => {
    const count = countOf(baseline, lines, product.sku);
    return count === 0 ? [] : [{ product, count }];
  });
}

/**
 * Builds what the shopper sees. Only what was in the baseline makes lines; the rest is shown as foreign or unknown,
 * never billed.
 */
export function makeBasket(
  baseline: BaselineInventory,
  { taken, added }: Estimate,
  reported: readonly string[],
  revision: number,
): VisitBasket {
  const lines: BasketLine[] = byProduct(baseline, taken).map(({ product, count }) => ({
    sku: product.sku,
    name: product.name,
    picture: product.picture,
    unitPriceMinor: product.priceMinor,
    count,
    amountMinor: timesMinor(product.priceMinor, count),
    confidence: 'certain',
    reported: reported.includes(product.sku),
  }));
  return {
    revision,
    lines,
    itemCount: lines.reduce((n, l) => n + l.count, 0),
    totalMinor: totalOf(lines),
    foreign: [...added],
    unknownTakenCount: countOf(baseline, taken, null),
  };
}

function totalOf(lines: readonly { amountMinor: Minor }[]): Minor {
  return sumMinor(lines.map((l) => l.amountMinor));
}

export interface BillInput {
  baseline: BaselineInventory;
  /** Null when the reader gave no final reading: then what was last shown stands in for it, and a human looks. */
  final: FinalEstimate | null;
  /** What was on screen as taken last. */
  shown: readonly InventoryLine[];
  /** What the shopper confirmed, if that still stood when the door closed. */
  confirmed: readonly InventoryLine[] | null;
  /** SKUs on which the shopper said that something is wrong. */
  reported: readonly string[];
  /** What left after the door had been left open and the staff told. */
  afterAbandoned: readonly InventoryLine[];
}

export interface Bill {
  lines: ChargeLine[];
  heldLines: ChargeLine[];
  totalMinor: Minor;
  review: ReasonCode[];
}

/**
 * What is billed and what only a human may bill. Every doubt is in the shopper's favour: money moves only downward
 * from what was confirmed (docs/payments.md#the-bill).
 */
export function makeBill(input: BillInput): Bill {
  const { baseline, final, confirmed, afterAbandoned } = input;
  const review = new Set<ReasonCode>();
  const billed: InventoryLine[] = [];
  const held: InventoryLine[] = [];
  const hold = (line: InventoryLine, quantity: number, reason: ReasonCode): void => {
    if (quantity <= 0) return;
    held.push({ ...line, quantity });
    review.add(reason);
  };
  if (final === null) review.add('recognition.reader_lost');
  for (const line of final?.absent ?? confirmed ?? input.shown) {
    const { sku } = line;
    const quantity = countOf(baseline, [line], sku);
    if (sku !== null && input.reported.includes(sku)) {
      hold(line, quantity, 'recognition.line_reported');
      continue;
    }
    const abandoned = Math.min(quantity, quantityOf(afterAbandoned, sku));
    hold(line, abandoned, 'recognition.door_left_open');
    const attended = quantity - abandoned;
    // What was confirmed and had left an abandoned door is held already: it allows nothing else.
    const allowed = confirmed === null ? attended : Math.max(quantityOf(confirmed, sku) - abandoned, 0);
    hold(line, attended - allowed, 'recognition.differs_from_confirmed');
    if (Math.min(attended, allowed) > 0) billed.push({ ...line, quantity: Math.min(attended, allowed) });
  }
  for (const line of final?.unsure ?? []) {
    // Only what was shown as taken is held for it.
    const quantity = Math.min(countOf(baseline, [line], line.sku), quantityOf(input.shown, line.sku));
    hold(line, quantity, 'recognition.differs_from_confirmed');
  }
  const lines = toLines(baseline, billed);
  return { lines, heldLines: toLines(baseline, held), totalMinor: totalOf(lines), review: [...review] };
}

/** Lines with name and price, for what belongs to a product of the baseline, in catalogue order. */
export function toLines(baseline: BaselineInventory, lines: readonly InventoryLine[]): ChargeLine[] {
  return byProduct(baseline, lines).map(({ product, count }) => ({
    sku: product.sku,
    name: product.name,
    unitPriceMinor: product.priceMinor,
    count,
    amountMinor: timesMinor(product.priceMinor, count),
  }));
}
