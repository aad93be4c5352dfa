import { localTextSchema } from './catalog.schema.ts';
import { z } from 'zod';
import { chargeIdSchema } from '../ids.schema.ts';
import { currencySchema } from '../money.schema.ts';
import { chargeStateSchema, reasonCodeSchema } from './charge.schema.ts';
import { updateReportSchema } from './update-order.schema.ts';

/** What an administrator sees of a cabinet: sums and counts, of nobody by name. Times are wall ms. */

/** Charges that are shown one by one, the oldest first; of the rest their number. */
export const shownChargesMax = 20;

const unsettledGroupSchema = z.object({
  state: chargeStateSchema,
  reason: reasonCodeSchema.nullable(),
  count: z.number().int(),
  oldestMs: z.number(),
});
const shownChargeSchema = z.object({
  chargeId: chargeIdSchema,
  openedMs: z.number(),
  state: chargeStateSchema,
  reason: reasonCodeSchema.nullable(),
  amountMinor: z.number().int().nullable(),
  currency: currencySchema,
});
const usedSchema = z.object({ used: z.number().int(), most: z.number().int().nullable() });

export const officeViewSchema = z.object({
  groups: z.array(unsettledGroupSchema),
  charges: z.array(shownChargeSchema).max(shownChargesMax),
  /** What the operator does not have yet, beside what may come to be so while there is no network; null: none may. */
  offline: z.object({
    sum: usedSchema,
    count: usedSchema,
    currency: currencySchema.nullable(),
    policyEndsMs: z.number().nullable(),
  }),
  /** Null: this cabinet keeps no faces. */
  faces: z
    .object({
      enrolled: z.number().int(),
      ever: z.number().int(),
      /** In force, to the text of today and to earlier ones; and how many have ended in three years. */
      consents: z.object({
        present: z.number().int(),
        earlier: z.number().int(),
        ended: z.number().int(),
      }),
    })
    .nullable(),
  versions: z.object({
    app: z.string(),
    catalog: z.string().nullable(),
    policy: z.number().int().nullable(),
    /** Null: nothing is drawn up. `on`: what is on now. */
    promotions: z
      .object({ version: z.number().int(), endsAtMs: z.number(), on: z.array(localTextSchema) })
      .nullable(),
    settings: z.number().int(),
  }),
  /** Null: nothing comes by itself here. */
  update: updateReportSchema
    .extend({ slot: z.enum(['a', 'b']), postponedUntilMs: z.number().nullable() })
    .nullable(),
});
export type OfficeView = z.infer<typeof officeViewSchema>;
