import { z } from 'zod';
import type { DebitOutcome } from '../provider.ts';
import type { Decline } from './codes.ts';
import { intentStatuses, isNeverAgain, metadataOf, reasonOf } from './codes.ts';
import type { KnownIntent, KnownOrder } from './known-order.ts';

const amount = z.number().int().min(0);
/** Expanded or not. */
const reference = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]).nullish();

/** A PaymentIntent as answers show it; only what we judge by. */
const intentSchema = z.object({
  object: z.literal('payment_intent'),
  id: z.string(),
  status: z.enum(intentStatuses),
  amount,
  amount_received: amount.default(0),
  amount_capturable: amount.default(0),
  capture_method: z.string(),
  customer: reference,
  payment_method: reference,
  latest_charge: reference,
  metadata: z.record(z.string(), z.string()).nullish(),
  last_payment_error: z
    .object({
      code: z.string().nullish(),
      decline_code: z.string().nullish(),
      advice_code: z.string().nullish(),
    })
    .nullish(),
});
type Intent = z.infer<typeof intentSchema>;

/** How an intent stands at Stripe. Amounts in minor units. `attempt`: the last one on the card; null: none. */
export type IntentState =
  /** Nothing is held or taken. `decline`: the last attempt's; null: none that is certain. */
  | {
      readonly kind: 'open';
      readonly decline: Decline | null;
      readonly attempt: string | null;
    }
  /** So much is held, and nothing taken. */
  | {
      readonly kind: 'held';
      readonly amountMinor: number;
      readonly attempt: string | null;
    }
  | { readonly kind: 'paid'; readonly amountMinor: number }
  /** Final: nothing was taken, nothing is held. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown'; readonly message: string };

/** What an answer has to fit. */
export interface Expected {
  readonly orderId: string;
  readonly intent: KnownIntent;
  /** See KnownOrder. */
  readonly isAsking: boolean;
  readonly seenAttempt: string | null;
}

/** How an intent stands, by an answer about it. What does not fit is `unknown`, never paid. */
export function intentStateOf(
  body: unknown,
  { orderId, intent, isAsking, seenAttempt }: Expected,
): IntentState {
  const parsed = intentSchema.safeParse(body);
  if (!parsed.success) return unknown('the answer is not a PaymentIntent as we know it');
  const found = parsed.data;
  if (found.id !== intent.id) return unknown('the answer is about another intent');
  if (found.metadata?.[metadataOf.charge] !== orderId) return unknown('the intent is of another charge');
  if ((found.customer ?? intent.customer) !== intent.customer)
    return unknown('the intent is of another customer');
  const attempt = found.latest_charge ?? null;
  switch (found.status) {
    case 'requires_payment_method':
    case 'requires_confirmation':
      // While an answer is outstanding, the decline may be that of an attempt before.
      return {
        kind: 'open',
        attempt,
        decline: isAsking && attempt === seenAttempt ? null : declineOf(found),
      };
    case 'requires_action':
      // Nobody has been given what it takes to act: it stays so until it is cancelled.
      return { kind: 'open', attempt, decline: { code: 'authentication_required', advice: null } };
    case 'requires_capture':
      return { kind: 'held', amountMinor: found.amount_capturable, attempt };
    case 'canceled':
      return { kind: 'ended' };
    case 'succeeded':
      return found.amount_received > 0
        ? { kind: 'paid', amountMinor: found.amount_received }
        : unknown('it has succeeded with nothing');
    case 'processing':
      return unknown('Stripe is at it');
  }
}

function declineOf({ last_payment_error: error }: Intent): Decline | null {
  const code = error?.decline_code ?? error?.code ?? null;
  return code === null ? null : { code, advice: error?.advice_code ?? null };
}

export interface FoundIntent {
  readonly intent: KnownIntent;
  /** Money is taken or held by it, or may be at any time: of all others nothing needs to be known. */
  readonly isMoving: boolean;
}

/** An intent as one to remember; null: not to be read, or of another order. */
export function foundIntent(body: unknown, orderId: string): FoundIntent | null {
  const parsed = intentSchema.safeParse(body);
  if (!parsed.success) return null;
  const {
    id,
    amount: amountMinor,
    capture_method: method,
    customer,
    payment_method: card,
    status,
    metadata,
  } = parsed.data;
  if (metadata?.[metadataOf.charge] !== orderId) return null;
  const intent = {
    ...{ id, amountMinor, isHold: method === 'manual' },
    ...{ customer: customer ?? '', paymentMethod: card ?? '' },
  };
  return { intent, isMoving: ['succeeded', 'requires_capture', 'processing'].includes(status) };
}

/** A decline as the worker hears it. */
export function declinedBy(decline: Decline): Extract<DebitOutcome, { kind: 'declined' }> {
  const reason = reasonOf(decline);
  return isNeverAgain(decline) ? { kind: 'declined', reason, again: 'never' } : { kind: 'declined', reason };
}

export function expectedOf(
  orderId: string,
  { isAsking, seenAttempt }: KnownOrder,
  intent: KnownIntent,
): Expected {
  return { orderId, intent, isAsking, seenAttempt };
}

const unknown = (message: string): IntentState => ({ kind: 'unknown', message });
