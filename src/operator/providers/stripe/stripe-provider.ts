import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { currencies } from '../../../shared/money.ts';
import { CallBudget } from '../call-budget.ts';
import type { ProviderAccounts } from '../provider-accounts.ts';
import type { ProviderOrders } from '../provider-orders.ts';
import type {
  BeforeDoor,
  CloseOutcome,
  DebitOutcome,
  DebitRequest,
  Notice,
  NoticeAnswer,
  NoticeOutcome,
  OpenOutcome,
  OpenRequest,
  QueryOutcome,
  RealProvider,
  RefundFound,
  RefundOutcome,
  RefundRequest,
  RejectedOutcome,
  UnknownOutcome,
} from '../provider.ts';
import type { StripeAccount } from './account.ts';
import { accountText, parseAccount } from './account.ts';
import { amountMaxMinor } from './codes.ts';
import type { Confirmed } from './act-outcomes.ts';
import { needsConsent } from './act-outcomes.ts';
import { IntentActs } from './intent-acts.ts';
import { IntentCalls } from './intent-calls.ts';
import { IntentLife } from './intent-life.ts';
import { declinedBy, foundIntent, intentStateOf } from './intent-state.ts';
import type { KnownOrder } from './known-order.ts';
import { readNotice } from './notices.ts';
import { OrderRecord } from './order-record.ts';
import type { LookedLink } from './pay-links.ts';
import { PayLinks } from './pay-links.ts';
import { ProtocolClient } from './protocol-client.ts';
import type { PaidIntent } from './refunds.ts';
import { Refunds } from './refunds.ts';
import { StripeSignUp } from './sign-up.ts';
import { payPagePath } from '../pay-page-path.ts';
import type { StripeConfig, StripeConfigInput } from './stripe-config.ts';
import { stripeConfigSchema } from './stripe-config.ts';

export interface StripeProviderOptions {
  /** As charges have it; left out: `stripe`. */
  readonly name?: string;
  readonly clock: Clock;
  readonly config: StripeConfigInput;
  /** With `knownOrderSchema`. */
  readonly orders: ProviderOrders<KnownOrder>;
  /** A member's account is `accountText`; `valid`: the card was saved for payments without its owner being there. */
  readonly accounts: ProviderAccounts;
  readonly logger: Logger;
}

/**
 * Stripe's answers about an intent are as of now; a request that is on its way longer than this has been given up
 * by all.
 */
const settlingMs = 60_000;
/** A hold blocks the member's money: one of which nothing is heard is released after this; a charge that comes later is asked anew. */
const silentHoldMs = 24 * 3_600_000;
/** A link is up for so long: Stripe's shortest is 30 min (types of the package), and a clock may be a little off. */
const linkUpMs = 31 * 60_000;
const detachedCardSchema = z.object({ object: z.literal('payment_method'), customer: z.string().nullish() });

/** Cards by Stripe: a saved card is asked while its owner is away; before the door a sum may be held on it. */
export class StripeProvider implements RealProvider {
  readonly name: string;
  readonly means = 'card';
  readonly settlingMs = settlingMs;
  readonly wantsAgreement = true;
  /** Stripe tries no card again by itself. */
  readonly lower = null;
  readonly beforeDoor: BeforeDoor | null;
  readonly signUp: StripeSignUp | undefined;
  readonly #clock: Clock;
  readonly #config: StripeConfig;
  readonly #accounts: ProviderAccounts;
  readonly #logger: Logger;
  readonly #orders: ProviderOrders<KnownOrder>;
  readonly #client: ProtocolClient;

