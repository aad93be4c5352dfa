import type { ReasonCode, ReceiptStatus } from '../../shared/model/charge.ts';
import type { Minor } from '../../shared/money.ts';
import type { Purchase } from '../../shared/model/purchase.schema.ts';
import { purchasesMax } from '../../shared/model/purchase.ts';
import { isNewResolution } from '../../shared/model/resolution.ts';
import type { ShownResolution } from '../../shared/model/resolution.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { billedMinorOf } from './dispute.ts';
import { receiptStatusOf, resolutionShown } from './receipt.ts';

/**
 * The purchases of a member, from the operator's list (`remote`; null: not known) and this cabinet's own record
 * (`local`): each charge once, newest first. Where both have a charge the operator's entry counts, for the cabinet's
 * may be older; except that
 * - what is final here stays (paid, or held because the operator's bill does not fit ours) until the operator tells of
 *   a decision that is not known here, such as a refund;
 * - a decision that was heard here after the list had been asked for (`decidedSince`: of these charges) counts over the
 *   list, which may be from before it; whether somebody looks at it still, nobody has told since;
 * - lines that were reported here are kept as disputed: the report may still be on its way, and then nobody has looked;
 * - lines that were reported here and not taken stay so, unless the operator has them as reported all the same;
 * - whether somebody looks at it still, and what has gone back, only the operator knows.
 * A local charge that the operator does not list is left out only where its list is full and begins later: then it is
 * older than what is listed. Else the operator does not have it (it was decided before it came, its database was put
 * back), and this cabinet does.
 */
export function mergePurchases(
  remote: readonly Purchase[] | null,
  local: readonly Purchase[],
  decidedSince: ReadonlySet<string> = new Set(),
): Purchase[] {
  const byId = new Map((remote ?? []).map((purchase) => [purchase.chargeId, purchase]));
  const listedFromMs = beginOf(remote);
  for (const localOne of local) {
    const remoteOne = byId.get(localOne.chargeId);
    if (remoteOne === undefined) {
      if (localOne.atMs >= listedFromMs || !isSettling(localOne)) byId.set(localOne.chargeId, localOne);
      continue;
    }
    const disputed = [...new Set([...remoteOne.disputed, ...localOne.disputed])].sort();
    const isLater = decidedSince.has(localOne.chargeId);
    const stays = isLater || (isFinal(localOne) && !isNewResolution(localOne.resolved, remoteOne.resolved));
    const inReviewThere = isLater ? undefined : remoteOne.inReview;
    const inReview = disputed.length > remoteOne.disputed.length ? true : inReviewThere;
    const refused = localOne.refused?.filter((sku) => !disputed.includes(sku));
    const { refund } = remoteOne;
    byId.set(localOne.chargeId, { ...(stays ? localOne : remoteOne), disputed, refused, inReview, refund });
  }
  return [...byId.values()].sort(newestFirst);
}

/** From when on the operator's list has everything, wall ms; -Infinity: it has all there is, or there is no list. */
function beginOf(remote: readonly Purchase[] | null): number {
  if (remote === null || remote.length < purchasesMax) return -Infinity;
  return Math.min(...remote.map(({ atMs }) => atMs));
}

/** It goes its way without a human. What one has to look at, or has not left yet, is shown however old it is. */
function isSettling({ state }: Purchase): boolean {
  return state === 'accepted' || state === 'collecting' || state === 'paid';
}

function isFinal({ state, reason }: Purchase): boolean {
  return state === 'paid' || (state === 'needs_attention' && reason === 'system.conflict');
}

function newestFirst(a: Purchase, b: Purchase): number {
  return b.atMs - a.atMs || (a.chargeId < b.chargeId ? 1 : -1);
}

export interface PurchaseFacts {
  readonly status: ReceiptStatus;
  readonly reason: ReasonCode | null;
  /** What was debited, or is to be: without what was reported before. */
  readonly billedMinor: Minor;
  readonly nextTryAtMs: number | null;
  /** How it was put right, by whom and when; null: it did not have to be, or it waits (again). */
  readonly resolved: ShownResolution | null;
  readonly mayDispute: boolean;
  readonly mayPay: boolean;
}

/**
 * What is known of the money of a purchase; what is said of it: `toldMoneyOf`. `isLocal`: this cabinet has the bill
 * on record, so that a report about its lines can be put on record here too; one report, as on the receipt.
 */
export function purchaseFacts(purchase: Purchase, isLocal: boolean): PurchaseFacts {
  const { state, reason, disputed, refused = [], lines, nextTryAtMs, payUrl } = purchase;
  const status = receiptStatusOf({ state, reason, billedLineCount: lines.length });
  const billedMinor = billedMinorOf({ ...purchase, resolution: purchase.resolved });
  const resolved = resolutionShown(state, purchase.resolved);
  const told = toldMoneyOf({ ...purchase, status, billedMinor, resolved, mayPay: payUrl !== null });
  return {
    status,
    reason,
    billedMinor,
    nextTryAtMs: told.status === 'collecting' ? nextTryAtMs : null,
    resolved,
    mayDispute: isLocal && lines.length > 0 && disputed.length === 0 && refused.length === 0,
    mayPay: told.mayPay,
  };
}
