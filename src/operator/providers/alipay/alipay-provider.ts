import type { Clock } from '../../../shared/clock.ts';
import { sleep } from '../../../shared/clock.ts';
import { isSignUpId } from '../../../shared/ids.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { settlingMs } from '../../limits.ts';
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
import type { AlipayConfig } from './alipay-config.ts';
import { alipayConfigSchema } from './alipay-config.ts';
import { currency, limits } from './codes.ts';
import { GatewayClient } from './gateway-client.ts';
import type { AlipayRecord } from './known-order.ts';
import { readNotice } from './notices.ts';
import { OrderCalls } from './order-calls.ts';
import { OrderLife, standsOf } from './order-life.ts';
import type { OrderState } from './order-state.ts';
import { agreementOf, signUpOf, tradeStateOf } from './order-state.ts';
import { findRefundOf, refundOf } from './refunds.ts';
import { AlipaySignUp } from './sign-up.ts';
import { AlipaySignsIn } from './signs-in.ts';

export interface AlipayProviderOptions {
  /** As charges have it; left out: `alipay`. */
  readonly name?: string;
  readonly clock: Clock;
  readonly config: AlipayConfig;
  /** With `alipayRecordSchema`. */
  readonly orders: ProviderOrders<AlipayRecord>;
  /** A member's account is their credit agreement (credit_agreement_id). */
  readonly accounts: ProviderAccounts;
  readonly logger: Logger;
}

/** Alipay debits a moment after it has taken a debit: it is looked at again after these, before it is called collecting. */
const looksAfterMs = [300, 700];
const otherMember = { kind: 'rejected', message: 'same number, another member' } as const;
const debitedBefore = { kind: 'rejected', message: 'this order is being debited already' } as const;

interface Call {
  readonly budget: CallBudget;
  readonly calls: OrderCalls;
  readonly life: OrderLife;
}

/** Alipay's 芝麻先享 (dynamic amount): a credit order before the door, its one debit after it. */
export class AlipayProvider implements RealProvider {
  readonly name: string;
  readonly means = 'alipay';
  /** Nobody is asked before the door: the debit opens the order. */
  readonly beforeDoor = null;
  readonly settlingMs = settlingMs;
  readonly wantsAgreement = true;
  /** A debit that has failed goes on with its sum: the difference is paid back afterwards. */
  readonly lower = null;
  readonly signUp: AlipaySignUp | undefined;
  readonly signsIn: AlipaySignsIn | undefined;
  readonly #clock: Clock;
  readonly #config: AlipayConfig;
  readonly #orders: ProviderOrders<AlipayRecord>;
  readonly #accounts: ProviderAccounts;
  readonly #client: GatewayClient;

