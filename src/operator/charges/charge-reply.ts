import type { ChargeReply } from '../../shared/api/operator.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { Resolution } from '../../shared/model/resolution.ts';
import { minor } from '../../shared/money.ts';
import { dueMinorOf } from '../debits/debit-life.ts';
import type { charge } from '../storage/schema.ts';

/** What a cabinet is told about its charge. The amount is what was debited, may have been, or will be. What waits
 * for a human (again) is not put right. */
export function replyFor(row: typeof charge.$inferSelect): ChargeReply {
  const outMinor = row.inDoubt ? row.askedMinor : null;
  return {
    chargeId: row.chargeId as ChargeId,
    state: row.state,
    reason: row.reason,
    totalMinor: minor(row.paidMinor ?? outMinor ?? dueMinorOf(row)),
    resolved: row.state === 'needs_attention' ? null : resolvedOf(row),
  };
}

function resolvedOf(row: typeof charge.$inferSelect): Resolution | null {
  const { resolvedHow: how, resolvedBy: by, resolvedAtMs: atMs } = row;
  return how === null || by === null || atMs === null ? null : { how, by, atMs };
}
