import { z } from 'zod';
import { skuSchema } from './catalog.schema.ts';
import { photoOrderSchemas } from './goods-photo.schema.ts';
import { planSlotSchema } from './planogram.schema.ts';
import { stockLotSchema } from './stock.schema.ts';

/** What a restocker says of goods at the cabinet's screen. */
export const goodsOrderSchema = z.discriminatedUnion('act', [
  /** So many were put in that are good until that day. */
  z.object({ act: z.literal('addLot'), lot: stockLotSchema }).strict(),
  /** So many of that day were taken out. */
  z.object({ act: z.literal('removeLot'), lot: stockLotSchema }).strict(),
  /** Opens the door, and leads through it. */
  z.object({ act: z.literal('beginRestock') }).strict(),
  /** This step is done. The last one accepts what was counted. */
  z.object({ act: z.literal('nextRestock') }).strict(),
  z.object({ act: z.literal('breakOffRestock') }).strict(),
  /** This article stands there now; `swapWith`: the one that stood there stands where it was. Counts with the next accepted count. */
  z
    .object({
      act: z.literal('moveProduct'),
      sku: skuSchema,
      slot: planSlotSchema.shape.slot.unwrap(),
      swapWith: skuSchema.nullable(),
    })
    .strict(),
  /** What was moved last, and does not count yet, is where it was. */
  z.object({ act: z.literal('undoMove') }).strict(),
  /** Where counts have differed, as a table onto a USB stick. */
  z.object({ act: z.literal('saveDifferences') }).strict(),
  ...photoOrderSchemas,
]);
export type GoodsOrder = z.infer<typeof goodsOrderSchema>;
