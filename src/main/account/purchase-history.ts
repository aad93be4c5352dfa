import { mergePurchases, purchaseFacts } from '../../core/charge/purchases.ts';
import { phaseOf } from '../../core/visit/visit-phase.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { type VisitId, shortRef } from '../../shared/ids.ts';
import type { ChargeLine, ShownLine } from '../../shared/model/charge.schema.ts';
import type {
  Purchase,
  PurchaseAction,
  PurchaseDetail,
  PurchaseRow,
  PurchasesView,
} from '../../shared/model/purchase.schema.ts';
import { isNewResolution } from '../../shared/model/resolution.ts';
import { type PurchaseList, isUnanswered } from '../../shared/model/purchase.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { DisputeStore } from '../charges/dispute-store.ts';
import type { DisputeDrafts } from '../receipt/dispute-drafts.ts';
import type { OperatorClient, OperatorFailure } from '../operator/operator-client.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { localPurchases } from './local-purchases.ts';

/**
 * While purchases are on screen of which one is not paid yet, the operator is asked so long after its last answer: paid
 * elsewhere, it is told as paid here within 5 s.
 */
const askAgainAfterMs = 3_000;
/** Goods that a row of the list names. */
const namesMax = 3;

export interface PurchaseHistoryOptions {
  readonly client: Pick<OperatorClient, 'purchases'>;
  readonly charges: Pick<ChargeStore, 'listOfMember'>;
  readonly disputes: Pick<DisputeStore, 'skusOf' | 'refusedSkusOf'>;
  readonly drafts: Pick<DisputeDrafts, 'skusOf'>;
  readonly cabinetId: string;
  readonly pictureOf: (sku: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
  /** Somebody is there and does something. */
  readonly onActive: () => void;
}

/** Whose purchases, and the visit that the operator knows them by. */
interface Identity {
  readonly visitId: VisitId;
  readonly memberId: string;
}

type Shown =
  | { readonly phase: 'purchases' }
  | { readonly phase: 'purchase'; readonly chargeId: string }
  | { readonly phase: 'pay'; readonly chargeId: string; readonly payUrl: string };

/**
 * The purchases of the member in the account. The operator is asked once, as soon as the member is there by code, so
 * that the list is usually there when it is wanted; until then, and without an answer, stands what this cabinet has
 * on record. Whoever leaves leaves nothing behind.
 */
export class PurchaseHistory {
  readonly #options: PurchaseHistoryOptions;
  #identity: Identity | null = null;
  #remote: readonly Purchase[] | null = null;
  #list: PurchaseList = 'loading';
  #local: readonly Purchase[] = [];
  /** As `#local` was when the operator was asked last, and when it was asked for the list that stands here. */
  #localWhenAsked: readonly Purchase[] = [];
  #localWhenListed: readonly Purchase[] = [];
  #shown: Shown | null = null;
  /** The purchase on screen as it was last known: it stays there when the list does not name it any more. */
  #seen: Purchase | null = null;
  #lastEmitted = '';
  #pending: AbortController | null = null;
  #cancelScheduled: () => void = () => undefined;

  constructor(options: PurchaseHistoryOptions) {
    this.#options = options;
  }

  /**
   * Call on each change of the visit. A member known by face only has no purchases here: the operator was not asked.
   */
  onVisitChanged(visit: Visit): void {
    const phase = phaseOf(visit);
    if (phase.phase !== 'account' || phase.by !== 'code') this.close();
    else if (this.#identity?.visitId !== phase.visitId) {
      this.close();
      this.#identity = { visitId: phase.visitId, memberId: phase.member.memberId };
      this.#readLocal();
      void this.#request();
    }
  }

  /** The member has left: forgets everything about them. */
  close(): void {
    this.#pending?.abort();
    this.#cancelScheduled();
    this.#identity = null;
    this.#pending = null;
    this.#remote = null;
    this.#shown = null;
    this.#seen = null;
    this.#local = this.#localWhenAsked = this.#localWhenListed = [];
    this.#list = 'loading';
    this.#lastEmitted = '';
  }

  /** Back to the menu. */
  hide(): void {
    this.#show(null);
  }

