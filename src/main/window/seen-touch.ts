import type { Clock } from '../../shared/clock.ts';

/** What is asked for in the name of whoever touches the glass counts for so long after a touch that main itself has seen. */
export const touchMs = 1_000;
/** And so long what staff begins: one touch begins one act, so that a page that was held up loses none of theirs. */
export const staffTouchMs = 5_000;

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
  take(withinMs: number = touchMs): boolean {
    const isFresh = this.isFresh(withinMs);
    this.forget();
    return isFresh;
  }

  /** The same, and it stays good for one thing. */
  isFresh(withinMs: number = touchMs): boolean {
    return this.#clock.monotonicMs() - this.#atMs <= withinMs;
  }

  forget(): void {
    this.#atMs = -Infinity;
  }
}
