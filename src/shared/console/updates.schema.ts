import { z } from 'zod';
import { cabinetIdSchema } from '../api/operator.ts';
import { releaseVersionSchema, updateWindowSchema } from '../model/update-order.schema.ts';

/** An order is good for so many days: a cabinet that was away longer does not begin with an old one. */
export const orderDaysMax = 365;
export const orderDaysUsual = 30;

/** What is to run: at a share of all cabinets, or at one that follows the fleet no more then. */
export const orderUpdateSchema = z.object({
  kind: z.literal('order_update'),
  release: releaseVersionSchema,
  percent: z.int().min(0).max(100),
  windows: z.array(updateWindowSchema).max(14),
  days: z.int().min(1).max(orderDaysMax),
  /** Null: of the fleet. */
  cabinetId: cabinetIdSchema.nullable(),
});
export const pauseUpdatesSchema = z.object({ kind: z.literal('pause_updates'), isPaused: z.boolean() });
export const withdrawReleaseSchema = z.object({
  kind: z.literal('withdraw_release'),
  release: releaseVersionSchema,
});
export const unpinCabinetSchema = z.object({ kind: z.literal('unpin_cabinet'), cabinetId: cabinetIdSchema });

const countSchema = z.number();
/** Where the cabinets stand whose turn it is. */
export const rollOutStates = [
  'have',
  'trying',
  'installed',
  'fetching',
  'waiting',
  'failed',
  'silent',
] as const;
export type RollOutState = (typeof rollOutStates)[number];

const releaseUsefulnessSchema = z.object({
  kind: z.string(),
  judged: countSchema,
  worse: countSchema,
  /** Some of those where it is worse. */
  cabinets: z.array(z.string()),
});
export type ReleaseUsefulness = z.infer<typeof releaseUsefulnessSchema>;

export const updatesSchema = z.object({
  /** What the fleet is to run; null: nobody has ordered anything. */
  order: z
    .object({
      release: z.string().nullable(),
      percent: z.number(),
      windows: z.array(updateWindowSchema).readonly(),
      isPaused: z.boolean(),
      withdrawn: z.array(z.string()).readonly(),
      issuedAtMs: z.number(),
      expiresAtMs: z.number(),
      /** It was paused for what this release made of a kind of device, whether or not somebody has let it go on since. */
      stopped: z
        .object({
          release: z.string(),
          kind: z.string(),
          judged: countSchema,
          worse: countSchema,
          atMs: z.number(),
        })
        .optional(),
    })
    .nullable(),
  /** Those that follow the fleet no more. */
  pinned: z.array(z.object({ cabinetId: z.string(), release: z.string().nullable() })).readonly(),
  cabinets: countSchema,
  /** Of the cabinets whose turn it is; null: nothing is wanted. */
  rollOut: z.record(z.enum(rollOutStates), countSchema).nullable(),
  /** What runs, as cabinets say, the newest first; null: they have not said. Those whose turn it is, and the others. */
  versions: z
    .array(z.object({ version: z.string().nullable(), inTurn: countSchema, others: countSchema }))
    .readonly(),
  /** Of the release that is wanted: devices by kind, at cabinets where enough have shopped before it and with it. */
  usefulness: z.array(releaseUsefulnessSchema).readonly(),
  /** The latest first, not more than are read. */
  failures: z
    .array(
      z.object({
        cabinetId: z.string(),
        wanted: z.string().nullable(),
        count: z.number(),
        detail: z.string(),
        atMs: z.number(),
      }),
    )
    .readonly(),
});
export type Updates = z.infer<typeof updatesSchema>;
