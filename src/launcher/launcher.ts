import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type LauncherState,
  type OrderEnd,
  type SlotName,
  exitCodes,
  hasCommitted,
  launcherAction,
  launcherFiles,
  otherSlot,
} from '../shared/launcher.ts';
import { isProgram } from '../shared/node/is-program.ts';
import { readJsonFile } from '../shared/node/read-json-file.ts';
import { slotFolder, versionIn, wholeSlot } from './slot.ts';
import { readHealth, readOrder, readState, writeState } from './state.ts';
import { nothingBefore, withEnd, withOrder, withPrevious, withTries } from './state.ts';

const defaults = {
  /** A version that is tried has so long to prove healthy, once its data is of that version, and so long until then. */
  healthMs: 90_000,
  migrationMs: 600_000,
  /** Starts of a version that is tried: a power cut in one of them is not its fault. */
  triesMax: 3,
  /** The version that counts is left for the one before when it ended so often, each time within `shortRunMs`. */
  shortRunsMax: 5,
  shortRunMs: 60_000,
  /** Between two starts; doubled each time. */
  backoffFirstMs: 1_000,
  backoffMaxMs: 60_000,
  /** From "end" to "be gone". */
  killMs: 10_000,
  pollMs: 200,
};
export type LauncherSettings = typeof defaults;

/** Of these exits the version is no cause. */
const { startedWrong, storageUnusable, runsAlready } = exitCodes;
const notItsFault: readonly number[] = [startedWrong, storageUnusable, runsAlready];

interface Chosen {
  readonly slot: SlotName;
  readonly version: string;
  readonly start: string;
  /** The order that is tried; null: the version that counts. */
  readonly order: string | null;
}

/**
 * Starts the app of the slot that counts; tries another one when the app has ordered that, and goes back when it does not prove
 * healthy. Each step is on the disk before it is taken: the next start after a power cut goes on from there.
 */
class Launcher {
  readonly #root: string;
  readonly #settings: LauncherSettings;
  readonly #say: (text: string) => void;
  #state: LauncherState;
  #child: ChildProcess | null = null;
  #isEnding = false;
  /** Of one version, in a row. */
  #shortRuns = 0;
  #shortRunsOf = '';
  #failures = 0;

  constructor(root: string, settings: LauncherSettings, say: (text: string) => void) {
    this.#root = root;
    this.#settings = settings;
    this.#say = say;
    this.#state = readState(root) ?? this.#firstState();
  }

  /** The app is asked to end, and is not started again. */
  end(): void {
    this.#isEnding = true;
    this.#child?.kill('SIGTERM');
  }

