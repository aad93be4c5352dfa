import { z } from 'zod';
import { settingValueSchema } from '../../shared/model/cabinet-settings.schema.ts';
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

/** Those that can be read: what a newer program has written otherwise takes no other with it. */
function readable(list: readonly unknown[]): KeptVersion[] {
  const kept = list.flatMap((one) => {
    const parsed = keptVersionSchema.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
  return kept.slice(-settingsVersionsKept);
}

/** Stands in the settings themselves: a change and its place in the list are one write. */
export const settingsHistorySchema = z.looseObject({
  /** Of the newest; 0: nothing was ever changed. */
  version: versionSchema,
  /** In which version each was changed here last, those of a newer program as well. */
  here: z.record(z.string().max(40), versionSchema).catch({}),
  answer: settingsAnswerSchema.nullable().catch(null),
  /** The oldest first. */
  list: z.array(z.unknown()).transform(readable),
});
export type SettingsHistory = z.infer<typeof settingsHistorySchema>;

export const noHistory: SettingsHistory = { version: 0, here: {}, answer: null, list: [] };
