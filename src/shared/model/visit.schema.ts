import { deviceTroubleSchema, doorStateSchema } from './device.ts';
import { doorMax, doorNumberSchema } from './lock-spec.ts';
import { basketSchema } from './basket.schema.ts';
import { screenSettingsSchema } from './cabinet-settings.schema.ts';
import { cabinetCodeViewSchema } from './cabinet-code.schema.ts';
import { localTextSchema, productSchema, skuSchema } from './catalog.schema.ts';
import { reasonCodeSchema, receiptStatusSchema, shownLineSchema } from './charge.schema.ts';
import { offlineBlocks } from './charge.ts';
import { accountViewSchema, faceViewSchema } from './face-view.schema.ts';
import { chargeIdSchema } from '../ids.schema.ts';
import { paymentMeans } from './member.ts';
import { promotionSchema } from './promotion.schema.ts';
import { promotionsMax } from './promotion.ts';
import { outOfServiceReasons, scanAnswers, stockMarks, visitPurposes } from './visit.ts';
import { shownResolutionSchema } from './resolution.schema.ts';
import { currencySchema, minorSchema } from '../money.schema.ts';
import { z } from 'zod';

/** A count-down the screen draws as a ring: it started `elapsedMs` ago when the snapshot was made. */
export const countdownSchema = z.object({ durationMs: z.number().int(), elapsedMs: z.number().int() });
export type Countdown = z.infer<typeof countdownSchema>;

export const outOfServiceReasonSchema = z.enum(outOfServiceReasons);

