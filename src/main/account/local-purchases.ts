import { assert } from '../../shared/assert.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
import type { Purchase } from '../../shared/model/purchase.schema.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import { type Result, ok } from '../../shared/result.ts';
import type { ChargeRecord } from '../charges/charge-record.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { DisputeStore } from '../charges/dispute-store.ts';
import type { StorageFailure } from '../storage/database.ts';

/** A member's purchases as this cabinet has them on record, newest first. What cannot be read is left out. */
export function localPurchases(
  charges: Pick<ChargeStore, 'listOfMember'>,
  disputes: Pick<DisputeStore, 'skusOf' | 'refusedSkusOf'>,
  memberId: string,
): Result<Purchase[], StorageFailure> {
  // The newest purchases in the operator's list are among as many of the newest here.
  const found = charges.listOfMember(memberId, purchasesMax);
  if (!found.ok) return found;
  const local: Purchase[] = [];
  for (const record of found.value) {
    const disputed = disputes.skusOf(record.chargeId);
    if (!disputed.ok) return disputed;
    const refused = disputes.refusedSkusOf(record.chargeId);
    if (!refused.ok) return refused;
    const purchase = purchaseOf(record, disputed.value, refused.value);
    if (purchase !== null) local.push(purchase);
  }
  return ok(local);
}

function purchaseOf(record: ChargeRecord, disputed: string[], refused: string[]): Purchase | null {
  const { chargeId, cabinetId, currency, state, reason, billedMinor, bodyJson, resolution } = record;
  assert(bodyJson !== null, 'what is billed has a body');
  const body = chargeBodySchema.safeParse(JSON.parse(bodyJson));
  if (!body.success) return null;
  const { lines, heldLines, totalMinor, closedAtMs } = body.data;
  return {
    chargeId,
    cabinetId,
    atMs: closedAtMs,
    currency,
    lines,
    heldLines,
    totalMinor,
    billedMinor: billedMinor ?? totalMinor,
    state,
    reason,
    disputed,
    refused,
    // In both states the operator has the charge: what is due here is the next question, not a debit.
    nextTryAtMs: null,
    payUrl: null,
    resolved: resolution,
  };
}
