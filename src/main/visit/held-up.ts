import type { InventoryLine } from '../../core/recognition/inventory.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import type { Clock } from '../../shared/clock.ts';

/**
 * The screen while a commit holds everything up (a disk that blocks, and then takes it): nothing that happens stands on it, and
 * all of it is told at once afterwards.
 */
export class HeldUp {
  readonly #clock: Clock;
  #shown: readonly InventoryLine[] = [];
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A commit took so long, ms, and `shown` was in the number on the screen meanwhile. True: for so long that nobody was watched. */
  note(tookMs: number, shown: () => readonly InventoryLine[]): boolean {
    if (tookMs <= visitLimits.commitSeenMs) return false;
    this.#shown = shown();
    this.#untilMs = this.#clock.monotonicMs() + visitLimits.commitBurstMs;
    return tookMs > visitLimits.commitLateMs;
  }

  /** What was in the number as that happened which is told now; null: what stands there now. */
  get shown(): readonly InventoryLine[] | null {
    return this.#clock.monotonicMs() < this.#untilMs ? this.#shown : null;
  }
}
