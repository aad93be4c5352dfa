import { chargeIdSchema } from '../ids.schema.ts';
import { lineCountMax } from './basket.ts';
import { actsWhens } from './charge.ts';
import { localTextSchema, skuSchema } from './catalog.schema.ts';
import {
  chargeLineSchema,
  chargeStateSchema,
  reasonCodeSchema,
  receiptStatusSchema,
  shownLineSchema,
} from './charge.schema.ts';
import { resolutionSchema, shownResolutionSchema } from './resolution.schema.ts';
import { paymentMeans } from './member.ts';
import { purchaseListStates } from './purchase.ts';
import { toldStatuses } from './told-money.ts';
import { currencySchema, minorSchema } from '../money.schema.ts';
import { z } from 'zod';

/** What of a purchase goes back to whoever paid: under way since `atMs`, or done then (wall time of the operator, ms). */
export const refundSchema = z.object({
  stage: z.enum(['under_way', 'done']),
  amountMinor: minorSchema,
  atMs: z.number().int(),
  /** Who acts next on what is under way: the operator by itself, or its people; left out: nobody has told. */
  by: z.enum(['system', 'support']).optional(),
});
export type Refund = z.infer<typeof refundSchema>;

/** A charge as "my purchases" knows it: by the operator, or by the cabinet that made it. */
export const purchaseSchema = z.object({
  chargeId: chargeIdSchema,
  cabinetId: z.string().min(1).max(32),
  /** When the door was shut, by that cabinet's clock. */
  atMs: z.number().int(),
  currency: currencySchema,
  lines: z.array(chargeLineSchema).max(lineCountMax),
  heldLines: z.array(chargeLineSchema).max(lineCountMax),
  /** Sum of the lines, as the shopper was told. */
  totalMinor: minorSchema,
  /** What was debited, or is to be: never more than the total. */
  billedMinor: minorSchema,
  state: chargeStateSchema,
  reason: reasonCodeSchema.nullable(),
  /** When the debit is tried again by itself; null: not known, or not at all. */
  nextTryAtMs: z.number().int().nullable(),
  /** Lines that the shopper has reported. */
  disputed: z.array(skuSchema).max(lineCountMax),
  /** Lines of a report that the operator does not take, as this cabinet alone knows; left out: none. */
  refused: z.array(skuSchema).max(lineCountMax).optional(),
  /** Where it can be paid now, for the phone, as a QR; null: nowhere. */
  payUrl: z.string().min(1).max(512).nullable(),
  /** By what it is to be paid, where the member owes it; left out: it is not owed, or nobody has told. */
  means: z.enum(paymentMeans).optional().catch(undefined),
  /** How it was put right after it had waited for a human; null: it was not. */
  resolved: resolutionSchema.nullable(),
  /** Staff has something of it to look at still, such as a report; left out: nobody has told. */
  inReview: z.boolean().optional(),
  /** What of it goes back, or has; left out: nothing that anybody has told. */
  refund: refundSchema.optional(),
});
export type Purchase = z.infer<typeof purchaseSchema>;

export const purchaseListSchema = z.enum(purchaseListStates);

const shownSchema = purchaseSchema.pick({
  chargeId: true,
  atMs: true,
  currency: true,
  billedMinor: true,
});

/** One row of the list. */
export const purchaseRowSchema = shownSchema.extend({
  status: z.enum(toldStatuses),
  /** Why it is not done; null: it is, or nothing that agrees with the status is known. */
  reason: reasonCodeSchema.nullable().default(null),
  /** When the next thing happens, and with that who acts; null: nothing is to come. */
  when: z.enum(actsWhens).nullable().default(null),
  /** It was reported, and nobody has looked at it yet. */
  disputed: z.boolean(),
  /** It was reported, and the operator does not take the report. */
  isReportRefused: z.boolean().default(false),
  /** A report about it was begun here, and not sent. */
  hasDraft: z.boolean().default(false),
  /** What of it goes back, or has; left out: nothing that anybody has told. */
  refund: refundSchema.optional(),
  itemCount: z.number().int(),
  /** Of the first goods. */
  names: z.array(localTextSchema),
  picture: z.string(),
});
export type PurchaseRow = z.infer<typeof purchaseRowSchema>;

export const purchaseDetailSchema = shownSchema.extend({
  /** Short reference that people read out (8 characters). */
  ref: z.string(),
  cabinetId: z.string(),
  /** Bought at this cabinet. */
  here: z.boolean(),
  lines: z.array(shownLineSchema),
  heldLines: z.array(shownLineSchema),
  totalMinor: minorSchema,
  status: receiptStatusSchema,
  reason: reasonCodeSchema.nullable(),
  nextTryAtMs: z.number().int().nullable(),
  disputed: z.array(skuSchema),
  /** Lines of a report that the operator does not take; left out: none. */
  refused: z.array(skuSchema).optional(),
  /** Lines that are marked in a report that was begun here, and not sent. */
  draft: z.array(skuSchema).default([]),
  /** How it was put right, by whom and when; null: it did not have to be, or it waits (again). */
  resolved: shownResolutionSchema.nullable(),
  /** Staff has something of it to look at still, such as a report; left out: nobody has told. */
  inReview: z.boolean().optional(),
  /** What of it goes back, or has; left out: nothing that anybody has told. */
  refund: refundSchema.optional(),
  mayDispute: z.boolean(),
  mayPay: z.boolean(),
  /** By what it is to be paid; left out: it is not owed, or nobody has told. */
  means: z.enum(paymentMeans).optional(),
  /** The operator was asked since, and has not answered. */
  isOld: z.boolean().default(false),
});
export type PurchaseDetail = z.infer<typeof purchaseDetailSchema>;

/** "My purchases", within "my data". */
export const purchasesViewSchema = z.discriminatedUnion('phase', [
  /** Newest first. `isOld`: the operator's list from an answer before; without an answer now. */
  z.object({
    phase: z.literal('purchases'),
    list: purchaseListSchema,
    isOld: z.boolean().default(false),
    rows: z.array(purchaseRowSchema),
  }),
  z.object({ phase: z.literal('purchase'), purchase: purchaseDetailSchema }),
  /** The QR to pay it with; asked about again and again until it is paid. */
  z.object({ phase: z.literal('pay'), purchase: purchaseDetailSchema, payUrl: z.string() }),
]);
export type PurchasesView = z.infer<typeof purchasesViewSchema>;

export const purchaseActionSchema = z.discriminatedUnion('do', [
  /** Opens the list; sent from the list, it asks the operator again. */
  z.object({ do: z.literal('purchases') }).strict(),
  /** Opens one purchase; sent while it is open, it keeps the screen from timing out. */
  z.object({ do: z.literal('purchase'), chargeId: z.string().max(40) }).strict(),
  z.object({ do: z.literal('pay') }).strict(),
]);
export type PurchaseAction = z.infer<typeof purchaseActionSchema>;
