import { systemClock } from '../../../src/shared/clock.ts';
import type { Clock } from '../../../src/shared/clock.ts';

/**
 * Time that passes `factor` times as slowly, for our own code inside and outside of the machine alike: an emulated processor
 * on a busy host can be a tenth as fast as a cabinet's, and a time-out of ours must mean there what it means in the shop.
 * The kernel's own time-outs stay as they are.
 */
export class StretchedClock implements Clock {
  readonly #factor: number;
  readonly #startWallMs = systemClock.nowMs();
  readonly #startMs = systemClock.monotonicMs();

  constructor(factor: number) {
    this.#factor = factor;
  }
  nowMs(): number {
    return Math.floor(this.#startWallMs + this.monotonicMs());
  }
  monotonicMs(): number {
    return (systemClock.monotonicMs() - this.#startMs) / this.#factor;
  }
  after(delayMs: number, fn: () => void): () => void {
    return systemClock.after(delayMs * this.#factor, fn);
  }
}