  /** Gives the exit code: 0 when the app was asked to end, 74 when there is nothing that may be started. */
  async run(): Promise<number> {
    for (;;) {
      const chosen = this.#choose();
      if (chosen === null) return storageUnusable;
      const startMs = performance.now();
      const code = await this.#runOnce(chosen);
      this.#say(`${chosen.version} ended with ${code}`);
      // A version that is only tried may not keep the cabinet down.
      if (this.#isEnding || (code === exitCodes.clean && this.#counts(chosen))) return exitCodes.clean;
      await this.#afterExit(chosen, code, performance.now() - startMs);
      if (this.#isOver()) return exitCodes.clean;
    }
  }

  readonly #isOver = (): boolean => this.#isEnding;
  readonly #isTried = (child: ChildProcess, order: string): boolean =>
    this.#child === child && this.#state.trying?.id === order;

  #counts({ order }: Chosen): boolean {
    return order === null || hasCommitted(this.#state, order);
  }

  /** Nothing is on record: the first slot that is whole. */
  #firstState(): LauncherState {
    const current =
      (['a', 'b'] as const).find((slot) => wholeSlot(this.#root, slot, this.#say) !== null) ?? 'a';
    return { format: 1, current, ...nothingBefore, trying: null, ended: [] };
  }

  #choose(): Chosen | null {
    this.#takeHealth();
    this.#keep(withOrder(this.#state, readOrder(this.#root)));
    const { trying } = this.#state;
    if (trying !== null) {
      const content = wholeSlot(this.#root, trying.slot, this.#say);
      if (content?.version !== trying.version) this.#endTry('refused');
      else if (trying.tries >= this.#settings.triesMax) this.#endTry('exits');
      // A try that could not be counted is none: it might go on for ever.
      else if (this.#keep(withTries(this.#state, 1)))
        return { ...trying, start: content.start, order: trying.id };
    }
    return this.#current();
  }

  #current(): Chosen | null {
    const { current } = this.#state;
    for (const slot of [current, otherSlot(current)]) {
      const content = wholeSlot(this.#root, slot, this.#say);
      if (content === null) continue;
      if (slot !== current) this.#keep({ ...this.#state, current: slot, ...nothingBefore });
      return { slot, version: content.version, start: content.start, order: null };
    }
    return null;
  }

  async #runOnce({ slot, version, start, order }: Chosen): Promise<number> {
    this.#say(`starting ${version} from slot ${slot}${order === null ? '' : `, order ${order}`}`);
    const folder = slotFolder(this.#root, slot);
    const told = { root: this.#root, slot, ...(order === null ? {} : { order }) };
    const args = Object.entries(told).map(([name, value]) => `--kaimen-${name}=${value}`);
    const child = spawn(join(folder, ...start.split('/')), args, { cwd: folder, stdio: 'inherit' });
    this.#child = child;
    const ended = new Promise<number>((resolve) => {
      child.on('error', (error) => {
        this.#say(String(error));
        resolve(exitCodes.bug);
      });
      child.on('exit', (code) => {
        resolve(code ?? exitCodes.bug);
      });
    });
    if (order !== null) void this.#watch(child, order);
    const code = await ended;
    this.#child = null;
    return code;
  }

  /** Waits for the word of the version that is tried, and ends it when that does not come, or is that it cannot run here. */
  async #watch(child: ChildProcess, order: string): Promise<void> {
    const { healthMs, migrationMs, pollMs } = this.#settings;
    let untilMs = performance.now() + migrationMs;
    let isMigrated = false;
    while (this.#isTried(child, order)) {
      this.#takeHealth();
      if (!isMigrated && readHealth(this.#root)?.order === order) {
        isMigrated = true;
        untilMs = performance.now() + healthMs;
      }
      if (performance.now() >= untilMs && this.#isTried(child, order)) this.#endTry('unhealthy');
      await wait(pollMs, undefined, { ref: false });
    }
    if (!hasCommitted(this.#state, order)) await this.#endChild(child);
  }

  async #endChild(child: ChildProcess): Promise<void> {
    if (this.#child !== child) return;
    child.kill('SIGTERM');
    await wait(this.#settings.killMs, undefined, { ref: false });
    if (this.#child === child) child.kill('SIGKILL');
  }

  /** The word may have come shortly before a power cut, or while the disk was full: it counts whenever it is read. */
  #takeHealth(): void {
    const word = readHealth(this.#root);
    const { trying } = this.#state;
    if (trying === null || word?.order !== trying.id || word.phase === 'migrated') return;
    // Where the end of the try could not be written, the next version may have been put there since.
    if (versionIn(this.#root, trying.slot) !== trying.version) return;
    if (word.phase === 'unfit') {
      this.#endTry('unfit');
      return;
    }
    const before = versionIn(this.#root, this.#state.current);
    if (this.#keep(withEnd(this.#state, 'committed', before)))
      this.#say(`${trying.version} counts from now on`);
  }

  async #afterExit({ version, order }: Chosen, code: number, ranMs: number): Promise<void> {
    const { shortRunMs, shortRunsMax, backoffFirstMs, backoffMaxMs } = this.#settings;
    const isTried = order !== null && this.#state.trying !== null;
    if (isTried && code === runsAlready) this.#keep(withTries(this.#state, -1));
    const isShort = ranMs < shortRunMs;
    if (!isShort) this.#shortRuns = 0;
    if (launcherAction(code) === 'start') return;
    this.#failures = isShort ? this.#failures + 1 : 0;
    const before = version === this.#shortRunsOf ? this.#shortRuns : 0;
    this.#shortRuns = isShort && !isTried && !notItsFault.includes(code) ? before + 1 : 0;
    this.#shortRunsOf = version;
    if (this.#shortRuns >= shortRunsMax) this.#leave(version);
    const backoffMs = Math.min(backoffMaxMs, backoffFirstMs * 2 ** Math.max(0, this.#failures - 1));
    // In slices, so that an end is heard.
    for (let ms = 0; ms < backoffMs && !this.#isEnding; ms += 100) await wait(Math.min(100, backoffMs - ms));
  }

  #leave(version: string): void {
    const { previous, previousVersion } = this.#state;
    this.#shortRuns = 0;
    if (previous === null) return;
    // The next one may lie there already, that nobody has tried, or that nobody wants any more.
    if (wholeSlot(this.#root, previous, this.#say)?.version !== previousVersion) return;
    this.#say(`${version} ends again and again: back to the version before`);
    this.#keep(withPrevious(this.#state, version));
  }

  #endTry(end: OrderEnd): void {
    this.#say(`order ${this.#state.trying?.id ?? ''}: ${end}`);
    // Where the disk is full this counts for now; the next start comes to the same.
    const next = withEnd(this.#state, end, null);
    if (!this.#keep(next)) this.#state = next;
  }

  /** False: it could not be written, and the state is as it was. */
  #keep(next: LauncherState): boolean {
    if (next === this.#state) return true;
    try {
      writeState(this.#root, next);
      this.#state = next;
      return true;
    } catch (error) {
      this.#say(`the state was not written: ${String(error)}`);
      return false;
    }
  }
}

function readSettings(root: string): LauncherSettings {
  const given = readJsonFile(join(root, launcherFiles.settings)) ?? {};
  const numbers = Object.entries(given).filter(
    ([name, value]) => Object.hasOwn(defaults, name) && Number.isFinite(value) && (value as number) > 0,
  );
  return { ...defaults, ...Object.fromEntries(numbers) };
}

/** `node launcher.js <folder of the slots>`. */
export async function launch(root: string, say: (text: string) => void): Promise<number> {
  const launcher = new Launcher(root, readSettings(root), say);
  const end = (): void => {
    launcher.end();
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  return launcher.run();
}

if (isProgram(import.meta.url)) {
  const [, , root] = process.argv;
  const say = (text: string): void => {
    process.stderr.write(`[launcher] ${text}\n`);
  };
  if (root === undefined) say('usage: node launcher.js <folder of the slots>');
  process.exitCode = root === undefined ? startedWrong : await launch(root, say);
}
