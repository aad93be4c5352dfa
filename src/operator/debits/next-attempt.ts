import { backoffMs } from '../../shared/util/backoff.ts';
import { collectedQuery, debitLeaseMs, settlingAskEveryMs, unreachableRetry } from '../limits.ts';
import { nextCollectionMs } from './collection-schedule.ts';
import type { DebitLife, NextAttempt } from './debit-life.ts';

/**
 * At which wall time (ms) a charge is looked at next; null: not by itself. `plannedMs`: for when that was planned before;
 * `random01`: a uniform draw in [0, 1); `timeZone` (IANA): for the civil hours at which accounts are asked again.
 */
export function nextAttemptAtMs(
  life: DebitLife,
  next: NextAttempt,
  {
    plannedMs,
    nowMs,
    random01,
    timeZone,
  }: {
    readonly plannedMs: number | null;
    readonly nowMs: number;
    readonly random01: number;
    readonly timeZone: string;
  },
): number | null {
  if (typeof next === 'number') return next;
  // The upper half of a wait is random, so that what failed together does not come back together.
  const jitter = { jitterShare: 0.5, random01 };
  switch (next) {
    case 'now':
      // What was planned before stays so while it is in doubt: by it is seen how long nobody looked.
      return life.inDoubt ? Math.min(plannedMs ?? nowMs, nowMs) : nowMs;
    case 'after_lease':
      return nowMs + debitLeaseMs;
    case 'after_decline':
      // Until it is known how what a provider does by itself has ended, only queries follow.
      return life.inDoubt
        ? nowMs + backoffMs({ failureCount: life.unreachableCount, ...collectedQuery, ...jitter })
        : nextCollectionMs({ ...life, sinceMs: life.collectingSinceMs ?? nowMs }, nowMs, timeZone, random01);
    case 'after_no_answer': {
      const capMs = life.inDoubt ? settlingAskEveryMs : unreachableRetry.capMs;
      const { firstMs } = unreachableRetry;
      return nowMs + backoffMs({ failureCount: life.unreachableCount - 1, firstMs, capMs, ...jitter });
    }
    case 'never':
      return null;
    case 'keep':
      return plannedMs;
  }
}
