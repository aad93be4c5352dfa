/**
 * Facts about Stripe's PaymentIntents, collected 2026-11-27 and 29; check them against docs.stripe.com before going
 * live. Sources: docs.stripe.com/declines/codes, the types of the npm package stripe 23.1.0 (API 2026-10-28.endive)
 * and its comments. (m): from memory.
 */
import type { DeclineReason } from '../provider.ts';

/** What of a decline the issuer, or Stripe, has said. */
export interface Decline {
  /** `decline_code`, else `code`. */
  readonly code: string;
  /** `advice_code`; null: none. */
  readonly advice: string | null;
}

/** Decline codes with a reason of their own; every other one is `account.declined`, whatever it is. */
const reasonOfCode: Readonly<Record<string, DeclineReason>> = {
  insufficient_funds: 'account.insufficient_funds',
  withdrawal_count_limit_exceeded: 'account.insufficient_funds',
  card_velocity_exceeded: 'account.insufficient_funds',
  expired_card: 'account.expired_card',
  invalid_expiry_year: 'account.expired_card',
  authentication_required: 'account.authentication_required',
  authentication_not_handled: 'account.authentication_required', // (m)
  approve_with_id: 'account.authentication_required',
  offline_pin_required: 'account.authentication_required', // (m)
  online_or_offline_pin_required: 'account.authentication_required', // (m)
  incorrect_pin: 'account.authentication_required',
  invalid_pin: 'account.authentication_required',
  pin_try_exceeded: 'account.authentication_required',
};

/** The card is never asked again: the networks fine who does. */
export const neverAgainCodes: readonly string[] = [
  'do_not_try_again',
  'revocation_of_authorization',
  'revocation_of_all_authorizations',
  'stop_payment_order',
  'pickup_card',
  'lost_card',
  'stolen_card',
  'restricted_card',
];
const neverAgainAdvice = 'do_not_try_again';

/** It may be about this very payment: Stripe is asked how that stands before the decline is believed. */
export const lookFirstCodes: readonly string[] = ['duplicate_transaction'];

/**
 * Why the shopper reads that it was declined. Lost and stolen cards, and those that are taken for fraud, are told
 * with the words of a plain decline: whoever stands there is not told what the issuer suspects.
 */
export function reasonOf({ code }: Decline): DeclineReason {
  return Object.hasOwn(reasonOfCode, code) ? (reasonOfCode[code] ?? 'account.declined') : 'account.declined';
}

export function isNeverAgain({ code, advice }: Decline): boolean {
  return neverAgainCodes.includes(code) || advice === neverAgainAdvice;
}

/** Types of errors that Stripe itself answers with. */
export const errorTypes: readonly string[] = [
  'api_error',
  'card_error',
  'idempotency_error',
  'invalid_request_error',
  'rate_limit_error',
];

/** Statuses of a PaymentIntent. */
export const intentStatuses = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'canceled',
  'succeeded',
] as const;

export const refundStatuses = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] as const;

export const eventPrefix = 'payment_intent.';
export const detachedEvent = 'payment_method.detached';
/** Of Checkout Sessions, among which are those that save a card. */
export const sessionEventPrefix = 'checkout.session.';

/** Whose signature an event carries, and how old that may be, s. */
export const signatureHeader = 'stripe-signature';
export const signatureToleranceS = 300;

/** Keys of our metadata: a charge's intents and a refund are found by them in Stripe's own pages. */
export const metadataOf = {
  charge: 'charge',
  cabinet: 'cabinet',
  refund: 'refund',
  member: 'member',
  signUp: 'sign_up',
} as const;

/** So much of an intent can be moved at most, in minor units (m: eight digits). */
export const amountMaxMinor = 99_999_999;
/** So many refunds of one intent are looked through. */
export const refundListMax = 100;
/** So many intents of one charge are looked through, when our own record was lost. */
export const searchMax = 20;
