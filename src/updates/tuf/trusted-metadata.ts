import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TargetFile, Updater } from 'tuf-js';
import type { Clock } from '../../shared/clock.ts';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import { MetadataFetcher } from './metadata-fetcher.ts';
import { assertTargetName, assertUsableHashes, urlPathOf } from './target-names.ts';
import { UpdateError } from './update-error.ts';

/** In it tuf-js writes; what it leaves half-written is not the metadata. */
const draftName = 'draft';
/** A newer one of these is usable before those that come after it are here. */
const order = ['root.json', 'timestamp.json', 'snapshot.json', 'targets.json'];

export interface Repository {
  /** Folder of the newest metadata that was trusted, under unversioned names, as it was received. */
  readonly metadataFolder: string;
  readonly metadataUrl: string;
  readonly clock: Clock;
  /** What counts as now for what expires, wall ms; absent: the system's clock. */
  readonly nowMs?: (() => number) | undefined;
  /** Aborted: the look is over at once. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Sets what is trusted from the beginning: root metadata that came with the program. Asks nobody and checks nothing.
 * Throws what `node:fs` throws.
 */
export async function trustRoot(metadataFolder: string, root: string): Promise<void> {
  await mkdir(metadataFolder, { recursive: true });
  writeFileAtomic(join(metadataFolder, 'root.json'), root);
}

/**
 * The same where nothing is trusted yet, where what is trusted cannot be read any more (a bad block: no look would ever get past
 * it), or is older than what came with the program. A newer one stays.
 */
export async function trustAtLeast(metadataFolder: string, root: string): Promise<void> {
  const { signed } = JSON.parse(root) as { signed: { version: number } };
  if ((trustedVersion(metadataFolder) ?? 0) < signed.version) await trustRoot(metadataFolder, root);
}

/** Null: there is no root, or none that its own keys have signed. */
function trustedVersion(metadataDir: string): number | null {
  try {
    return trustedSetOf(new Updater({ metadataDir, metadataBaseUrl: '' })).root.signed.version;
  } catch {
    return null;
  }
}

/** tuf-js keeps it to itself; its version is exact. */
const trustedSetOf = (
  updater: Updater,
): { referenceTime: Date; readonly root: { readonly signed: { readonly version: number } } } =>
  (updater as unknown as { trustedSet: ReturnType<typeof trustedSetOf> }).trustedSet;

/** What may be asked of a repository at one look: its metadata is refreshed once. */
export interface Look {
  /** The whole workflow. */
  readonly refresh: () => Promise<void>;
  /** What is signed for under a name, by whoever may sign for it; null when nothing is. Refreshes where that was not done. */
  readonly find: (name: string) => Promise<TargetFile | null>;
  /** Where a file is to be asked for. */
  readonly urlOf: (target: TargetFile, baseUrl: string) => Promise<URL>;
}

/**
 * One look at a repository: the client workflow of the TUF specification (1.0, section 5) by tuf-js, on a copy of the trusted
 * metadata. What the workflow has come to trust is then put in place file by file, also when it ends in between: a newer
 * root counts even where what comes after it is missing. Throws an UpdateError.
 */
export async function withRepository<T>(
  { metadataFolder, metadataUrl, clock, nowMs, stop }: Repository,
  work: (look: Look) => Promise<T>,
): Promise<T> {
  const draft = join(metadataFolder, draftName);
  const fetcher = new MetadataFetcher(clock, stop);
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    for (const name of await metadataIn(metadataFolder))
      await copyFile(join(metadataFolder, name), join(draft, name));
    try {
      const updater = new Updater({ metadataDir: draft, metadataBaseUrl: metadataUrl, fetcher });
      if (nowMs !== undefined) countFrom(updater, nowMs());
      return await work({
        refresh: () => updater.refresh(),
        find: async (name) => {
          assertTargetName(name);
          const target = await updater.getTargetInfo(name);
          // What every object has is no file: `constructor`.
          if (!(target instanceof TargetFile)) return null;
          assertUsableHashes(target);
          return target;
        },
        urlOf: async (target, baseUrl) => {
          const name = (await namesHaveHashes(draft)) ? hashed(target) : target.path;
          return new URL(`${baseUrl.replace(/\/$/, '')}/${urlPathOf(name)}`);
        },
      });
    } finally {
      await putInPlace(draft, metadataFolder);
      await rm(draft, { recursive: true, force: true });
    }
  } catch (error) {
    throw asUpdateError(fetcher.failure ?? error);
  }
}

/**
 * tuf-js takes the system's clock, and a flat battery makes old metadata look fresh: the moment that it has noted (specification,
 * 5.1) is put right. Its version is exact, and a test sees that this counts.
 */
function countFrom(updater: Updater, nowMs: number): void {
  trustedSetOf(updater).referenceTime = new Date(nowMs);
}

/** Whether files are asked for by hash and name (specification, 6.2), by the root that is trusted. */
async function namesHaveHashes(folder: string): Promise<boolean> {
  const { signed } = JSON.parse(await readFile(join(folder, 'root.json'), 'utf8')) as {
    signed?: { consistent_snapshot?: unknown };
  };
  return signed?.consistent_snapshot === true;
}

/** The hash stands before the last part of the name. */
function hashed({ path, hashes }: TargetFile): string {
  const [hash = ''] = Object.values(hashes);
  const file = `${hash}.${basename(path)}`;
  return path.includes('/') ? `${dirname(path)}/${file}` : file;
}

async function metadataIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return names.sort((a, b) => rank(a) - rank(b));
}

async function putInPlace(draft: string, folder: string): Promise<void> {
  const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);
  for (const name of await metadataIn(draft)) {
    const text = await readFile(join(draft, name), 'utf8');
    if (text !== (await textOf(join(folder, name)))) writeFileAtomic(join(folder, name), text);
  }
}

function asUpdateError(error: unknown): UpdateError {
  if (error instanceof UpdateError) return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  const isOfDisk = error instanceof Error && 'syscall' in error;
  return new UpdateError(isOfDisk ? 'disk' : 'untrusted', message, { cause: error });
}
