import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import type { Clock } from '../../shared/clock.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';

/** Between two looks, ms. */
const lookEveryMs = 60_000;
/** The operator's time is kept for the next run at the first look at it, and so often after that. */
const keepEveryMs = 10 * 60_000;

/**
 * Tells staff once when the cabinet's own clock and the operator's time disagree by more than a signature may. What is
 * judged by time goes by the operator's (OperatorClient); the clock is wrong all the same, and shows where there is none.
 * Also keeps the operator's time for the next run, which may begin without a network.
 */
export class ClockWatch {
  readonly #loop: RetryLoop;
  #isTold = false;
  #keptMs = -Infinity;

  constructor(options: {
    /** The operator's time as far as it is known, wall ms. */
    readonly operatorNowMs: () => number | null;
    /** The operator's time is this now; to be there after a restart. */
    readonly keep: (operatorMs: number) => void;
    readonly clock: Clock;
    readonly tellStaff: (detail: string) => void;
  }) {
    const { clock, operatorNowMs, keep, tellStaff } = options;
    this.#loop = new RetryLoop({
      clock,
      turn: () => {
        const operatorMs = operatorNowMs();
        const aheadMs = operatorMs === null ? 0 : clock.nowMs() - operatorMs;
        const isOff = Math.abs(aheadMs) > clockSkewMaxMs;
        if (isOff && !this.#isTold) tellStaff(`clock_off: ${Math.round(aheadMs / 60_000)} min ahead`);
        this.#isTold = isOff;
        if (operatorMs !== null && clock.monotonicMs() - this.#keptMs >= keepEveryMs) {
          this.#keptMs = clock.monotonicMs();
          keep(operatorMs);
        }
        return lookEveryMs;
      },
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): void {
    void this.#loop.stop();
  }
}
