import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { visitIdSchema } from '../ids.schema.ts';
import { localTextSchema, skuSchema } from '../model/catalog.schema.ts';
import { memberIdSchema } from '../model/member.schema.ts';
import { currencySchema } from '../money.schema.ts';
import { cursorSchema, limitSchema, phoneDigitsSchema, storyEntrySchema, timeSchema } from './work.schema.ts';

/** Visits of which no charge has come. */
export const visitsParamsSchema = z.object({
  /** When somebody was let in, both ends within; left out: as long as visits are kept. */
  fromMs: timeSchema.optional(),
  toMs: timeSchema.optional(),
  cabinetId: cabinetIdSchema.optional(),
  memberId: memberIdSchema.optional(),
  phone: phoneDigitsSchema.optional(),
  visitId: visitIdSchema.optional(),
  after: cursorSchema.optional(),
  limit: limitSchema,
});
export type VisitsParams = z.output<typeof visitsParamsSchema>;

export const unchargedVisitSchema = z.object({
  visitId: z.string(),
  cabinetId: z.string(),
  memberId: z.string(),
  display: z.string(),
  phoneLastDigits: z.string().nullable(),
  atMs: z.number(),
  entryMethod: z.enum(['code', 'face']),
  /** The number that its charge will have. */
  chargeId: z.string(),
  /** How it has ended, as its cabinet has said; null: nothing was heard. */
  ended: z.string().nullable(),
  saidMinor: z.number().nullable(),
  saidHeldMinor: z.number().nullable(),
  /** People were told that nothing was heard of it. */
  listed: z.boolean(),
  /** Until then its own charge may come by itself, and none is made by hand; null: one may be made now. */
  waitsUntilMs: z.number().nullable(),
});
export type UnchargedVisit = z.infer<typeof unchargedVisitSchema>;

/** Newest first. */
export const visitsPageSchema = z.object({
  items: z.array(unchargedVisitSchema).readonly(),
  next: z.string().nullable(),
});
export type VisitsPage = z.infer<typeof visitsPageSchema>;

export const ofVisitSchema = z.object({ cabinetId: cabinetIdSchema, visitId: visitIdSchema });
/** What has happened in it, the oldest first. */
export const visitStorySchema = z.object({ entries: z.array(storyEntrySchema).readonly() });
/** What was sold when the visit began: what may be charged by hand. */
export const visitGoodsSchema = z.object({
  currency: currencySchema,
  /** The most that the visit allowed. */
  mostMinor: z.number(),
  goods: z.array(z.object({ sku: skuSchema, name: localTextSchema, priceMinor: z.number() })).readonly(),
});
export type VisitGoods = z.infer<typeof visitGoodsSchema>;
