import { z } from 'zod';
import { currencySchema } from '../../shared/money.schema.ts';
import { lineCountMax, pieceCountMax } from '../../shared/model/basket.ts';
import { type Catalog, productSchema, skuSchema } from '../../shared/model/catalog.schema.ts';
import { frozenPromotionsSchema } from '../../shared/model/promotion.schema.ts';

/** One line for each article of a catalogue, and one for what no catalogue knows. */
const inventoryLineCountMax = lineCountMax + 1;

/** What a line was seen by. */
export const sourceSchema = z.enum(['tags', 'weight', 'image', 'barcode']);

/** So many of an article. */
export const inventoryLineSchema = z.object({
  /** Null: goods that no catalogue knows. */
  sku: skuSchema.nullable(),
  quantity: z.number().int().min(1).max(pieceCountMax),
  /** Chance that each of them is counted rightly, 0 to 1. */
  confidence: z.number().min(0).max(1),
  sources: z.array(sourceSchema).min(1).max(4),
  /** Of them, as many are past their day, by the tags that are named; absent: no tag says which pieces these are. */
  expired: z.number().int().min(0).max(pieceCountMax).optional(),
});
export type InventoryLine = z.infer<typeof inventoryLineSchema>;
export const inventoryLinesSchema = z.array(inventoryLineSchema).max(inventoryLineCountMax);

/**
 * What was in the cabinet when it was unlocked, with the names and prices of that moment: the baseline of the visit.
 * Only what is in here can be billed to this shopper. It is journaled with the visit, and pins the version of the
 * catalogue.
 */
export const baselineInventorySchema = z.object({
  catalogVersion: z.string(),
  /** Of all its prices, and so of every amount of the visit, whatever the catalogue says meanwhile. */
  currency: currencySchema,
  products: z.array(productSchema).max(lineCountMax),
  lines: inventoryLinesSchema,
  /** Pieces of it that are past their best-before day: held when they are taken. Absent: none that is known. */
  expired: z
    .array(z.object({ sku: skuSchema, quantity: z.number().int().min(1).max(pieceCountMax) }))
    .max(lineCountMax)
    .optional(),
  /** What is on in this visit, whatever begins, ends or is changed in the course of it. Absent: nothing is. */
  promotions: frozenPromotionsSchema.optional(),
});
export type BaselineInventory = z.infer<typeof baselineInventorySchema>;

/** What differs from the baseline now. */
export interface Estimate {
  /** Of the baseline: not in the cabinet any more. What was added can never be in here. */
  readonly taken: readonly InventoryLine[];
  /** In the cabinet now, not of the baseline. */
  readonly added: readonly InventoryLine[];
  /** Of what is taken: left while nobody watched (docs/decisions/0100-a-break-before-the-door-opens.md). Absent: none. */
  readonly unwatched?: readonly InventoryLine[];
}

/** What is missing after the door has closed. */
export interface FinalEstimate {
  /** Of the baseline: absent for certain. */
  readonly absent: readonly InventoryLine[];
  /** Of the baseline: last shown as taken, not heard again, and the final reading is short of certainty. */
  readonly unsure: readonly InventoryLine[];
  /**
   * Of the baseline, for a human: never shown as taken, not heard again, and the final reading could not tell; or heard
   * once, as a tag in a hand beside the door is, and silent otherwise. Absent: none.
   */
  readonly unseen?: readonly InventoryLine[];
  /** Of what is absent: left while nobody watched. Absent: none. */
  readonly unwatched?: readonly InventoryLine[];
}

/** Freezes these lines, with the catalogue as it is now. */
export function makeBaseline(lines: readonly InventoryLine[], catalog: Catalog): BaselineInventory {
  const needed = new Set(lines.map((line) => line.sku));
  const products = catalog.products.filter((product) => needed.has(product.sku));
  return { catalogVersion: catalog.version, currency: catalog.currency, products, lines: [...lines] };
}

