import type { ChargeReply } from '../../shared/api/operator.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { resolutionOf } from '../../shared/model/resolution.ts';
import { minor } from '../../shared/money.ts';
import { isDebt, toldMinorOf } from '../debits/debit-life.ts';
import type { charge } from '../storage/schema.ts';

/** What of a charge's row its cabinet is told of. */
export type ToldRow = Pick<
  typeof charge.$inferSelect,
  | 'chargeId'
  | 'state'
  | 'reason'
  | 'totalMinor'
  | 'heldMinor'
  | 'disputedMinor'
  | 'approvedMinor'
  | 'inDoubt'
  | 'askedMinor'
  | 'paidMinor'
  | 'collectedByProvider'
  | 'collectionEnded'
  | 'resolvedHow'
  | 'resolvedBy'
  | 'resolvedAtMs'
>;

/**
 * What a cabinet is told about its charge. The amount is what was debited, may have been, or will be (`toldMinorOf`). The
 * last decision goes with it, also when the charge waits for a human again: the amount may be the decision's. In
 * collection, while an attempt is out or in doubt, the reason is that, and not why the one before was declined: whoever is
 * asked to pay then may pay twice. But where the provider collects by itself, nothing else is out.
 */
export function replyFor(row: ToldRow): ChargeReply {
  // What is no more asked for by itself is still to be paid, and can be.
  const state = isDebt(row) ? 'collecting' : row.state;
  return {
    chargeId: row.chargeId as ChargeId,
    state,
    reason: state === 'collecting' && isAttemptOut(row) ? 'system.provider_error' : row.reason,
    totalMinor: minor(toldMinorOf(row)),
    resolved: resolutionOf(row.resolvedHow, row.resolvedBy, row.resolvedAtMs),
  };
}

/** An attempt of ours is out or in doubt: a payment beside it could be the second one. */
export function isAttemptOut(
  row: Pick<typeof charge.$inferSelect, 'inDoubt' | 'collectedByProvider'>,
): boolean {
  return row.inDoubt && !row.collectedByProvider;
}
