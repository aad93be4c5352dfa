import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { type LauncherState, type SlotName, launcherFiles } from '../../shared/launcher.ts';
import { installRelease, orderSlot } from '../../updates/release/install-release.ts';
import { fetchRelease } from '../../updates/release/fetch-release.ts';
import { trustAtLeast } from '../../updates/tuf/trusted-metadata.ts';

/** One round of an update in a process of its own: `node updater-program.ts <root> <slot> <version> <address> <first root> <gate>`. */
const [, , root = '', slot = 'a', version = '', url = '', firstRoot = '', gate = ''] = process.argv;
const folder = join(root, 'updates');
const source = { folder, url, platform: 'linux', arch: 'x64', clock: systemClock };
try {
  await trustAtLeast(join(folder, 'metadata'), readFileSync(firstRoot, 'utf8'));
  const release = await fetchRelease(source, version);
  const place = { ...source, root, running: slot as SlotName, freeBytes: () => Promise.resolve(1e12) };
  const installed = await installRelease(place, release);
  // The gate: nobody is served.
  while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 20));
  const state = existsSync(join(root, launcherFiles.state))
    ? (JSON.parse(readFileSync(join(root, launcherFiles.state), 'utf8')) as LauncherState)
    : null;
  orderSlot(root, { id: `${version}#${state?.ended.length ?? 0}`, slot: installed.slot, version });
} catch (error) {
  process.stderr.write(`[updater] ${String(error)}\n`);
  process.exitCode = 1;
}
