import { constants } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import type { Clock } from '../../shared/clock.ts';
import type { SupportFailure } from '../../shared/model/support-bundle.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';

/** A stick that takes longer than this is one that was pulled. */
const writeMaxMs = 60_000;
/** Where a desktop or whoever set the machine up mounts what is plugged in. Nothing of the system itself lies there. */
const mountPlaces = /^(?:\/media|\/run\/media|\/mnt)(?:\/[^/.][^/]*){1,2}$/;

export interface Stick {
  readonly path: string;
  /** `8:17`, as the kernel numbers it. */
  readonly device: string;
}
type StickFailure = Failure<SupportFailure>;

/** The one stick that is plugged in and mounted. Several: whose is it? */
export async function findStick(
  files: Pick<typeof nodeFiles, 'readFile' | 'realpath'> = nodeFiles,
): Promise<Result<Stick, StickFailure>> {
  const mounts = await files.readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const sticks = new Map<string, Stick>();
  for (const stick of mounts.split('\n').map(mountOf)) {
    if (stick === null || !mountPlaces.test(stick.path)) continue;
    const place = await files.realpath(`/sys/dev/block/${stick.device}`).catch(() => '');
    if (/\/usb\d+\//.test(place)) sticks.set(stick.device, stick);
  }
  const [only, ...others] = sticks.values();
  if (only === undefined) return fail('no_stick', 'nothing is mounted that hangs on a USB port');
  return others.length === 0 ? ok(only) : fail('many_sticks', `${others.length + 1} are plugged in`);
}

/** Fields of `/proc/self/mountinfo` (proc_pid_mountinfo(5)); spaces and the like in names are written in octal. */
function mountOf(line: string): Stick | null {
  const [, , device = '', root, path = ''] = line.split(' ');
  if (root !== '/' || !/^\d+:\d+$/.test(device)) return null;
  const plain = path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(parseInt(octal, 8)),
  );
  return { path: plain, device };
}

/**
 * Writes a file onto the stick: under another name first, onto the disk, and only then under its own. The folder is
 * held open all the time, so that a stick that is pulled cannot become a folder of the cabinet's own disk; a link is followed
 * nowhere, and nothing that is there already is overwritten.
 */
export async function writeToStick(
  stick: Stick,
  name: string,
  bytes: Uint8Array,
  { clock, files = nodeFiles }: { readonly clock: Clock; readonly files?: StickFiles },
): Promise<Result<void, StickFailure>> {
  const written = await withTimeout(clock, writeMaxMs, writeOnto(stick, name, bytes, files));
  return written.ok ? written.value : fail('stick_pulled', 'it has not answered');
}
type StickFiles = Pick<typeof nodeFiles, 'open' | 'rename' | 'unlink' | 'lstat' | 'statfs'>;

async function writeOnto(
  stick: Stick,
  name: string,
  bytes: Uint8Array,
  files: StickFiles,
): Promise<Result<void, StickFailure>> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  try {
    const folder = await files.open(stick.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      if (deviceOf((await folder.stat()).dev) !== stick.device)
        return fail('stick_pulled', 'another disk is there now');
      return await writeInto(`/proc/self/fd/${folder.fd}`, name, bytes, files);
    } finally {
      await folder.close();
    }
  } catch (error) {
    return failureOf(error);
  }
}

async function writeInto(
  folder: string,
  name: string,
  bytes: Uint8Array,
  files: StickFiles,
): Promise<Result<void, StickFailure>> {
  const [draft, final] = [`${folder}/${name}.part`, `${folder}/${name}`];
  if (await isThere(final, files)) return fail('stick_unsafe', 'that name is taken');
  const { bavail, bsize } = await files.statfs(folder);
  if (bavail * bsize < bytes.length) return fail('stick_full', 'no room');
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await files.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(draft, final);
  } catch (error) {
    await files.unlink(draft).catch(() => undefined);
    throw error;
  }
  const names = await files.open(folder, constants.O_RDONLY);
  try {
    await names.sync();
  } finally {
    await names.close();
  }
  return ok();
}

async function isThere(path: string, files: StickFiles): Promise<boolean> {
  try {
    await files.lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** As the kernel numbers it (makedev(3)), of what `stat` says. */
export function deviceOf(dev: number): string {
  const [low, high] = [dev % 2 ** 32, Math.floor(dev / 2 ** 32)];
  const major = ((low >>> 8) & 0xfff) + (high & 0xfffff000);
  const minor = (low & 0xff) + ((low >>> 12) & 0xfff00) + (high & 0xfff) * 2 ** 20;
  return `${major}:${minor}`;
}

const failures: Readonly<Record<string, SupportFailure>> = {
  ENOSPC: 'stick_full',
  EDQUOT: 'stick_full',
  EFBIG: 'stick_full',
  EROFS: 'stick_read_only',
  EACCES: 'stick_read_only',
  EPERM: 'stick_read_only',
  ELOOP: 'stick_unsafe',
  ENOTDIR: 'stick_unsafe',
  EEXIST: 'stick_unsafe',
  EIO: 'stick_pulled',
  ENODEV: 'stick_pulled',
  ENXIO: 'stick_pulled',
  ENOENT: 'stick_pulled',
  ESTALE: 'stick_pulled',
};

function failureOf(error: unknown): Result<never, StickFailure> {
  return fail(failures[codeOf(error)] ?? 'stick_failed', String(error).slice(0, 200));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
