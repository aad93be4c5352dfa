import type { Clock } from '../../../shared/clock.ts';
import { sleep } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { chargeAgeMaxMs, settlingMs } from '../../limits.ts';
import { CallBudget } from '../call-budget.ts';
import type { ProviderAccounts } from '../provider-accounts.ts';
import type { ProviderOrders } from '../provider-orders.ts';
import type {
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
import { currency } from './codes.ts';
import type { KnownOrder } from './known-order.ts';
import { newOrder } from './known-order.ts';
import { readNotice } from './notices.ts';
import { OrderCalls } from './order-calls.ts';
import { OrderLife, standsOf } from './order-life.ts';
import type { OrderState } from './order-state.ts';
import { ProtocolClient } from './protocol-client.ts';
import { Refunds } from './refunds.ts';
import { WechatSignUp } from './sign-up.ts';
import { WechatSignsIn } from './signs-in.ts';
import { wechatConfigSchema } from './wechat-config.ts';
import type { WechatConfig } from './wechat-config.ts';

export interface WechatProviderOptions {
  /** As charges have it; left out: `wechat`. */
  readonly name?: string;
  readonly clock: Clock;
  readonly config: WechatConfig;
  /** With `knownOrderSchema`. */
  readonly orders: ProviderOrders<KnownOrder>;
  /** A member's account is their openid; `valid`: the service is open, so that no order needs a confirmation. */
  readonly accounts: ProviderAccounts;
  readonly logger: Logger;
}

/** WeChat debits a moment after an order is completed: it is looked at again after these, before it is called collecting. */
const looksAfterMs = [500, 1_500];
const otherMember = { kind: 'rejected', message: 'same number, another member' } as const;
const debitedBefore = { kind: 'rejected', message: 'this order is being debited already' } as const;

interface Call {
  readonly budget: CallBudget;
  readonly calls: OrderCalls;
  readonly life: OrderLife;
  readonly refunds: Refunds;
}

/** WeChat Pay Score (微信支付分), without a confirmation of each order: the order before the door, the debit after it. */
export class WechatProvider implements RealProvider {
  readonly name: string;
  readonly means = 'wechat_pay';
  readonly settlingMs = settlingMs;
  readonly wantsAgreement = true;
  /** An order is a promise and blocks nothing: it stays for as long as a charge may come by itself. */
  readonly beforeDoor = { holdsMoney: false, closeSilentAfterMs: chargeAgeMaxMs };
  readonly signUp: WechatSignUp;
  readonly signsIn: WechatSignsIn | undefined;
  readonly #clock: Clock;
  readonly #config: WechatConfig;
  readonly #orders: ProviderOrders<KnownOrder>;
  readonly #accounts: ProviderAccounts;
  readonly #logger: Logger;

  /** Throws when the config cannot be: that is for whoever starts the program. */
  constructor({ name = 'wechat', clock, config, orders, accounts, logger }: WechatProviderOptions) {
    this.name = name;
    this.#clock = clock;
    this.#config = wechatConfigSchema.parse(config);
    this.signUp = new WechatSignUp({ config: this.#config, clock, logger });
    const { signIn } = this.#config;
    this.signsIn = signIn === undefined ? undefined : new WechatSignsIn(this.#config, signIn);
    this.#orders = orders;
    this.#accounts = accounts;
    this.#logger = logger;
  }

  async open(request: OpenRequest): Promise<OpenOutcome> {
    const { orderId } = request;
    const wrong = wrongWith(request.currency, request.maxMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const { life } = this.#begin();
    const known = await this.#begun(request);
    if (known.memberId !== request.memberId) return otherMember;
    if (known.stage === 'completing') return debitedBefore;
    // What was being closed is closed first.
    const stands = await life.settle(orderId, known, null);
    if (stands.kind === 'unknown') return stands;
    if (stands.kind !== 'clear') return debitedBefore;
    const opened = await life.open(orderId, stands.generation, request);
    switch (opened.kind) {
      case 'open':
        return { kind: 'open' };
      case 'stands':
        return debitedBefore;
      case 'not_opened':
        return { kind: opened.isCertain ? 'not_sent' : 'unknown', message: opened.message };
      case 'declined':
      case 'rejected':
        return opened;
    }
  }

  async debit(request: DebitRequest): Promise<DebitOutcome> {
    const { orderId, amountMinor } = request;
    const wrong = wrongWith(request.currency, amountMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const call = this.#begin();
    const known = await this.#begun(request);
    if (known.memberId !== request.memberId) return otherMember;
    const stands = await call.life.settle(orderId, known, amountMinor);
    if (stands.kind !== 'clear') return ofThisSum(stands, amountMinor);
    const order = { ...request, maxMinor: amountMinor };
    const opened = await call.life.open(orderId, stands.generation, order);
    switch (opened.kind) {
      case 'open':
        return ofThisSum(await this.#complete(call, request, opened.known), amountMinor);
      case 'stands':
        return ofThisSum(opened.outcome, amountMinor);
      case 'not_opened':
        // An order alone debits nothing, and its debit was not asked for.
        return { kind: 'not_sent', message: `the order is not open: ${opened.message}` };
      case 'declined':
      case 'rejected':
        return opened;
    }
  }

  async query(orderId: string): Promise<QueryOutcome> {
    return queryOutcomeOf((await this.#begin().life.look(orderId)).state);
  }

  readonly close = (orderId: string): Promise<CloseOutcome> => this.#begin().life.close(orderId);

  readonly lower = async (request: DebitRequest): Promise<QueryOutcome> => {
    const { orderId, amountMinor, lines } = request;
    const { life, calls } = this.#begin();
    const { known, number, state } = await life.look(orderId);
    if (state.kind !== 'paying' || amountMinor <= 0 || amountMinor >= state.amountMinor)
      return queryOutcomeOf(state);
    // On record first: from now on it may collect the one sum or the other.
    await this.#orders.change(orderId, (order) => {
      const present = order ?? known ?? newOrder(request.memberId);
      const askedMinor = [...new Set([...present.askedMinor, state.amountMinor, amountMinor])];
      return { ...present, askedMinor };
    });
    await calls.modify(number, lines, amountMinor);
    return queryOutcomeOf((await life.look(orderId)).state);
  };

  /** A payer pays an open order on WeChat's own pages alone, in their app. */
  payUrl(): null {
    return null;
  }

  async refund(request: RefundRequest): Promise<RefundOutcome> {
    const { life, refunds } = this.#begin();
    const paid = await this.#paidFor(life, request);
    return 'kind' in paid ? paid : refunds.refund(request, paid);
  }

  async findRefund(request: RefundRequest): Promise<RefundFound> {
    const { life, refunds } = this.#begin();
    const paid = await this.#paidFor(life, request);
    return 'kind' in paid ? paid : refunds.find(request, paid);
  }

  /** What was paid, or why nothing of it can go back. */
  async #paidFor(
    life: OrderLife,
    { orderId, currency, amountMinor: askedMinor }: RefundRequest,
  ): Promise<NonNullable<KnownOrder['paid']> | RejectedOutcome | UnknownOutcome> {
    const wrong = wrongWith(currency, askedMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const known = await this.#orders.find(orderId);
    if (known?.paid) return known.paid;
    const { state } = await life.look(orderId);
    if (state.kind === 'unknown') return state;
    if (state.kind !== 'paid') return { kind: 'rejected', message: 'nothing is paid under this number' };
    const { amountMinor, transactionId } = state;
    if (transactionId === null) return { kind: 'rejected', message: 'paid outside of WeChat Pay' };
    return { transactionId, amountMinor };
  }

  async receive(notice: Notice): Promise<NoticeOutcome> {
    const nowS = Math.floor(this.#clock.nowMs() / 1000);
    const read = readNotice(notice, this.#config, nowS);
    if (read.kind !== 'paid') return read;
    const { orderId, number, resource } = read;
    const state = this.#begin().life.stateOf(resource, await this.#orders.find(orderId), number);
    const outcome: QueryOutcome =
      state.kind === 'paid' || state.kind === 'unknown'
        ? standsOf(state)
        : { kind: 'unknown', message: 'a notice of payment about an order that is not paid' };
    return { kind: 'order', orderId, outcome };
  }

  answerTo(taken: boolean): NoticeAnswer {
    const body = taken ? { code: 'SUCCESS', message: '成功' } : { code: 'FAIL', message: '失败' };
    return { status: taken ? 200 : 500, contentType: 'application/json', body: JSON.stringify(body) };
  }

  /** What one call works with. */
  #begin(): Call {
    const config = this.#config;
    const clock = this.#clock;
    const budget = new CallBudget(clock);
    const client = new ProtocolClient(config, clock, this.#logger, budget);
    const calls = new OrderCalls(client, config);
    const stores = { orders: this.#orders, accounts: this.#accounts };
    const life = new OrderLife({ calls, ...stores, clock, merchant: config });
    return { budget, calls, life, refunds: new Refunds(client, config.notifyUrl) };
  }

  #begun({ orderId, memberId }: Pick<DebitRequest, 'orderId' | 'memberId'>): Promise<KnownOrder> {
    return this.#orders.change(orderId, (order) => {
      if (order === null) return newOrder(memberId);
      return order.memberId === null ? { ...order, memberId } : order;
    });
  }

  /** Asks for the debit of an open order, and looks how it stands. */
  async #complete({ life, budget }: Call, request: DebitRequest, open: KnownOrder): Promise<DebitOutcome> {
    let completed = await life.complete(request, open);
    for (const afterMs of looksAfterMs) {
      if (completed.kind !== 'paying' || !budget.hasTimeFor(afterMs)) break;
      await sleep(this.#clock, afterMs);
      const { state } = await life.look(request.orderId);
      // It is completed for certain: an answer that does not come does not change that.
      if (state.kind === 'paid' || state.kind === 'paying') completed = state;
    }
    return completed.kind === 'not_sent' || completed.kind === 'rejected' ? completed : standsOf(completed);
  }
}

function queryOutcomeOf(state: OrderState): QueryOutcome {
  switch (state.kind) {
    case 'paid':
    case 'paying':
    case 'unknown':
      return standsOf(state);
    case 'missing':
    case 'unconfirmed':
    case 'waiting':
    case 'ended':
      return { kind: 'not_found' };
  }
}

/** Debited, or being collected, under this number, but another sum: not what was asked for. */
function ofThisSum(outcome: DebitOutcome, amountMinor: number): DebitOutcome {
  const isOther =
    (outcome.kind === 'paid' || outcome.kind === 'collecting') && outcome.amountMinor !== amountMinor;
  return isOther
    ? { kind: 'rejected', message: `${outcome.amountMinor} was asked for under this number` }
    : outcome;
}

/** Null: a sum that WeChat can move. */
function wrongWith(currencyAsked: string, amountMinor: number): string | null {
  if (currencyAsked !== currency) return `WeChat Pay moves ${currency} alone`;
  return Number.isSafeInteger(amountMinor) && amountMinor > 0 ? null : 'not an amount that can be moved';
}
