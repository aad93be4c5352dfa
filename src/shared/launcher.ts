/**
 * What the app's exit code says to whoever started it (a service manager or a launcher). Above 63 the codes are those of
 * sysexits.h, so that they read the same in a service manager's log.
 */
export const exitCodes = {
  /** It was asked to end and has: nothing is to be done. */
  clean: 0,
  /** A bug: the state in memory could not be trusted any more. Start it again, with back-off. (EX_SOFTWARE) */
  bug: 70,
  /** Started in a way in which an installed app does not run: whoever starts it has to mend that. (EX_USAGE) */
  startedWrong: 64,
  /** The data folder cannot be used: starting again may help when a disk comes back, with back-off. (EX_IOERR) */
  storageUnusable: 74,
  /** Another one runs on this machine, or on this data folder, and was brought to the front. (EX_UNAVAILABLE) */
  runsAlready: 69,
  /** It has ended in order and wants to be started again at once. (EX_TEMPFAIL) */
  restart: 75,
} as const;

export type ExitReason = keyof typeof exitCodes;

/** How a launcher goes on after an exit. A code that is not in the table (a signal, a crash in native code) is a bug. */
export function launcherAction(exitCode: number): 'stay_down' | 'start' | 'start_with_backoff' {
  if (exitCode === exitCodes.clean) return 'stay_down';
  return exitCode === exitCodes.restart ? 'start' : 'start_with_backoff';
}

/**
 * Between app and launcher, in the folder above the slots (`slots/a`, `slots/b`). Each file has one writer, and is written
 * whole or not at all.
 */
export const launcherFiles = {
  /** By the launcher: which slot counts, and how tries ended. */
  state: 'state.json',
  /** By the app: a slot that is to be tried at the next start. */
  order: 'order.json',
  /** By the app that is tried: how far it has come. */
  health: 'health.json',
  /** By whoever installs the cabinet: times, where they are to differ. */
  settings: 'launcher.json',
  /** In a slot, written last: what is in it. A slot without it is none. */
  slot: 'slot.json',
} as const;

/** How the launcher tells the app where it is and what is tried: arguments, because an installed app strips its environment. */
export const launcherSwitches = { root: 'kaimen-root', slot: 'kaimen-slot', order: 'kaimen-order' } as const;

export type SlotName = 'a' | 'b';
export const otherSlot = (slot: SlotName): SlotName => (slot === 'a' ? 'b' : 'a');

/** One file of a release, and of a slot. */
export interface ReleaseFile {
  /** Below the slot, parts joined by `/`. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly isExecutable: boolean;
}

/** What is in a slot: the content of a release, and what of it is started. */
export interface SlotContent {
  readonly format: 1;
  readonly version: string;
  /** One of the files. */
  readonly start: string;
  readonly files: readonly ReleaseFile[];
}

export interface SlotOrder {
  /** Its own for each order; the same again changes nothing. */
  readonly id: string;
  readonly slot: SlotName;
  readonly version: string;
}

/** So begins the id of an order that came with a package of the system's, and with no app. */
export const packageOrder = 'package-';

/** `migrated`: the data is of this version; `healthy`: it is to stay; `unfit`: it cannot run here, and is to be left at once. */
export const healthPhases = ['migrated', 'healthy', 'unfit'] as const;
export interface HealthWord {
  readonly order: string;
  readonly phase: (typeof healthPhases)[number];
  /** What it lacks, a word and a colon first: for the version before, which tells it. */
  readonly why?: string;
}

/**
 * How an order ended. `committed`: its version stays; `refused`: the slot was not what it had to be; `unhealthy`: it did not
 * prove healthy in time; `unfit`: it said itself that it cannot run here; `exits`: it ended too often.
 */
export type OrderEnd = 'committed' | 'refused' | 'unhealthy' | 'unfit' | 'exits';

export interface LauncherState {
  readonly format: 1;
  readonly current: SlotName;
  /** What counted before, to go back to when what counts now ends too often; null: there is nothing, or it was gone back to. */
  readonly previous: SlotName | null;
  /** What was in it: it is gone back to that alone, not to what was put there since. */
  readonly previousVersion: string | null;
  /** Tries are counted before each start. */
  readonly trying: (SlotOrder & { readonly tries: number }) | null;
  /** The newest last. */
  readonly ended: readonly { readonly id: string; readonly version: string; readonly end: OrderEnd }[];
}

/** Whether the version of this order is the one that counts, or was. */
export const hasCommitted = ({ ended }: LauncherState, order: string): boolean =>
  ended.some(({ id, end }) => id === order && end === 'committed');

export const isSlot = (value: unknown): value is SlotName => value === 'a' || value === 'b';
const pathPart = /^(?!\.{1,2}$)[^/\\\0]{1,255}$/;

/** Null: it is none. */
export function slotContentOf(value: unknown): SlotContent | null {
  const { format, version, start, files } = (value ?? {}) as Partial<SlotContent>;
  if (format !== 1 || typeof version !== 'string' || !Array.isArray(files)) return null;
  const isFile = ({ path, sha256, size }: Partial<ReleaseFile>): boolean =>
    typeof path === 'string' &&
    path.split('/').every((part) => pathPart.test(part)) &&
    typeof sha256 === 'string' &&
    typeof size === 'number';
  if (!files.every((file: unknown) => isFile((file ?? {}) as Partial<ReleaseFile>))) return null;
  return files.some((file: unknown) => (file as ReleaseFile).path === start) ? (value as SlotContent) : null;
}

/** Null: it is none. */
export function healthWordOf(value: unknown): HealthWord | null {
  const { order, phase, why } = (value ?? {}) as Record<string, unknown>;
  const known = healthPhases.find((one) => one === phase);
  if (typeof order !== 'string' || known === undefined) return null;
  return { order, phase: known, ...(typeof why === 'string' && { why }) };
}

/** Null: it is none. */
export function launcherStateOf(value: unknown): LauncherState | null {
  const { format, current, previous, previousVersion, trying, ended } = (value ?? {}) as Record<
    string,
    unknown
  >;
  if (format !== 1 || !isSlot(current) || !Array.isArray(ended)) return null;
  return {
    format,
    current,
    previous: isSlot(previous) ? previous : null,
    previousVersion: typeof previousVersion === 'string' ? previousVersion : null,
    trying: isTrying(trying) ? trying : null,
    ended: ended as LauncherState['ended'],
  };
}

function isTrying(value: unknown): value is NonNullable<LauncherState['trying']> {
  const { id, slot, version, tries } = (value ?? {}) as Record<string, unknown>;
  return typeof id === 'string' && isSlot(slot) && typeof version === 'string' && typeof tries === 'number';
}
