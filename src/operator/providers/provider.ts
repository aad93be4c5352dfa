import type { z } from 'zod';
import type { declineReasonSchema } from '../../shared/api/development-routes.ts';
import type { PaymentMeans } from '../../shared/model/member.ts';
import type { SignUp, SignUpNotice } from './sign-up.ts';
import type { SignsIn } from './signs-in.ts';

/** Why a provider declines a debit. */
export type DeclineReason = z.infer<typeof declineReasonSchema>;

/** What was taken: one article. Amounts are minor units. */
export interface DebitLine {
  /** As it stood on the screen, in the shopper's first language. */
  readonly name: string;
  readonly count: number;
  /** Less what promotions take off. */
  readonly amountMinor: number;
  /** What each promotion takes off it; left out: nothing is. */
  readonly discounts?: readonly { readonly name: string; readonly amountMinor: number }[];
}

/** Amounts are minor units; `orderId` is the charge's id, at most 32 of `[0-9A-Za-z_-]`. */
export interface DebitRequest {
  /**
   * The provider's order number and the idempotency key; the same on every repeat, as is everything below, but for the
   * amount: after a definite "nothing was debited" it may be lower, when a dispute came in between.
   */
  readonly orderId: string;
  readonly memberId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly cabinetId: string;
  /** When the door was opened and was shut, as the cabinet says; wall time, ms. */
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  /**
   * What of the bill is billed, for a provider that shows it to the payer. Their sum is the total of the bill, not the
   * amount: a dispute or a decision may have lowered or raised that. May be empty.
   */
  readonly lines: readonly DebitLine[];
}

/** No answer or not one to build on: it may have happened. Only `query` says. */
export interface UnknownOutcome {
  readonly kind: 'unknown';
  readonly message: string;
}
/** The provider does not take the request as it is (same number, other amount …): repeating cannot help. */
export interface RejectedOutcome {
  readonly kind: 'rejected';
  readonly message: string;
}

export type DebitOutcome =
  /** `amountMinor`: what was debited under this number, as the provider says, which is what counts. */
  | { readonly kind: 'paid'; readonly amountMinor: number }
  /** `again`: the account has forbidden to ask it once more, for this order or at all. */
  | { readonly kind: 'declined'; readonly reason: DeclineReason; readonly again?: 'never' }
  /**
   * The account was declined, and the provider goes on asking it for `amountMinor` by itself: money may move at any time,
   * so nothing is asked anew, only queried. `reason`: why not yet.
   */
  | { readonly kind: 'collecting'; readonly amountMinor: number; readonly reason: DeclineReason }
  | RejectedOutcome
  /** For certain the request never left: no address, connection refused, no key. Anything less certain is `unknown`. */
  | { readonly kind: 'not_sent'; readonly message: string }
  | UnknownOutcome;

/**
 * `not_found`: the provider knows of no debit under this number, yet. `forgottenMs`: or we have forgotten what may be paid by
 * there, where the database was put back within this time.
 */
export type QueryOutcome =
  | Extract<DebitOutcome, { kind: 'paid' | 'declined' | 'collecting' | 'unknown' }>
  | { readonly kind: 'not_found'; readonly forgottenMs?: number };

/** `closed`: nothing was debited, and nothing that was sent before will be. Also when it was closed before. */
export type CloseOutcome =
  Extract<DebitOutcome, { kind: 'paid' | 'collecting' | 'unknown' }> | { readonly kind: 'closed' };

/** An order before the door is opened: nothing is debited by it. */
export type OpenRequest = Pick<
  DebitRequest,
  'orderId' | 'memberId' | 'currency' | 'cabinetId' | 'openedAtMs'
> & {
  /** The most that this visit may cost: what a provider that can hold money holds. */
  readonly maxMinor: number;
};

export type OpenOutcome =
  | { readonly kind: 'open' }
  | Extract<DebitOutcome, { kind: 'declined' | 'rejected' | 'not_sent' | 'unknown' }>;

export interface RefundRequest {
  readonly orderId: string;
  /** The idempotency key, as `orderId` is of a debit; at most 32 of `[0-9A-Za-z_-]`. */
  readonly refundId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** For the payer; at most 80 characters. */
  readonly reason: string;
}

export type RefundOutcome =
  /** `pending`: taken for certain, and on its way; the same request again says how it stands. */
  | { readonly kind: 'refunded' | 'pending' }
  | Extract<DebitOutcome, { kind: 'rejected' | 'not_sent' | 'unknown' }>;

/** How a refund stands, without asking for one. `not_found`: the provider knows of none under this number, yet. */
export type RefundFound = Exclude<RefundOutcome, { kind: 'not_sent' }> | { readonly kind: 'not_found' };