/** With what of it is past its day; never more than there is. */
export function withExpired(
  baseline: BaselineInventory,
  expired: ReadonlyMap<string, number>,
): BaselineInventory {
  const within = [...expired].flatMap(([sku, count]) => {
    const quantity = Math.min(count, quantityOf(baseline.lines, sku));
    return quantity > 0 ? [{ sku, quantity }] : [];
  });
  if (within.length === 0) return baseline;
  const others = (baseline.expired ?? []).filter(({ sku }) => !expired.has(sku));
  return { ...baseline, expired: [...others, ...within] };
}

/** How many of an article of the baseline are past their day. */
export function expiredIn({ expired = [] }: BaselineInventory, sku: string | null): number {
  return expired.find((one) => one.sku === sku)?.quantity ?? 0;
}

/**
 * Of so many pieces of an article that these lines name, those that are past their day: by their tags where these say which
 * pieces have left, and otherwise the oldest first.
 */
export function expiredAmong(
  baseline: BaselineInventory,
  lines: readonly InventoryLine[],
  { sku, count }: { readonly sku: string | null; readonly count: number },
): number {
  const own = lines.filter((line) => line.sku === sku);
  const byTag = own.reduce((sum, { expired = Number.POSITIVE_INFINITY }) => sum + expired, 0);
  return Math.min(own.length === 0 ? count : byTag, expiredIn(baseline, sku), count);
}

/** How many of an article there are in these lines. */
export function quantityOf(lines: readonly InventoryLine[], sku: string | null): number {
  return lines.reduce((sum, line) => (line.sku === sku ? sum + line.quantity : sum), 0);
}

/** The same line of so many, of which so many are past their day; undefined: no tag says. */
function lineWith(line: InventoryLine, quantity: number, expired: number | undefined): InventoryLine {
  const { sku, confidence, sources } = line;
  return { sku, quantity, confidence, sources, ...(expired !== undefined && { expired }) };
}

/** What `a` has more than `b`, of each article. */
export function moreThan(a: readonly InventoryLine[], b: readonly InventoryLine[]): InventoryLine[] {
  return a.flatMap((line) => {
    const quantity = line.quantity - quantityOf(b, line.sku);
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
}

/** The quantities of both together, of each article. */
export function sumOf(a: readonly InventoryLine[], b: readonly InventoryLine[]): InventoryLine[] {
  return [
    ...a.map((line) => {
      const all = [line, ...b.filter(({ sku }) => sku === line.sku)].map(({ expired }) => expired);
      const expired = all.includes(undefined) ? undefined : all.reduce<number>((sum, n = 0) => sum + n, 0);
      return lineWith(line, line.quantity + quantityOf(b, line.sku), expired);
    }),
    ...b.filter((line) => quantityOf(a, line.sku) === 0),
  ];
}

/** The larger quantity of both, of each article. */
export function mostOf(a: readonly InventoryLine[], b: readonly InventoryLine[]): InventoryLine[] {
  return [
    ...a.map((line) => {
      const quantity = quantityOf(b, line.sku);
      if (quantity <= line.quantity) return line;
      return lineWith(line, quantity, b.find(({ sku }) => sku === line.sku)?.expired);
    }),
    ...b.filter((line) => quantityOf(a, line.sku) === 0),
  ];
}

/** The smaller quantity of both, of each article. */
export function leastOf(a: readonly InventoryLine[], b: readonly InventoryLine[]): InventoryLine[] {
  return a.flatMap((line) => {
    const quantity = Math.min(line.quantity, quantityOf(b, line.sku));
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
}

/** True when both say the same of each article; the order of the lines and how sure they are does not matter. */
export function sameQuantities(a: readonly InventoryLine[], b: readonly InventoryLine[]): boolean {
  return [...a, ...b].every(({ sku }) => quantityOf(a, sku) === quantityOf(b, sku));
}
