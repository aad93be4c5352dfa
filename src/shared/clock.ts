/**
 * Time is an argument. `nowMs` is wall time (Unix epoch, may jump: only for records and for what people read);
 * `monotonicMs` never goes back within a process: only for durations (two processes' scales may differ by a clock step).
 */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  /** Runs `fn` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, fn: () => void): () => void;
}

/** Longest delay that JavaScript timers take without wrapping to zero (2^31-1 ms, about 24.8 days). */
const timerMaxMs = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.timeOrigin + performance.now(),
  after: (delayMs, fn) => {
    const timer = setTimeout(fn, Math.min(Math.max(delayMs, 0), timerMaxMs));
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Waits `delayMs` on the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

/** A clock that moves only when told to: for tests and for the simulation. Timers fire in time order. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monoMs = 0;
  #seq = 0;
  readonly #timers = new Map<number, { dueMs: number; fn: () => void }>();

  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = wallMs;
  }
  /** Whole, as the machine's is; a thousandth is what sums of parts of a millisecond may have lost. */
  nowMs(): number {
    return Math.floor(this.#wallMs + 0.001);
  }
  monotonicMs(): number {
    return this.#monoMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    const id = ++this.#seq;
    this.#timers.set(id, { dueMs: this.#monoMs + Math.max(delayMs, 0), fn });
    return () => {
      this.#timers.delete(id);
    };
  }
  /** Time to the next timer; null when there is none. */
  untilNextMs(): number | null {
    const dueMs = Math.min(...Array.from(this.#timers.values(), (timer) => timer.dueMs));
    return Number.isFinite(dueMs) ? Math.max(dueMs - this.#monoMs, 0) : null;
  }
  /** Moves both clocks forward and runs what falls due; lets promises settle between timers. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monoMs + ms;
    await settle();
    for (;;) {
      const next = this.#nextUntil(endMs);
      if (next === null) break;
      const [id, timer] = next;
      this.#timers.delete(id);
      this.#move(Math.max(timer.dueMs - this.#monoMs, 0));
      timer.fn();
      await settle();
    }
    this.#move(endMs - this.#monoMs);
    await settle();
  }
  /** The timer that is due first; of several at once the one that was set first (ids rise, and a map keeps their order). */
  #nextUntil(endMs: number) {
    let next: [number, { dueMs: number; fn: () => void }] | null = null;
    for (const entry of this.#timers) {
      if (entry[1].dueMs <= endMs && (next === null || entry[1].dueMs < next[1].dueMs)) next = entry;
    }
    return next;
  }
  /** Both clocks go on at once by so much; what falls due meanwhile runs with the next `advance`, once. */
  skip(ms: number): void {
    this.#move(ms);
  }
  /** Makes wall time jump (NTP step, a flat CMOS battery); monotonic time does not notice. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }
  #move(ms: number): void {
    this.#monoMs += ms;
    this.#wallMs += ms;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
