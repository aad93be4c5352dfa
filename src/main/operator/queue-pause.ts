import { retryDelayMs } from '../../core/charge/delivery.ts';
import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';

/**
 * For how long a queue as a whole holds back: while the operator answers nothing useful, a backlog is one probe at a time, ever
 * more seldom (`retryDelayMs`). The return of the network ends that, and what was tried before it is due.
 */
export class QueuePause {
  readonly #clock: Clock;
  readonly #random: () => number;
  /** Requests in a row that came to nothing. */
  #failureCount = 0;
  /** Monotonic: nothing is sent before, ms. */
  #untilMs = 0;
  /** By the clock of the queue, ms. */
  #linkBackMs = 0;

  /** `clock`: that by which the queue's waits are counted; `random`: uniform in [0, 1), for jitter. */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** How long nothing is sent, ms; 0 or less: it may be. */
  get waitMs(): number {
    return this.#untilMs - this.#clock.monotonicMs();
  }

  /** When the network last came back (or the queue began), by the queue's clock, ms: what was tried before is due. */
  get linkBackMs(): number {
    return this.#linkBackMs;
  }

  /** The attempts that count: those before the network's return do not, for it is as if there had been none. */
  attemptsOf({ attempts, triedMs }: { readonly attempts: number; readonly triedMs: number | null }): number {
    return triedMs !== null && triedMs > this.#linkBackMs ? attempts : 0;
  }

  /** The network is back, or the queue begins: what was wrong may have passed. */
  linkIsBack(): Result<void, never> {
    this.#linkBackMs = this.#clock.nowMs();
    this.#failureCount = 0;
    this.#untilMs = 0;
    return ok();
  }

  /** The operator has answered something useful; a pause that was begun before is not ended by that. */
  answered(): void {
    this.#failureCount = 0;
  }

  /** It has not; `retryAfterMs`: it wants to be left alone for so long. */
  unanswered(retryAfterMs?: number): void {
    const delayMs = retryDelayMs(this.#failureCount++, this.#random(), retryAfterMs);
    this.#untilMs = this.#clock.monotonicMs() + delayMs;
  }

  /** There is something new: it may be sent at once. */
  lift(): void {
    this.#untilMs = 0;
  }
}
