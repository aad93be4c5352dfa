import { join } from 'node:path';
import {
  type HealthWord,
  type LauncherState,
  type SlotName,
  healthWordOf,
  isSlot,
  launcherFiles,
  launcherStateOf,
  launcherSwitches,
} from '../../shared/launcher.ts';
import { readJsonFile } from '../../shared/node/read-json-file.ts';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';

/** As much of it as a report has room for. */
const whyMaxChars = 160;

/** Where the launcher has started this app from; `order`: it is tried. */
export interface LauncherPlace {
  readonly root: string;
  readonly slot: SlotName;
  readonly order: string | null;
}

/** Null: no launcher has started it (development, tests, an installation without updates). */
export function launcherPlace(switchOf: (name: string) => string): LauncherPlace | null {
  const [root, slot, order] = [launcherSwitches.root, launcherSwitches.slot, launcherSwitches.order].map(
    switchOf,
  );
  if (root === undefined || root === '' || !isSlot(slot)) return null;
  return { root, slot, order: order === undefined || order === '' ? null : order };
}

/** Null: there is none, or it cannot be read. */
export function launcherState({ root }: LauncherPlace): LauncherState | null {
  return launcherStateOf(readJsonFile(join(root, launcherFiles.state)));
}

/** How often a version was tried and left. */
export function failuresOf(place: LauncherPlace, version: string): number {
  const ended = launcherState(place)?.ended ?? [];
  return ended.filter((one) => one.version === version && one.end !== 'committed').length;
}

/** What a version said that it lacked when it was tried last and left: a word and a colon first; null: it said nothing. */
export function whyItFailed(place: LauncherPlace, version: string): string | null {
  const last = launcherState(place)?.ended.findLast((one) => one.version === version);
  const word = healthWordOf(readJsonFile(join(place.root, launcherFiles.health)));
  return last !== undefined && last.end !== 'committed' && word?.order === last.id
    ? (word.why ?? null)
    : null;
}

/** `why`: what it lacks. Throws what `node:fs` throws. */
export function sayHealth({ root, order }: LauncherPlace, phase: HealthWord['phase'], why?: string): void {
  if (order === null) return;
  const word: HealthWord = { order, phase, ...(why !== undefined && { why: why.slice(0, whyMaxChars) }) };
  writeFileAtomic(join(root, launcherFiles.health), JSON.stringify(word));
}
