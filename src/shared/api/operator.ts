import { z } from 'zod';
import { momentSchema } from '../model/moment.schema.ts';
import { chargeIdSchema, disputeIdSchema, enrolmentIdSchema, visitIdSchema } from '../ids.schema.ts';
import { minorSchema } from '../money.schema.ts';
import { lineCountMax } from '../model/basket.ts';
import { skuSchema } from '../model/catalog.schema.ts';
import { receivedChargeSchema } from '../model/charge.schema.ts';
import { nearestReason, reasonCodes } from '../model/charge.ts';
import { evidenceReasons, missingEvidenceReasons, shelfEventSchema } from '../model/evidence.schema.ts';
import { showingSchema } from '../model/cabinet-code.schema.ts';
import { memberCodeMaxLength } from '../model/member.ts';
import { memberIdSchema, memberSchema } from '../model/member.schema.ts';
import { purchaseSchema, refundSchema } from '../model/purchase.schema.ts';
import { phonePageMaxLength } from '../model/cabinet-code.ts';
import { purchasesMax } from '../model/purchase.ts';
import { supportBundleMaxBytes } from '../model/support-bundle.ts';
import { resolutionActors } from '../model/resolution.ts';
import { resolutionSchema } from '../model/resolution.schema.ts';
import { openEnum } from './open-enum.ts';

/** Largest reply that a cabinet reads, in bytes: a catalogue with all its tags. */
export const apiReplyMaxBytes = 4 * 1024 * 1024;

/** The form of a word that stands for itself. */
const word = /^[a-z][a-z_]*$/;

export const cabinetIdSchema = z.string().regex(/^[A-Z0-9-]{1,32}$/);

