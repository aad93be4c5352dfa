import type { z } from 'zod';
import { Failure, missing } from './failure.ts';
import type { CardDecline, Faults } from './faults.ts';
import { checked, rules } from './form.ts';

interface Intent {
  readonly id: string;
  readonly create: z.infer<typeof rules.create>;
  readonly canIncrement: boolean;
  status:
    | 'requires_payment_method'
    | 'requires_confirmation'
    | 'requires_action'
    | 'requires_capture'
    | 'canceled'
    | 'succeeded';
  amount: number;
  received: number;
  paymentMethod: string | null;
  latestCharge: string | null;
  lastError: Record<string, unknown> | null;
  changedAtMs: number;
}

interface Refund {
  readonly id: string;
  readonly intentId: string;
  readonly amount: number;
  readonly metadata: Record<string, string>;
  status: 'pending' | 'succeeded' | 'failed';
}

/** Money that has moved: this is what tests count. Positive: from the card to the merchant. */
export interface Movement {
  readonly orderId: string;
  readonly intentId: string;
  readonly amountMinor: number;
  /** Wall time, ms. */
  readonly atMs: number;
}

/** What a payer pays by a link. `customer`: empty where none was named. */
export interface LinkPayment {
  readonly amount: number;
  readonly currency: string;
  readonly customer: string;
  readonly metadata: Record<string, string>;
}

/** So often a hold may be raised, refusals counted. */
const incrementsMax = 10;

/** The PaymentIntents of an account by their documented states, and an honest book of the money. */
export class IntentBook {
  readonly movements: Movement[] = [];
  readonly #intents = new Map<string, Intent>();
  /** The same by the order that they name. */
  readonly #ofOrder = new Map<string, Intent[]>();
  readonly #refunds = new Map<string, Refund>();
  readonly #customerOf = new Map<string, string>();
  readonly #increments = new Map<string, number>();
  readonly #faults: Faults;
  readonly #nowMs: () => number;
  #count = 0;

  constructor(faults: Faults, nowMs: () => number) {
    this.#faults = faults;
    this.#nowMs = nowMs;
  }

  /** A card that its owner has saved; null: taken away again. */
  saveCard(paymentMethod: string, customer: string | null): void {
    if (customer === null) this.#customerOf.delete(paymentMethod);
    else this.#customerOf.set(paymentMethod, customer);
  }

