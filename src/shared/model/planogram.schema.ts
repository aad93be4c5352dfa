import { z } from 'zod';
import { lineCountMax } from './basket.ts';
import { skuSchema } from './catalog.schema.ts';
import { laneSchema } from './scale.ts';

/** Pieces of one article in one cabinet at most. */
export const targetMax = 500;

/** So many of an article are to stand there after a restock. */
export const planSlotSchema = z.object({
  sku: skuSchema,
  target: z.number().int().min(0).max(targetMax),
  /** The scale it stands on; null: none, or wherever its scale is. */
  lane: laneSchema.nullable(),
  /** Words for whoever fills it: `2-3`. */
  slot: z.string().trim().min(1).max(12).nullable(),
});
export type PlanSlot = z.infer<typeof planSlotSchema>;

export const planSlotsSchema = z
  .array(planSlotSchema)
  .max(lineCountMax)
  .refine((slots) => new Set(slots.map(({ sku }) => sku)).size === slots.length, {
    message: 'an article stands in it twice',
  });

/**
 * Answer to `GET /v1/planogram`: what is to stand in this one cabinet after its next restock. A cabinet takes it only when a
 * present key of its operator has signed the answer, when it is of this cabinet and no older than the one it keeps.
 */
export const planogramSchema = z.object({
  version: z.number().int().min(1),
  issuedAtMs: z.number().int().min(0),
  expiresAtMs: z.number().int().min(0),
  cabinetId: z.string().max(64),
  slots: planSlotsSchema,
});
export type Planogram = z.infer<typeof planogramSchema>;
