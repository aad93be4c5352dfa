import { unreachable } from '../../shared/assert.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import { refundPending, refundPendingMaxMs, refundRetry, refundTriesMax } from '../limits.ts';
import type { RefundFound, RefundOutcome } from '../providers/provider.ts';

/**
 * `due`: decided, and nobody was asked yet. `asked`: the provider was asked, or is about to be, and what came of it nobody
 * knows. `pending`: taken there, and on its way. Ends: `refunded`; `people`: they pay it back; `dropped`: before anybody was
 * asked it turned out that it is not due any more.
 */
export type RefundState = 'due' | 'asked' | 'pending' | 'refunded' | 'people' | 'dropped';

/** What a provider says, asked for a refund or how one stands; "there is none" is never the last word. */
export type RefundAnswer = RefundOutcome | Exclude<RefundFound, { kind: 'not_found' }>;

/** What is stored of a refund, as far as an answer changes it. Times are wall ms. */
export interface RefundStand {
  readonly state: RefundState;
  readonly failureCount: number;
  readonly askedAtMs: number | null;
}

/** What an answer makes of a refund. `dueAtMs` null: it has ended. */
export interface RefundStep {
  readonly state: RefundState;
  readonly dueAtMs: number | null;
  readonly failureCount: number;
  /** In words of ours, and of the provider. */
  readonly detail: string;
}

/**
 * What becomes of a refund that the provider was asked about; total over every answer. No answer to build on is asked about
 * again, `refundTriesMax` times in a row; what is on its way there, for `refundPendingMaxMs`. Then, and when the provider
 * rejects it, people do it: under another number it might go back twice. `random01`: a uniform draw in [0, 1).
 */
export function afterAnswer(
  { state, failureCount, askedAtMs }: RefundStand,
  answer: RefundAnswer,
  { nowMs, random01 }: { readonly nowMs: number; readonly random01: number },
): RefundStep {
  switch (answer.kind) {
    case 'refunded':
      return { state: 'refunded', dueAtMs: null, failureCount: 0, detail: '' };
    case 'rejected':
      return { state: 'people', dueAtMs: null, failureCount, detail: `rejected: ${answer.message}` };
    case 'pending': {
      // A clock that was set back counts as no time.
      const onItsWayMs = Math.max(nowMs - (askedAtMs ?? nowMs), 0);
      if (onItsWayMs >= refundPendingMaxMs)
        return { state: 'people', dueAtMs: null, failureCount: 0, detail: 'on its way there for too long' };
      const waitMs = Math.min(Math.max(onItsWayMs, refundPending.firstMs), refundPending.capMs);
      return { state: 'pending', dueAtMs: nowMs + waitMs, failureCount: 0, detail: 'on its way' };
    }
    case 'not_sent':
    case 'unknown': {
      const failures = failureCount + 1;
      const detail = `${answer.kind}: ${answer.message}`;
      if (failures >= refundTriesMax)
        return { state: 'people', dueAtMs: null, failureCount: failures, detail };
      const waitMs = backoffMs({ failureCount, ...refundRetry, jitterShare: 0.5, random01 });
      const goesOn = state === 'pending' ? state : 'asked';
      return { state: goesOn, dueAtMs: nowMs + waitMs, failureCount: failures, detail };
    }
    default:
      return unreachable(answer);
  }
}

/** No wait is longer, ms: what is due later was written while the clock was ahead. */
export const refundDueMaxMs = Math.max(refundPending.capMs, refundRetry.capMs);
