import { readFileSync, readdirSync } from 'node:fs';
import type { StretchedClock } from '../../src/simulator/stretched-clock.ts';

const lookEveryMs = 250;
/** The mean of so many looks counts: load comes in bursts, and the machine learns of it with a delay. */
const looksKept = 8;
const stretchMax = 16;
/** On a quiet host somebody waits for a moment now and then too. */
const negligible = 0.3;

/**
 * Keeps a clock to the pace at which the machine really runs. Time in which the machine's or this process's threads were
 * ready to run and had to wait for a processor (the kernel's own account of it, /proc/…/schedstat) does not count. Where
 * there is no such account, nothing is stretched but by `base`.
 */
export class Pace {
  /** How many times slower than a cabinet's the machine is when nothing is beside it. */
  base = 1;
  readonly #clock: StretchedClock;
  readonly #pids: readonly number[];
  readonly #timer: NodeJS.Timeout;
  readonly #waitedNs = new Map<string, number>();
  #looks: number[] = [];
  #lookMs = performance.now();

  constructor(clock: StretchedClock, pids: readonly number[], changed: (factor: number) => void) {
    this.#clock = clock;
    this.#pids = pids;
    this.#waitedMs();
    this.#timer = setInterval(() => {
      const before = this.#clock.factor;
      this.#look();
      if (this.#clock.factor !== before) changed(this.#clock.factor);
    }, lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const tookMs = nowMs - this.#lookMs;
    this.#lookMs = nowMs;
    const rate = Math.max(1 - this.#waitedMs() / tookMs, 1 / stretchMax);
    this.#looks = [...this.#looks.slice(1 - looksKept), 1 / rate];
    const mean = this.#looks.reduce((sum, look) => sum + look, 0) / this.#looks.length;
    // In halves, rather too slow than too quick: the clock need not follow each flutter.
    const factor = Math.ceil(mean * this.base * 2 - negligible) / 2;
    this.#clock.stretch(Math.min(Math.max(factor, 1), stretchMax));
  }

  /** Since it was last asked; of all threads together. */
  #waitedMs(): number {
    let sumNs = 0;
    for (const pid of this.#pids) {
      for (const task of tasksOf(pid)) {
        const waitedNs = waitedOf(task);
        if (waitedNs === null) continue;
        sumNs += waitedNs - (this.#waitedNs.get(task) ?? waitedNs);
        this.#waitedNs.set(task, waitedNs);
      }
    }
    return sumNs / 1e6;
  }
}

function tasksOf(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  // Of this process the one thread that runs our code; the others are the engine's helpers.
  if (pid === process.pid) return [`${folder}/${pid}`];
  try {
    return readdirSync(folder).map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** Nanoseconds that a thread has waited for a processor; null: it is gone, or the kernel keeps no account. */
function waitedOf(task: string): number | null {
  try {
    const waited = Number(readFileSync(`${task}/schedstat`, 'utf8').split(' ')[1]);
    return Number.isFinite(waited) ? waited : null;
  } catch {
    return null;
  }
}
