import {
  type Profile,
  type ProfileHistory,
  lostParts,
  partsOfProfile,
  profileHistorySchema,
} from '../../shared/model/device-profile.ts';
import { type Settings, settingsSchema } from './settings-schema.ts';

/** The devices and shelves of when all could be read last, and of which version they are; null: never. */
export type LastGood = () => (Profile & { readonly profiles: ProfileHistory }) | null;

type Raw = Readonly<Record<string, unknown>>;

/** Whether an entry of the settings says what is built in, and not what the cabinet does. */
export function isOfProfile(name: unknown): boolean {
  return partsOfProfile.some((part) => part === name);
}

/**
 * The settings with the devices and shelves that were in force last, where those in the file cannot be used: somebody has
 * written a slip into it, and the cabinet is wired as it was before. Never with older ones than the newest: on its scales stand
 * other goods since. Null: there are none, or they do not go with the rest of the file.
 */
export function settingsInForceLast(raw: Raw, lastGood: LastGood): Settings | null {
  const history = profileHistorySchema.safeParse(raw['profiles']).data;
  const newest = history?.list.at(-1);
  const copy = lastGood();
  // Nothing is known of versions: the copy is all there is.
  const isCopyOfNewest = (history?.version ?? 0) === 0 || copy?.profiles.version === history?.version;
  const inForce = [
    ...(newest !== undefined && newest.version === history?.version ? [newest.profile] : []),
    ...(copy !== null && isCopyOfNewest ? [copy] : []),
  ];
  for (const { cabinet, shelf } of inForce) {
    const settings = settingsSchema.safeParse({ ...raw, cabinet, shelf });
    if (settings.success) return settings.data;
  }
  return null;
}

/** The same, where what was in force last is in no word of the file any more; null: nothing is gone. */
export function settingsBeforeLoss(raw: Raw, lastGood: LastGood): { settings: Settings; why: string } | null {
  if (lostParts(raw, null).length === 0) return null;
  const settings = settingsInForceLast(raw, lastGood);
  const lost = settings === null ? [] : lostParts(raw, settings);
  if (settings === null || lost.length === 0) return null;
  return { settings, why: `${lost.join(', ')} is gone: write [] where there are none` };
}
