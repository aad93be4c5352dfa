import { type Profile, profileHistorySchema } from '../../shared/model/device-profile.ts';
import { type Settings, settingsSchema } from './settings-schema.ts';

/** The devices and shelves of when all could be read last; null: never. */
export type LastGood = () => Profile | null;

const parts: readonly unknown[] = ['cabinet', 'shelf'] satisfies (keyof Profile)[];

/** Whether an entry of the settings says what is built in, and not what the cabinet does. */
export function isOfProfile(name: unknown): boolean {
  return parts.includes(name);
}

/**
 * The settings with the newest devices and shelves that can be used, where those in the file cannot: somebody has written a
 * slip into it, and the cabinet is wired as it was before. Null: there are none.
 */
export function settingsWithOlder(
  raw: Readonly<Record<string, unknown>>,
  lastGood: LastGood,
): Settings | null {
  const kept = profileHistorySchema.safeParse(raw['profiles']).data?.list ?? [];
  const older: unknown[] = [...kept.map(({ profile }) => profile).reverse(), lastGood()];
  for (const one of older) {
    if (one === null) continue;
    const { cabinet, shelf } = one as Record<keyof Profile, unknown>;
    const settings = settingsSchema.safeParse({ ...raw, cabinet, shelf });
    if (settings.success) return settings.data;
  }
  return null;
}
