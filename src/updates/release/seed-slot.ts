import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type SlotContent,
  type SlotName,
  launcherFiles,
  launcherStateOf,
  otherSlot,
  packageOrder,
  slotContentOf,
} from '../../shared/launcher.ts';
import { compareVersions } from '../../shared/model/release-version.ts';
import { UpdateError } from '../tuf/update-error.ts';
import { type BringFile, fillSlot, orderSlot } from './install-release.ts';
import type { Release } from './release.schema.ts';

/** What has become of a packed app. `first`: nothing was there; `ordered`: it is tried at the next start; `kept`: it is no newer. */
export type Seeded = 'first' | 'ordered' | 'kept';

/**
 * Puts a packed app (a package of the system's) into a slot while no app runs: the first one, or the one that rests, where it is
 * newer than what counts; then the launcher tries it as any other. Throws an UpdateError.
 */
export async function seedSlot(root: string, appFolder: string, release: Release): Promise<Seeded> {
  const current = await currentSlot(root);
  const running = current === null ? null : await contentOf(root, current);
  if (running !== null && compareVersions(release.version, running.version) <= 0) return 'kept';
  // Where nothing runs, slot a is filled.
  const { slot } = await fillSlot(
    { root, running: running === null ? 'b' : (current ?? 'b') },
    release,
    copyFrom(appFolder),
  );
  if (running === null) return 'first';
  orderSlot(root, { id: `${packageOrder}${release.version}`, slot, version: release.version });
  return 'ordered';
}

/** As the launcher has it; before its first start whichever slot has something in it. */
async function currentSlot(root: string): Promise<SlotName | null> {
  const state = launcherStateOf(await readJson(join(root, launcherFiles.state)));
  const slots: SlotName[] = state === null ? ['a', 'b'] : [state.current, otherSlot(state.current)];
  for (const slot of slots) if ((await contentOf(root, slot)) !== null) return slot;
  return null;
}

async function contentOf(root: string, slot: SlotName): Promise<SlotContent | null> {
  return slotContentOf(await readJson(join(root, 'slots', slot, launcherFiles.slot)));
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

function copyFrom(appFolder: string): BringFile {
  return async ({ path, sha256 }, to) => {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(join(appFolder, ...path.split('/')), to);
    const hash = createHash('sha256')
      .update(await readFile(to))
      .digest('hex');
    if (hash !== sha256) throw new UpdateError('disk', `${path} is another one than the package says`);
  };
}
