import { z } from 'zod';
import { dayNumberOf } from '../util/calendar-day.ts';
import { currencySchema, minorSchema } from '../money.schema.ts';
import { localTextSchema, skuSchema } from './catalog.schema.ts';
import { paymentMeans } from './member.ts';
import {
  bundleCountMax,
  discountsOfLineMax,
  promotionCabinetsMax,
  promotionSkusMax,
  promotionsMax,
} from './promotion.ts';

const isUnique = (of: readonly unknown[]): boolean => new Set(of).size === of.length;
const day = z
  .string()
  .max(10)
  .refine((text) => dayNumberOf(text) !== null, { message: 'no day' });
const minuteOfDay = z.int().min(0).max(1_439);
const skusSchema = z
  .array(skuSchema)
  .min(1)
  .max(promotionSkusMax)
  .refine(isUnique, { message: 'an article stands twice' });
const aboveZero = minorSchema.refine((amount) => amount > 0, { message: 'nothing off' });

export const promotionIdSchema = z.string().regex(/^[a-z0-9-]{1,24}$/);

/** When it is on, by the calendar and the clock of the order's time zone. */
export const scheduleSchema = z.object({
  /** First and last day (`2026-12-31`) on which it begins; null: no first, no last. */
  firstDay: day.nullable(),
  lastDay: day.nullable(),
  /** On which days of the week it begins: 1 Monday to 7 Sunday. */
  weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).refine(isUnique, { message: 'a day stands twice' }),
  /** Minutes of the day. `toMinute` is the first that is out; not after `fromMinute`: over midnight, or a whole day. */
  fromMinute: minuteOfDay,
  toMinute: minuteOfDay,
});
export type Schedule = z.infer<typeof scheduleSchema>;

export const promotionRuleSchema = z.discriminatedUnion('kind', [
  /** All is counted, and nothing is charged. */
  z.object({ kind: z.literal('free') }),
  /** Of each two of one article the second costs half. */
  z.object({ kind: z.literal('second_half'), skus: skusSchema }),
  /** So much off each piece. */
  z.object({ kind: z.literal('amount_off'), skus: skusSchema, offMinor: aboveZero }),
  /** Each piece costs this for members who pay so; empty: for every member. */
  z.object({
    kind: z.literal('member_price'),
    skus: skusSchema,
    priceMinor: minorSchema,
    means: z.array(z.enum(paymentMeans)).max(paymentMeans.length),
  }),
  /** So many pieces of these articles, whichever, for this price. */
  z.object({
    kind: z.literal('bundle'),
    skus: skusSchema,
    count: z.int().min(2).max(bundleCountMax),
    priceMinor: minorSchema,
  }),
  /** So much off all, where all of it costs `fromMinor` or more in the catalogue. */
  z.object({ kind: z.literal('basket_off'), offMinor: aboveZero, fromMinor: minorSchema }),
]);
export type PromotionRule = z.infer<typeof promotionRuleSchema>;

export const promotionSchema = z.object({
  id: promotionIdSchema,
  name: localTextSchema,
  schedule: scheduleSchema,
  /** The cabinets that have it; empty: all. */
  cabinets: z.array(z.string().min(1).max(32)).max(promotionCabinetsMax),
  rule: promotionRuleSchema,
});
export type Promotion = z.infer<typeof promotionSchema>;
export const promotionsSchema = z.array(promotionSchema).max(promotionsMax);

export const timeZoneSchema = z.string().regex(/^[A-Za-z0-9_+/-]{1,64}$/);

/**
 * Answer to `GET /v1/promotions`: all that is drawn up for one cabinet. A cabinet takes it only when a present key of its operator
 * has signed the answer, when it is of this cabinet and no older than the one it keeps.
 */
export const promotionOrderSchema = z.object({
  version: z.int().min(1),
  issuedAtMs: z.int().min(0),
  expiresAtMs: z.int().min(0),
  cabinetId: z.string().max(64),
  currency: currencySchema,
  timeZone: timeZoneSchema,
  promotions: promotionsSchema,
});
export type PromotionOrder = z.infer<typeof promotionOrderSchema>;

/** What is on in one visit: frozen with its baseline, whatever is ordered meanwhile. */
export const frozenPromotionsSchema = z.object({
  /** Of the order. */
  version: z.int().min(1),
  rules: z
    .array(z.object({ id: promotionIdSchema, name: localTextSchema, rule: promotionRuleSchema }))
    .max(promotionsMax),
});
export type FrozenPromotions = z.infer<typeof frozenPromotionsSchema>;
export type FrozenRule = FrozenPromotions['rules'][number];

/** What one promotion takes off one line. */
export const discountSchema = z.object({
  id: promotionIdSchema,
  name: localTextSchema,
  amountMinor: aboveZero,
});
export type Discount = z.infer<typeof discountSchema>;
export const discountsSchema = z.array(discountSchema).min(1).max(discountsOfLineMax);
