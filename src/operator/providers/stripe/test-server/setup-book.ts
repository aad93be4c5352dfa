import type { z } from 'zod';
import { Failure, missing, wrongField } from './failure.ts';
import { checked, rules } from './form.ts';
import type { IntentBook } from './intent-book.ts';

interface Setup {
  readonly id: string;
  readonly create: z.infer<typeof rules.setup>;
  /** Null: no card was saved. */
  paymentMethod: string | null;
}

/** With what the numbers of Checkout Sessions begin here that save a card. */
export const setupPrefix = 'cs_setup';
/** Stripe's bounds of `expires_at`, s from now. */
const expiresS = { min: 30 * 60, max: 24 * 3_600 };

/** Customers, and the Checkout Sessions of an account in setup mode: each is open until a card is saved by it, or it is over. */
export class SetupBook {
  readonly #customers = new Set<string>();
  readonly #setups = new Map<string, Setup>();
  readonly #intents: IntentBook;
  readonly #nowMs: () => number;

  constructor(intents: IntentBook, nowMs: () => number) {
    this.#intents = intents;
    this.#nowMs = nowMs;
  }

  createCustomer(body: string): Record<string, unknown> {
    const { metadata } = checked(rules.customer, body);
    const id = `cus_new${this.#customers.size + 1}`;
    this.#customers.add(id);
    return { id, object: 'customer', metadata };
  }

  create(body: string): Record<string, unknown> {
    const create = checked(rules.setup, body);
    if (!this.#customers.has(create.customer)) throw new Failure(400, { code: 'resource_missing' }, true);
    const inS = create.expires_at - this.#nowMs() / 1000;
    if (inS < expiresS.min || inS > expiresS.max) throw wrongField('expires_at');
    const id = `${setupPrefix}${String(this.#setups.size + 1).padStart(8, '0')}`;
    this.#setups.set(id, { id, create, paymentMethod: null });
    return this.show(id);
  }

  show(id: string): Record<string, unknown> {
    const setup = this.#setups.get(id);
    if (setup === undefined) throw missing('session');
    const { create, paymentMethod } = setup;
    const status = this.#statusOf(setup);
    const { customer, client_reference_id: reference, metadata } = create;
    return {
      ...{ id, object: 'checkout.session', mode: 'setup', status, customer, metadata },
      client_reference_id: reference,
      url: status === 'open' ? urlOf(id) : null,
      setup_intent:
        paymentMethod === null
          ? null
          : {
              ...{ object: 'setup_intent', id: `seti_${id}`, status: 'succeeded', customer },
              payment_method: this.#intents.paymentMethod(paymentMethod),
            },
    };
  }

  /** The member saves a card on the page at this address. Gives its session; null: the page is not up. */
  save(url: string, paymentMethod: string): Record<string, unknown> | null {
    const setup = [...this.#setups.values()].find(({ id }) => urlOf(id) === url);
    if (setup === undefined || this.#statusOf(setup) !== 'open') return null;
    setup.paymentMethod = paymentMethod;
    this.#intents.saveCard(paymentMethod, setup.create.customer);
    return this.show(setup.id);
  }

  #statusOf({ create, paymentMethod }: Setup): 'open' | 'complete' | 'expired' {
    if (paymentMethod !== null) return 'complete';
    return create.expires_at <= this.#nowMs() / 1000 ? 'expired' : 'open';
  }
}

const urlOf = (id: string): string => `https://checkout.stripe.test/c/setup/${id}`;
