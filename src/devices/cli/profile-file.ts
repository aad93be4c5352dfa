import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cabinetDevicesSchema } from '../../shared/model/device.ts';
import type { CabinetDevices } from '../../shared/model/device.ts';
import {
  lostParts,
  noProfiles,
  profileForm,
  profileHistorySchema,
  profileSchema,
  shelfSchema,
  withProfile,
} from '../../shared/model/device-profile.ts';
import { jsonOfBytes } from '../../shared/node/json-of-bytes.ts';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';

type ProfileFailure = Failure<'profile.unreadable' | 'profile.invalid' | 'profile.not_written'>;

/** Where the app keeps `config.json`: Electron's userData folder of this system, or KAIMEN_DATA_DIR. */
export function defaultProfilePath(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string {
  const given = env['KAIMEN_DATA_DIR'];
  if (given !== undefined) return join(given, 'config.json');
  if (platform === 'win32') return join(env['APPDATA'] ?? homedir(), 'Kaimen', 'config.json');
  if (platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'Kaimen', 'config.json');
  return join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'Kaimen', 'config.json');
}

export interface ProfileFile {
  readonly devices: CabinetDevices['devices'];
  /** Puts other devices in, as a version of their own; all other settings stay as they are. */
  write(devices: CabinetDevices['devices'], atMs: number): Result<void, ProfileFailure>;
}

/** What of the settings is ours; the app checks the rest. */
const oursSchema = z.looseObject({
  cabinet: cabinetDevicesSchema.default({ simulated: false, devices: [] }),
  shelf: shelfSchema.prefault({}),
  profiles: profileHistorySchema.default(noProfiles).catch(noProfiles),
});
type Ours = z.infer<typeof oursSchema>;

/** The app's settings file, of which only devices and shelves are ours. A file that is there and does not parse is left as it is. */
export function openProfile(path: string): Result<ProfileFile, ProfileFailure> {
  let settings: unknown = {};
  try {
    settings = jsonOfBytes(readFileSync(path), path);
  } catch (error) {
    if (error instanceof SyntaxError)
      return fail('profile.invalid', `${path} is left as it is: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      return fail('profile.unreadable', `${path} cannot be read`);
    }
  }
  const parsed = oursSchema.safeParse(settings);
  if (!parsed.success) return fail('profile.invalid', `${path}: ${z.prettifyError(parsed.error)}`);
  const ours = parsed.data;
  if (ours.profiles.form > profileForm)
    return fail('profile.invalid', `${path} is left as it is: its devices were set up by a newer program`);
  const newest = profileSchema.safeParse(ours.profiles.list.at(-1)?.profile).data;
  const lost = newest === undefined ? [] : lostParts(settings as Record<string, unknown>, newest);
  if (lost.length > 0)
    return fail(
      'profile.invalid',
      `${path} is left as it is: ${lost.join(', ')} is gone ([]: there are none)`,
    );
  return ok({
    // A simulated cabinet's devices are no part of a real one.
    devices: ours.cabinet.simulated ? [] : ours.cabinet.devices,
    write: (devices, atMs) => write(path, { ours, raw: settings as object, devices, atMs }),
  });
}

interface Writing {
  readonly ours: Ours;
  /** The file as it is, with what nobody here knows. */
  readonly raw: object;
  readonly devices: CabinetDevices['devices'];
  readonly atMs: number;
}

function write(path: string, { ours, raw, devices, atMs }: Writing): Result<void, ProfileFailure> {
  const next = profileSchema.safeParse({ cabinet: { simulated: false, devices }, shelf: ours.shelf });
  if (!next.success) return fail('profile.invalid', z.prettifyError(next.error));
  const change = { next: next.data, by: '-', why: 'command', atMs } as const;
  const profiles = withProfile(ours.profiles, ours, change);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic(
      path,
      `${JSON.stringify({ ...raw, cabinet: next.data.cabinet, profiles }, null, '\t')}\n`,
    );
    return ok();
  } catch {
    return fail('profile.not_written', `${path} cannot be written`);
  }
}
