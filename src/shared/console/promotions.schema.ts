import { z } from 'zod';
import { localTextSchema, skuSchema, writtenTextSchema } from '../model/catalog.schema.ts';
import { paymentMeans } from '../model/member.ts';
import { pieceCountMax } from '../model/basket.ts';
import { promotionProblems } from '../model/promotion.ts';
import { discountSchema, promotionSchema, promotionsSchema } from '../model/promotion.schema.ts';
import { currencySchema } from '../money.schema.ts';

/** All promotions anew: what is left out ends. Undone by doing it with those of an older version. */
export const putPromotionsSchema = z.object({
  kind: z.literal('put_promotions'),
  promotions: promotionsSchema,
});

/** Versions that are listed, the newest first. */
export const promotionVersionsShown = 30;

export const promotionListSchema = z.object({
  /** The first counts; none: nothing was ever drawn up. */
  versions: z
    .array(
      z.object({
        version: z.number(),
        madeBy: z.string(),
        madeAtMs: z.number(),
        promotions: z.array(promotionSchema).readonly(),
        /** So many cabinets say that these are in force there. */
        cabinets: z.number(),
      }),
    )
    .readonly(),
  /** Enrolled. */
  cabinets: z.number(),
  currency: currencySchema,
  timeZone: z.string(),
  goods: z.array(z.object({ sku: skuSchema, name: localTextSchema, priceMinor: z.number() })).readonly(),
});
export type PromotionList = z.infer<typeof promotionListSchema>;

/** As somebody draws them up: what shoppers and who has to agree read. */
export const drawnPromotionsSchema = promotionsSchema.refine(
  (all) => all.every(({ name }) => writtenTextSchema.safeParse(name).success),
  'a name with signs that nobody sees',
);

/** What a shopper would pay. */
export const tryPromotionsRequestSchema = z.object({
  promotions: drawnPromotionsSchema,
  goods: z.array(z.object({ sku: skuSchema, count: z.int().min(1).max(pieceCountMax) })).max(50),
  /** Wall time, ms; null: now. */
  atMs: z.int().min(0).nullable(),
  means: z.enum(paymentMeans).nullable(),
});
export type TryPromotions = z.infer<typeof tryPromotionsRequestSchema>;
export const triedPromotionsSchema = z.object({
  problems: z
    .array(z.object({ id: z.string(), problem: z.enum(promotionProblems), about: z.string() }))
    .readonly(),
  /** Those that are on then, by id. */
  on: z.array(z.string()).readonly(),
  lines: z
    .array(
      z.object({
        sku: skuSchema,
        name: localTextSchema,
        count: z.number(),
        grossMinor: z.number(),
        amountMinor: z.number(),
        discounts: z.array(discountSchema).readonly(),
      }),
    )
    .readonly(),
  grossMinor: z.number(),
  totalMinor: z.number(),
});
export type TriedPromotions = z.infer<typeof triedPromotionsSchema>;
