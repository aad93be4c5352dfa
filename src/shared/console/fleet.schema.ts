import { z } from 'zod';
import { cabinetIdSchema, supportBundleNameSchema } from '../api/operator.ts';
import { localTextSchema, writtenTextSchema } from '../model/catalog.schema.ts';
import { stateReportSchema } from '../model/state-report.schema.ts';
import { currencySchema } from '../money.schema.ts';
import { reasonSchema, seenVersionSchema } from './staff.schema.ts';

export const cabinetParamsSchema = z.object({ cabinetId: cabinetIdSchema });
export const cabinetTokenRequestSchema = z.object({
  reason: reasonSchema,
  /** Of who is let in there (`KnownCabinet.tokenVersion`); null: there is no such cabinet yet. */
  version: seenVersionSchema.nullable(),
});

/** Degrees, WGS 84. */
const positionSchema = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});
export const placeRequestSchema = z.object({
  place: writtenTextSchema,
  at: positionSchema.nullable(),
  reason: reasonSchema,
  /** Of what stood there (`KnownCabinet.placeVersion`). */
  version: seenVersionSchema,
});

/** How a cabinet is, by its own last word. */
const cabinetNowSchema = z.object({
  ...stateReportSchema.pick({ state: true, reason: true, sinceMs: true }).shape,
  /** When it was heard last. */
  heardAtMs: z.number(),
  /** That is longer ago than it may be: it is cut off, or off. */
  isSilent: z.boolean(),
  /** Devices that are of no use. */
  troubleCount: z.int(),
  /** Thousandths of a degree Celsius; null: not read, or nothing measures it. */
  milliC: z.int().nullable(),
  /** It was too warm for too long. */
  isSpoilt: z.boolean(),
});
export type CabinetNow = z.infer<typeof cabinetNowSchema>;

export const knownCabinetSchema = z.object({
  cabinetId: z.string(),
  /** Where it stands, as members read it; null: nobody has said. */
  place: localTextSchema.nullable(),
  /** The same on the map. */
  at: positionSchema.nullable(),
  /** Of these two, for whoever changes them. */
  placeVersion: seenVersionSchema,
  /** Null: not yet. */
  enrolledAtMs: z.number().nullable(),
  /** Until when a token enrols it; null: there is none that does. */
  tokenEndsAtMs: z.number().nullable(),
  /** Of these two, for whoever gives another token. */
  tokenVersion: seenVersionSchema,
  /** Articles of which there is less than half of what the plan wants; null: no plan, or it has not said. */
  lowCount: z.number().nullable(),
  /** Null: it has not said. */
  now: cabinetNowSchema.nullable(),
});
export type KnownCabinet = z.infer<typeof knownCabinetSchema>;

/** All that a cabinet has said of itself last. */
const saidByCabinetSchema = stateReportSchema.extend({ heardAtMs: z.number(), isSilent: z.boolean() });
export type SaidByCabinet = z.infer<typeof saidByCabinetSchema>;

/** `said`: null: nothing yet. */
export const shownCabinetSchema = knownCabinetSchema
  .omit({ lowCount: true })
  .extend({ said: saidByCabinetSchema.nullable() });

/** Said once. `forCabinet`: what a QR shows, and what goes into the cabinet's `config.json` beside the operator's address. */
export const cabinetTokenSchema = z.object({
  cabinetId: z.string(),
  token: z.string(),
  endsAtMs: z.number(),
  forCabinet: z.string(),
});

/** What a cabinet has said of its health, when somebody of its staff asked for help; of what is in it nothing. */
const knownSupportBundleSchema = z.object({
  name: supportBundleNameSchema,
  byteCount: z.number(),
  receivedAtMs: z.number(),
});
export type KnownSupportBundle = z.infer<typeof knownSupportBundleSchema>;
export const supportBundlesSchema = z.array(knownSupportBundleSchema);
export const ofSupportBundleSchema = cabinetParamsSchema.extend({ name: supportBundleNameSchema });
export const takeSupportBundleRequestSchema = z.object({ reason: reasonSchema });
export const takenSupportBundleSchema = z.object({ gzip: z.string() });
export type TakenSupportBundle = z.infer<typeof takenSupportBundleSchema>;

/** What is there, for whoever sets the service up. */
export const setUpSchema = z.object({
  catalog: z.object({ version: z.string(), currency: currencySchema, articles: z.number() }),
  /** Merchants by which money is moved; none: only the fake one is there. */
  providers: z.array(z.string()).readonly(),
  cabinets: z.object({ enrolled: z.number(), waiting: z.number() }),
  /** Whoever may sign in; with one administrator alone nobody lets that one in again but the server. */
  people: z.object({ active: z.number(), admins: z.number() }),
  hasMembers: z.boolean(),
});
export type SetUp = z.infer<typeof setUpSchema>;
