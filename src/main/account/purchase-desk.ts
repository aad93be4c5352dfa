import { mergePurchases, purchaseFacts } from '../../core/charge/purchases.ts';
import type { Visit } from '../../core/visit/visit.ts';
import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { type VisitId, shortRef } from '../../shared/ids.ts';
import type { ChargeLine, ShownLine } from '../../shared/model/charge.ts';
import type {
  Purchase,
  PurchaseAction,
  PurchaseDetail,
  PurchaseList,
  PurchaseRow,
  PurchasesView,
} from '../../shared/model/purchase.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import type { ChargeStore } from '../charges/charge-store.ts';
import type { DisputeStore } from '../charges/dispute-store.ts';
import type { OperatorClient, OperatorFailure } from '../operator/operator-client.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { ownPurchases } from './own-purchases.ts';

/** While the QR to pay with is up, the operator is asked this often whether it is paid. */
const payAskEveryMs = 3_000;
/** Goods that a row of the list names. */
const namesMax = 3;

export interface PurchaseDeskOptions {
  readonly client: Pick<OperatorClient, 'purchases'>;
  readonly charges: Pick<ChargeStore, 'listOfMember'>;
  readonly disputes: Pick<DisputeStore, 'skusOf'>;
  readonly cabinetId: string;
  readonly pictureOf: (sku: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
  /** Somebody is there and does something. */
  readonly onActive: () => void;
}

/** Whose purchases, and the visit that the operator knows them by. */
interface Who {
  readonly visitId: VisitId;
  readonly memberId: string;
}

type Shown =
  | { readonly phase: 'purchases' }
  | { readonly phase: 'purchase'; readonly chargeId: string }
  | { readonly phase: 'pay'; readonly chargeId: string; readonly payUrl: string };

/**
 * Behind "my purchases". The operator is asked once, as soon as the member is in "my data" by code, so that the list is usually there when
 * it is wanted; until then, and without an answer, stands what this cabinet has on record. Whoever leaves leaves nothing behind.
 */
export class PurchaseDesk {
  readonly #o: PurchaseDeskOptions;
  #who: Who | null = null;
  #theirs: readonly Purchase[] | null = null;
  #list: PurchaseList = 'loading';
  #own: readonly Purchase[] = [];
  #shown: Shown | null = null;
  #told = '';
  #asking: AbortController | null = null;
  #cancelAsk: () => void = () => undefined;

  constructor(options: PurchaseDeskOptions) {
    this.#o = options;
  }

  /** Told of every state of the visit. Whom only the face has told has no purchases here: nobody could be asked. */
  follow({ state, context: { visitId, member, faceOf } }: Visit): void {
    const isOpen = state === 'account' && faceOf === null && visitId !== null && member !== null;
    if (!isOpen) this.close();
    else if (this.#who?.visitId !== visitId) {
      this.close();
      this.#who = { visitId, memberId: member.memberId };
      this.#readOwn();
      void this.#ask();
    }
  }

