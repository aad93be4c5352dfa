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
  #isUnwatched = false;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A commit took so long, ms, and `shown` was in the number on the screen meanwhile. While it is still told of the time of an
   * earlier one, this one only makes that last longer. True: for so long that nobody was watched.
   */
  note(tookMs: number, shown: () => readonly InventoryLine[]): boolean {
    const nowMs = this.#clock.monotonicMs();
    const isTelling = nowMs - tookMs < this.#untilMs;
    if (isTelling) this.#untilMs += tookMs;
    if (tookMs <= visitLimits.commitSeenMs) return false;
    if (!isTelling) [this.#shown, this.#isUnwatched] = [shown(), false];
    this.#untilMs = nowMs + visitLimits.commitBurstMs;
    if (tookMs <= visitLimits.commitLateMs) return false;
    this.#isUnwatched = true;
    return true;
  }

  /** What was in the number as that happened which is told now; null: what stands there now. */
  get shown(): readonly InventoryLine[] | null {
    return this.#isTelling ? this.#shown : null;
  }

  /** A door that is said to be open now was so while nobody was watched. */
  get isUnwatched(): boolean {
    return this.#isTelling && this.#isUnwatched;
  }

  get #isTelling(): boolean {
    return this.#clock.monotonicMs() < this.#untilMs;
  }
}
