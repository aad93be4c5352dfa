import { z } from 'zod';
import {
  settingFieldSchema,
  settingValueSchema,
  settingsChangesSchema,
  shownVersionSchema,
} from '../model/cabinet-settings.schema.ts';
import { reasonSchema } from './staff.schema.ts';

const valuesSchema = z.record(z.string(), settingValueSchema);

/**
 * How far an order is. `waits`: the cabinet has not fetched it; `unknown_there`: its program does not know all of it, and it is not
 * sent; `ended`: it was not fetched in time; `done`; `refused`: the cabinet could not read it, or it did not fit there.
 */
export const settingsOrderStates = ['waits', 'unknown_there', 'ended', 'done', 'refused'] as const;

export const shownCabinetSettingsSchema = z.object({
  cabinetId: z.string(),
  /** What may be ordered: what the cabinet's program knows. */
  fields: z.array(settingFieldSchema),
  /** Null: it has said nothing so far. */
  report: z
    .object({
      version: z.number(),
      values: valuesSchema,
      waiting: z.array(z.string()),
      versions: z.array(shownVersionSchema),
      receivedAtMs: z.number(),
    })
    .nullable(),
  /** The newest; null: nothing was ever ordered. */
  order: z
    .object({
      version: z.number(),
      changes: valuesSchema,
      madeBy: z.string(),
      madeAtMs: z.number(),
      state: z.enum(settingsOrderStates),
      /** Somebody at the cabinet had changed these since: they stay as they are there. */
      left: z.array(z.string()),
      refused: z.string().nullable(),
    })
    .nullable(),
});
export type ShownCabinetSettings = z.infer<typeof shownCabinetSettingsSchema>;

export const orderSettingsRequestSchema = z.object({
  changes: settingsChangesSchema,
  /** The version that the form was drawn from. */
  seenVersion: z.number().int().min(0),
  reason: reasonSchema,
});
export type OrderSettings = z.infer<typeof orderSettingsRequestSchema>;
export const orderedSettingsSchema = z.object({ version: z.number() });