/** How a member stands with a provider: whether it may be asked for money. */
export type AgreementState = 'asked' | 'valid' | 'void' | 'ended';

/** What a provider sent by itself, as it arrived. Header names are lower case. */
export interface Notice {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What is answered to a notice. */
export interface NoticeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type NoticeOutcome =
  /** Signed by the provider and about this order. */
  | { readonly kind: 'order'; readonly orderId: string; readonly outcome: QueryOutcome }
  /** Signed by the provider: a member's account stands so. `sinceMs`: since when, by its clock (wall time); left out: now. */
  | {
      readonly kind: 'agreement';
      readonly account: string;
      readonly state: AgreementState;
      readonly sinceMs?: number;
    }
  | SignUpNotice
  /** Signed by the provider and nothing to do for us. */
  | { readonly kind: 'other' }
  /** Not signed by the provider, too old, for another merchant, or not to be read. Nothing of it counts. */
  | { readonly kind: 'refused'; readonly message: string };

/**
 * One payment provider. An adapter never throws for what the provider or the network does (that is `unknown`); whoever
 * calls takes a throw as `unknown` all the same. No call has to end in time: the caller has its own bound. Every adapter
 * passes `providerContract` (provider-contract.ts).
 */
export interface Provider {
  /** As stored with members and charges. */
  readonly name: string;
  /** What members are told that they pay by; null: this provider has several, and does not say which. */
  readonly means: PaymentMeans | null;
  /** How long after a number was sent `not_found` may still mean "not yet", ms. */
  readonly settlingMs: number;
  debit(request: DebitRequest): Promise<DebitOutcome>;
  query(orderId: string): Promise<QueryOutcome>;
  /** Ends whatever was sent under this number; a `debit` after that is a new request. Null: this provider cannot. */
  readonly close: ((orderId: string) => Promise<CloseOutcome>) | null;
  /**
   * Of what it is `collecting` under this number so much is enough now. `query` says how it stands afterwards; a request
   * that is not lower changes nothing. Null: this provider cannot.
   */
  readonly lower: ((request: DebitRequest) => Promise<QueryOutcome>) | null;
  /** Where the member can pay this very order now, with whatever means; null: not now, or not at this provider. */
  payUrl(orderId: string): string | null;
}

/** A provider by which money goes back. */
export interface PaysBack {
  /** The same refund again (number, order and sum) is the same one. Of another sum under its number: `rejected`. */
  refund(request: RefundRequest): Promise<RefundOutcome>;
  /** How this very refund stands; `rejected`: its number has paid back something else, or it came to nothing there. */
  findRefund(request: RefundRequest): Promise<RefundFound>;
}

/** How a provider wants an order before the door. */
export interface BeforeDoor {
  /** Money of the member is blocked by it, or is at most: nobody but the debit itself may keep it so. */
  readonly holdsMoney: boolean;
  /**
   * An order is closed so long after it was opened when nothing was heard of its visit: before a charge may still come for it
   * only where the order blocks the member's money, and then that charge is debited anew. Wall time, ms.
   */
  readonly closeSilentAfterMs: number;
}

/** Pages of the provider on which whoever has the address pays an order. */
export interface PayLinks {
  /**
   * Ends whatever was asked for under this number before, for certain, and has such a page made. `collecting`: it is up, for as
   * long as `query` says so; then `paid`, or `declined` where nobody has paid. The same again is the same page.
   */
  offer(request: DebitRequest): Promise<DebitOutcome>;
  /** Its address; null: there is none (any more). */
  urlOf(orderId: string): Promise<string | null>;
}

/** What an adapter of a real provider can do besides. */
export interface RealProvider extends Provider, PaysBack {
  /** Nobody comes in by it whose agreement with it (`ProviderAccounts`) is not valid; left out: it knows no agreements. */
  readonly wantsAgreement?: true;
  /** How a member comes to one; left out: not by this program. */
  readonly signUp?: SignUp | undefined;
  /** How it tells who is there; left out: it does not, or not to this operator. */
  readonly signsIn?: SignsIn | undefined;
  /** Null: it wants none; a debit opens its order. Not null: `close` is there. */
  readonly beforeDoor: BeforeDoor | null;
  /**
   * Before the door, where the provider wants an order then, or can hold money. The same number again is the same order;
   * `close` ends it. A `debit` without it opens the order by itself.
   */
  open(request: OpenRequest): Promise<OpenOutcome>;
  /** For `payUrl`, where that is a page of ours which leads on; left out: it is none. */
  readonly payLinks?: PayLinks;
  /** Reads and proves what the provider has sent; answers nobody and stores nothing. */
  receive(notice: Notice): Promise<NoticeOutcome>;
  /** What the provider waits for as the answer to a notice that was (not) taken. */
  answerTo(taken: boolean): NoticeAnswer;
}