  /** Throws when the config cannot be: that is for whoever starts the program. */
  constructor({ name = 'stripe', clock, config, orders, accounts, logger }: StripeProviderOptions) {
    this.name = name;
    this.#clock = clock;
    this.#config = stripeConfigSchema.parse(config);
    this.beforeDoor =
      this.#config.hold === 'none' ? null : { holdsMoney: true, closeSilentAfterMs: silentHoldMs };
    this.#accounts = accounts;
    this.#logger = logger;
    this.#orders = orders;
    this.#client = new ProtocolClient(this.#config, clock, logger);
    const { payPages } = this.#config;
    this.signUp = payPages === null ? undefined : new StripeSignUp(this.#client, clock, payPages);
  }

  /**
   * Holds the most that the visit may cost, where that is configured; else it only looks whether there is a card to
   * ask.
   */
  async open(request: OpenRequest): Promise<OpenOutcome> {
    const { maxMinor: amountMinor, currency } = request;
    const wrong = wrongWith(currency, amountMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const account = await this.#accountOf(request.memberId);
    if (account === null) return needsConsent;
    if (this.#config.hold === 'none') return { kind: 'open' };
    const taken = await this.#begin().life.take({ ...request, amountMinor, isHold: true, account });
    switch (taken.kind) {
      case 'held':
        return { kind: 'open' };
      case 'paid':
        return { kind: 'rejected', message: 'this order is paid already' };
      case 'declined':
      case 'rejected':
      case 'not_sent':
      case 'unknown':
        return taken;
    }
  }

  async debit(request: DebitRequest): Promise<DebitOutcome> {
    const { amountMinor, currency } = request;
    const wrong = wrongWith(currency, amountMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const { life } = this.#begin();
    const account = await this.#accountOf(request.memberId);
    return debitedBy(await life.take({ ...request, isHold: false, account }), amountMinor);
  }

  async query(orderId: string): Promise<QueryOutcome> {
    const { state } = await this.#begin().life.look(orderId);
    // A link is found in our record alone, which may be older than it (a database that was put back).
    const mayBeLinked = state.kind === 'missing' && this.#config.payPages !== null;
    return mayBeLinked ? { kind: 'not_found', forgottenMs: linkUpMs + settlingMs } : queryOutcomeOf(state);
  }

  readonly close = (orderId: string): Promise<CloseOutcome> => this.#begin().life.close(orderId);

  /** Our own page, which leads to one of Stripe: that one is made when somebody comes. */
  payUrl(orderId: string): string | null {
    const { payPages } = this.#config;
    return payPages === null ? null : `${payPages}${payPagePath(this.name, orderId)}`;
  }

  readonly payLinks: NonNullable<RealProvider['payLinks']> = {
    offer: async (request) => {
      const { amountMinor, currency, orderId } = request;
      const backUrl = this.payUrl(orderId);
      const wrong = backUrl === null ? 'no address for payers' : wrongWith(currency, amountMinor);
      if (wrong !== null || backUrl === null) return { kind: 'not_sent', message: wrong ?? '' };
      const { life } = this.#begin();
      const account = await this.#accountOf(request.memberId);
      const untilS = Math.ceil((this.#clock.nowMs() + linkUpMs) / 1000);
      return life.offer({ ...request, isHold: false, account }, { backUrl, untilS });
    },
    urlOf: async (orderId) => {
      const { state } = await this.#begin().life.look(orderId);
      return state.kind === 'linked' ? state.url : null;
    },
  };

  async refund(request: RefundRequest): Promise<RefundOutcome> {
    const { calls, life } = this.#begin();
    const paid = await this.#paidFor(life, request);
    return 'kind' in paid ? paid : new Refunds(calls, this.#orders).refund(request, paid);
  }

  async findRefund(request: RefundRequest): Promise<RefundFound> {
    const { calls, life } = this.#begin();
    const paid = await this.#paidFor(life, request);
    return 'kind' in paid ? paid : new Refunds(calls, this.#orders).find(request, paid);
  }

  /** The intent that has taken money, or why nothing of it can go back. */
  async #paidFor(
    life: IntentLife,
    { orderId, currency, amountMinor: askedMinor }: RefundRequest,
  ): Promise<PaidIntent | RejectedOutcome | UnknownOutcome> {
    const wrong = wrongWith(currency, askedMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const { known, state } = await life.look(orderId);
    if (state.kind === 'unknown') return state;
    if (state.kind !== 'paid' || known.intent === null)
      return { kind: 'rejected', message: 'nothing is paid under this number' };
    return { intentId: known.intent.id, amountMinor: state.amountMinor };
  }

  async receive(notice: Notice): Promise<NoticeOutcome> {
    const read = readNotice(notice, this.#config, Math.floor(this.#clock.nowMs() / 1000));
    switch (read.kind) {
      case 'refused':
      case 'other':
        return read;
      case 'intent': {
        const { orderId, intentId } = read;
        return this.#toldOf(orderId, intentId);
      }
      case 'sign_up':
        return { ...read, outcome: null };
      case 'detached':
        return this.#detached(read);
    }
  }

  answerTo(taken: boolean): NoticeAnswer {
    const body = JSON.stringify({ received: taken });
    return { status: taken ? 200 : 500, contentType: 'application/json', body };
  }

  /** What one call works with. */
  #begin(): { readonly calls: IntentCalls; readonly life: IntentLife } {
    const record = new OrderRecord(this.#orders);
    const calls = new IntentCalls(this.#client, new CallBudget(this.#clock));
    const acts = new IntentActs(calls, record, this.#logger);
    return { calls, life: new IntentLife(calls, record, acts, new PayLinks(calls, record, acts)) };
  }

  /** Null: none that may be asked. */
  async #accountOf(memberId: string): Promise<StripeAccount | null> {
    const found = await this.#accounts.find(memberId);
    if (found?.agreement !== 'valid') return null;
    const account = parseAccount(found.account);
    if (account === null) this.#logger.error('stripe_account_unreadable', { memberId });
    return account;
  }

  /**
   * How an order stands of which an event has told: by our own intent of it, else by that of the event. What was taken by that
   * one counts beside what ours has taken: what is too much shall go back.
   */
  async #toldOf(orderId: string, intentId: string): Promise<NoticeOutcome> {
    const told = (outcome: QueryOutcome): NoticeOutcome => ({ kind: 'order', orderId, outcome });
    const { calls, life } = this.#begin();
    const { known, state } = await life.look(orderId);
    if (known.intent?.id === intentId) return told(queryOutcomeOf(state));
    const answer = await calls.retrieve(intentId);
    // Stripe does not answer: the event shall come again.
    if (state.kind === 'unknown' || answer.kind === 'unknown' || answer.kind === 'not_sent')
      return { kind: 'refused', message: 'the intents of the event’s order are not to be had' };
    const found = answer.kind === 'ok' ? foundIntent(answer.body, orderId) : null;
    if (answer.kind !== 'ok' || found === null)
      return told(state.kind === 'missing' ? notToBeHad : queryOutcomeOf(state));
    const expected = { orderId, intent: found.intent, isAsking: false, seenAttempt: null };
    const said = intentStateOf(answer.body, expected);
    if (said.kind === 'paid') {
      const oursMinor = state.kind === 'paid' ? state.amountMinor : 0;
      return told({ kind: 'paid', amountMinor: oursMinor + said.amountMinor });
    }
    if (state.kind !== 'missing') return told(queryOutcomeOf(state));
    return told(said.kind === 'ended' ? { kind: 'not_found' } : queryOutcomeOf(said));
  }

  async #detached(card: StripeAccount): Promise<NoticeOutcome> {
    const answer = await this.#begin().calls.paymentMethod(card.paymentMethod);
    if (answer.kind === 'refused' && answer.code === 'resource_missing') return ended(card);
    const found = answer.kind === 'ok' ? detachedCardSchema.safeParse(answer.body).data : undefined;
    // Stripe does not answer: the event shall come again.
    if (found === undefined) return { kind: 'refused', message: 'the card of the event is not to be had' };
    return (found.customer ?? null) === null ? ended(card) : { kind: 'other' };
  }
}

const notToBeHad = { kind: 'unknown', message: 'the intent of the event is not to be had' } as const;

function ended(card: StripeAccount): NoticeOutcome {
  return { kind: 'agreement', account: accountText(card), state: 'ended' };
}

function queryOutcomeOf(state: LookedLink['state']): QueryOutcome {
  switch (state.kind) {
    case 'linked':
      return { kind: 'collecting', amountMinor: state.amountMinor, reason: state.reason };
    case 'unpaid':
      return { kind: 'declined', reason: state.reason };
    case 'paid':
    case 'unknown':
      return state;
    case 'open':
      return state.decline === null ? { kind: 'not_found' } : declinedBy(state.decline);
    case 'held':
    case 'missing':
      return { kind: 'not_found' };
  }
}

function debitedBy(taken: Confirmed, amountMinor: number): DebitOutcome {
  switch (taken.kind) {
    case 'held':
      return { kind: 'unknown', message: 'the sum is held, but not taken' };
    case 'paid':
      return taken.amountMinor === amountMinor
        ? taken
        : { kind: 'rejected', message: `${taken.amountMinor} was taken under this number` };
    case 'declined':
    case 'rejected':
    case 'not_sent':
    case 'unknown':
      return taken;
  }
}

/** Null: a sum that can be moved. */
function wrongWith(currency: string, amountMinor: number): string | null {
  if (!currencies.some((known) => known === currency)) return 'not a currency with two decimals';
  const isAmount = Number.isSafeInteger(amountMinor) && amountMinor > 0 && amountMinor <= amountMaxMinor;
  return isAmount ? null : 'not an amount that can be moved';
}
