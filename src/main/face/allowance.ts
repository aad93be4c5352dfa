import type { Clock } from '../../shared/clock.ts';

/** So many of something in any stretch of time; what was taken back does not count. */
export class Allowance {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #perMs: number;
  #spentAtMs: readonly number[] = [];

  constructor(clock: Clock, limit: { readonly max: number; readonly perMs: number }) {
    this.#clock = clock;
    this.#max = limit.max;
    this.#perMs = limit.perMs;
  }

  isLeft(): boolean {
    const sinceMs = this.#clock.monotonicMs() - this.#perMs;
    this.#spentAtMs = this.#spentAtMs.filter((atMs) => atMs > sinceMs);
    return this.#spentAtMs.length < this.#max;
  }

  spend(): void {
    this.#spentAtMs = [...this.#spentAtMs, this.#clock.monotonicMs()];
  }

  takeBack(): void {
    this.#spentAtMs = this.#spentAtMs.slice(0, -1);
  }
}
