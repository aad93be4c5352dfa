import type { z } from 'zod';
import type { declineReasonSchema } from '../../shared/api/development-routes.ts';
import type { PaymentMeans } from '../../shared/model/member.ts';

/** Why a provider declines a debit. */
export type DeclineReason = z.infer<typeof declineReasonSchema>;

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
  | { readonly kind: 'declined'; readonly reason: DeclineReason }
  | RejectedOutcome
  /** For certain the request never left: no address, connection refused, no key. Anything less certain is `unknown`. */
  | { readonly kind: 'not_sent'; readonly message: string }
  | UnknownOutcome;

/** `not_found`: the provider knows of no debit under this number, yet. */
export type QueryOutcome =
  Extract<DebitOutcome, { kind: 'paid' | 'declined' | 'unknown' }> | { readonly kind: 'not_found' };

/** `closed`: nothing was debited, and nothing that was sent before will be. Also when it was closed before. */
export type CloseOutcome = Extract<DebitOutcome, { kind: 'paid' | 'unknown' }> | { readonly kind: 'closed' };

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
  /** Where the member can pay this very order now, with whatever means; null: not now, or not at this provider. */
  payUrl(orderId: string): string | null;
}