export const receiptSchema = z.object({
  /** Short reference that people read out (8 characters). */
  ref: z.string(),
  chargeId: z.string(),
  status: receiptStatusSchema,
  reason: reasonCodeSchema.nullable(),
  lines: z.array(shownLineSchema),
  heldLines: z.array(shownLineSchema),
  /** Of all its amounts: that of the charge. */
  currency: currencySchema,
  /** Sum of the lines. */
  totalMinor: minorSchema,
  /** What was debited, or is to be; null: the total. */
  billedMinor: minorSchema.nullable().default(null),
  atMs: z.number().int(),
  member: z.string(),
  /** By what they pay; missing: nobody has told. */
  means: z.enum(paymentMeans).optional(),
  /** Billed lines that the shopper has reported here; on record, and on their way to the operator. */
  disputed: z.array(skuSchema),
  /** Lines of a report that the operator does not take; left out: none. */
  refused: z.array(skuSchema).optional(),
  /** How the charge was put right, if it had waited for a human. */
  resolved: shownResolutionSchema.nullable(),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** A report that is being filled in; `isWarned`: nobody has touched it for a while, and it is about to be cleared away. */
export const formSchema = z
  .object({ chargeId: chargeIdSchema, skus: z.array(skuSchema), isWarned: z.boolean() })
  .nullable()
  .default(null);
export type FormView = NonNullable<z.infer<typeof formSchema>>;

export const visitPurposeSchema = z.enum(visitPurposes);

/** `near`: from 80 % of it on; `over`: all of it is charged, and the next visit may have to wait until it is paid. */
const visitLimitSchema = z.object({ level: z.enum(['near', 'over']), maxMinor: minorSchema });

const questionedSchema = z.object({
  sku: skuSchema,
  name: localTextSchema,
  picture: z.string(),
  /** Of one: whoever says that they took it knows what it costs. */
  unitPriceMinor: minorSchema,
});
/** Were `count` of this taken, or of `or`? */
const shownQuestionSchema = questionedSchema.extend({
  count: z.number().int().min(1),
  or: questionedSchema.nullable(),
  countdown: countdownSchema,
});
export type ShownQuestion = z.infer<typeof shownQuestionSchema>;

/**
 * One of several doors. `opening`: the lock board has not answered yet; `open_now`: it says that it is unlocked; `stuck`: it says
 * that it is not, or nothing; `out_of_service`: since before the visit. `mayOpen`: it may be opened now.
 */
const shownDoorSchema = z.object({
  door: doorNumberSchema,
  state: z.enum([...doorStateSchema.options, 'opening', 'open_now', 'stuck', 'out_of_service']),
  mayOpen: z.boolean(),
});
export type ShownDoor = z.infer<typeof shownDoorSchema>;

/** One view per screen; the renderer switches over `screen` exhaustively. */
export const visitViewSchema = z.discriminatedUnion('screen', [
  z.object({ screen: z.literal('attract') }),
  z.object({
    screen: z.literal('identifying'),
    purpose: visitPurposeSchema,
    /** The cabinet's own QR, the other way in beside the scanner. */
    cabinetCode: cabinetCodeViewSchema,
    countdown: countdownSchema,
  }),
  z.object({
    screen: z.literal('face'),
    purpose: visitPurposeSchema,
    face: faceViewSchema,
    countdown: countdownSchema,
  }),
  z.object({
    screen: z.literal('account'),
    /** `face`: without a network; what needs the operator is not offered, and nobody has told a name. */
    by: z.enum(['code', 'face']),
    member: z.string(),
    account: accountViewSchema,
    form: formSchema,
    countdown: countdownSchema,
  }),
  z.object({ screen: z.literal('authorising'), purpose: visitPurposeSchema, countdown: countdownSchema }),
  z.object({
    screen: z.literal('refused'),
    purpose: visitPurposeSchema,
    reason: reasonCodeSchema,
    countdown: countdownSchema,
  }),
  /** Allowed: which of the doors, counted from 1. */
  z.object({
    screen: z.literal('choosing_door'),
    doorCount: z.number().int().min(2).max(doorMax),
    /** Out of service by themselves: the others can be opened. */
    stuckDoors: z.array(doorNumberSchema).max(doorMax).default([]),
    member: z.string(),
    countdown: countdownSchema,
  }),
  /**
   * `phase`: `preparing`: allowed, the shelf is read; `opening`: the lock board has not answered yet; `open_now`: it says
   * that it has unlocked; `stuck`: it says that it has not, or nothing.
   */
  z.object({
    screen: z.literal('unlocking'),
    phase: z.enum(['preparing', 'opening', 'open_now', 'stuck']),
    /** 「拉不开？」 is offered. */
    mayUnlockAgain: z.boolean(),
    /** Which of several is being opened; null: there is one. */
    door: doorNumberSchema.nullable().default(null),
    doors: z.array(shownDoorSchema).max(doorMax).default([]),
    /** Another one was open before: whether it is pulled or not, a bill follows. */
    settles: z.boolean().default(false),
    member: z.string(),
    countdown: countdownSchema,
  }),
  z.object({
    screen: z.literal('shopping'),
    /** Of all amounts of the visit, whatever the catalogue says meanwhile; so for `checking`, too. */
    currency: currencySchema,
    basket: basketSchema,
    confirmed: z.boolean(),
    member: z.string(),
    /** `unknown`: the lock cannot say. */
    door: z.enum(['open', 'unknown']).default('open'),
    /** Each of several; empty: there is one. */
    doors: z.array(shownDoorSchema).max(doorMax).default([]),
    /** 0: fine; 1: calm words; 2: sound; 3: the staff has been told. */
    ajarLevel: z.number().int().min(0).max(3),
    /** The tag reader is not answering: what is shown may be old, and says so. */
    readerTrouble: z.boolean(),
    /** How the total stands to what this visit may cost; null: well below it, or nobody has said. */
    limit: visitLimitSchema.nullable().default(null),
  }),
  /** `basket`: what will be billed as things stand; what differs from the confirmed list stands beside it, never in it. */
  z.object({
    screen: z.literal('checking'),
    currency: currencySchema,
    basket: basketSchema,
    confirmed: z.boolean(),
    /** Gone, but not billed before somebody has looked. */
    heldLines: z.array(shownLineSchema),
    /** Confirmed, but still in the cabinet: not billed. */
    backLines: z.array(shownLineSchema),
    /** What the shopper is asked: whether these were taken; null: nothing. */
    question: shownQuestionSchema.nullable().default(null),
  }),
  z.object({
    screen: z.literal('receipt'),
    receipt: receiptSchema,
    form: formSchema,
    countdown: countdownSchema,
  }),
  /** Nothing was taken, or the door was never opened: nothing charged. */
  z.object({
    screen: z.literal('nothing_charged'),
    why: z.enum(['not_opened', 'nothing_taken', 'unlock_failed', 'cancelled']),
    countdown: countdownSchema,
  }),
  /** `hasVisit`: the program was ended in the course of one; without one it has just started. */
  z.object({ screen: z.literal('recovering'), hasVisit: z.boolean().default(true) }),
  z.object({
    screen: z.literal('out_of_service'),
    reason: outOfServiceReasonSchema,
    sinceMs: z.number().int(),
    /** A bill of before is not settled yet, or nobody can tell. */
    hasOpenBill: z.boolean().default(false),
  }),
]);
export type VisitView = z.infer<typeof visitViewSchema>;
export type ScreenName = VisitView['screen'];

/** A scan that led to no other screen. `reason`: with `refused`, why. `seq`: another one than before is another scan. */
export const answeredScanSchema = z.object({
  seq: z.number().int(),
  why: z.enum(scanAnswers),
  reason: reasonCodeSchema.nullable(),
});
export type AnsweredScan = z.infer<typeof answeredScanSchema>;

/** All that the renderer knows. Sent whole: first on request, then on each change. */
/** One that is on now. */
export const shownPromotionSchema = promotionSchema.omit({ cabinets: true });
export type ShownPromotion = z.infer<typeof shownPromotionSchema>;

export const kioskSnapshotSchema = z.object({
  seq: z.number().int(),
  cabinet: z.object({
    id: z.string(),
    place: localTextSchema,
    servicePhone: z.string(),
    /** Where a phone finds the shopper's page (phone/calls.ts); left out: the operator has not said. */
    phonePage: z.string().optional(),
    /** Left out: as it is built in. */
    screen: screenSettingsSchema.optional(),
    /** Goods and devices are simulated: the screen says so. */
    simulated: z.boolean(),
    /** The secret store of the OS is missing: keys lie in a file (see main/platform). Shown in service mode only. */
    degradedSecrets: z.boolean(),
  }),
  /** Of the prices of `products`, and of nothing else; null: no catalogue, no products. */
  currency: currencySchema.nullable(),
  products: z.array(productSchema),
  /** By SKU, from the last reading; a product that is not here: there are more, or nobody can tell. */
  stock: z.record(skuSchema, z.enum(stockMarks)).default({}),
  /** For staff: the device without which nothing is sold now, and what is the matter with it. */
  deviceTrouble: deviceTroubleSchema.nullable().optional(),
  /** What is on between visits, as the start screen says it. */
  promotions: z.array(shownPromotionSchema).max(promotionsMax).default([]),
  online: z.boolean(),
  /** Why the door opens for nobody while there is no network; null: it may open all the same. */
  offlineBlock: z.enum(offlineBlocks).nullable().default('network.offline_no_policy'),
  /** Faces can be looked for here; null: yes. `off`: the settings say no; else the vault or a model is broken. */
  faceOff: z.enum(['off', 'vault']).nullable(),
  /** The last scan that led nowhere; null: there was none yet. */
  scanAnswer: answeredScanSchema.nullable(),
  visit: visitViewSchema,
});
export type KioskSnapshot = z.infer<typeof kioskSnapshotSchema>;
