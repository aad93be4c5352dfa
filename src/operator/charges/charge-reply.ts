import type { ChargeReply } from '../../shared/api/operator.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import type { charge } from '../storage/schema.ts';

type ChargeRow = typeof charge.$inferSelect;

/** What is to be debited now, minor units: the total without the lines that are disputed. */
export function dueMinorOf(row: Pick<ChargeRow, 'totalMinor' | 'disputedMinor'>): number {
  return row.totalMinor - row.disputedMinor;
}

/** What a cabinet is told about its charge. The amount is what was debited, may have been, or will be. */
export function replyFor(row: ChargeRow): ChargeReply {
  const outMinor = row.inDoubt ? row.askedMinor : null;
  return {
    chargeId: row.chargeId as ChargeId,
    state: row.state,
    reason: row.reason,
    totalMinor: minor(row.paidMinor ?? outMinor ?? dueMinorOf(row)),
  };
}
