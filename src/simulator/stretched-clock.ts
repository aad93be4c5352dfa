import { systemClock } from '../shared/clock.ts';
import type { Clock } from '../shared/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
  cancel: () => void;
}

/**
 * Time that passes slower than the clock below, by a factor that may change at any moment: what waits already waits on at the
 * new pace. For our own code around a machine that is slower than a cabinet's; a time-out must mean there what it means
 * in the shop.
 */
export class StretchedClock implements Clock {
  readonly #base: Clock;
  readonly #startWallMs: number;
  readonly #timers = new Set<Timer>();
  #factor: number;
  /** What this clock and the one below showed when the factor was last changed. */
  #shownMs = 0;
  #baseMs: number;

  constructor(factor = 1, base: Clock = systemClock) {
    this.#factor = factor;
    this.#base = base;
    this.#startWallMs = base.nowMs();
    this.#baseMs = base.monotonicMs();
  }

  get factor(): number {
    return this.#factor;
  }
  stretch(factor: number): void {
    if (factor === this.#factor) return;
    this.#shownMs = this.monotonicMs();
    this.#baseMs = this.#base.monotonicMs();
    this.#factor = factor;
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  nowMs(): number {
    return Math.floor(this.#startWallMs + this.monotonicMs());
  }
  monotonicMs(): number {
    return this.#shownMs + (this.#base.monotonicMs() - this.#baseMs) / this.#factor;
  }
  after(delayMs: number, fn: () => void): () => void {
    const timer: Timer = {
      dueMs: this.monotonicMs() + delayMs,
      fire: () => {
        this.#timers.delete(timer);
        fn();
      },
      cancel: () => undefined,
    };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#base.after((timer.dueMs - this.monotonicMs()) * this.#factor, timer.fire);
  }
}
