import { unreachable } from '../../shared/assert.ts';
import type { ResolutionHow } from '../../shared/model/resolution.ts';
import type { ChargeDecision, DebitEvent, DebitLife } from './debit-life.ts';
import { dueMinorOf, toldMinorOf } from './debit-life.ts';

/** The word for it that cabinets and shoppers are told. */
export function howOf(life: DebitLife, decision: ChargeDecision, amountMinor: number): ResolutionHow {
  const billedMinor = life.totalMinor - life.disputedMinor;
  const paidMinor = life.paidMinor ?? 0;
  switch (decision) {
    case 'debit':
      if (amountMinor !== billedMinor) return amountMinor > billedMinor ? 'lines_released' : 'adjusted';
      return life.heldMinor > 0 ? 'lines_dropped' : 'debited';
    case 'waive': {
      // What is to be paid back already stays so: to leave it at that says that it was, or is.
      const dueMinor = Math.min(amountMinor, dueMinorOf(life));
      if (dueMinor < paidMinor) return dueMinor > 0 ? 'refunded_in_part' : 'refunded';
      return howItStays(life, paidMinor);
    }
    case 'settled':
      return amountMinor > paidMinor ? 'settled' : howItStays(life, paidMinor);
    case 'deny_dispute':
      // What was debited beyond what the screen named goes back as well; nobody was told that it was paid.
      return amountMinor < toldMinorOf(life) ? 'refunded_in_part' : 'dispute_denied';
    case 'debited':
      return 'debited';
    default:
      return unreachable(decision);
  }
}

/** Where it is left as it is paid: what of that what the screen named is not asked for, or else how it was paid. */
function howItStays({ totalMinor, heldMinor, debitedMinor }: DebitLife, paidMinor: number): ResolutionHow {
  if (paidMinor < totalMinor) return 'written_off';
  if (paidMinor > (debitedMinor ?? 0)) return 'settled';
  if (paidMinor > totalMinor) return 'lines_released';
  if (heldMinor > 0) return 'lines_dropped';
  return totalMinor > 0 ? 'debited' : 'voided';
}

/**
 * How it is told that this was debited after all: what goes back is told with it. What a report has taken off is still to be
 * looked at, so of that nothing is said.
 */
export function howFound(life: DebitLife): ResolutionHow {
  const keptMinor = dueMinorOf(life) + life.contestedMinor;
  if ((life.paidMinor ?? 0) <= keptMinor) return 'debited';
  return keptMinor > 0 ? 'refunded_in_part' : 'refunded';
}

/** A decision as it is written down: by it a request that comes twice is known. */
export function decisionDetail({
  by,
  decision,
  amountMinor,
  reason,
}: Pick<DebitEvent & { type: 'resolved' }, 'by' | 'decision' | 'amountMinor' | 'reason'>): string {
  return JSON.stringify({ by, decision, amountMinor, reason });
}
