import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { DebitLife, DebitLifeError, DebitStep, NextAttempt } from './debit-life.ts';
import { dueMinorOf, isDebt } from './debit-life.ts';

/** What all transitions of a debit's life are made of. */

export const notInCollection = {
  collectingSinceMs: null,
  waitsForShopper: false,
  remindedCount: 0,
  collectionEnded: false,
} as const;

export function needsAttention(life: DebitLife, reason: ReasonCode): DebitLife {
  return { ...life, ...notInCollection, state: 'needs_attention', reason, review: true };
}

export function heldByDispute(life: DebitLife): Result<DebitStep, DebitLifeError> {
  return step({ ...needsAttention(life, 'recognition.line_reported'), inDoubt: false }, 'never', [
    { kind: 'needs_attention', detail: 'recognition.line_reported' },
  ]);
}

/** With what has become due to be paid back. It never falls by itself. */
export function withRefundDue(life: DebitLife): DebitLife {
  const beyondMinor = life.paidMinor === null ? 0 : life.paidMinor - dueMinorOf(life);
  return { ...life, refundDueMinor: Math.max(life.refundDueMinor, beyondMinor) };
}

/** The same again, while the provider stays away, is not written down each time. */
export function newsOf(life: DebitLife, history: DebitStep['history']): DebitStep['history'] {
  return life.unreachableCount === 0 ? history : [];
}

export function step(
  life: DebitLife,
  next: NextAttempt,
  history: DebitStep['history'] = [],
  incidents: DebitStep['incidents'] = [],
): Result<DebitStep, DebitLifeError> {
  // It goes on by itself only as long as nobody knows how that ends.
  const collectedByProvider = life.collectedByProvider && life.inDoubt;
  const paying = life.inDoubt ? {} : { plannedAtMs: null, askedBeforeMs: null };
  const about = isDebt(life) ? {} : notInCollection;
  const awaitsCabinet = life.awaitsCabinet && life.state !== 'paid';
  const now = { ...life, collectedByProvider, ...paying, awaitsCabinet, ...about };
  return ok({ life: now, next, history, incidents });
}

export function illegal(life: DebitLife, event: { readonly type: string }): Result<never, DebitLifeError> {
  return fail('debit.illegal', `${event.type} has no place in ${life.state}`);
}
