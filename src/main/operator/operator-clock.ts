import type { Clock } from '../../shared/clock.ts';

/**
 * A clock whose wall time is the operator's where that is known, carried on by monotonic time, and the cabinet's own until
 * then: for every time that leaves the cabinet. `operatorNowMs`: wall ms, null while it is not known.
 */
export function operatorClock(clock: Clock, operatorNowMs: () => number | null): Clock {
  return {
    nowMs: () => operatorNowMs() ?? clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, fn) => clock.after(delayMs, fn),
  };
}
