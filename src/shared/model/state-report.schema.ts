import { z } from 'zod';
import { momentSchema } from './moment.schema.ts';

/** What a cabinet can be, as `core/availability` has it. */
export const reportedStates = ['starting', 'available', 'outOfService', 'maintenance', 'updating'] as const;

const word = z.string().max(40);
const milliC = z.int().min(-100_000).max(200_000);

/** As many as a cabinet has devices and cameras inside. */
export const reportedDevicesMax = 32;

/**
 * How a cabinet is now, in its own words (`PUT /v1/state-report`): whether it sells, each device, how warm it is, what it has not
 * delivered. Nothing of anybody. Words that its operator does not know yet are shown as they are.
 */
export const stateReportSchema = z.object({
  /** Of the program. */
  version: word,
  state: z.enum(reportedStates),
  /** Why it does not sell (`OutOfServiceReason`); null: it sells, or is at work on itself. */
  reason: word.nullable(),
  /** Since when it is so, by the operator's time. */
  sinceMs: momentSchema,
  devices: z
    .array(
      z.object({
        id: word,
        kind: word,
        /** What is wrong with it, in a word (`DeviceTrouble`); null: nothing. */
        trouble: word.nullable(),
        sinceMs: momentSchema.nullable(),
      }),
    )
    .max(reportedDevicesMax),
  /** Null: nothing measures it. Thousandths of a degree Celsius. */
  temperature: z
    .object({
      /** Null: not read lately. */
      milliC: milliC.nullable(),
      /** Null: its goods need no cold. */
      maxMilliC: milliC.nullable(),
      isSpoilt: z.boolean(),
      /** Of the last day. */
      dayMinMilliC: milliC.nullable(),
      dayMaxMilliC: milliC.nullable(),
    })
    .nullable(),
  /** Charges that have not reached the operator; null: they could not be counted. */
  undelivered: z.object({ count: z.int().min(0), oldestMs: momentSchema.nullable() }).nullable(),
});
export type StateReport = z.infer<typeof stateReportSchema>;

/** A cabinet says how it is at least so often: one that is not heard for longer is cut off, or off. */
export const stateReportEveryMs = 600_000;