  /** `stale`: nothing that this screen offers. */
  act(action: PurchaseAction): Result<null, Failure<'stale'>> {
    if (this.#identity === null) return notNow();
    const shown = this.#shown;
    this.#options.onActive();
    switch (action.do) {
      case 'purchases':
        if (shown?.phase === 'purchases') void this.#request();
        this.#show({ phase: 'purchases' });
        return ok(null);
      case 'purchase': {
        const { chargeId } = action;
        const purchase = shown === null ? null : this.#find(chargeId);
        if (purchase === null) return notNow();
        this.#seen = purchase;
        this.#show({ phase: 'purchase', chargeId });
        return ok(null);
      }
      case 'pay': {
        if (shown?.phase !== 'purchase') return notNow();
        const { chargeId } = shown;
        const payUrl = this.#find(chargeId)?.payUrl ?? null;
        if (payUrl === null || this.#detail(chargeId)?.mayPay !== true) return notNow();
        this.#show({ phase: 'pay', chargeId, payUrl });
        return ok(null);
      }
      default:
        return unreachable(action);
    }
  }

  /** Null: the menu is on screen. */
  view(): PurchasesView | null {
    const shown = this.#shown;
    if (shown === null) return null;
    const purchase = shown.phase === 'purchases' ? null : this.#detail(shown.chargeId);
    // The purchase is not in the list any more: back to the list.
    if (shown.phase === 'purchases' || purchase === null) {
      const isOld = this.#remote !== null && isUnanswered(this.#list);
      const rows = this.#all().map((one) => this.#row(one));
      return { phase: 'purchases', list: this.#list, isOld, rows };
    }
    if (shown.phase === 'purchase') return { phase: 'purchase', purchase };
    return { phase: 'pay', purchase, payUrl: shown.payUrl };
  }

  /** This purchase is on screen, and a report about it can be taken. */
  mayDispute(chargeId: string): boolean {
    const view = this.view();
    return view?.phase === 'purchase' && view.purchase.chargeId === chargeId && view.purchase.mayDispute;
  }

  /** The charges or disputes on record here have changed. */
  localChanged(): void {
    if (this.#identity === null) return;
    this.#readLocal();
    this.#askForNews();
    this.#emitIfChanged();
  }

  /** What the operator has said of a charge since its list was asked for is not in it: it is asked again. */
  #askForNews(): void {
    if (hasNews(this.#localWhenAsked, this.#local)) void this.#request();
  }

  /** `again`: by itself; what stands there stays until there is another answer. */
  async #request(again = false): Promise<void> {
    const identity = this.#identity;
    if (identity === null) return;
    // Whoever touches sees that it is looked up, also where it was asked by itself already.
    if (this.#remote === null && !again) this.#list = 'loading';
    if (this.#pending !== null) return;
    const pending = new AbortController();
    this.#pending = pending;
    const local = (this.#localWhenAsked = this.#local);
    const answer = await this.#options.client.purchases({ visitId: identity.visitId }, pending.signal);
    // The member has left meanwhile: the answer is dropped.
    if (this.#pending !== pending) return;
    this.#pending = null;
    if (answer.ok) {
      [this.#remote, this.#list] = [answer.value.purchases, 'complete'];
      this.#localWhenListed = local;
    } else {
      this.#options.logger.warn('purchases.not_told', { code: answer.error.code });
      this.#list = listAfter(answer.error);
    }
    this.#readLocal();
    if (this.#seen !== null) this.#seen = this.#find(this.#seen.chargeId);
    this.#settlePayment();
    this.#askForNews();
    this.#watch();
    this.#emitIfChanged();
  }

  /** What is paid (or has gone another way) needs no QR any more; while a debit is out, perhaps this very payment, it stays. */
  #settlePayment(): void {
    const shown = this.#shown;
    if (shown?.phase !== 'pay') return;
    const detail = this.#detail(shown.chargeId);
    const status = detail === null ? null : toldMoneyOf(detail).status;
    if (status === 'collecting' || status === 'follows') return;
    this.#shown = { phase: 'purchase', chargeId: shown.chargeId };
    // Time to read it.
    this.#options.onActive();
  }

  /** Asks again after a while, as long as something on screen is not paid yet: it may be paid elsewhere meanwhile. */
  #watch(): void {
    this.#cancelScheduled();
    // It asks for a new code: whatever is asked from now on, it does not say that it is paid.
    if (this.#shown === null || this.#pending !== null || this.#list === 'ended') return;
    if (!this.#onScreen(this.#shown).some(isUnpaid)) return;
    this.#cancelScheduled = this.#options.clock.after(askAgainAfterMs, () => void this.#request(true));
  }

  #onScreen(shown: Shown): readonly Purchase[] {
    if (shown.phase === 'purchases') return this.#all();
    const purchase = this.#find(shown.chargeId);
    return purchase === null ? [] : [purchase];
  }

  #readLocal(): void {
    if (this.#identity === null) return;
    const local = localPurchases(this.#options.charges, this.#options.disputes, this.#identity.memberId);
    if (local.ok) this.#local = local.value;
    else {
      this.#options.logger.error('purchases.not_read', { error: local.error });
      if (this.#list === 'complete') this.#list = 'system';
    }
  }

  #all(): Purchase[] {
    return mergePurchases(this.#remote, this.#local, decidedSince(this.#localWhenListed, this.#local));
  }
  #find(chargeId: string): Purchase | null {
    const listed = this.#all().find((purchase) => purchase.chargeId === chargeId);
    return listed ?? (this.#seen?.chargeId === chargeId ? this.#seen : null);
  }

  #row(purchase: Purchase): PurchaseRow {
    const { chargeId, atMs, currency, disputed, lines, heldLines, refund } = purchase;
    const facts = purchaseFacts(purchase, false);
    const isOld = isUnanswered(this.#list);
    const { status, reason, when, report, isReportOpen } = toldMoneyOf({ ...purchase, ...facts, isOld });
    const goods = [...lines, ...heldLines];
    return {
      chargeId,
      atMs,
      currency,
      billedMinor: facts.billedMinor,
      disputed: isReportOpen,
      isReportRefused: report === 'notTaken',
      hasDraft: disputed.length === 0 && this.#options.drafts.skusOf(chargeId).length > 0,
      refund,
      status,
      reason,
      when,
      itemCount: goods.reduce((sum, { count }) => sum + count, 0),
      names: goods.slice(0, namesMax).map(({ name }) => name),
      picture: goods[0] === undefined ? '' : this.#options.pictureOf(goods[0].sku),
    };
  }

  #detail(chargeId: string): PurchaseDetail | null {
    const purchase = this.#find(chargeId);
    if (purchase === null) return null;
    const isLocal = this.#local.some((purchase) => purchase.chargeId === chargeId);
    const { atMs, currency, totalMinor, cabinetId, disputed, refused, inReview, means, refund } = purchase;
    return {
      chargeId: purchase.chargeId,
      atMs,
      currency,
      totalMinor,
      cabinetId,
      disputed,
      refused,
      inReview,
      means,
      refund,
      draft: [...this.#options.drafts.skusOf(purchase.chargeId)],
      ...purchaseFacts(purchase, isLocal),
      isOld: isUnanswered(this.#list),
      ref: shortRef(purchase.chargeId),
      here: cabinetId === this.#options.cabinetId,
      lines: this.#withPictures(purchase.lines),
      heldLines: this.#withPictures(purchase.heldLines),
    };
  }

  #withPictures(lines: readonly ChargeLine[]): ShownLine[] {
    return lines.map((line) => ({ ...line, picture: this.#options.pictureOf(line.sku) }));
  }

  #show(next: Shown | null): void {
    this.#shown = next;
    this.#watch();
    this.#emitIfChanged();
  }

  /** Calls `onChange` only when the view has changed. */
  #emitIfChanged(): void {
    const emitted = JSON.stringify(this.view());
    if (emitted === this.#lastEmitted) return;
    this.#lastEmitted = emitted;
    this.#options.onChange();
  }
}

/** Money is still to move by itself, or to be paid by the member. */
function isUnpaid(purchase: Purchase): boolean {
  const { status } = toldMoneyOf({ ...purchase, ...purchaseFacts(purchase, false) });
  return status === 'sending' || status === 'follows' || status === 'collecting';
}

/** Whether the operator has said something else of a charge since; what the cabinet tries by itself is none of it. */
function hasNews(before: readonly Purchase[], now: readonly Purchase[]): boolean {
  const known = new Map(before.map((purchase) => [purchase.chargeId, wordOn(purchase)]));
  return now.some((purchase) => isSaid(purchase) && known.get(purchase.chargeId) !== wordOn(purchase));
}
function isSaid({ state }: Purchase): boolean {
  return state === 'accepted' || state === 'collecting' || state === 'paid' || state === 'needs_attention';
}
function wordOn({ state, reason, billedMinor, resolved, refund }: Purchase): string {
  const decided = [resolved?.how, resolved?.by, resolved?.atMs];
  return JSON.stringify([state, reason, billedMinor, ...decided, refund?.stage, refund?.amountMinor]);
}

/** Of which charges a decision was heard since. */
function decidedSince(before: readonly Purchase[], now: readonly Purchase[]): ReadonlySet<string> {
  const known = new Map(before.map(({ chargeId, resolved }) => [chargeId, resolved]));
  const decided = now.filter(({ chargeId, resolved }) =>
    isNewResolution(known.get(chargeId) ?? null, resolved),
  );
  return new Set(decided.map(({ chargeId }) => chargeId));
}

function listAfter({ code }: OperatorFailure): PurchaseList {
  switch (code) {
    case 'network.unreachable':
    case 'network.timeout':
    case 'network.portal':
    case 'network.unproven':
      return 'network';
    // The signature was accepted a moment ago, so it is the visit that is not valid any more.
    case 'operator.unauthenticated':
      return 'ended';
    case 'operator.refused':
    case 'operator.conflict':
    case 'operator.unknown_charge':
    case 'operator.not_served':
    case 'operator.busy':
    case 'operator.unavailable':
    case 'operator.garbage':
      return 'system';
  }
}

function notNow(): Result<null, Failure<'stale'>> {
  return fail('stale', 'not now');
}
