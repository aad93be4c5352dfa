import { z } from 'zod';
import { lineCountMax } from './basket.ts';
import { skuSchema } from './catalog.schema.ts';
import { momentSchema } from './moment.schema.ts';
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

/** An article stands in another place than the operator's plan says: somebody of the staff has said so at the screen. */
export const planMoveSchema = z.object({
  sku: skuSchema,
  /** Where it stands; null: the plan has no word for it. */
  slot: planSlotSchema.shape.slot,
  /** The staff number of whoever has said it. */
  by: z.string().max(8),
  /** The operator's time as far as the cabinet knew it. */
  atMs: momentSchema.min(0),
});
export type PlanMove = z.infer<typeof planMoveSchema>;
/** Of one plan: the last of each article. */
export const planMovesSchema = z.array(planMoveSchema).max(lineCountMax);

/** Moves that wait for goods to be accepted, at most: as many are said in one go. */
export const waitingMovesMax = 40;
/** What was said since the goods were accepted last, of the plan with this version; a swap is one step of two moves. */
export const waitingMovesSchema = z.object({
  version: z.number().int().min(1),
  steps: z.array(z.array(planMoveSchema).min(1).max(2)).max(waitingMovesMax),
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

/** As the cabinet keeps the plan that was filled last: the operator's, and what was moved since. */
export const keptPlanSchema = planogramSchema.extend({ moves: planMovesSchema.default([]) });
export type KeptPlan = z.infer<typeof keptPlanSchema>;
