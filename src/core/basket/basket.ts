import { type Minor, sumMinor, timesMinor, zeroMinor } from '../../shared/money.ts';
import { z } from 'zod';
import { type BasketLine, basketSchema } from '../../shared/model/basket.schema.ts';
import { type Product, epcSchema, skuSchema } from '../../shared/model/catalog.schema.ts';
import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { BaselineInventory } from './baseline-inventory.ts';

/** Put in and not of the baseline, as shown at most. */
export const foreignCountMax = 200;

/** A tag that was put in; `sku`: what hangs on it, null when no catalogue knows it. */
export const foreignTagSchema = z.object({ epc: epcSchema, sku: skuSchema.nullable() });
export type ForeignTag = z.infer<typeof foreignTagSchema>;

/** What the sensors say now, as sets of tags. */
export interface Evidence {
  /** Of the baseline: not in the cabinet any more. Additions can never be in here. */
  taken: readonly string[];
  /** In the cabinet now, not in the baseline; `foreignCountMax` at most. */
  foreign: readonly ForeignTag[];
}

/** The basket as the visit keeps it. What was put in is named when it is shown, by the catalogue of that moment. */
export const visitBasketSchema = basketSchema.extend({
  foreign: z.array(foreignTagSchema).max(foreignCountMax),
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

/** True when both say the same (order does not matter). */
export function sameEvidence(a: Evidence, b: Evidence): boolean {
  const epcs = (evidence: Evidence): string[] => evidence.foreign.map((tag) => tag.epc);
  return sameSet(a.taken, b.taken) && sameSet(epcs(a), epcs(b));
}

/** The tags of the baseline that belong to a catalogue product, grouped in catalogue order. */
function countBySku(
  baseline: BaselineInventory,
  epcs: readonly string[],
): { product: Product; count: number }[] {
  const skuOf = new Map(baseline.tags.map((t) => [t.epc, t.sku]));
  const counts = new Map<string, number>();
  for (const epc of new Set(epcs)) {
    const sku = skuOf.get(epc);
    if (sku !== undefined && sku !== null) counts.set(sku, (counts.get(sku) ?? 0) + 1);
  }
  return baseline.products.flatMap((product) => {
    const count = counts.get(product.sku) ?? 0;
    return count === 0 ? [] : [{ product, count }];
  });
}

/** Builds what the shopper sees. Only baseline tags make lines; the rest is shown as foreign or unknown, never billed. */
export function makeBasket(
  baseline: BaselineInventory,
  evidence: Evidence,
  reported: readonly string[],
  revision: number,
): VisitBasket {
  const lines: BasketLine[] = countBySku(baseline, evidence.taken).map(({ product, count }) => ({
    sku: product.sku,
    name: product.name,
    picture: product.picture,
    unitPriceMinor: product.priceMinor,
    count,
    amountMinor: timesMinor(product.priceMinor, count),
    confidence: 'certain',
    reported: reported.includes(product.sku),
  }));
  const unknown = new Set(baseline.tags.filter((t) => t.sku === null).map((t) => t.epc));
  return {
    revision,
    lines,
    itemCount: lines.reduce((n, l) => n + l.count, 0),
    totalMinor: totalOf(lines),
    foreign: [...evidence.foreign],
    unknownTakenCount: evidence.taken.filter((epc) => unknown.has(epc)).length,
  };
}

function totalOf(lines: readonly { amountMinor: Minor }[]): Minor {
  return sumMinor(lines.map((l) => l.amountMinor));
}

export interface FinalReading {
  /** Of the baseline: gone for certain. */
  absent: readonly string[];
  /** Of the baseline: the final reading could not tell. */
  unsure: readonly string[];
}

export interface BillInput {
  baseline: BaselineInventory;
  /** Null when the reader gave no final reading: then what was last shown stands in for it, and a human looks. */
  final: FinalReading | null;
  /** Tags of the basket that was on screen last. */
  shown: readonly string[];
  /** Tags of the basket that the shopper confirmed and that still stood when the door closed. */
  confirmed: readonly string[] | null;
  /** SKUs on which the shopper said that something is wrong. */
  reported: readonly string[];
  /** Tags that left after the door had been left open and the staff told. */
  afterAbandoned: readonly string[];
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
  const baseline = new Set(input.baseline.tags.map((t) => t.epc));
  const skuOf = new Map(input.baseline.tags.map((t) => [t.epc, t.sku]));
  const shown = new Set(input.shown);
  const confirmed = input.confirmed === null ? null : new Set(input.confirmed);
  const abandoned = new Set(input.afterAbandoned);
  const review = new Set<ReasonCode>();
  const billed: string[] = [];
  const held: string[] = [];
  const hold = (epc: string, reason: ReasonCode): void => {
    held.push(epc);
    review.add(reason);
  };
  if (input.final === null) review.add('recognition.reader_lost');
  const gone = input.final === null ? (confirmed ?? shown) : new Set(input.final.absent);
  for (const epc of gone) {
    if (!baseline.has(epc)) continue;
    if (input.reported.includes(skuOf.get(epc) ?? '')) hold(epc, 'recognition.line_reported');
    else if (abandoned.has(epc)) hold(epc, 'recognition.door_left_open');
    else if (confirmed !== null && !confirmed.has(epc)) hold(epc, 'recognition.differs_from_confirmed');
    else billed.push(epc);
  }
  for (const epc of input.final?.unsure ?? []) {
    if (baseline.has(epc) && shown.has(epc)) hold(epc, 'recognition.differs_from_confirmed');
  }
  const lines = toLines(input.baseline, billed);
  return { lines, heldLines: toLines(input.baseline, held), totalMinor: totalOf(lines), review: [...review] };
}

/** Lines for the tags that belong to a product of the baseline, in catalogue order. */
export function toLines(baseline: BaselineInventory, epcs: readonly string[]): ChargeLine[] {
  return countBySku(baseline, epcs).map(({ product, count }) => ({
    sku: product.sku,
    name: product.name,
    unitPriceMinor: product.priceMinor,
    count,
    amountMinor: timesMinor(product.priceMinor, count),
  }));
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a);
  return set.size === new Set(b).size && b.every((x) => set.has(x));
}
