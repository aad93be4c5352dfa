import { z } from 'zod';
import { chargeIdSchema, visitIdSchema } from '../ids.ts';
import { currencySchema, minorSchema } from '../money.ts';
import { localTextSchema, skuSchema } from './catalog.ts';

/** A charge's life (docs/payments.md#a-charges-life): only forward, nothing is ever deleted. */
export const chargeStateSchema = z.enum([
  'open',
  'finalised',
  'queued',
  'submitting',
  'in_doubt',
  'accepted',
  'paid',
  'collecting',
  'voided',
  'needs_attention',
]);
export type ChargeState = z.infer<typeof chargeStateSchema>;

/**
 * Why a charge is not paid yet (or a visit was refused): a closed union, grouped by the four causes of the field.
 * Texts, remedy, who acts next and when: core/charge/reasons.ts and the renderer's i18n, both exhaustive.
 */
export const reasonCodeSchema = z.enum([
  'network.unreachable',
  'network.timeout',
  'system.operator_error',
  'system.provider_error',
  'system.rejected',
  'system.conflict',
  'system.device_fault',
  'system.storage_fault',
  'account.declined',
  'account.insufficient_funds',
  'account.expired_card',
  'account.authentication_required',
  'account.suspended',
  'account.unpaid_charges',
  'account.code_unknown',
  'account.code_expired',
  'account.code_replayed',
  'account.code_malformed',
  'recognition.reader_lost',
  'recognition.differs_from_confirmed',
  'recognition.door_left_open',
  'recognition.line_reported',
]);
export type ReasonCode = z.infer<typeof reasonCodeSchema>;
export type ReasonCause = 'network' | 'system' | 'account' | 'recognition';

export function causeOf(code: ReasonCode): ReasonCause {
  return code.slice(0, code.indexOf('.')) as ReasonCause;
}

export const chargeLineSchema = z.object({
  sku: skuSchema,
  name: localTextSchema,
  unitPriceMinor: minorSchema,
  count: z.number().int().min(1).max(100),
  amountMinor: minorSchema,
});
export type ChargeLine = z.infer<typeof chargeLineSchema>;

/** What is sent to the operator: fixed when the visit ends, byte for byte the same on every retry. */
export const chargeBodySchema = z
  .object({
    chargeId: chargeIdSchema,
    visitId: visitIdSchema,
    cabinetId: z.string().min(1).max(32),
    memberId: z.string().min(1).max(64),
    currency: currencySchema,
    /** Billed. Empty when all that left is held for a human, or could not be seen: then the total is zero. */
    lines: z.array(chargeLineSchema).max(100),
    totalMinor: minorSchema,
    /** Seen to leave, but not billed without a human: differs from what was confirmed, taken after the door was left open … */
    heldLines: z.array(chargeLineSchema).max(100),
    /** Why something is held or was reported; empty when nothing is. */
    review: z.array(reasonCodeSchema).max(10),
    confirmedByShopper: z.boolean(),
    openedAtMs: z.number().int(),
    closedAtMs: z.number().int(),
  })
  // Plain sums: the helpers of money.ts assert their bounds, and a body from outside must not be able to make a schema throw.
  .refine((b) => b.lines.every((l) => l.amountMinor === l.unitPriceMinor * l.count), {
    message: 'a line is not unit price × count',
  })
  // A reason alone is enough: the door was open and nobody can say what left (reader lost).
  .refine((b) => b.lines.length + b.heldLines.length + b.review.length > 0, {
    message: 'nothing is billed, nothing is held and nothing is to be looked at: void it instead',
  })
  .refine((b) => b.totalMinor === b.lines.reduce((sum, l) => sum + l.amountMinor, 0), {
    message: 'the total is not the sum of the lines',
  });
export type ChargeBody = z.infer<typeof chargeBodySchema>;

/** Where the money of a finished visit is, in the shopper's terms. */
export const receiptStatusSchema = z.enum([
  'nothing', // nothing taken: nothing charged
  'sending', // on its way to the operator right now (shown for a moment)
  'paid',
  'follows', // network or system: durable here, will be charged once
  'collecting', // account: declined for now, reason and remedy below
  'review', // recognition or a human has to look
]);
export type ReceiptStatus = z.infer<typeof receiptStatusSchema>;

/** A line as people see it. */
export const shownLineSchema = chargeLineSchema.extend({ picture: z.string() });
export type ShownLine = z.infer<typeof shownLineSchema>;

/** Who has to do something before it goes on. `nobody`: it is over, or there is nothing to do. */
export const actorSchema = z.enum(['nobody', 'system', 'shopper', 'operator']);
export type Actor = z.infer<typeof actorSchema>;

/** When the next thing happens, in terms that a screen can say. */
export const actsWhenSchema = z.enum([
  'on_its_own_soon',
  'when_network_returns',
  'when_shopper_acts',
  'working_days',
]);
export type ActsWhen = z.infer<typeof actsWhenSchema>;
