import { z } from 'zod';
import { settingValueSchema, shownVersionSchema } from './cabinet-settings.schema.ts';
import { settingsVersionsKept } from './cabinet-settings.ts';

const versionSchema = z.number().int().min(0);
/** Of settings of this program, or of a newer one. */
const namesSchema = z.array(z.string().max(40)).max(60);
/** What they are the receiving program says: one that it does not know is no garbage of the wire. */
const valuesSchema = z.record(z.string().max(40), settingValueSchema);

/**
 * Answer to `GET /v1/cabinet-settings`: which settings of this one cabinet become other ones. A cabinet takes it only when a
 * present key of its operator has signed the answer, when it is of this cabinet and no older than the one it keeps, and follows it
 * once.
 */
export const settingsOrderSchema = z.object({
  version: z.number().int().min(1),
  issuedAtMs: z.number().int().min(0),
  expiresAtMs: z.number().int().min(0),
  cabinetId: z.string().max(64),
  /** The cabinet's own version that whoever ordered it had before them: what was changed there since stays. */
  seenVersion: versionSchema,
  by: z.string().max(60),
  changes: valuesSchema,
});
export type SettingsOrder = z.infer<typeof settingsOrderSchema>;

/** What became of the newest order that has arrived: what was done, and what somebody there had changed since and was left. */
export const settingsAnswerSchema = z.object({
  version: versionSchema,
  done: namesSchema,
  left: namesSchema,
  /** Why nothing was done: a word and a colon first; null: it could be read. */
  refused: z.string().max(200).nullable(),
});
export type SettingsAnswer = z.infer<typeof settingsAnswerSchema>;

/** What a cabinet says of its settings (`PUT /v1/settings-report`). */
export const settingsReportSchema = z.object({
  version: versionSchema,
  values: valuesSchema,
  /** They count once the program has been started anew. */
  waiting: namesSchema,
  /** The settings that its program knows: it is sent no others. */
  knows: namesSchema,
  answer: settingsAnswerSchema.nullable(),
  /** The newest first. */
  versions: z.array(shownVersionSchema).max(settingsVersionsKept),
});
export type SettingsReport = z.infer<typeof settingsReportSchema>;
