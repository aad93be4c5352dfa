import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TargetFile } from 'tuf-js';
import type { Clock } from '../../shared/clock.ts';
import { syncPath } from '../../shared/node/write-file-atomic.ts';
import { type Body, type Patience, ask } from './patient-request.ts';
import { UpdateError } from './update-error.ts';

/**
 * A line that brings less than 1 KB/s over ten minutes is left alone for a while: what came is kept, and the next try goes
 * on from there.
 */
export const targetPatience: Patience = { silenceMs: 60_000, windowMs: 600_000, leastBytes: 600 * 1_024 };

export interface TargetPlace {
  readonly url: URL;
  /** Where it is put when all of it is here and is what was signed; never anything else. */
  readonly path: string;
  /** Folder of what is not whole yet; one file at most stays there. On the same disk as `path`, or it is copied once more. */
  readonly partFolder: string;
  readonly clock: Clock;
  readonly patience?: Patience;
  /** Aborted: it is over at once, and what came stays for the next time. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Fetches one file that is signed for, the rest of it when a part is here. At most its signed length is read. What is whole
 * and wrong is thrown away, and fetched once more where a part of it was from before. Throws an UpdateError.
 */
export async function downloadTarget(target: TargetFile, place: TargetPlace): Promise<void> {
  try {
    const part = await openPart(target, place.partFolder);
    const before = await sizeOf(part);
    await fetchRest(target, place, part);
    if (!(await isWhole(target, part))) {
      await rm(part, { force: true });
      if (before === 0) throw wrong(target);
      await fetchRest(target, place, part);
      if (!(await isWhole(target, part))) {
        await rm(part, { force: true });
        throw wrong(target);
      }
    }
    await mkdir(dirname(place.path), { recursive: true });
    await move(part, place.path);
  } catch (error) {
    throw await asUpdateError(error, place.partFolder);
  }
}

/** Whether the file at `path` is what is signed for. */
export async function isWhole(target: TargetFile, path: string): Promise<boolean> {
  if ((await sizeOf(path)) !== target.length) return false;
  const bytes = createReadStream(path);
  try {
    await target.verify(bytes);
    return true;
  } catch {
    return false;
  } finally {
    bytes.destroy();
  }
}

const wrong = (target: TargetFile): UpdateError =>
  new UpdateError('untrusted', `what came as ${target.path} is not what was signed`);

/** By what it has to be, so that a part of another release is never gone on with; parts of others are removed. */
async function openPart({ hashes, length }: TargetFile, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const [hash = ''] = Object.values(hashes);
  const name = `${hash.replace(/[^0-9a-zA-Z]/g, '').slice(0, 128)}-${length}`;
  for (const other of await readdir(folder))
    if (other !== name) await rm(join(folder, other), { recursive: true, force: true });
  const path = join(folder, name);
  if ((await sizeOf(path)) > length) await rm(path);
  return path;
}

async function fetchRest(target: TargetFile, place: TargetPlace, part: string): Promise<void> {
  const { url, clock, stop, patience = targetPatience } = place;
  const here = await sizeOf(part);
  if (here === target.length && here > 0) return;
  const refused = (status: number): UpdateError =>
    status === 416
      ? new UpdateError('missing', `${url.pathname} has no such rest`)
      : new UpdateError('missing', `${url.pathname}: ${status}`);
  let body: Body;
  try {
    body = await ask({ url, from: here, patience, clock, stop }, refused);
    if (body.startsAt !== here && body.startsAt !== 0) {
      body.close();
      throw new UpdateError('missing', `${url.pathname}: another part came than was asked for`);
    }
  } catch (error) {
    // A server that cannot give the rest may give the whole.
    if (here > 0 && error instanceof UpdateError && error.kind === 'missing') {
      await rm(part, { force: true });
      await fetchRest(target, place, part);
      return;
    }
    throw error;
  }
  await append(target, body, part);
}

async function append(target: TargetFile, body: Body, part: string): Promise<void> {
  const file = await open(part, body.startsAt === 0 ? 'w' : 'a', 0o600);
  let length = body.startsAt;
  try {
    for await (const chunk of body.chunks) {
      length += chunk.length;
      if (length > target.length)
        throw new UpdateError('too_long', `${target.path} is longer than ${target.length} bytes`);
      await file.appendFile(chunk);
    }
  } finally {
    body.close();
    try {
      // What came before a break is to be there after a power cut, too.
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** In one act, also onto another disk. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    const draft = `${to}.new`;
    const file = await open(draft, 'w', 0o600);
    try {
      for await (const chunk of createReadStream(from) as AsyncIterable<Buffer>) await file.appendFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, to);
    await rm(from);
  }
  syncPath(dirname(to));
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

/** A full disk keeps no part: charges need the place. */
async function asUpdateError(error: unknown, partFolder: string): Promise<UpdateError> {
  if (error instanceof UpdateError) return error;
  if (codeOf(error) === 'ENOSPC') await rm(partFolder, { recursive: true, force: true });
  return new UpdateError('disk', error instanceof Error ? error.message : String(error), { cause: error });
}
