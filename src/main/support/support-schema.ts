import { z } from 'zod';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import {
  deviceTroubleSchema,
  deviceKindSchema,
  deviceHealthSchema,
  deviceIdSchema,
  doorStateSchema,
} from '../../shared/model/device.ts';
import { chargeStates, reasonCodes } from '../../shared/model/charge.ts';
import { testResultSchema } from '../../shared/model/self-test.schema.ts';
import { coolingViewSchema } from '../../shared/model/service.schema.ts';

/**
 * What may be in a support bundle: whatever is not named here is left out, whoever put it in. Texts are words of this program, or
 * names that whoever installs cabinets has given; no free text, for that may say anything.
 */

/** Raised when a reader of older ones would misread it. */
export const supportForm = 1;
/** A name of an event, a state, a code of a failure: of this program, never typed by anybody. */
const wordSchema = z
  .string()
  .max(60)
  .regex(/^[a-z][A-Za-z]*(?:[._][A-Za-z]+)*$/);
const versionSchema = z
  .string()
  .max(64)
  .regex(/^\d+\.\d+\.\d+(?:[-+][a-z0-9.]+)?$/);
const countSchema = z.number().int().min(0);
const timeSchema = z.number();

/** Files of the data folder by their names; of others only how many there are. */
export const knownFiles = [
  'kaimen.db',
  'kaimen.db-wal',
  'evidence.db',
  'evidence.db-wal',
  'faces.db',
  'faces.db-wal',
  'kaimen.log',
  'kaimen.log.1',
  'config.json',
] as const;

export const logFieldValueSchema = z.union([z.number(), z.boolean(), z.null(), wordSchema, versionSchema]);
/** Where in the program: a function and a place, never what was in it. */
const frameSchema = z
  .string()
  .max(120)
  .regex(/^[\w.#<>]* ?[\w.-]+\.[cm]?[jt]sx?:\d{1,6}$/);
export const logLineSchema = z.object({
  part: z.literal('log'),
  time: z.iso.datetime(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  event: wordSchema,
  fields: z.record(z.string().regex(/^[a-zA-Z]{1,32}$/), logFieldValueSchema).optional(),
  at: z.array(frameSchema).max(8).optional(),
});
export type LogLine = z.infer<typeof logLineSchema>;

const aboutSchema = z.object({
  part: z.literal('about'),
  form: z.literal(supportForm),
  cabinetId: cabinetIdSchema,
  atMs: timeSchema,
  version: versionSchema,
  electron: versionSchema,
  platform: wordSchema,
  arch: z.string().regex(/^[a-z0-9]{1,10}$/),
});

const devicesSchema = z.object({
  part: z.literal('devices'),
  door: doorStateSchema,
  isOnline: z.boolean(),
  devices: z
    .array(
      deviceHealthSchema
        .pick({ id: true, kind: true, state: true, errorCount: true, resetCount: true, fault: true })
        .extend({
          usefulCount: countSchema.optional(),
          trouble: deviceTroubleSchema.shape.code.nullable(),
          sinceMs: timeSchema.nullable(),
          heardAgoMs: z.number().nullable(),
        }),
    )
    .max(32),
});

const settingsPartSchema = z.object({
  part: z.literal('settings'),
  version: countSchema,
  isEnrolled: z.boolean(),
  isOperatorLocal: z.boolean(),
  showsCode: z.boolean(),
  isSimulated: z.boolean(),
  devices: z.array(z.object({ id: deviceIdSchema.optional(), kind: deviceKindSchema })).max(32),
  face: z.object({
    enabled: z.boolean(),
    rotation: z.number().nullable(),
    challengeAlways: z.boolean(),
    isCameraNamed: z.boolean(),
  }),
  evidence: z.object({
    cleanDays: countSchema,
    flaggedDays: countSchema,
    disputedDays: countSchema,
    megabytesMax: countSchema,
  }),
  cooling: z.object({ maxMilliC: z.number(), forMinutes: z.number() }).nullable(),
  laneCount: countSchema,
  shelfCameraCount: countSchema,
});

const storageSchema = z.object({
  part: z.literal('storage'),
  diskFreeBytes: countSchema,
  memoryFreeBytes: countSchema,
  appBytes: countSchema,
  files: z.array(z.object({ name: z.enum(knownFiles), bytes: countSchema })),
  otherFiles: countSchema,
});

const chargesSchema = z.object({
  part: z.literal('charges'),
  unsettled: z.array(
    z.object({
      state: z.enum(chargeStates),
      reason: z.enum(reasonCodes).nullable(),
      count: countSchema,
      oldestMs: timeSchema,
    }),
  ),
});

const actsSchema = z.object({
  part: z.literal('acts'),
  /** The newest first; not whose. */
  acts: z.array(z.object({ atMs: timeSchema, act: wordSchema, state: wordSchema.nullable() })).max(200),
});

/** So that a reader knows that it has all of it. */
const endSchema = z.object({
  part: z.literal('end'),
  logLines: countSchema,
  /** Lines of the log that were not in its form, or older than what there was room for. */
  leftOut: countSchema,
});

export const supportPartSchema = z.discriminatedUnion('part', [
  aboutSchema,
  devicesSchema,
  z.object({ part: z.literal('tests'), results: z.array(testResultSchema) }),
  z.object({ part: z.literal('cooling'), cooling: coolingViewSchema.nullable() }),
  settingsPartSchema,
  storageSchema,
  chargesSchema,
  actsSchema,
  logLineSchema,
  endSchema,
]);
export type SupportPart = z.input<typeof supportPartSchema>;
