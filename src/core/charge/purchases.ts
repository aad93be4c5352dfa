import type { ActsWhen, Actor, ReasonCode, ReceiptStatus } from '../../shared/model/charge.ts';
import type { Purchase } from '../../shared/model/purchase.ts';
import { reasonFacts, receiptStatusOf } from './reasons.ts';

/**
 * The purchases of a member from what the operator told (null: nothing) and from this cabinet's own record: each charge once, newest
 * first, nothing changed in any of them but what stands below. The operator's word goes before the cabinet's, which may be older; but for
 * - what is settled here and cannot go back: paid, or held because the operator's bill does not fit ours;
 * - lines that were reported here, which may be on their way to the operator still.
 * Own charges that the operator has and did not tell of are older than its list, and shown only while there is no list.
 */
export function mergePurchases(theirs: readonly Purchase[] | null, own: readonly Purchase[]): Purchase[] {
  const byId = new Map((theirs ?? []).map((purchase) => [purchase.chargeId, purchase]));
  for (const mine of own) {
    const told = byId.get(mine.chargeId);
    if (told === undefined) {
      if (theirs === null || !isKnownToOperator(mine)) byId.set(mine.chargeId, mine);
      continue;
    }
    const disputed = [...new Set([...told.disputed, ...mine.disputed])].sort();
    byId.set(mine.chargeId, { ...(isFinalHere(mine) ? mine : told), disputed });
  }
  return [...byId.values()].sort(newestFirst);
}

/** It has answered for it. What a human has to look at may have been refused before it was taken: shown in any case. */
function isKnownToOperator({ state }: Purchase): boolean {
  return state === 'accepted' || state === 'collecting' || state === 'paid';
}

function isFinalHere({ state, reason }: Purchase): boolean {
  return state === 'paid' || (state === 'needs_attention' && reason === 'system.conflict');
}

function newestFirst(a: Purchase, b: Purchase): number {
  return b.atMs - a.atMs || (a.chargeId < b.chargeId ? 1 : -1);
}

export interface PurchaseFacts {
  readonly status: ReceiptStatus;
  readonly reason: ReasonCode | null;
  readonly actor: Actor;
  /** Null: nothing is to come. */
  readonly when: ActsWhen | null;
  readonly nextTryAtMs: number | null;
  readonly mayDispute: boolean;
  readonly mayPay: boolean;
}

/**
 * What is said of a purchase: where the money is, why, who acts next and when. `isOwn`: this cabinet has the bill on record, so that a report
 * about its lines can be put on record here too; one report, as on the receipt.
 */
export function purchaseFacts(purchase: Purchase, isOwn: boolean): PurchaseFacts {
  const { state, reason, disputed, lines, nextTryAtMs, payUrl } = purchase;
  const status = receiptStatusOf(state, reason);
  const [actor, when] = nextOf(status, reason, disputed.length > 0);
  return {
    ...{ status, reason, actor, when },
    nextTryAtMs: status === 'collecting' ? nextTryAtMs : null,
    mayDispute: isOwn && lines.length > 0 && disputed.length === 0,
    mayPay: status === 'collecting' && payUrl !== null,
  };
}

function nextOf(
  status: ReceiptStatus,
  reason: ReasonCode | null,
  isDisputed: boolean,
): readonly [Actor, ActsWhen | null] {
  switch (status) {
    case 'nothing':
      return ['nobody', null];
    case 'paid':
      // Only people pay back.
      return isDisputed ? ['operator', 'working_days'] : ['nobody', null];
    case 'review':
      return ['operator', 'working_days'];
    case 'collecting':
      return ['shopper', 'when_shopper_acts'];
    case 'sending':
    case 'follows': {
      if (reason === null) return ['system', 'on_its_own_soon'];
      const { whoActsNext, when } = reasonFacts(reason);
      return [whoActsNext, when];
    }
  }
}