/** Ed25519 public key, raw 32 bytes, base64url. */
export const publicKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const enrolRequestSchema = z.object({
  cabinetId: cabinetIdSchema,
  token: z.string().min(16).max(128),
  publicKey: publicKeySchema,
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;

export const authoriseRequestSchema = z.union([
  z.object({
    visitId: visitIdSchema,
    code: z.string().min(1).max(memberCodeMaxLength),
    /** `account`: who is it? The door stays shut; also for a member who may not buy. */
    purpose: z.enum(['visit', 'account']).default('visit'),
    /**
     * Of the charge that this visit will have: its cabinet tells how the visit ended (`visitClosingSchema`). Left out: "my
     * data", or a cabinet from before, which tells nothing.
     */
    chargeId: chargeIdSchema.optional(),
  }),
  /** Recognised by the cabinet, which alone has the face. `enrolmentId`: not of a face from before there were any. */
  z.object({
    visitId: visitIdSchema,
    faceOf: memberIdSchema,
    enrolmentId: enrolmentIdSchema.optional(),
    chargeId: chargeIdSchema.optional(),
  }),
]);
export type AuthoriseRequest = z.infer<typeof authoriseRequestSchema>;

/** Why something is not paid or allowed; one that this version does not know is read as the nearest one that it knows. */
const reasonSchema = openEnum(reasonCodes, /^[a-z]+\.[a-z_]+$/, nearestReason);

const knownDecisionSchema = z.discriminatedUnion('decision', [
  z.object({
    decision: z.literal('allowed'),
    member: memberSchema,
    /** A visit dearer than this is confirmed, but goes to a human (risk ceiling of the provider's service). */
    visitMaxMinor: minorSchema,
    /** Last four digits of the member's phone, to tell two alike faces apart; only for `account`, where a face may be enrolled. */
    phoneDigits: z
      .string()
      .regex(/^\d{4}$/)
      .nullable()
      .default(null),
    /** An enrolment code was shown: one face may be enrolled in this visit. */
    mayEnrol: z.boolean().optional(),
  }),
  z.object({ decision: z.literal('refused'), reason: reasonSchema }),
]);
/** A decision that this version does not know is none that opens a door. */
const otherDecisionSchema = z
  .object({
    decision: z
      .string()
      .max(64)
      .regex(word)
      .refine((said) => said !== 'allowed' && said !== 'refused'),
  })
  .transform(() => ({ decision: 'refused', reason: 'system.rejected' }) as const);

export const authoriseReplySchema = knownDecisionSchema.or(otherDecisionSchema);
export type AuthoriseReply = z.infer<typeof authoriseReplySchema>;

/**
 * How a visit that was allowed has ended:
 * - `never_unlocked`: the bolt has not moved: the shopper left, the answer came too late, or the cabinet could not;
 * - `not_opened`, `unlock_failed`: it was to move, and nobody has opened the door;
 * - `nothing_taken`, `cancelled`: nothing is charged;
 * - `charge`: something is charged or held, and the charge follows;
 * - `left_open`: the cabinet could not go on with it, and nobody there knows what was taken: a human looks.
 */
export const visitEnds = [
  'never_unlocked',
  'not_opened',
  'unlock_failed',
  'nothing_taken',
  'cancelled',
  'charge',
  'left_open',
] as const;
export type VisitEnd = (typeof visitEnds)[number];

/** How one allowed visit has ended; sent until it is answered. Once said it stays so: another body is a conflict. */
export const visitClosingSchema = z
  .object({
    chargeId: chargeIdSchema,
    ended: z.enum(visitEnds),
    /** What the bill comes to, and what is held beside it, minor units; nothing but for `charge`. */
    totalMinor: minorSchema,
    heldMinor: minorSchema,
    closedAtMs: momentSchema,
  })
  .refine(({ ended, totalMinor, heldMinor }) => ended === 'charge' || totalMinor + heldMinor === 0, {
    path: ['totalMinor'],
    error: 'nothing is charged, and yet a sum',
  });
export type VisitClosing = z.infer<typeof visitClosingSchema>;

export const visitClosingReplySchema = z.object({
  /** False: this operator has let nobody in for that visit (yet, or any more), and keeps nothing. */
  known: z.boolean(),
});
export type VisitClosingReply = z.infer<typeof visitClosingReplySchema>;

/** Longest that the operator holds a QR sign-in request, ms. */
export const qrSignInWaitMaxMs = 20_000;

/** "Has anybody scanned the code that I am showing?" Asked again and again while, and only while, the code screen is up. */
export const qrSignInRequestSchema = z.object({
  showing: showingSchema,
  waitMs: z.number().int().min(0).max(qrSignInWaitMaxMs),
});
export type QrSignInRequest = z.infer<typeof qrSignInRequestSchema>;

export const qrSignInReplySchema = z.object({
  /** A member code as a scanner would read it, good once and at this cabinet only; null: nobody yet. */
  code: z.string().min(1).max(memberCodeMaxLength).nullable(),
});
export type QrSignInReply = z.infer<typeof qrSignInReplySchema>;

/** accepted: durable at the operator, debit under way; paid; collecting: declined for now, tried again; needs_attention: a human looks. */
const operatorStates = ['accepted', 'paid', 'collecting', 'needs_attention'] as const;
/** One that this version does not know: the operator has the charge, and is asked again how it stands. */
const operatorStateSchema = openEnum(operatorStates, word, () => 'accepted');

/**
 * How a charge was put right that had waited for a human, or had been decided otherwise, by whom and when; the last
 * decision. Null: nothing was decided (yet). A word for how that a cabinet does not know is kept by it as said.
 */
const resolvedSchema = resolutionSchema
  .extend({ by: openEnum(resolutionActors, /^\S+$/, () => 'system') })
  .nullable()
  .default(null);

export const chargeReplySchema = z.object({
  chargeId: chargeIdSchema,
  state: operatorStateSchema,
  reason: reasonSchema.nullable(),
  /** What was debited, or is to be: with `resolved` the amount after that. */
  totalMinor: minorSchema,
  resolved: resolvedSchema,
});
export type ChargeReply = z.infer<typeof chargeReplySchema>;

/** Lines of one charge that the shopper says are wrong. Sent until it is answered; counts once for its id. */
export const disputeRequestSchema = z.object({
  disputeId: disputeIdSchema,
  skus: z.array(skuSchema).min(1).max(lineCountMax),
  atMs: momentSchema,
});

export type DisputeRequest = z.infer<typeof disputeRequestSchema>;

export const disputeReplySchema = z.object({
  disputeId: disputeIdSchema,
  /** Null: the charge has not arrived yet; the dispute waits for it and is counted before the first debit. */
  charge: chargeReplySchema.nullable(),
});
export type DisputeReply = z.infer<typeof disputeReplySchema>;

/** The visit says whose: the one in which the member has shown a code for "my data" here. No other member can be asked about. */
export const purchasesRequestSchema = z.object({ visitId: visitIdSchema });
export type PurchasesRequest = z.infer<typeof purchasesRequestSchema>;

const operatorPurchaseSchema = purchaseSchema.omit({ refused: true }).extend({
  state: operatorStateSchema,
  reason: reasonSchema.nullable(),
  resolved: resolvedSchema,
  /** In a form that this version does not know it says nothing. */
  refund: refundSchema.optional().catch(undefined),
});
/** In a currency that this version does not know, and so cannot show. */
const foreignPurchaseSchema = operatorPurchaseSchema.extend({ currency: z.string().regex(/^[A-Z]{3}$/) });
/** The newest of that member, from any cabinet. One in a currency that is not known here is left out and hides no other. */
export const purchasesReplySchema = z.object({
  purchases: z
    .array(operatorPurchaseSchema.or(foreignPurchaseSchema.transform(() => null)))
    .transform((purchases) => purchases.filter((one) => one !== null).slice(0, purchasesMax)),
});
export type PurchasesReply = z.infer<typeof purchasesReplySchema>;

export const alarmSchema = z.object({
  kind: z.enum(['door_open_without_visit', 'door_left_open', 'device_fault']),
  visitId: visitIdSchema.nullable(),
  atMs: momentSchema,
  detail: z.string().max(300),
});
export type Alarm = z.infer<typeof alarmSchema>;

/** A part of what the shelf was seen to do in one visit. */
export const evidencePartSchema = z.object({
  chargeId: chargeIdSchema,
  why: z.enum(evidenceReasons),
  isLast: z.boolean(),
  /** Events of this visit that the cabinet had no room for. */
  dropped: z.number().int().min(0),
  events: z.array(shelfEventSchema).max(2000),
});
export type EvidencePart = z.infer<typeof evidencePartSchema>;

/** Visits that one cabinet is asked about at a time; more are asked about once those are answered. */
export const wantedEvidenceMax = 100;
/** Visits of which people want to see what the shelf was seen to do, and have not got all; the oldest wish first. */
export const wantedEvidenceSchema = z.object({ visits: z.array(visitIdSchema).max(wantedEvidenceMax) });
export type WantedEvidence = z.infer<typeof wantedEvidenceSchema>;

/** Why the cabinet has nothing of a visit that it is asked for. */
export const evidenceMissingSchema = z.object({ because: z.enum(missingEvidenceReasons) });
export type EvidenceMissing = z.infer<typeof evidenceMissingSchema>;

/** What whoever mends cabinets from afar needs to know of this one (main/support); named by the SHA-256 of its bytes. */
export const supportBundleSchema = z.object({
  form: z.number().int().min(1).max(1000),
  gzip: z.base64().max(Math.ceil(supportBundleMaxBytes / 3) * 4),
});
export type SupportBundle = z.infer<typeof supportBundleSchema>;
export const supportBundleNameSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** More people than this no cabinet's vault takes: it is the law's limit for a whole fleet. */
export const faceCountMax = 100_000;

/**
 * How many people's faces the cabinet keeps now; a number, and nothing of anybody. The report that was signed last counts, whichever arrives
 * last: the time is the signature's (signing.ts), so no other clock has to be trusted.
 */
export const faceCountSchema = z.object({ enrolled: z.number().int().min(0).max(faceCountMax) });
export type FaceCount = z.infer<typeof faceCountSchema>;

/** A face is about to be kept: the visit is the one in which the member has shown an enrolment code here. */
export const faceEnrolmentSchema = z.object({ visitId: visitIdSchema });
export type FaceEnrolment = z.infer<typeof faceEnrolmentSchema>;

/** A face is kept no more. `enrolmentId` null: of a face from before there were enrolments. */
export const faceWithdrawalSchema = z.object({
  memberId: memberIdSchema,
  enrolmentId: enrolmentIdSchema.nullable(),
});
export type FaceWithdrawal = z.infer<typeof faceWithdrawalSchema>;

/** Faces that a health reply names at most; the rest with the next ones. */
export const facesToDeleteMax = 20;

export const healthReplySchema = z.object({
  ok: z.literal(true),
  /** The operator's wall time: codes are judged by it, and a cabinet's own may be off. */
  nowMs: z.number().int().optional(),
  /**
   * Faces that members have withdrawn by phone, until the cabinet has said (`withdrawFace`) that it keeps them no more. Left out: none.
   */
  facesToDelete: z.array(faceWithdrawalSchema).max(facesToDeleteMax).optional(),
  /** Where phones find the shopper's page; its places stand behind this (phone/calls.ts). Left out: nobody has said. */
  phonePage: z
    .string()
    .max(phonePageMaxLength)
    .regex(/^https?:\/\/[\x21-\x7e]+\/$/)
    .optional()
    .catch(undefined),
});

/** Every non-2xx answer of the operator has this body. */
export const apiErrorSchema = z.object({
  error: z.enum([
    'bad_request',
    'unauthenticated',
    'forbidden',
    'unknown_charge',
    'conflict',
    'not_found',
    'too_large',
    'unavailable',
    'internal',
  ]),
  message: z.string().max(500),
  /** With `unauthenticated` for a time that is too far off: the operator's wall time, to sign with from now on. */
  nowMs: z.number().int().optional(),
  /** With 429: it is about this one and its like; what else the cabinet has to send need not wait. */
  othersMayCome: z.boolean().optional(),
});
export type ApiError = z.infer<typeof apiErrorSchema>;
/**
 * The same, of an operator that may be newer: an error without a word here is told apart by the status alone. Only where
 * a header says that it is our operator who speaks (`apiVersionHeader`): what a proxy says is not its word.
 */
export const newerApiErrorSchema = apiErrorSchema.extend({
  error: openEnum(apiErrorSchema.shape.error.options, word, () => 'internal'),
});

/** Body of PUT /v1/charges/{id} (the id in the path equals the one in the body). */
export const chargeRequestSchema = receivedChargeSchema;
