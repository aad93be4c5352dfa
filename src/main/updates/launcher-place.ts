import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type HealthWord,
  type LauncherState,
  type SlotName,
  hasCommitted,
  healthWordOf,
  isSlot,
  launcherFiles,
  launcherStateOf,
  launcherSwitches,
  packageOrder,
} from '../../shared/launcher.ts';
import { readJsonFile } from '../../shared/node/read-json-file.ts';
import { syncPath, writeFileAtomic } from '../../shared/node/write-file-atomic.ts';

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

/** Whether the version that runs is the one that counts: until its try was a success, the other slot is that of the one before. */
export function isCounting(place: LauncherPlace): boolean {
  const state = launcherState(place);
  return place.order === null || (state !== null && hasCommitted(state, place.order));
}

/**
 * Takes back an order that lies there and that the launcher has not taken; a package's stays, whoever installed that is the
 * machine's. Its id; null: there is none. Throws what `node:fs` throws.
 */
export function takeBackOrder(place: LauncherPlace): string | null {
  const path = join(place.root, launcherFiles.order);
  const { id } = (readJsonFile(path) ?? {}) as { id?: unknown };
  if (typeof id !== 'string' || id.startsWith(packageOrder)) return null;
  const state = launcherState(place);
  if (state?.trying?.id === id || state?.ended.some((one) => one.id === id) === true) return null;
  rmSync(path);
  syncPath(place.root);
  return id;
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
