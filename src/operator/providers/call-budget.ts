import type { Clock } from '../../shared/clock.ts';
import { providerTimeoutMs } from '../limits.ts';

/**
 * All requests of one call of an adapter are answered or given up within this: less than whoever calls waits for, so that
 * what they found out is not lost, and nothing is sent after the caller has gone.
 */
export const callBudgetMs = providerTimeoutMs - 1_000;
/** With less time left a request is not begun: it could not be waited for. */
export const requestMinMs = 1_000;
export const noTimeLeft = { kind: 'not_sent', message: 'no time is left for a request' } as const;

/** What one call of an adapter may take. */
export class CallBudget {
  readonly #clock: Clock;
  readonly #untilMs: number;

  /** It begins now. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#untilMs = clock.monotonicMs() + callBudgetMs;
  }

  /** How long a request may take now, ms, `mostMs` at most; null: it is not to be begun. */
  requestMs(mostMs: number): number | null {
    const leftMs = this.#leftMs;
    return leftMs < requestMinMs ? null : Math.min(leftMs, mostMs);
  }

  /** Whether there is time for a pause of so many ms and a request after it. */
  hasTimeFor(pauseMs: number): boolean {
    return this.#leftMs >= pauseMs + requestMinMs;
  }

  get #leftMs(): number {
    return this.#untilMs - this.#clock.monotonicMs();
  }
}
