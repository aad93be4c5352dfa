import { z } from 'zod';
import { chargeIdSchema, disputeIdSchema } from '../ids.schema.ts';
import { lineCountMax } from '../model/basket.ts';
import { localTextSchema, skuSchema } from '../model/catalog.schema.ts';
import { actsWhens } from '../model/charge.ts';
import { chargeLineSchema, reasonCodeSchema } from '../model/charge.schema.ts';
import { paymentMeans } from '../model/member.ts';
import { refundSchema } from '../model/purchase.schema.ts';
import { shownResolutionSchema } from '../model/resolution.schema.ts';
import type { ToldMoney } from '../model/told-money.ts';
import { reportFates, toldStatuses } from '../model/told-money.ts';
import { currencySchema, minorSchema } from '../money.schema.ts';
import { reportTextMaxLength } from './calls.ts';

/** What is said of its money, as the cabinet's own screen says it (told-money.ts). */
const toldMoneySchema: z.ZodType<ToldMoney> = z.object({
  status: z.enum(toldStatuses),
  reason: reasonCodeSchema.nullable(),
  amountMinor: minorSchema,
  beside: z.enum(['billed', 'toBill']).nullable(),
  report: z.enum(reportFates).nullable(),
  isReportOpen: z.boolean(),
  mayBeCharged: z.boolean(),
  held: z.enum(['held', 'counted', 'part', 'dropped']).nullable(),
  heldMinor: minorSchema,
  resolved: shownResolutionSchema.nullable(),
  mayPay: z.boolean(),
  when: z.enum(actsWhens).nullable(),
});

export const phonePurchaseSchema = z.object({
  chargeId: chargeIdSchema,
  /** Short reference that people read out (8 characters). */
  ref: z.string(),
  cabinetId: z.string(),
  /** Null: nobody has said where it stands. */
  place: localTextSchema.nullable(),
  /** When the door was shut, by that cabinet's clock. */
  atMs: z.number(),
  currency: currencySchema,
  lines: z.array(chargeLineSchema),
  /** Seen to leave, and not billed before somebody has looked. */
  heldLines: z.array(chargeLineSchema),
  /** Sum of the lines. */
  totalMinor: minorSchema,
  told: toldMoneySchema,
  /** When the account is asked again by itself; null: not known, or not at all. */
  nextTryAtMs: z.number().nullable(),
  /** Where it can be paid now; null: nowhere but in the app of `means`, or not at all. */
  payUrl: z.string().nullable(),
  /** By what it is to be paid, where the member owes it. */
  means: z.enum(paymentMeans).optional(),
  /** What of it goes back, or has. */
  refund: refundSchema.optional(),
  /** Lines that were reported. */
  disputed: z.array(skuSchema),
  mayReport: z.boolean(),
  /** Pictures that the report may still be given. */
  photosLeft: z.number().int().min(0),
});
export type PhonePurchase = z.infer<typeof phonePurchaseSchema>;

/** Those that are not paid, and the newest; newest first. */
export const phonePurchasesSchema = z.object({ purchases: z.array(phonePurchaseSchema), nowMs: z.number() });

export const reportRequestSchema = z.object({
  /** Made by the page (`makeDisputeId`): the same again is the same report. */
  disputeId: disputeIdSchema,
  skus: z.array(skuSchema).min(1).max(lineCountMax),
  /** What is wrong with them, for whoever looks; may be empty. */
  text: z.string().trim().max(reportTextMaxLength).default(''),
});
export const addedPhotoSchema = z.object({ photosLeft: z.number().int().min(0) });
