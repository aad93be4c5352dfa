import { z } from 'zod';
import { deviceIdSchema, deviceSpecSchema } from './device.ts';
import { profileWhys } from './device-profile.ts';
import { foundDevicesSchema } from './found-device.ts';
import { type ServiceAct, setupActs } from './service.ts';

/** Set-up of the devices at the screen, as the page draws it. */

const versionSchema = z.number().int().min(0);
const idsSchema = z.array(deviceIdSchema).max(16);

export const setupViewSchema = z.object({
  /** Of the profile that is saved. */
  version: versionSchema,
  /** Why an older one is used than the one in the file; null: it is not. */
  badProfile: z.string().max(400).nullable(),
  /** What is being tried and not saved yet: the device program runs with it. */
  isDraft: z.boolean(),
  devices: z.array(
    z.object({
      id: deviceIdSchema,
      spec: deviceSpecSchema,
      isChanged: z.boolean(),
      /** It was seen to do its work since it was changed. */
      isProven: z.boolean(),
    }),
  ),
  /** That are left out, of those that are saved. */
  leftOut: idsSchema,
  /** What the last search has found; null: none was made. */
  found: foundDevicesSchema.nullable(),
  /** The newest first. */
  versions: z.array(
    z.object({
      version: versionSchema,
      atMs: z.number(),
      by: z.string(),
      why: z.enum(profileWhys),
      /** Beside the one before. */
      added: idsSchema,
      removed: idsSchema,
      changed: idsSchema,
      isShelfChanged: z.boolean(),
    }),
  ),
});
export type SetupView = z.infer<typeof setupViewSchema>;

/** `seenVersion`: of the profile as it was on the screen; nothing is done when it is another one meanwhile. */
const seen = { seenVersion: versionSchema };
export const setupOrderSchemas = [
  z.object({ act: z.literal('findDevices') }).strict(),
  /** The device program starts anew with this one, in the place of another or beside all. */
  z
    .object({
      ...{ act: z.literal('tryDevice'), ...seen },
      replaces: deviceIdSchema.nullable(),
      device: deviceSpecSchema,
    })
    .strict(),
  z.object({ act: z.literal('leaveOutDevice'), ...seen, deviceId: deviceIdSchema }).strict(),
  /** The device program starts anew with what is saved. */
  z.object({ act: z.literal('dropProfile') }).strict(),
  z.object({ act: z.literal('saveProfile'), ...seen }).strict(),
  /** Back to how it was in version `to`: a new version. */
  z.object({ act: z.literal('undoProfile'), ...seen, to: versionSchema }).strict(),
] as const;
const setupOrderSchema = z.discriminatedUnion('act', setupOrderSchemas);
export type SetupOrder = z.infer<typeof setupOrderSchema>;

export function isSetupOrder(order: { readonly act: ServiceAct }): order is SetupOrder {
  return (setupActs as readonly ServiceAct[]).includes(order.act);
}
