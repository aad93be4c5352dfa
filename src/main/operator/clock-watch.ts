import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import type { Clock } from '../../shared/clock.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';

/** Between two looks, ms. */
const lookEveryMs = 60_000;

/**
 * Tells staff once when the cabinet's own clock and the operator's time disagree by more than a signature may. What is
 * judged by time goes by the operator's (OperatorClient); the clock is wrong all the same, and shows where there is none.
 */
export class ClockWatch {
  readonly #loop: RetryLoop;
  #isTold = false;

  constructor(options: {
    /** The operator's time as far as it is known, wall ms. */
    readonly operatorNowMs: () => number | null;
    readonly clock: Clock;
    readonly tellStaff: (detail: string) => void;
  }) {
    const { clock, operatorNowMs, tellStaff } = options;
    this.#loop = new RetryLoop({
      clock,
      turn: () => {
        const operatorMs = operatorNowMs();
        const aheadMs = operatorMs === null ? 0 : clock.nowMs() - operatorMs;
        const isOff = Math.abs(aheadMs) > clockSkewMaxMs;
        if (isOff && !this.#isTold) tellStaff(`clock_off: ${Math.round(aheadMs / 60_000)} min ahead`);
        this.#isTold = isOff;
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