  /** Throws when the config cannot be: that is for whoever starts the program. */
  constructor({ name = 'alipay', clock, config, orders, accounts, logger }: AlipayProviderOptions) {
    this.name = name;
    this.#clock = clock;
    this.#config = alipayConfigSchema.parse(config);
    this.#orders = orders;
    this.#accounts = accounts;
    this.#client = new GatewayClient(this.#config, clock, logger);
    const { zmServiceId, signIn } = this.#config;
    this.signsIn =
      signIn === undefined ? undefined : new AlipaySignsIn(this.#client, clock, this.#config, signIn);
    this.signUp =
      zmServiceId === undefined
        ? undefined
        : new AlipaySignUp(this.#client, clock, zmServiceId, this.#config);
  }

  async open(request: OpenRequest): Promise<OpenOutcome> {
    const { orderId, memberId } = request;
    const wrong = wrongWith(request.currency, request.maxMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const { life } = this.#begin();
    const known = await life.begin(request);
    if (known.memberId !== memberId) return otherMember;
    if (known.stage === 'paying') return debitedBefore;
    // What was being closed is closed first.
    const stands = await life.settle(orderId, known, null);
    if (stands.kind === 'unknown') return stands;
    if (stands.kind !== 'clear') return debitedBefore;
    const opened = await life.open(orderId, stands.generation, memberId);
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
    const { orderId, memberId, amountMinor } = request;
    const wrong = wrongWith(request.currency, amountMinor);
    if (wrong !== null) return { kind: 'rejected', message: wrong };
    const call = this.#begin();
    const { life } = call;
    const known = await life.begin(request);
    if (known.memberId !== memberId) return otherMember;
    const stands = await life.settle(orderId, known, amountMinor);
    if (stands.kind !== 'clear') return ofThisSum(stands, amountMinor);
    const opened = await life.open(orderId, stands.generation, memberId);
    switch (opened.kind) {
      case 'open':
        return ofThisSum(await this.#pay(call, request, opened.known), amountMinor);
      case 'stands':
        return ofThisSum(opened.outcome, amountMinor);
      case 'not_opened':
        // A credit order alone debits nothing, and its debit was not asked for.
        return { kind: 'not_sent', message: `the order is not open: ${opened.message}` };
      case 'declined':
      case 'rejected':
        return opened;
    }
  }

  async query(orderId: string): Promise<QueryOutcome> {
    const { state } = await this.#begin().life.look(orderId);
    return queryOutcomeOf(state);
  }

  readonly close = (orderId: string): Promise<CloseOutcome> => this.#begin().life.close(orderId);

  /** What is open is debited by Alipay alone, from what the payer has chosen there. */
  payUrl(): null {
    return null;
  }

  async refund(request: RefundRequest): Promise<RefundOutcome> {
    const { paid, calls } = await this.#paidFor(request);
    return 'kind' in paid ? paid : refundOf(calls, request, paid);
  }

  async findRefund(request: RefundRequest): Promise<RefundFound> {
    const { paid, calls } = await this.#paidFor(request);
    return 'kind' in paid ? paid : findRefundOf(calls, request, paid);
  }

  /** What was paid, or why nothing of it can go back; and the calls that have begun with the question. */
  async #paidFor({ orderId, currency, amountMinor: askedMinor }: RefundRequest): Promise<{
    readonly paid: NonNullable<AlipayRecord['paid']> | RejectedOutcome | UnknownOutcome;
    readonly calls: OrderCalls;
  }> {
    const { life, calls } = this.#begin();
    const wrong = wrongWith(currency, askedMinor);
    if (wrong !== null) return { paid: { kind: 'rejected', message: wrong }, calls };
    const known = await this.#orders.find(orderId);
    if (known?.paid) return { paid: known.paid, calls };
    const { state } = await life.look(orderId);
    if (state.kind === 'unknown') return { paid: state, calls };
    if (state.kind !== 'paid')
      return { paid: { kind: 'rejected', message: 'nothing is paid under this number' }, calls };
    const { tradeNo, amountMinor } = state;
    return { paid: { tradeNo, amountMinor }, calls };
  }

  /**
   * That a debit came about is believed as it stands there. Everything else is a reason to ask: such notices come late, in
   * any order and again, and nothing in them says when they were true.
   */
  async receive(notice: Notice): Promise<NoticeOutcome> {
    const read = readNotice(notice, this.#config);
    switch (read.kind) {
      case 'other':
      case 'refused':
        return read;
      case 'order':
        return { ...read, outcome: await this.query(read.orderId) };
      case 'trade': {
        const { orderId, creditOrderNo } = read;
        const known = await this.#orders.find(orderId);
        const isOther = known !== null && known.creditOrderNo !== creditOrderNo;
        const state: OrderState = isOther
          ? { kind: 'unknown', message: 'a notice about a credit order that is not this one' }
          : tradeStateOf(read.trade, known, creditOrderNo);
        return { kind: 'order', orderId, outcome: queryOutcomeOf(state) };
      }
      case 'agreement':
        return this.#agreement(read.agreementId);
    }
  }

  answerTo(taken: boolean): NoticeAnswer {
    return { status: taken ? 200 : 500, contentType: 'text/plain', body: taken ? 'success' : 'fail' };
  }

  /** Such notices overtake each other: what has become of it is asked. */
  async #agreement(agreementId: string): Promise<NoticeOutcome> {
    const answer = await this.#begin().calls.agreementQuery(agreementId);
    const state = answer.kind === 'ok' ? agreementOf(answer.body, agreementId) : null;
    if (answer.kind !== 'ok' || state === null)
      return { kind: 'refused', message: 'nobody says how this agreement stands: to come again' };
    if (state !== 'valid') return { kind: 'agreement', account: agreementId, state: 'ended' };
    const signUpId = signUpOf(answer.body);
    return isSignUpId(signUpId)
      ? { kind: 'sign_up', signUpId, outcome: { kind: 'valid', account: agreementId } }
      : { kind: 'agreement', account: agreementId, state };
  }

  /** What one call works with. */
  #begin(): Call {
    const budget = new CallBudget(this.#clock);
    const calls = new OrderCalls(this.#client, this.#config, budget);
    return { budget, calls, life: new OrderLife({ calls, orders: this.#orders, accounts: this.#accounts }) };
  }

  /** Asks for the debit of an open order, and looks how it stands. */
  async #pay({ life, budget }: Call, request: DebitRequest, open: AlipayRecord): Promise<DebitOutcome> {
    let debited = await life.pay(request, open);
    const known = await this.#orders.find(request.orderId);
    for (const afterMs of looksAfterMs) {
      // One that was declined waits for hours.
      if (debited.kind !== 'paying' || known?.declinedFor !== null || !budget.hasTimeFor(afterMs)) break;
      await sleep(this.#clock, afterMs);
      const { state } = await life.look(request.orderId);
      // It was taken for certain: an answer that does not come does not change that.
      if (state.kind === 'paid' || state.kind === 'paying') debited = state;
    }
    return debited.kind === 'not_sent' || debited.kind === 'rejected' ? debited : standsOf(debited);
  }
}

function queryOutcomeOf(state: OrderState): QueryOutcome {
  switch (state.kind) {
    case 'paid':
    case 'paying':
    case 'unknown':
      return standsOf(state);
    case 'missing':
    case 'waiting':
    case 'ended':
      return { kind: 'not_found' };
  }
}

/** Debited, or being collected, under this number, but another sum: not what was asked for. */
function ofThisSum(outcome: DebitOutcome, amountMinor: number): DebitOutcome {
  if (outcome.kind !== 'paid' && outcome.kind !== 'collecting') return outcome;
  if (outcome.amountMinor === amountMinor) return outcome;
  return { kind: 'rejected', message: `${outcome.amountMinor} was asked for under this number` };
}

/** Null: a sum that Alipay can move. */
function wrongWith(currencyAsked: string, amountMinor: number): string | null {
  if (currencyAsked !== currency) return `Alipay moves ${currency} alone`;
  const isAmount =
    Number.isSafeInteger(amountMinor) && amountMinor > 0 && amountMinor <= limits.amountMaxMinor;
  return isAmount ? null : 'not an amount that can be moved';
}
