import { z } from 'zod';
import type { ChargeId } from '../../shared/ids.ts';

/** Why a provider declines a debit: the account reasons of model/charge.ts that a provider can give. */
export const declineReasonSchema = z.enum([
  'account.declined',
  'account.insufficient_funds',
  'account.expired_card',
  'account.authentication_required',
]);
export type DeclineReason = z.infer<typeof declineReasonSchema>;

export interface DebitRequest {
  /**
   * The provider's order number and the idempotency key; the same on every repeat, as is everything below, but for the
   * amount: after a definite "nothing was debited" it may be lower, when a dispute came in between.
   */
  readonly chargeId: ChargeId;
  readonly memberId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

export type DebitOutcome =
  /** `amountMinor`: what was debited under this number, as the provider says, which is what counts. */
  | { readonly kind: 'paid'; readonly amountMinor: number }
  | { readonly kind: 'declined'; readonly reason: DeclineReason }
  /** The provider does not take the request as it is (same number, other amount …): repeating cannot help. */
  | { readonly kind: 'rejected'; readonly message: string }
  /** No answer or not one to build on: money may have moved. Only `query` says. */
  | { readonly kind: 'unknown'; readonly message: string };

export type QueryOutcome = DebitOutcome | { readonly kind: 'not_found' };

/**
 * One payment provider. An adapter never throws for what the provider or the network does (that is `unknown`); the
 * worker takes a throw as `unknown` all the same. Neither call has to end in time: the worker has its own bound.
 */
export interface Provider {
  charge(request: DebitRequest): Promise<DebitOutcome>;
  query(chargeId: ChargeId): Promise<QueryOutcome>;
  /** Where the member can pay this very order now, with whatever means; null: not now, or not at this provider. */
  payUrl(chargeId: ChargeId): string | null;
}
