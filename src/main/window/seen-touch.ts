import type { Clock } from '../../shared/clock.ts';

/** What is asked for in the name of whoever touches the glass counts for so long after a touch that main itself has seen. */
export const touchMs = 1_000;

/** The last touch that main has seen on a page or view. */
export class SeenTouch {
  readonly #clock: Clock;
  #atMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  seen(): void {
    this.#atMs = this.#clock.monotonicMs();
  }

  /** Whether one has just been seen; one touch is good for one thing. */
  take(): boolean {
    const isFresh = this.#clock.monotonicMs() - this.#atMs <= touchMs;
    this.forget();
    return isFresh;
  }

  forget(): void {
    this.#atMs = -Infinity;
  }
}
