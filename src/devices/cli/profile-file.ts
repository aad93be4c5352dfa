import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cabinetDevicesSchema } from '../../shared/model/device.ts';
import type { CabinetDevices } from '../../shared/model/device.ts';
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
  /** Puts other devices in; all other settings stay as they are. */
  write(devices: CabinetDevices['devices']): Result<void, ProfileFailure>;
}

/** The app's settings file, of which only `cabinet` is ours. A file that is there and does not parse is left as it is. */
export function openProfile(path: string): Result<ProfileFile, ProfileFailure> {
  let settings: Record<string, unknown> = {};
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(jsonOfBytes(readFileSync(path), path));
    if (!parsed.success) return fail('profile.invalid', `${path} is not a settings file`);
    settings = parsed.data;
  } catch (error) {
    if (error instanceof SyntaxError)
      return fail('profile.invalid', `${path} is left as it is: ${error.message}`);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      return fail('profile.unreadable', `${path} cannot be read`);
    }
  }
  const cabinet = cabinetDevicesSchema.safeParse(settings['cabinet'] ?? { simulated: false, devices: [] });
  if (!cabinet.success) return fail('profile.invalid', `${path}: cabinet: ${z.prettifyError(cabinet.error)}`);
  return ok({
    // A simulated cabinet's devices are no part of a real one.
    devices: cabinet.data.simulated ? [] : cabinet.data.devices,
    write: (devices) => write(path, { ...settings, cabinet: { simulated: false, devices } }),
  });
}

function write(path: string, settings: Record<string, unknown>): Result<void, ProfileFailure> {
  const cabinet = cabinetDevicesSchema.safeParse(settings['cabinet']);
  if (!cabinet.success) return fail('profile.invalid', z.prettifyError(cabinet.error));
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic(path, `${JSON.stringify(settings, null, '\t')}\n`);
    return ok();
  } catch {
    return fail('profile.not_written', `${path} cannot be written`);
  }
}
