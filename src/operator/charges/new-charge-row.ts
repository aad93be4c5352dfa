import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { charge } from '../storage/schema.ts';
import type { ToldRow } from './charge-reply.ts';
import type { ChargeVerdict } from './evaluate-charge.ts';

/** Sum of what is held, minor units. */
export function heldMinorOf(heldLines: ChargeBody['heldLines']): number {
  return heldLines.reduce((sum, line) => sum + line.amountMinor, 0);
}

/** A charge that has been judged. */
export interface NewCharge {
  readonly body: ChargeBody;
  readonly canonical: string;
  readonly bodyHash: string;
  readonly verdict: ChargeVerdict;
  readonly disputedMinor: number | null;
  readonly provider: string | null;
  readonly visitKnown: boolean;
  /** It was here before and is lost, and perhaps it was debited then: to be queried before anything else, held or not. */
  readonly mayBeDebited: boolean;
}

/** What is written down of it, before anything else has happened to it. */
export function newChargeRow(
  { body, canonical, bodyHash, verdict, disputedMinor, provider, visitKnown, mayBeDebited }: NewCharge,
  nowMs: number,
): typeof charge.$inferInsert & ToldRow {
  const { chargeId, cabinetId, visitId, memberId, currency, totalMinor } = body;
  const { state, reason, review } = verdict;
  return {
    chargeId,
    cabinetId,
    visitId,
    memberId,
    visitKnown,
    currency,
    totalMinor,
    state,
    reason,
    review,
    provider,
    heldMinor: heldMinorOf(body.heldLines),
    confirmedByShopper: body.confirmedByShopper,
    reviewReasons: JSON.stringify(body.review),
    openedAtMs: body.openedAtMs,
    closedAtMs: body.closedAtMs,
    body: canonical,
    bodyHash,
    receivedCount: 1,
    firstAtMs: nowMs,
    paidAtMs: state === 'paid' ? nowMs : null,
    nextAttemptAtMs: state === 'accepted' || mayBeDebited ? nowMs : null,
    inDoubt: mayBeDebited,
    // When it was sent nobody knows: the settling period counts from the first query.
    askedMinor: mayBeDebited ? totalMinor - (disputedMinor ?? 0) : null,
    declineCount: 0,
    unreachableCount: 0,
    leaseCount: 0,
    refundDueMinor: 0,
    disputedMinor: disputedMinor ?? 0,
    contestedMinor: disputedMinor ?? 0,
    paidMinor: state === 'paid' ? 0 : null,
    approvedMinor: null,
    collectedByProvider: false,
    collectionEnded: false,
    resolvedHow: null,
    resolvedBy: null,
    resolvedAtMs: null,
  };
}
