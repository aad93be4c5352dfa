import { chargeIdSchema, visitIdSchema } from '../ids.schema.ts';
import { lineCountMax, pieceCountMax } from './basket.ts';
import { localTextSchema, skuSchema } from './catalog.schema.ts';
import { chargeStates, reasonCodes, receiptStatuses } from './charge.ts';
import { currencySchema, minorSchema } from '../money.schema.ts';
import { offlineAdmissionSchema } from './offline-policy.schema.ts';
import { discountsSchema } from './promotion.schema.ts';
import { amountMaxMinor } from '../money.ts';
import { z } from 'zod';
import { momentSchema } from './moment.schema.ts';

export const chargeStateSchema = z.enum(chargeStates);

export const reasonCodeSchema = z.enum(reasonCodes);

export const chargeLineSchema = z.object({
  sku: skuSchema,
  name: localTextSchema,
  unitPriceMinor: minorSchema,
  count: z.number().int().min(1).max(pieceCountMax),
  /** What it costs by itself: unit price × count, less what promotions take off. */
  amountMinor: minorSchema,
  /** What promotions take off this line; left out: nothing. */
  discounts: discountsSchema.optional(),
});
export type ChargeLine = z.infer<typeof chargeLineSchema>;

/** What is sent to the operator: fixed when the visit ends, byte for byte the same on every retry. */
export const chargeBodySchema = chargeBodyWith(offlineAdmissionSchema);
export type ChargeBody = z.infer<typeof chargeBodySchema>;

/** The same as it is received: what the operator cannot read as a proof (of a newer cabinet, or damaged) costs no charge. */
export const receivedChargeSchema = chargeBodyWith(
  offlineAdmissionSchema.or(z.unknown().transform(() => 'unreadable' as const)),
);
export type ReceivedCharge = z.infer<typeof receivedChargeSchema>;

/** A line adds up; what it costs in the catalogue is an amount, too. */
function isSum({ unitPriceMinor, count, amountMinor, discounts = [] }: ChargeLine): boolean {
  const grossMinor = unitPriceMinor * count;
  const offMinor = discounts.reduce((sum, discount) => sum + discount.amountMinor, 0);
  return grossMinor <= amountMaxMinor && amountMinor === grossMinor - offMinor;
}

function chargeBodyWith<Admission extends z.ZodType>(admission: Admission) {
  return (
    z
      .object({
        chargeId: chargeIdSchema,
        visitId: visitIdSchema,
        cabinetId: z.string().min(1).max(32),
        memberId: z.string().min(1).max(64),
        currency: currencySchema,
        /** Billed. Empty when all that left is held for a human, or could not be seen: then the total is zero. */
        lines: z.array(chargeLineSchema).max(lineCountMax),
        totalMinor: minorSchema,
        /** Seen to leave, but not billed without a human: differs from what was confirmed, taken after the door was left open … */
        heldLines: z.array(chargeLineSchema).max(lineCountMax),
        /** Why something is held or was reported; empty when nothing is. */
        review: z.array(reasonCodeSchema).max(10),
        confirmedByShopper: z.boolean(),
        openedAtMs: momentSchema,
        closedAtMs: momentSchema,
        /** Of the order of promotions by which its lines were priced; left out: none was on. */
        promotionsVersion: z.int().min(1).optional(),
        /** The visit was let in without the operator, and by this; left out: the operator has let it in. */
        admission: admission.optional(),
      })
      // Plain sums: the helpers of money.ts assert their bounds, and a body from outside must not be able to make a schema throw.
      .refine((b) => [...b.lines, ...b.heldLines].every(isSum), {
        message: 'a line is not unit price × count, less its discounts',
      })
      .refine(
        (b) =>
          b.promotionsVersion !== undefined ||
          [...b.lines, ...b.heldLines].every((l) => l.discounts === undefined),
        {
          message: 'discounts of no promotions',
        },
      )
      // A reason alone is enough: the door was open and nobody can say what left (reader lost).
      .refine((b) => b.lines.length + b.heldLines.length + b.review.length > 0, {
        message: 'nothing is billed, nothing is held and nothing is to be looked at: void it instead',
      })
      .refine((b) => b.totalMinor === b.lines.reduce((sum, l) => sum + l.amountMinor, 0), {
        message: 'the total is not the sum of the lines',
      })
  );
}

export const receiptStatusSchema = z.enum(receiptStatuses);

/** A line as people see it. */
export const shownLineSchema = chargeLineSchema.extend({ picture: z.string() });
export type ShownLine = z.infer<typeof shownLineSchema>;
