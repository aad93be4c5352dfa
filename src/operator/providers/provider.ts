import { z } from 'zod';
import type { Failure, Result } from '../../shared/result.ts';

/** Why a provider declines a debit: the account reasons of model/charge.ts that a provider can give. */
export const declineReasonSchema = z.enum([
  'account.declined',
  'account.insufficient_funds',
  'account.expired_card',
  'account.authentication_required',
]);
export type DeclineReason = z.infer<typeof declineReasonSchema>;

/** What a provider can do. The operator asks only for what is declared here. */
export interface ProviderCapabilities {
  /** An order is made before the door opens, and debited later. */
  readonly open: boolean;
  /** What an order will be debited for can be lowered before it is debited. */
  readonly adjust: boolean;
  /** What was debited can be paid back, in parts. */
  readonly refund: boolean;
  /** A member can pay an order in another way, at `payUrl`. */
  readonly payUrl: boolean;
  /** It says by itself when an order has changed. */
  readonly notifications: boolean;
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
  | UnknownOutcome;

/** `not_found`: nothing was debited under this number. */
export type QueryOutcome = DebitOutcome | { readonly kind: 'not_found' };

/** `done` also when it was done before: each of these calls may be repeated. */
export type OrderOutcome = { readonly kind: 'done' } | RejectedOutcome | UnknownOutcome;

export interface RefundRequest {
  readonly orderId: string;
  /** Of this refund; the same on every repeat. */
  readonly refundId: string;
  readonly amountMinor: number;
}

/** A message of the provider as it came. */
export interface RawNotification {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Only says which order to look at: what became of it is asked for. */
export interface ProviderNotification {
  readonly orderId: string;
}

/**
 * One payment provider. An adapter never throws for what the provider or the network does (that is `unknown`); whoever
 * calls takes a throw as `unknown` all the same. No call has to end in time: the caller has its own bound. Every adapter
 * passes `providerContract` (provider-contract.ts).
 */
export interface Provider {
  /** As stored with members and charges. */
  readonly name: string;
  readonly capabilities: ProviderCapabilities;
  /** Makes the order before the door opens, so that a member who cannot pay is told there. Debits nothing. */
  open(
    request: DebitRequest,
  ): Promise<OrderOutcome | { readonly kind: 'declined'; readonly reason: DeclineReason }>;
  debit(request: DebitRequest): Promise<DebitOutcome>;
  query(orderId: string): Promise<QueryOutcome>;
  /** Lowers what an open order will be debited for; `rejected` once it is debited, or when it would rise. */
  adjust(request: { readonly orderId: string; readonly amountMinor: number }): Promise<OrderOutcome>;
  /** Pays back a part of what was debited; `rejected` beyond that. */
  refund(request: RefundRequest): Promise<OrderOutcome>;
  /** `forged`: not from this provider. `malformed`: not one of its notifications. */
  parseNotification(message: RawNotification): Result<ProviderNotification, Failure<'forged' | 'malformed'>>;
  /** Where the member can pay this very order now, with whatever means; null: not now, or not at this provider. */
  payUrl(orderId: string): string | null;
}
