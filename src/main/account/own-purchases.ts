import { assert } from '../../shared/assert.ts';
import { chargeBodySchema } from '../../shared/model/charge.ts';
import { type Purchase, purchasesMax } from '../../shared/model/purchase.ts';
import { type Result, ok } from '../../shared/result.ts';
import type { ChargeRecord } from '../charges/charge-record.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { DisputeStore } from '../charges/dispute-store.ts';
import type { StorageFailure } from '../storage/database.ts';

/** What this cabinet itself has on record of a member's purchases. */
export function ownPurchases(
  charges: Pick<ChargeStore, 'listOfMember'>,
  disputes: Pick<DisputeStore, 'skusOf'>,
  memberId: string,
): Result<Purchase[], StorageFailure> {
  // The newest that the operator tells of are among as many of our own.
  const found = charges.listOfMember(memberId, purchasesMax);
  if (!found.ok) return found;
  const own: Purchase[] = [];
  for (const record of found.value) {
    const disputed = disputes.skusOf(record.chargeId);
    if (!disputed.ok) return disputed;
    own.push(purchaseOf(record, disputed.value));
  }
  return ok(own);
}

function purchaseOf(record: ChargeRecord, disputed: string[]): Purchase {
  const { chargeId, cabinetId, currency, state, reason, billedMinor, bodyJson } = record;
  assert(bodyJson !== null, 'what is billed has a body');
  const { lines, heldLines, totalMinor, closedAtMs } = chargeBodySchema.parse(JSON.parse(bodyJson));
  return {
    ...{ chargeId, cabinetId, atMs: closedAtMs, currency, lines, heldLines, totalMinor },
    ...{ billedMinor: billedMinor ?? totalMinor, state, reason, disputed },
    // Both are the operator's: what waits here is a question, not a debit.
    ...{ nextTryAtMs: null, payUrl: null },
  };
}
