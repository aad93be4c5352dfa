import { lineCountMax, pieceCountMax } from './basket.ts';
import { localTextSchema, skuSchema } from './catalog.schema.ts';
import { minorSchema } from '../money.schema.ts';
import { discountsSchema } from './promotion.schema.ts';
import { z } from 'zod';

export const basketLineSchema = z.object({
  sku: skuSchema,
  name: localTextSchema,
  picture: z.string(),
  unitPriceMinor: minorSchema,
  count: z.number().int().min(1).max(pieceCountMax),
  /** unitPriceMinor × count, less what promotions take off; checked, never computed elsewhere. */
  amountMinor: minorSchema,
  /** What promotions take off all of it; left out: nothing. */
  discounts: discountsSchema.optional(),
  /** What of it is in the number. Left out in what was saved before. */
  chargedMinor: minorSchema.optional(),
  /**
   * `leaving`: the scale knows of it and no tag yet; in the number. `doubtful`: the evidence does not settle it yet; shown in
   * amber, never billed without the shopper.
   */
  confidence: z.enum(['certain', 'leaving', 'doubtful']),
  /** So many of these are past their best-before day: in no number, and held. Absent: none. */
  expiredCount: z.number().int().min(1).optional(),
  /** The shopper pressed "something is wrong" on this line: kept, and shown to whoever reviews the charge. */
  reported: z.boolean(),
});
export type BasketLine = z.infer<typeof basketLineSchema>;

/** What the shopper is shown and confirms. Any change of content makes a new revision. */
export const basketSchema = z.object({
  revision: z.number().int().min(0),
  lines: z.array(basketLineSchema).max(lineCountMax),
  itemCount: z.number().int().min(0),
  totalMinor: minorSchema,
  /** What promotions take off what is in the number; left out: nothing. */
  savedMinor: minorSchema.optional(),
  /** The promotion that makes all of it cost nothing: counted, and not charged; left out: there is none. */
  free: localTextSchema.optional(),
  /** In the cabinet now, not there when it was unlocked (put in): shown, never billed. `key`: tells them apart. */
  foreign: z.array(z.object({ key: z.string(), name: localTextSchema.nullable() })).max(200),
  /** Goods that left but are in no catalogue: shown as unknown, never billed. */
  unknownTakenCount: z.number().int().min(0),
});
export type Basket = z.infer<typeof basketSchema>;