  /** Taken away by the merchant. */
  detach(id: string): Record<string, unknown> {
    if (!this.#customerOf.has(id))
      throw new Failure(400, { code: 'resource_missing', param: 'payment_method' });
    this.#customerOf.delete(id);
    return this.paymentMethod(id);
  }

  /** What was taken for this order, less what was paid back. */
  movedMinor(orderId: string): number {
    return this.#of(orderId).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }

  takeCount(orderId: string): number {
    return this.#of(orderId).filter(({ amountMinor }) => amountMinor > 0).length;
  }

  /** What is held on cards for this order, and taken or let go by nobody. */
  heldMinor(orderId: string): number {
    const held = this.intentsOf(orderId).filter(({ status }) => status === 'requires_capture');
    return held.reduce((sum, { amount }) => sum + amount, 0);
  }

  intentsOf(orderId: string): readonly Readonly<Intent>[] {
    return this.#ofOrder.get(orderId) ?? [];
  }

  #of(orderId: string): Movement[] {
    return this.movements.filter((movement) => movement.orderId === orderId);
  }

  create(body: string): Record<string, unknown> {
    const create = checked(rules.create, body);
    this.#checkCard(create.payment_method, create.customer);
    const intent: Intent = {
      id: `pi_${this.#next()}`,
      create,
      canIncrement: create.payment_method_options !== undefined,
      status: 'requires_confirmation',
      amount: create.amount,
      received: 0,
      paymentMethod: create.payment_method,
      latestCharge: null,
      lastError: null,
      changedAtMs: this.#nowMs(),
    };
    this.#add(intent);
    return this.show(intent.id);
  }

  confirm(id: string, body: string): Record<string, unknown> {
    const { payment_method: paymentMethod } = checked(rules.confirm, body);
    const intent = this.#find(id);
    const may = ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(
      intent.status,
    );
    if (!may) throw this.#unexpected(intent);
    this.#checkCard(paymentMethod, intent.create.customer);
    intent.changedAtMs = this.#nowMs();
    const decline = this.#faults.declines.get(paymentMethod);
    if (decline !== undefined) throw this.#decline(intent, decline, paymentMethod);
    intent.paymentMethod = paymentMethod;
    if (this.#faults.needAction.has(paymentMethod)) {
      intent.status = 'requires_action';
      return this.show(id);
    }
    intent.latestCharge = `ch_${this.#next()}`;
    intent.lastError = null;
    if (intent.create.capture_method === 'manual') intent.status = 'requires_capture';
    else this.#take(intent, intent.amount);
    return this.show(id);
  }

  increment(id: string, body: string): Record<string, unknown> {
    const { amount } = checked(rules.increment, body);
    const intent = this.#find(id);
    if (intent.status !== 'requires_capture' || amount <= intent.amount) throw this.#unexpected(intent);
    const count = (this.#increments.get(id) ?? 0) + 1;
    this.#increments.set(id, count);
    if (!intent.canIncrement || !this.#faults.canIncrement || count > incrementsMax)
      throw new Failure(400, { code: 'incremental_authorization_not_supported' }, true);
    const decline = this.#faults.declines.get(intent.paymentMethod ?? '');
    if (decline !== undefined)
      throw new Failure(402, { type: 'card_error', code: 'card_declined', decline_code: decline.code }, true);
    intent.amount = amount;
    return this.show(id);
  }

  capture(id: string, body: string): Record<string, unknown> {
    const { amount_to_capture: amount } = checked(rules.capture, body);
    const intent = this.#find(id);
    if (intent.status !== 'requires_capture') throw this.#unexpected(intent);
    if (amount > intent.amount)
      throw new Failure(400, { code: 'amount_too_large', param: 'amount_to_capture' }, true);
    this.#take(intent, amount);
    return this.show(id);
  }

  cancel(id: string, body: string): Record<string, unknown> {
    checked(rules.cancel, body);
    const intent = this.#find(id);
    if (intent.status === 'canceled' || intent.status === 'succeeded') throw this.#unexpected(intent);
    intent.status = 'canceled';
    intent.changedAtMs = this.#nowMs();
    return this.show(id);
  }

  /** A payer pays by a link: Stripe makes an intent for that, which has succeeded. Gives its id. */
  payByLink({ amount, currency, customer, metadata }: LinkPayment): string {
    const intent: Intent = {
      id: `pi_${this.#next()}`,
      create: {
        ...{ amount, currency, customer, metadata, payment_method: '', capture_method: 'automatic' },
        allowed_payment_method_types: { 0: 'card' },
      },
      ...{ canIncrement: false, status: 'requires_confirmation', amount, received: 0 },
      ...{ paymentMethod: `pm_${this.#next()}`, latestCharge: `ch_${this.#next()}`, lastError: null },
      changedAtMs: this.#nowMs(),
    };
    this.#add(intent);
    this.#take(intent, amount);
    return intent.id;
  }

  /** Holds that nobody has taken in a week. */
  expireHolds(): void {
    for (const intent of this.#intents.values())
      if (intent.status === 'requires_capture') intent.status = 'canceled';
  }

  refund(body: string): Record<string, unknown> {
    const refund = checked(rules.refund, body);
    const intent = this.#find(refund.payment_intent);
    const orderId = intent.create.metadata['charge'] ?? '';
    if (refund.amount > this.movedMinor(orderId))
      throw new Failure(400, { code: 'charge_already_refunded', param: 'amount' }, true);
    const id = `re_${this.#next()}`;
    const { amount, metadata } = refund;
    this.#refunds.set(id, { id, intentId: intent.id, amount, metadata, status: 'pending' });
    this.movements.push({ orderId, intentId: intent.id, amountMinor: -amount, atMs: this.#nowMs() });
    return this.#showRefund(id);
  }

  refundsOf(intentId: string): Record<string, unknown> {
    const ours = [...this.#refunds.values()].filter((refund) => refund.intentId === intentId);
    return { object: 'list', has_more: false, data: ours.map(({ id }) => this.#showRefund(id)) };
  }

  /** How all refunds of an order go on. */
  setRefunds(orderId: string, status: Refund['status']): void {
    const ids = this.intentsOf(orderId).map(({ id }) => id);
    for (const refund of this.#refunds.values()) if (ids.includes(refund.intentId)) refund.status = status;
  }

  search(query: string): Record<string, unknown> {
    const [, orderId = ''] = /^metadata\['charge'\]:'([0-9A-Za-z_-]{1,32})'$/.exec(query) ?? [];
    if (orderId === '') throw new Failure(400, { code: 'parameter_invalid', param: 'query' });
    const seen = this.#nowMs() - this.#faults.searchLagMs;
    const found = this.intentsOf(orderId).filter(({ changedAtMs }) => changedAtMs <= seen);
    return { object: 'search_result', has_more: false, data: found.map(({ id }) => this.show(id)) };
  }

  paymentMethod(id: string): Record<string, unknown> {
    return { id, object: 'payment_method', type: 'card', customer: this.#customerOf.get(id) ?? null };
  }

  /** An intent as answers show it. */
  show(id: string): Record<string, unknown> {
    const { create, status, amount, received, paymentMethod, latestCharge, lastError } = this.#find(id);
    return {
      id,
      object: 'payment_intent',
      amount,
      amount_capturable: status === 'requires_capture' ? amount : 0,
      amount_received: received,
      capture_method: create.capture_method,
      currency: create.currency,
      customer: create.customer || null,
      last_payment_error: lastError,
      latest_charge: latestCharge,
      livemode: false,
      metadata: create.metadata,
      payment_method: paymentMethod,
      payment_method_types: ['card'],
      status,
    };
  }

  #showRefund(id: string): Record<string, unknown> {
    const refund = this.#refunds.get(id);
    if (refund === undefined) throw missing('refund');
    const { intentId, amount, metadata, status } = refund;
    return { id, object: 'refund', amount, metadata, payment_intent: intentId, status };
  }

  #take(intent: Intent, amountMinor: number): void {
    intent.status = 'succeeded';
    intent.received = amountMinor;
    intent.changedAtMs = this.#nowMs();
    const orderId = intent.create.metadata['charge'] ?? '';
    this.movements.push({ orderId, intentId: intent.id, amountMinor, atMs: this.#nowMs() });
  }

  #decline(intent: Intent, { code, advice }: CardDecline, paymentMethod: string): Failure {
    const isAuthentication = code === 'authentication_required';
    intent.status = 'requires_payment_method';
    intent.paymentMethod = null;
    intent.latestCharge = `ch_${this.#next()}`;
    const error = {
      type: 'card_error',
      code: isAuthentication ? code : 'card_declined',
      decline_code: code,
      ...(advice !== undefined && { advice_code: advice }),
    };
    const card = { id: paymentMethod, object: 'payment_method', card: { last4: '4242' } };
    intent.lastError = { ...error, charge: intent.latestCharge, payment_method: card };
    return new Failure(402, { ...error, payment_intent: this.show(intent.id) }, true);
  }

  #checkCard(paymentMethod: string, customer: string): void {
    if (this.#customerOf.get(paymentMethod) !== customer)
      throw new Failure(400, { code: 'resource_missing', param: 'payment_method' });
  }

  #unexpected(intent: Intent): Failure {
    const fields = { code: 'payment_intent_unexpected_state', payment_intent: this.show(intent.id) };
    return new Failure(400, fields, true);
  }

  #add(intent: Intent): void {
    this.#intents.set(intent.id, intent);
    const orderId = intent.create.metadata['charge'] ?? '';
    this.#ofOrder.set(orderId, [...(this.#ofOrder.get(orderId) ?? []), intent]);
  }

  #find(id: string): Intent {
    const intent = this.#intents.get(id);
    if (intent === undefined) throw missing('intent');
    return intent;
  }

  #next(): string {
    return `test${String(++this.#count).padStart(8, '0')}`;
  }
}
