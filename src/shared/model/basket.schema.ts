import { lineCountMax, pieceCountMax } from './basket.ts';
import { localTextSchema, skuSchema } from './catalog.schema.ts';
import { minorSchema } from '../money.schema.ts';
import { z } from 'zod';

export const basketLineSchema = z.object({
  sku: skuSchema,
  name: localTextSchema,
  picture: z.string(),
  unitPriceMinor: minorSchema,
  count: z.number().int().min(1).max(pieceCountMax),
  /** unitPriceMinor × count; checked, never computed elsewhere. */
  amountMinor: minorSchema,
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
  /** In the cabinet now, not there when it was unlocked (put in): shown, never billed. `key`: tells them apart. */
  foreign: z.array(z.object({ key: z.string(), name: localTextSchema.nullable() })).max(200),
  /** Goods that left but are in no catalogue: shown as unknown, never billed. */
  unknownTakenCount: z.number().int().min(0),
});
export type Basket = z.infer<typeof basketSchema>;
