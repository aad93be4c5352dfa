import { z } from 'zod';
import { cabinetDevicesSchema, deviceIdsOf } from './device.ts';
import { problemsOfCameras, shelfCamerasSchema } from './shelf-camera.ts';
import { problemsOf, weighedShelfSchema } from './weighed-shelf.ts';

/** What is built into a cabinet, how it is wired, and which goods its scales and cameras watch: `cabinet` and `shelf` of its settings. */
export const shelfSchema = weighedShelfSchema.extend({ cameras: shelfCamerasSchema });
export interface Profile {
  readonly cabinet: z.infer<typeof cabinetDevicesSchema>;
  readonly shelf: z.infer<typeof shelfSchema>;
}
const profileShape = z.object({ cabinet: cabinetDevicesSchema, shelf: shelfSchema.prefault({}) });

interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What of a profile does not fit together, beside the camera for faces, in words for whoever made it; and where. */
export function problemsOfProfile({ cabinet, shelf }: Profile, faceCamera: string | null): Problem[] {
  const others = { deviceIds: deviceIdsOf(cabinet.devices), faceCamera };
  return [...problemsOf(shelf, cabinet), ...problemsOfCameras(shelf.cameras, shelf, others)].map((one) => ({
    ...one,
    path: ['shelf', ...one.path],
  }));
}

/** A whole profile, by itself. */
export const profileSchema = profileShape.superRefine((profile, context) => {
  for (const { path, message } of problemsOfProfile(profile, null))
    context.addIssue({ code: 'custom', path, message });
});

/** Under which names a profile stands in the settings. */
export const partsOfProfile = ['cabinet', 'shelf'] as const satisfies (keyof Profile)[];
const listsOfProfile = [
  { part: 'cabinet', list: 'devices', of: ({ cabinet }: Profile) => cabinet.devices },
  { part: 'shelf', list: 'lanes', of: ({ shelf }: Profile) => shelf.lanes },
  { part: 'shelf', list: 'cameras', of: ({ shelf }: Profile) => shelf.cameras },
] as const;

/**
 * Which lists of a profile are in no word of these settings, although there was something in them (`before`; null: whatever was
 * in them). A name in which one letter is damaged or written wrongly takes its list away in silence: without its lanes a
 * cabinet sells what stands on its scales by tags alone.
 */
export function lostParts(raw: Readonly<Record<string, unknown>>, before: Profile | null): string[] {
  return listsOfProfile.flatMap(({ part, list, of }) => {
    const written = raw[part] as Readonly<Record<string, unknown>> | null | undefined;
    const isLost = written?.[list] === undefined && (before === null || of(before).length > 0);
    return isLost ? [`${part}.${list}`] : [];
  });
}

/** Of the list below. Raised when an older app would misread a profile of this one. */
export const profileForm = 1;
/** So many versions are kept, each whole. */
export const profileVersionsKept = 10;
/** And no more than this of them, as JSON: the settings, which hold them, are read whole and up to a bound. */
export const profileVersionsMaxChars = 500_000;
/**
 * Why a version is there: `begin`: as it was before the first change; `here`: somebody at the cabinet's screen; `undo`: the same,
 * back to an older one; `command`: `npm run devices -- setup`; `elsewhere`: somebody has written into the file.
 */
export const profileWhys = ['begin', 'here', 'undo', 'command', 'elsewhere'] as const;
export type ProfileWhy = (typeof profileWhys)[number];

const versionSchema = z.number().int().min(0);
const keptProfileSchema = z.looseObject({
  version: versionSchema,
  atMs: z.number(),
  by: z.string().max(60),
  why: z.enum(profileWhys),
  /** As it was in the file; checked again before it counts again. */
  profile: z.looseObject({ cabinet: z.unknown(), shelf: z.unknown() }),
});
export type KeptProfile = z.infer<typeof keptProfileSchema>;

/** Those that can be read: a damaged one takes no other with it. */
function readable(list: readonly unknown[]): KeptProfile[] {
  return list.flatMap((one) => keptProfileSchema.safeParse(one).data ?? []).slice(-profileVersionsKept);
}

/** Stands in the settings themselves: a change and its place in the list are one write. */
export const profileHistorySchema = z.looseObject({
  form: z.number().int().default(profileForm),
  /** Of the newest; 0: nothing was ever changed. */
  version: versionSchema,
  /** The oldest first. */
  list: z.array(z.unknown()).transform(readable),
});
export type ProfileHistory = z.infer<typeof profileHistorySchema>;
export const noProfiles: ProfileHistory = { form: profileForm, version: 0, list: [] };

interface Change {
  readonly next: Profile;
  readonly by: string;
  readonly why: ProfileWhy;
  readonly atMs: number;
}

/** The list with one more version, and before it what is in force and not in the list yet: put there by hand, or from the beginning. */
export function withProfile(history: ProfileHistory, inForce: Profile, change: Change): ProfileHistory {
  const before = withProfileInForce(history, inForce, change.atMs, true);
  return withOneMore(before, change.next, change);
}

/** As it is in force now; `begins`: also when nothing is in the list yet. */
export function withProfileInForce(
  history: ProfileHistory,
  inForce: Profile,
  atMs: number,
  begins: boolean,
): ProfileHistory {
  const newest = history.list.at(-1);
  const common = { by: '-', atMs };
  if (newest !== undefined)
    return isSameProfile(newest.profile, inForce)
      ? history
      : withOneMore(history, inForce, { ...common, why: 'elsewhere' });
  if (!begins) return history;
  const first = { ...common, why: 'begin' as const, version: history.version, profile: pick(inForce) };
  return { ...history, list: [first] };
}

function withOneMore(
  history: ProfileHistory,
  profile: Profile,
  { by, why, atMs }: Omit<Change, 'next'>,
): ProfileHistory {
  const version = history.version + 1;
  const one: KeptProfile = { version, atMs: Math.round(atMs), by, why, profile: pick(profile) };
  const list = [...history.list, one].slice(-profileVersionsKept);
  const fits = (): boolean =>
    list.reduce((sum, kept) => sum + JSON.stringify(kept).length, 0) <= profileVersionsMaxChars;
  while (list.length > 1 && !fits()) list.shift();
  return { ...history, version, list };
}

function pick({ cabinet, shelf }: Profile): KeptProfile['profile'] {
  return { cabinet, shelf };
}

/** Whether both say the same; one that cannot be read (any more) is like no other. */
export function isSameProfile(one: unknown, other: unknown): boolean {
  const [a, b] = [profileShape.safeParse(one), profileShape.safeParse(other)];
  return a.success && b.success && JSON.stringify(a.data) === JSON.stringify(b.data);
}
