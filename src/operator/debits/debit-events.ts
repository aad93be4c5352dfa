import { unreachable } from '../../shared/assert.ts';
import type { Result } from '../../shared/result.ts';
import { fail } from '../../shared/result.ts';
import { answer } from './debit-answer.ts';
import { resolved } from './debit-decision.ts';
import { lease } from './debit-lease.ts';
import type { DebitEvent, DebitLife, DebitLifeError, DebitStep } from './debit-life.ts';
import { dueMinorOf, isOwed } from './debit-life.ts';
import { cabinetSpoke } from './debit-put-back.ts';
import { needsAttention, step, withRefundDue } from './debit-step.ts';

/** Total: defined for every state and event. A failure leaves the charge as it is. */
export function applyDebitEvent(life: DebitLife, event: DebitEvent): Result<DebitStep, DebitLifeError> {
  switch (event.type) {
    case 'lease':
      return lease(life, event);
    case 'answer':
      return answer(life, event);
    case 'cabinet_spoke':
      return cabinetSpoke(life, event);
    case 'disputed':
      return disputed(life, event.disputeId, event.disputedMinor);
    case 'resolved':
      return resolved(life, event);
    default:
      return unreachable(event);
  }
}

function disputed(
  life: DebitLife,
  disputeId: string,
  disputedMinor: number,
): Result<DebitStep, DebitLifeError> {
  if (disputedMinor < life.disputedMinor || disputedMinor > life.totalMinor)
    return fail(
      'debit.amount',
      `disputed ${disputedMinor} after ${life.disputedMinor} of ${life.totalMinor}`,
    );
  const moreMinor = disputedMinor - life.disputedMinor;
  const approvedMinor = life.approvedMinor === null ? null : Math.max(0, life.approvedMinor - moreMinor);
  const dueMinor = dueMinorOf({ ...life, disputedMinor, approvedMinor });
  const contestedMinor = life.contestedMinor + dueMinorOf(life) - dueMinor;
  const lowered = { ...life, disputedMinor, contestedMinor, approvedMinor, review: true };
  const history = [{ kind: 'disputed', detail: `${disputeId}: due ${dueMinor}` }] as const;
  // In doubt: the attempt that is out is settled first, with its own amount; then what is left is looked at.
  if (dueMinor === 0 && !life.inDoubt && isOwed(life)) {
    const reason = 'recognition.line_reported';
    return step(needsAttention(lowered, reason), 'never', [
      ...history,
      { kind: 'needs_attention', detail: reason },
    ]);
  }
  // Its provider collects it by itself, at any time: it is told to collect less at once (debit-worker.ts).
  const isCollected =
    dueMinor > 0 && isOwed(life) && life.inDoubt && life.collectedByProvider && !life.awaitsCabinet;
  return step(withRefundDue(lowered), isCollected ? 'now' : 'keep', history);
}
