import { join } from 'node:path';
import {
  type HealthWord,
  type LauncherState,
  type OrderEnd,
  type SlotOrder,
  healthWordOf,
  isSlot,
  launcherFiles,
  launcherStateOf,
  otherSlot,
} from '../shared/launcher.ts';
import { readJsonFile } from '../shared/node/read-json-file.ts';
import { writeFileAtomic } from '../shared/node/write-file-atomic.ts';

/**
 * So many orders are remembered, three tries of each of a hundred versions: one that lies there again is known for one that
 * ended, and a version that failed for one that failed.
 */
const endedMax = 300;
export const nothingBefore = { previous: null, previousVersion: null } as const;

/** Each is written in one act, so that half of one is never read. */
const read = (root: string, name: string): Record<string, unknown> =>
  (readJsonFile(join(root, name)) ?? {}) as Record<string, unknown>;

export function readOrder(root: string): SlotOrder | null {
  const { id, slot, version } = read(root, launcherFiles.order);
  return typeof id === 'string' && isSlot(slot) && typeof version === 'string' ? { id, slot, version } : null;
}

export const readHealth = (root: string): HealthWord | null => healthWordOf(read(root, launcherFiles.health));

/** Null: there is none yet, or it was damaged. */
export const readState = (root: string): LauncherState | null =>
  launcherStateOf(read(root, launcherFiles.state));

/** Throws what `node:fs` throws: then the state before is on the disk. */
export function writeState(root: string, state: LauncherState): void {
  writeFileAtomic(join(root, launcherFiles.state), `${JSON.stringify(state, null, 1)}\n`);
}

/** An order that was not taken before, and that names the slot that rests. */
export function withOrder(state: LauncherState, order: SlotOrder | null): LauncherState {
  if (order === null || state.trying !== null || state.ended.some(({ id }) => id === order.id)) return state;
  const taken = { ...state, trying: { ...order, tries: 0 } };
  return order.slot === otherSlot(state.current) ? taken : withEnd(taken, 'refused', null);
}

/** One try more, or one less: another app held the machine, and that says nothing about this one. */
export const withTries = (state: LauncherState, more: 1 | -1): LauncherState =>
  state.trying === null ? state : { ...state, trying: { ...state.trying, tries: state.trying.tries + more } };

/** What is tried has ended, the one way or the other; `currentVersion`: what counted until now. */
export function withEnd(state: LauncherState, end: OrderEnd, currentVersion: string | null): LauncherState {
  const { trying, current, ended } = state;
  if (trying === null) return state;
  const slots =
    end === 'committed'
      ? { current: trying.slot, previous: current, previousVersion: currentVersion }
      : // What was tried has been found wanting: it is nothing to go back to.
        { current, ...nothingBefore };
  const more = { id: trying.id, version: trying.version, end };
  return { format: 1, ...slots, trying: null, ended: [...ended, more].slice(-endedMax) };
}

/** What counts is left for what counted before. */
export function withPrevious(state: LauncherState, version: string): LauncherState {
  if (state.previous === null) return state;
  const more = { id: `left ${version}`, version, end: 'exits' as const };
  return {
    ...state,
    current: state.previous,
    ...nothingBefore,
    ended: [...state.ended, more].slice(-endedMax),
  };
}
