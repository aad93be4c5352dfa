import type { Clock } from '../clock.ts';

export interface RetryLoopOptions {
  readonly clock: Clock;
  /** Does what is due. Answers after how many ms it wants the next turn; null: not before `wake`. */
  readonly turn: () => number | null | Promise<number | null>;
  /** A turn threw, which is a bug: the loop has stopped. Not given: the bug surfaces as an uncaught exception. */
  readonly onBug?: (bug: unknown) => void;
  /** The longest sleep, so that a wall clock that jumps forward is noticed, for turns whose due times are wall times. */
  readonly sleepMaxMs?: number;
}

/** Shortest sleep: a turn that wants to go on at once lets others run before. */
const sleepMinMs = 1;

/**
 * Work that is tried again and again: one turn at a time, then asleep for as long as the turn said, or until woken. A
 * `wake` during a turn makes one more follow at once.
 */
export class RetryLoop {
  readonly #options: RetryLoopOptions;
  #running = false;
  #turn: Promise<void> | null = null;
  #isWoken = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: RetryLoopOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Begins the first turn now or after so many ms. Nothing when it runs already. */
  start(firstAfterMs: number | null = 0): void {
    if (this.#running) return;
    this.#running = true;
    if (firstAfterMs === 0) this.wake();
    else this.#sleep(firstAfterMs);
  }

  /** Begins no more turns. Resolves when the one that runs, if any, has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#isWoken = false;
    this.#cancelTimer();
    await this.#turn;
  }

  /** There may be something to do: a turn now. Nothing when the loop does not run. */
  wake(): void {
    if (!this.#running) return;
    this.#cancelTimer();
    if (this.#turn !== null) {
      this.#isWoken = true;
      return;
    }
    // In a later microtask, so that a wake from inside a transaction sees it committed.
    this.#turn = Promise.resolve()
      .then(() => this.#options.turn())
      .then(
        (delayMs) => this.#ended(delayMs),
        (bug: unknown) => {
          this.#turn = null;
          void this.stop();
          this.#surface(bug);
        },
      );
  }

  #surface(bug: unknown): void {
    const { clock, onBug } = this.#options;
    if (onBug !== undefined) onBug(bug);
    else
      clock.after(0, () => {
        throw bug;
      });
  }

  #ended(delayMs: number | null): void {
    this.#turn = null;
    if (!this.#running) return;
    if (!this.#isWoken) {
      this.#sleep(delayMs);
      return;
    }
    this.#isWoken = false;
    this.wake();
  }

  #sleep(delayMs: number | null): void {
    if (delayMs === null) return;
    const { clock, sleepMaxMs = Infinity } = this.#options;
    const boundedMs = Math.min(Math.max(delayMs, sleepMinMs), sleepMaxMs);
    this.#cancelTimer = clock.after(boundedMs, () => this.wake());
  }
}
