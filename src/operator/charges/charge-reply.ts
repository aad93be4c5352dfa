import type { ChargeReply } from '../../shared/api/operator.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { dueMinorOf } from '../debits/debit-life.ts';
import type { charge } from '../storage/schema.ts';

/** What a cabinet is told about its charge. The amount is what was debited, may have been, or will be. */
export function replyFor(row: typeof charge.$inferSelect): ChargeReply {
  const outMinor = row.inDoubt ? row.askedMinor : null;
  return {
    chargeId: row.chargeId as ChargeId,
    state: row.state,
    reason: row.reason,
    totalMinor: minor(row.paidMinor ?? outMinor ?? dueMinorOf(row)),
  };
}
