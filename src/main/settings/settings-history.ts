import { z } from 'zod';
import { cabinetSettingSchema, settingValueSchema } from '../../shared/model/cabinet-settings.schema.ts';
import { settingsAnswerSchema } from '../../shared/model/settings-order.schema.ts';
import { settingsVersionsKept, settingsWhys } from '../../shared/model/cabinet-settings.ts';

const versionSchema = z.number().int().min(0);

/** Values whole, so that going back needs nothing else. Those of a newer program stay as they are. */
const keptVersionSchema = z.looseObject({
  version: versionSchema,
  atMs: z.number(),
  by: z.string().max(60),
  why: z.enum(settingsWhys),
  values: z.record(z.string().max(40), settingValueSchema),
});
export type KeptVersion = z.infer<typeof keptVersionSchema>;

/** Stands in the settings themselves: a change and its place in the list are one write. */
export const settingsHistorySchema = z.looseObject({
  /** Of the newest; 0: nothing was ever changed. */
  version: versionSchema,
  /** In which version each was changed here last. */
  here: z.partialRecord(cabinetSettingSchema, versionSchema).catch({}),
  answer: settingsAnswerSchema.nullable().catch(null),
  /** The oldest first. */
  list: z.array(keptVersionSchema).max(settingsVersionsKept),
});
export type SettingsHistory = z.infer<typeof settingsHistorySchema>;

export const noHistory: SettingsHistory = { version: 0, here: {}, answer: null, list: [] };