  /** The member is gone, and with them all that was told about them. */
  close(): void {
    this.#asking?.abort();
    this.#cancelAsk();
    [this.#who, this.#asking, this.#theirs, this.#shown] = [null, null, null, null];
    [this.#own, this.#list, this.#told] = [[], 'loading', ''];
  }

  /** Back to the menu. */
  hide(): void {
    this.#show(null);
  }

  /** `stale`: nothing that this screen offers. */
  act(action: PurchaseAction): Result<null, Failure<'stale'>> {
    if (this.#who === null) return notNow();
    const shown = this.#shown;
    this.#o.onActive();
    switch (action.do) {
      case 'purchases':
        if (shown?.phase === 'purchases') void this.#ask();
        this.#show({ phase: 'purchases' });
        return ok(null);
      case 'purchase': {
        const { chargeId } = action;
        if (shown === null || this.#detail(chargeId) === null) return notNow();
        this.#show({ phase: 'purchase', chargeId });
        return ok(null);
      }
      case 'pay': {
        if (shown?.phase !== 'purchase') return notNow();
        const { chargeId } = shown;
        const payUrl = this.#find(chargeId)?.payUrl ?? null;
        if (payUrl === null || this.#detail(chargeId)?.mayPay !== true) return notNow();
        this.#show({ phase: 'pay', chargeId, payUrl });
        this.#askLater();
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
    // One that is not told of any more: back to what is.
    if (shown.phase === 'purchases' || purchase === null)
      return { phase: 'purchases', list: this.#list, rows: this.#all().map((one) => this.#row(one)) };
    if (shown.phase === 'purchase') return { phase: 'purchase', purchase };
    return { phase: 'pay', purchase, payUrl: shown.payUrl };
  }

  /** This purchase is on screen, and a report about it can be taken. */
  mayDispute(chargeId: string): boolean {
    const view = this.view();
    return view?.phase === 'purchase' && view.purchase.chargeId === chargeId && view.purchase.mayDispute;
  }

  /** Something has happened to this cabinet's own charges. */
  ownChanged(): void {
    if (this.#who === null) return;
    this.#readOwn();
    this.#tell();
  }

  async #ask(): Promise<void> {
    const who = this.#who;
    if (who === null || this.#asking !== null) return;
    const asking = new AbortController();
    this.#asking = asking;
    if (this.#theirs === null) this.#list = 'loading';
    const answer = await this.#o.client.purchases({ visitId: who.visitId }, asking.signal);
    // Left meanwhile: nobody's any more.
    if (this.#asking !== asking) return;
    this.#asking = null;
    if (answer.ok) [this.#theirs, this.#list] = [answer.value.purchases, 'complete'];
    else {
      this.#o.logger.warn('purchases.not_told', { code: answer.error.code });
      this.#list = listAfter(answer.error);
    }
    this.#readOwn();
    this.#settlePayment();
    this.#tell();
  }

  /** What is paid (or has gone another way) needs no QR any more. */
  #settlePayment(): void {
    const shown = this.#shown;
    if (shown?.phase !== 'pay') return;
    if (this.#detail(shown.chargeId)?.status === 'collecting') {
      this.#askLater();
      return;
    }
    this.#shown = { phase: 'purchase', chargeId: shown.chargeId };
    // Time to read it.
    this.#o.onActive();
  }

  #askLater(): void {
    this.#cancelAsk();
    this.#cancelAsk = this.#o.clock.after(payAskEveryMs, () => {
      if (this.#shown?.phase === 'pay') void this.#ask();
    });
  }

  #readOwn(): void {
    if (this.#who === null) return;
    const own = ownPurchases(this.#o.charges, this.#o.disputes, this.#who.memberId);
    if (own.ok) this.#own = own.value;
    else {
      this.#o.logger.error('purchases.not_read', { error: own.error });
      if (this.#list === 'complete') this.#list = 'system';
    }
  }

  #all(): Purchase[] {
    return mergePurchases(this.#theirs, this.#own);
  }
  #find(chargeId: string): Purchase | null {
    return this.#all().find((purchase) => purchase.chargeId === chargeId) ?? null;
  }

  #row(purchase: Purchase): PurchaseRow {
    const { chargeId, atMs, currency, billedMinor, disputed, lines, heldLines } = purchase;
    const goods = [...lines, ...heldLines];
    return {
      ...{ chargeId, atMs, currency, billedMinor, disputed: disputed.length > 0 },
      status: purchaseFacts(purchase, false).status,
      itemCount: goods.reduce((sum, { count }) => sum + count, 0),
      names: goods.slice(0, namesMax).map(({ name }) => name),
      picture: goods[0] === undefined ? '' : this.#o.pictureOf(goods[0].sku),
    };
  }

  #detail(chargeId: string): PurchaseDetail | null {
    const purchase = this.#find(chargeId);
    if (purchase === null) return null;
    const isOwn = this.#own.some((mine) => mine.chargeId === chargeId);
    const { atMs, currency, billedMinor, totalMinor, cabinetId, disputed } = purchase;
    return {
      ...{ chargeId: purchase.chargeId, atMs, currency, billedMinor, totalMinor, cabinetId, disputed },
      ...purchaseFacts(purchase, isOwn),
      ref: shortRef(purchase.chargeId),
      here: cabinetId === this.#o.cabinetId,
      lines: this.#withPictures(purchase.lines),
      heldLines: this.#withPictures(purchase.heldLines),
    };
  }

  #withPictures(lines: readonly ChargeLine[]): ShownLine[] {
    return lines.map((line) => ({ ...line, picture: this.#o.pictureOf(line.sku) }));
  }

  #show(next: Shown | null): void {
    this.#cancelAsk();
    this.#shown = next;
    this.#tell();
  }

  /** Tells of a change only when there is one. */
  #tell(): void {
    const seen = JSON.stringify(this.view());
    if (seen === this.#told) return;
    this.#told = seen;
    this.#o.onChange();
  }
}

function listAfter({ code }: OperatorFailure): PurchaseList {
  switch (code) {
    case 'network.unreachable':
    case 'network.timeout':
      return 'network';
    // Who we are was in order a moment ago: it is the visit that counts no more.
    case 'operator.unauthenticated':
      return 'ended';
    case 'operator.refused':
    case 'operator.conflict':
    case 'operator.unknown_charge':
    case 'operator.unavailable':
    case 'operator.garbage':
      return 'system';
  }
}

function notNow(): Result<null, Failure<'stale'>> {
  return fail('stale', 'not now');
}
