import type { DebitOutcome } from '../provider.ts';
import type { Decline } from './codes.ts';
import { isNeverAgain } from './codes.ts';
import type { IntentState } from './intent-state.ts';
import { declinedBy } from './intent-state.ts';
import type { KnownIntent, KnownOrder } from './known-order.ts';
import type { Answer } from './protocol-client.ts';

type Outcome<K extends DebitOutcome['kind']> = Extract<DebitOutcome, { kind: K }>;

export type Created =
  { readonly kind: 'made'; readonly known: KnownOrder } | Outcome<'declined' | 'rejected' | 'not_sent'>;
/** `held`: so much is held, and nothing is taken. */
export type Confirmed =
  { readonly kind: 'held' } | Outcome<'paid' | 'declined' | 'rejected' | 'not_sent' | 'unknown'>;
/** `ended`: the hold was gone. */
export type Captured = { readonly kind: 'ended' } | Outcome<'paid' | 'rejected' | 'not_sent' | 'unknown'>;
export type Raised =
  | { readonly kind: 'raised'; readonly known: KnownOrder }
  /** For certain: the hold is as it was. */
  | { readonly kind: 'not_raised' }
  | Outcome<'not_sent'>;
export type Ended = { readonly kind: 'ended' } | Outcome<'paid' | 'unknown'>;

/** How an order stands now, and what is known of it then. */
export interface Looked {
  readonly known: KnownOrder;
  /** `missing`: there is no intent (any more). */
  readonly state: Exclude<IntentState, { kind: 'ended' }> | { readonly kind: 'missing' };
}

/** An order whose intent is there. */
export interface Present {
  readonly orderId: string;
  readonly known: KnownOrder;
  readonly intent: KnownIntent;
}

/** Nothing was sent by us; who has it in hand says how it stands. */
export const overtaken = {
  kind: 'not_sent',
  message: 'somebody has closed the order, or gone on with it',
} as const;
/** The member has no card that may be asked. */
export const needsConsent = { kind: 'declined', reason: 'account.authentication_required' } as const;
/** The saved card is there no more: the member saves another one. */
export const cardIsGone = { kind: 'declined', reason: 'account.declined' } as const;

/** The card, when it forbids to be asked again. */
export function refusalOf(decline: Decline | null, { paymentMethod }: KnownIntent): KnownOrder['refusal'] {
  return decline !== null && isNeverAgain(decline) ? { paymentMethod, code: decline.code } : null;
}

/** Whether what is wrong is the member's card, not the request. */
export function isOfCard({ code, param }: Extract<Answer, { kind: 'refused' }>): boolean {
  return code === 'resource_missing' && (param === 'payment_method' || param === 'customer');
}

/** What a confirmation has come to, by how the intent stands after it. */
export function confirmedBy(state: IntentState | { readonly kind: 'missing' }, message: string): Confirmed {
  switch (state.kind) {
    case 'paid':
      return state;
    case 'held':
      return { kind: 'held' };
    case 'open':
      return state.decline === null ? unknown(message) : declinedBy(state.decline);
    case 'unknown':
      return unknown(`${message}; ${state.message}`);
    case 'ended':
    case 'missing':
      return { kind: 'not_sent', message: `the intent has ended: ${message}` };
  }
}

export const messageOf = (answer: Answer): string =>
  answer.kind === 'ok' ? 'answered with something else' : answer.message;

export function unknown(message: string): Outcome<'unknown'> {
  return { kind: 'unknown', message };
}
