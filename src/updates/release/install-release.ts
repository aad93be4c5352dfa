import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, readFile, readdir, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TargetFile } from 'tuf-js';
import {
  type ReleaseFile,
  type SlotContent,
  type SlotName,
  type SlotOrder,
  launcherFiles,
  otherSlot,
} from '../../shared/launcher.ts';
import { syncPath, writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import type { Patience } from '../tuf/patient-request.ts';
import { downloadTarget } from '../tuf/target-download.ts';
import { UpdateError } from '../tuf/update-error.ts';
import { type ReleaseSource, targetsUrlOf } from './fetch-release.ts';
import { type Release, releaseFilePath } from './release.schema.ts';

/** Left free for charges and records, bytes. */
const reserveBytes = 100_000_000;

interface SlotPlace {
  /** The folder of the launcher. */
  readonly root: string;
  /** The slot that runs: it is read, never written. */
  readonly running: SlotName;
  /** Aborted: it is over at once, and what is there stays for the next time. */
  readonly stop?: AbortSignal;
  readonly freeBytes?: (folder: string) => Promise<number>;
}
export interface InstallPlace extends SlotPlace, ReleaseSource {
  readonly patience?: Patience;
}
/** Brings one file of a release to this path, whole and checked, or throws. */
export type BringFile = (file: ReleaseFile, path: string) => Promise<void>;

/** What came how. */
export interface Installed {
  readonly slot: SlotName;
  readonly downloadedBytes: number;
  readonly copiedBytes: number;
}

/**
 * Fills the slot that rests with a release, file by file: one that is there already stays, one that the running slot has is
 * copied, only the others are fetched. `slot.json` goes first and comes last, so that a slot in between is none. When this
 * is done all of it is on the disk. May be called again after any end. Throws an UpdateError.
 */
export function installRelease(place: InstallPlace, release: Release): Promise<Installed> {
  return fillSlot(place, release, (file, path) => fetchFile(place, file, path));
}

/** The same, with files that come from elsewhere. */
export async function fillSlot(place: SlotPlace, release: Release, bring: BringFile): Promise<Installed> {
  const slot = otherSlot(place.running);
  const folder = join(place.root, 'slots', slot);
  const description = join(folder, launcherFiles.slot);
  try {
    if (await isInstalled(folder, release)) return { slot, downloadedBytes: 0, copiedBytes: 0 };
    const runningFolder = join(place.root, 'slots', place.running);
    const own = await contentOf(runningFolder);
    await assertRoom(place, folder, release);
    await mkdir(folder, { recursive: true });
    await rm(description, { force: true });
    syncPath(folder);
    // Its own name, where it was made just now.
    syncPath(dirname(folder));
    await removeOthers(folder, pathsOf(release));
    const came = { downloadedBytes: 0, copiedBytes: 0 };
    for (const file of release.files) {
      if (place.stop?.aborted === true) throw new UpdateError('busy', 'stopped');
      const path = join(folder, ...file.path.split('/'));
      if (!(await isFile(path, file))) {
        if (await copyOwn(own, runningFolder, file, path)) came.copiedBytes += file.size;
        else {
          await bring(file, path);
          came.downloadedBytes += file.size;
        }
      }
      await settle(path, modeOf(file));
    }
    await syncFolders(folder);
    writeFileAtomic(description, JSON.stringify(contentFor(release)));
    return { slot, ...came };
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    throw new UpdateError('disk', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The slot is to be tried at the next start of the app. Throws an UpdateError. */
export function orderSlot(root: string, order: SlotOrder): void {
  try {
    writeFileAtomic(join(root, launcherFiles.order), JSON.stringify(order));
  } catch (error) {
    throw new UpdateError('disk', String(error), { cause: error });
  }
}

const contentFor = ({ version, start, files }: Release): SlotContent => ({
  format: 1,
  version,
  start,
  files,
});

const pathsOf = ({ files }: Release): Set<string> => new Set(files.map(({ path }) => path));

/**
 * Whether all of it is in the slot already, and unchanged. What does not belong there is taken away: the launcher starts no slot
 * that has more in it than its description says.
 */
async function isInstalled(folder: string, release: Release): Promise<boolean> {
  const there = await readFile(join(folder, launcherFiles.slot), 'utf8').catch(() => null);
  if (there !== JSON.stringify(contentFor(release))) return false;
  await removeOthers(folder, pathsOf(release).add(launcherFiles.slot));
  for (const file of release.files) {
    const path = join(folder, ...file.path.split('/'));
    if (!(await isFile(path, file)) || ((await stat(path)).mode & 0o777) !== modeOf(file)) return false;
  }
  return true;
}

async function contentOf(folder: string): Promise<Map<string, ReleaseFile>> {
  const text = await readFile(join(folder, launcherFiles.slot), 'utf8').catch(() => '{}');
  const { files = [] } = JSON.parse(text) as Partial<SlotContent>;
  return new Map(files.map((file) => [file.sha256, file]));
}

async function assertRoom(place: SlotPlace, folder: string, release: Release): Promise<void> {
  const { freeBytes = freeBytesOf } = place;
  await mkdir(folder, { recursive: true });
  let missing = 0;
  for (const { path, size } of release.files) {
    const there = await stat(join(folder, ...path.split('/'))).catch(() => null);
    missing += Math.max(0, size - (there?.size ?? 0));
  }
  if ((await freeBytes(folder)) < missing + reserveBytes)
    throw new UpdateError('disk', `no room for ${missing} bytes beside what charges need`);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What is in the slot and not in the release: files of the version before, and what was half-written. */
async function removeOthers(folder: string, known: ReadonlySet<string>, above = ''): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = `${above}${entry.name}`;
    const whole = join(folder, entry.name);
    if (entry.isDirectory()) {
      await removeOthers(whole, known, `${path}/`);
      if ((await readdir(whole)).length === 0) await rmdir(whole);
    } else if (!entry.isFile() || !known.has(path)) await rm(whole, { force: true });
  }
}

async function isFile(path: string, { sha256, size }: ReleaseFile): Promise<boolean> {
  const there = await stat(path).catch(() => null);
  if (there?.isFile() !== true || there.size !== size) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex') === sha256;
}

/** A copy and no link: a bad block is then one of one slot. Looked at after it was made: the running slot may be damaged. */
async function copyOwn(
  own: ReadonlyMap<string, ReleaseFile>,
  runningFolder: string,
  file: ReleaseFile,
  path: string,
): Promise<boolean> {
  const same = own.get(file.sha256);
  if (same === undefined) return false;
  await mkdir(dirname(path), { recursive: true });
  try {
    await copyFile(join(runningFolder, ...same.path.split('/')), path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
  return isFile(path, file);
}

async function fetchFile(place: InstallPlace, file: ReleaseFile, path: string): Promise<void> {
  const { clock, patience, folder, stop } = place;
  const target = new TargetFile({
    ...{ path: releaseFilePath(file.sha256), length: file.size, hashes: { sha256: file.sha256 } },
  });
  await downloadTarget(target, {
    ...{ path, clock, partFolder: join(folder, 'part'), stop },
    url: new URL(`${targetsUrlOf(place)}/${target.path}`),
    ...(patience === undefined ? {} : { patience }),
  });
}

const modeOf = ({ isExecutable }: ReleaseFile): number => (isExecutable ? 0o755 : 0o644);

/** Mode and content onto the disk. */
async function settle(path: string, mode: number): Promise<void> {
  await chmod(path, mode);
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await syncFolders(join(folder, entry.name));
  syncPath(folder);
}
