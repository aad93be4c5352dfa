import type Stripe from 'stripe';
import { type ChargeId, shortRef } from '../../../shared/ids.ts';
import type { CallBudget } from '../call-budget.ts';
import { metadataOf, refundListMax, searchMax } from './codes.ts';
import type { Act, KnownIntent } from './known-order.ts';
import { keyOf } from './known-order.ts';
import type { Answer, ProtocolClient } from './protocol-client.ts';

/** An intent that is to be made: `amountMinor` in minor units of `currency`. */
export interface NewIntent extends Omit<KnownIntent, 'id'> {
  readonly orderId: string;
  readonly currency: string;
  readonly cabinetId: string;
}

/** Not confirmed: it moves nothing, so that one that nobody remembers does no harm. */
export function createParams(intent: NewIntent) {
  return {
    amount: intent.amountMinor,
    currency: intent.currency.toLowerCase(),
    customer: intent.customer,
    payment_method: intent.paymentMethod,
    allowed_payment_method_types: ['card'],
    capture_method: intent.isHold ? 'manual' : 'automatic',
    ...(intent.isHold && {
      payment_method_options: { card: { request_incremental_authorization: 'if_available' } },
    }),
    metadata: { [metadataOf.charge]: intent.orderId, [metadataOf.cabinet]: intent.cabinetId },
  } satisfies Stripe.PaymentIntentCreateParams;
}

/** Nobody is there to prove anything: who would have to is declined. */
export function confirmParams(paymentMethod: string) {
  return { off_session: true, payment_method: paymentMethod } satisfies Stripe.PaymentIntentConfirmParams;
}

/** The hold shall be so much in all. */
export function incrementParams(amountMinor: number) {
  return { amount: amountMinor } satisfies Stripe.PaymentIntentIncrementAuthorizationParams;
}

/** So much is taken out of the hold, once; Stripe lets go of the rest. */
export function captureParams(amountMinor: number) {
  return { amount_to_capture: amountMinor } satisfies Stripe.PaymentIntentCaptureParams;
}

export function cancelParams() {
  return { cancellation_reason: 'abandoned' } satisfies Stripe.PaymentIntentCancelParams;
}

export function refundParams(refund: {
  readonly orderId: string;
  readonly refundId: string;
  readonly intentId: string;
  readonly amountMinor: number;
}) {
  return {
    payment_intent: refund.intentId,
    amount: refund.amountMinor,
    reason: 'requested_by_customer',
    metadata: { [metadataOf.charge]: refund.orderId, [metadataOf.refund]: refund.refundId },
  } satisfies Stripe.RefundCreateParams;
}

/** Every character that an order's number may have can stand in it. */
export function searchParams(orderId: string) {
  return {
    query: `metadata['${metadataOf.charge}']:'${orderId}'`,
    limit: searchMax,
  } satisfies Stripe.PaymentIntentSearchParams;
}

/**
 * A page of Stripe where whoever has its address pays this order once. `untilS`: Unix time, s. That is anybody, so it is told
 * of no customer: Stripe would fill the page in with the member's name, e-mail and saved card.
 */
export function linkParams(link: {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly cabinetId: string;
  /** Where the payer is led afterwards. */
  readonly backUrl: string;
  readonly untilS: number;
}) {
  const metadata = { [metadataOf.charge]: link.orderId, [metadataOf.cabinet]: link.cabinetId };
  const { currency, amountMinor, orderId } = link;
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: currency.toLowerCase(),
          unit_amount: amountMinor,
          // What people read out, as it stands on the screen.
          product_data: { name: shortRef(orderId as ChargeId) },
        },
      },
    ],
    allowed_payment_method_types: ['card'],
    adaptive_pricing: { enabled: false },
    payment_intent_data: { metadata },
    metadata,
    success_url: link.backUrl,
    expires_at: link.untilS,
  } satisfies Stripe.Checkout.SessionCreateParams;
}

/** An act as it is on record. `intentId`: of the intent or link that it is about; null for what makes one. */
export interface SentAct {
  readonly orderId: string;
  readonly act: Act;
  readonly n: number;
  readonly params: string;
  readonly intentId: string | null;
}

/** The calls about one order. */
export class IntentCalls {
  readonly #client: ProtocolClient;
  readonly #budget: CallBudget;

  constructor(client: ProtocolClient, budget: CallBudget) {
    this.#client = client;
    this.#budget = budget;
  }

  /** Sends what is on record, under its own key. */
  send({ orderId, act, n, params, intentId }: SentAct): Promise<Answer> {
    const options = { idempotencyKey: keyOf(orderId, act, n) };
    const id = intentId ?? '';
    // As the builders above have made it.
    const sent = JSON.parse(params) as never;
    return this.#ask(act, ({ paymentIntents, refunds, checkout }) => {
      switch (act) {
        case 'create':
          return paymentIntents.create(sent, options);
        case 'confirm':
          return paymentIntents.confirm(id, sent, options);
        case 'increment':
          return paymentIntents.incrementAuthorization(id, sent, options);
        case 'capture':
          return paymentIntents.capture(id, sent, options);
        case 'cancel':
          return paymentIntents.cancel(id, sent, options);
        case 'refund':
          return refunds.create(sent, options);
        case 'link':
          return checkout.sessions.create(sent, options);
        case 'expire':
          return checkout.sessions.expire(id, sent, options);
      }
    });
  }

  retrieve(intentId: string): Promise<Answer> {
    return this.#ask('retrieve', ({ paymentIntents }) => paymentIntents.retrieve(intentId));
  }

  link(id: string): Promise<Answer> {
    return this.#ask('link', ({ checkout }) => checkout.sessions.retrieve(id));
  }

  /** For an order of which we have no record: what Stripe finds is as of about a minute ago. */
  search(orderId: string): Promise<Answer> {
    return this.#ask('search', ({ paymentIntents }) => paymentIntents.search(searchParams(orderId)));
  }

  refundsOf(intentId: string): Promise<Answer> {
    return this.#ask('refunds', ({ refunds }) =>
      refunds.list({ payment_intent: intentId, limit: refundListMax }),
    );
  }

  paymentMethod(id: string): Promise<Answer> {
    return this.#ask('payment_method', ({ paymentMethods }) => paymentMethods.retrieve(id));
  }

  #ask(what: string, call: (stripe: Stripe) => Promise<unknown>): Promise<Answer> {
    return this.#client.ask(what, call, this.#budget);
  }
}
