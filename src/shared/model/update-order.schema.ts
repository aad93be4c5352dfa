import { z } from 'zod';
import { judgedVisits, quietHoursMax } from './judged-visits.ts';
import { releaseVersionPattern } from './release-version.ts';

export const releaseVersionSchema = z.string().max(40).regex(releaseVersionPattern);

/** Minutes of the day, local time of the cabinet; one that ends before it begins goes over midnight. */
export const updateWindowSchema = z.object({
  fromMinute: z.int().min(0).max(1439),
  toMinute: z.int().min(0).max(1439),
});

/**
 * What the operator wants a cabinet to run. It chooses among what is signed for; it cannot make a cabinet run what is not, nor
 * an older version than it runs.
 */
export const updateOrderSchema = z.object({
  /** Of the order; an older one is not taken again. */
  version: z.int().min(1),
  issuedAtMs: z.int(),
  expiresAtMs: z.int(),
  /** Null: nothing is wanted. */
  release: releaseVersionSchema.nullable(),
  /** Of all cabinets; which ones is stable for a release. */
  percent: z.int().min(0).max(100),
  /** When it may be switched; none: at any time. */
  windows: z.array(updateWindowSchema).max(14),
  /** What is under way goes on to its end; nothing new begins, and nothing is switched. */
  isPaused: z.boolean(),
  /** Never to be installed, or switched to, any more. */
  withdrawn: z.array(releaseVersionSchema).max(100),
});
export type UpdateWindow = z.infer<typeof updateWindowSchema>;
export type UpdateOrder = z.infer<typeof updateOrderSchema>;

const visitCountSchema = z.int().min(0).max(judgedVisits);
/** In how many of the first visits with a version each device was of use, and in how many of the latest of the one before. */
export const usefulnessSchema = z.object({
  version: z.string().max(40),
  visits: visitCountSchema,
  visitsBefore: visitCountSchema,
  devices: z
    .array(
      z.object({
        id: z.string().max(64),
        kind: z.string().max(20),
        useful: visitCountSchema,
        usefulBefore: visitCountSchema,
      }),
    )
    .max(32),
  /** Whether anybody gets in at all. Left out: by an older program, or too few came with the version before to tell. */
  quiet: z
    .object({
      hours: z.int().min(0).max(quietHoursMax),
      usualHours: z.int().min(0).max(quietHoursMax),
      turnedAway: visitCountSchema,
    })
    .optional(),
});
export type ReportedUsefulness = z.infer<typeof usefulnessSchema>;

/** What a cabinet says of itself. */
export const updateReportSchema = z.object({
  running: z.string().max(40),
  wanted: releaseVersionSchema.nullable(),
  state: z.enum(['idle', 'waiting', 'fetching', 'installed', 'trying', 'failed']),
  /** Why it waits or has failed; a word and a colon first. */
  detail: z.string().max(200),
  /** How often the wanted one has failed here. */
  failures: z.int().min(0).max(1000),
  /** Left out: by an older program; null: nobody has shopped with this version yet. */
  usefulness: usefulnessSchema.nullable().optional(),
});
export type UpdateReport = z.infer<typeof updateReportSchema>;
