import type { z } from 'zod';
import { Failure, missing, wrongField } from './failure.ts';
import { checked, rules } from './form.ts';
import type { IntentBook } from './intent-book.ts';

interface Session {
  readonly id: string;
  readonly create: z.infer<typeof rules.link>;
  /** Null: not paid. */
  intentId: string | null;
  isExpired: boolean;
}

/** Stripe's bounds of `expires_at`, s from now. */
const expiresS = { min: 30 * 60, max: 24 * 3_600 };

/** The Checkout Sessions of an account: each is open until it is paid, expired by request, or over. */
export class SessionBook {
  readonly #sessions = new Map<string, Session>();
  readonly #intents: IntentBook;
  readonly #nowMs: () => number;

  constructor(intents: IntentBook, nowMs: () => number) {
    this.#intents = intents;
    this.#nowMs = nowMs;
  }

  create(body: string): Record<string, unknown> {
    const create = checked(rules.link, body);
    const inS = create.expires_at - this.#nowMs() / 1000;
    if (inS < expiresS.min || inS > expiresS.max) throw wrongField('expires_at');
    const id = `cs_test${String(this.#sessions.size + 1).padStart(8, '0')}`;
    this.#sessions.set(id, { id, create, intentId: null, isExpired: false });
    return this.show(id);
  }

  expire(id: string, body: string): Record<string, unknown> {
    checked(rules.expire, body);
    const session = this.#find(id);
    if (this.#statusOf(session) !== 'open') throw new Failure(400, { code: 'resource_state' }, true);
    session.isExpired = true;
    return this.show(id);
  }

  show(id: string): Record<string, unknown> {
    const session = this.#find(id);
    const status = this.#statusOf(session);
    return {
      ...{ id, object: 'checkout.session', mode: 'payment', status, payment_intent: session.intentId },
      amount_total: session.create.line_items[0].price_data.unit_amount,
      payment_status: session.intentId === null ? 'unpaid' : 'paid',
      url: status === 'open' ? urlOf(id) : null,
    };
  }

  /** Somebody who has the address pays. False: the page takes nothing any more. */
  pay(url: string): boolean {
    const session = [...this.#sessions.values()].find(({ id }) => urlOf(id) === url);
    if (session === undefined || this.#statusOf(session) !== 'open') return false;
    const { line_items: items, payment_intent_data: of, customer = '' } = session.create;
    const { unit_amount: amount, currency } = items[0].price_data;
    session.intentId = this.#intents.payByLink({ amount, currency, customer, metadata: of.metadata });
    return true;
  }

  /** Those that take money now, for this order. */
  openCount(orderId: string): number {
    const ofOrder = [...this.#sessions.values()].filter(
      ({ create }) => create.metadata['charge'] === orderId,
    );
    return ofOrder.filter((session) => this.#statusOf(session) === 'open').length;
  }

  #statusOf({ create, intentId, isExpired }: Session): 'open' | 'complete' | 'expired' {
    if (intentId !== null) return 'complete';
    return isExpired || create.expires_at <= this.#nowMs() / 1000 ? 'expired' : 'open';
  }

  #find(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw missing('session');
    return session;
  }
}

const urlOf = (id: string): string => `https://checkout.stripe.test/c/pay/${id}`;
