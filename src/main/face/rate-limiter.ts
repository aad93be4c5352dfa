import type { Clock } from '../../shared/clock.ts';

/** So many of something in any stretch of time; what was taken back does not count. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #perMs: number;
  #consumedAtMs: readonly number[] = [];

  constructor(clock: Clock, limit: { readonly max: number; readonly perMs: number }) {
    this.#clock = clock;
    this.#max = limit.max;
    this.#perMs = limit.perMs;
  }

  isAllowed(): boolean {
    const sinceMs = this.#clock.monotonicMs() - this.#perMs;
    this.#consumedAtMs = this.#consumedAtMs.filter((atMs) => atMs > sinceMs);
    return this.#consumedAtMs.length < this.#max;
  }

  consume(): void {
    this.#consumedAtMs = [...this.#consumedAtMs, this.#clock.monotonicMs()];
  }

  refund(): void {
    this.#consumedAtMs = this.#consumedAtMs.slice(0, -1);
  }
}
