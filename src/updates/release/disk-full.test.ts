import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { launcherFiles } from '../../shared/launcher.ts';
import { makeScratchFolder } from '../../testkit/scratch-folder.ts';
import { UpdateRepository } from '../../testkit/updates/repository.ts';
import type { InstallPlace } from './install-release.ts';
import { type Release, releaseFilePath, releaseSchema } from './release.schema.ts';

/** The disk is full at the n-th thing that needs room on it, and at each that follows, until there is room again. */
const disk = vi.hoisted(() => ({ writes: 0, fullFrom: Infinity }));
const needsRoom = vi.hoisted(() => (): void => {
  disk.writes++;
  if (disk.writes >= disk.fullFrom)
    throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
});
const guarded = vi.hoisted(
  () =>
    <T extends object>(real: T, names: readonly string[]): T =>
      Object.assign(
        {},
        real,
        Object.fromEntries(
          names.map((name) => {
            const call = (real as Record<string, (...given: unknown[]) => unknown>)[name];
            return [
              name,
              (...given: unknown[]) => {
                needsRoom();
                return call?.(...given);
              },
            ];
          }),
        ),
      ),
);
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const open = async (...given: Parameters<typeof real.open>) => {
    const handle = await real.open(...given);
    for (const name of ['write', 'writeFile', 'sync', 'datasync'] as const) {
      const call = handle[name].bind(handle) as (...args: unknown[]) => unknown;
      Object.assign(handle, {
        [name]: async (...args: unknown[]) => {
          needsRoom();
          return call(...args);
        },
      });
    }
    return handle;
  };
  return { ...guarded(real, ['mkdir', 'copyFile', 'rename', 'writeFile']), open };
});
vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  return guarded(real, ['writeFileSync', 'fsyncSync', 'renameSync']);
});

let scratch: ReturnType<typeof makeScratchFolder>;
let url: string;
let installRelease: typeof import('./install-release.ts').installRelease;
let orderSlot: typeof import('./install-release.ts').orderSlot;
let UpdateError: typeof import('../tuf/update-error.ts').UpdateError;
const server = new UpdateRepository();
beforeAll(async () => {
  // What the file before has loaded in this worker has the real disk.
  vi.resetModules();
  ({ installRelease, orderSlot } = await import('./install-release.ts'));
  ({ UpdateError } = await import('../tuf/update-error.ts'));
  url = await server.start();
});
afterAll(() => {
  vi.resetModules();
  return server.stop();
});
beforeEach(() => {
  scratch = makeScratchFolder();
  disk.fullFrom = Infinity;
  return () => scratch.remove();
});

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const contents = {
  kaimen: 'the same program',
  'resources/app.asar': 'new code',
  'resources/more/own.bin': 'more',
};

function prepare(): {
  readonly release: Release;
  readonly place: InstallPlace;
  readonly running: () => string;
} {
  const root = join(scratch.path, 'root');
  const files = Object.entries(contents).map(([path, text]) => {
    server.plain.set(`/targets/${releaseFilePath(hashOf(text))}`, Buffer.from(text));
    return { path, sha256: hashOf(text), size: text.length, isExecutable: path === 'kaimen' };
  });
  const about = { format: 1, version: '1.1.0', platform: 'linux', arch: 'x64', start: 'kaimen' };
  const release = releaseSchema.parse({ ...about, files });
  const own = join(root, 'slots', 'a');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'kaimen'), contents.kaimen);
  chmodSync(join(own, 'kaimen'), 0o755);
  const content = { format: 1, version: '1.0.0', start: 'kaimen', files: files.slice(0, 1) };
  writeFileSync(join(own, launcherFiles.slot), JSON.stringify(content));
  const folder = join(root, 'updates');
  const source = { folder, url, platform: 'linux', arch: 'x64', clock: systemClock, nowMs: () => Date.now() };
  const place: InstallPlace = { ...source, root, running: 'a' };
  return { release, place, running: () => readFileSync(join(own, launcherFiles.slot), 'utf8') };
}
const isWhole = ({ root }: InstallPlace): boolean => {
  try {
    readFileSync(join(root, 'slots', 'b', launcherFiles.slot));
    return Object.entries(contents).every(
      ([path, text]) => readFileSync(join(root, 'slots', 'b', path), 'utf8') === text,
    );
  } catch {
    return false;
  }
};
const hasDescription = ({ root }: InstallPlace): boolean => {
  try {
    return readFileSync(join(root, 'slots', 'b', launcherFiles.slot)).length > 0;
  } catch {
    return false;
  }
};

it('at each single write: a failure, no half slot that counts, and all of it once there is room', async () => {
  const counted = prepare();
  disk.writes = 0;
  await installRelease(counted.place, counted.release);
  const writes = disk.writes;
  expect(writes).toBeGreaterThan(15);
  for (let n = 1; n <= writes; n++) {
    scratch.remove();
    disk.fullFrom = Infinity;
    const { release, place, running } = prepare();
    const before = running();
    [disk.writes, disk.fullFrom] = [0, n];
    const failed: unknown = await installRelease(place, release).catch((error: unknown) => error);
    expect(failed, `write ${n}`).toBeInstanceOf(UpdateError);
    expect((failed as InstanceType<typeof UpdateError>).kind, `write ${n}`).toBe('disk');
    // A description is there only where all that it describes is.
    expect(!hasDescription(place) || isWhole(place), `write ${n}`).toBe(true);
    expect(running()).toBe(before);
    disk.fullFrom = Infinity;
    await installRelease(place, release);
    expect(isWhole(place), `write ${n}, with room`).toBe(true);
  }
}, 60_000);

it('an order that cannot be written is none', () => {
  const { place } = prepare();
  [disk.writes, disk.fullFrom] = [0, 1];
  expect(() => {
    orderSlot(place.root, { id: 'x', slot: 'b', version: '1.1.0' });
  }).toThrow(UpdateError);
  expect(() => readFileSync(join(place.root, launcherFiles.order))).toThrow();
});
