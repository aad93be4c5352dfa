import type { ProviderAccounts } from '../provider-accounts.ts';
import type { ProviderOrders } from '../provider-orders.ts';
import type { CloseOutcome, DebitOutcome, DebitRequest, UnknownOutcome } from '../provider.ts';
import type { Answer } from './gateway-client.ts';
import { isCertainlyNot, messageOf } from './gateway-client.ts';
import type { AlipayRecord } from './known-order.ts';
import { newRecord, outOrderNo } from './known-order.ts';
import type { OrderCalls } from './order-calls.ts';
import { OrderLook } from './order-look.ts';
import type { OrderState } from './order-state.ts';
import { creditOrderOf, takenBy } from './order-state.ts';

export interface OrderLifeOptions {
  readonly calls: OrderCalls;
  readonly orders: ProviderOrders<AlipayRecord>;
  readonly accounts: ProviderAccounts;
}

/** How an order stands whose debit was taken; what a debit and a close are answered with. */
export type Stands = Extract<CloseOutcome, { kind: 'paid' | 'collecting' | 'unknown' }>;

/** The order can be opened and debited under the number of this generation. */
export interface Clear {
  readonly kind: 'clear';
  readonly generation: number;
}

export type Opened =
  | { readonly kind: 'open'; readonly known: AlipayRecord }
  /** Its debit was taken before. */
  | { readonly kind: 'stands'; readonly outcome: Stands }
  /** `isCertain`: there is no order. */
  | { readonly kind: 'not_opened'; readonly isCertain: boolean; readonly message: string }
  | Extract<DebitOutcome, { kind: 'declined' | 'rejected' }>;

export type Debited =
  | Extract<OrderState, { kind: 'paying' | 'paid' | 'unknown' }>
  | Extract<DebitOutcome, { kind: 'not_sent' | 'rejected' }>;

/** What was looked up: how the present number of an order stands, and what we know of it. */
export interface Look {
  /** Null: nothing on record. */
  readonly known: AlipayRecord | null;
  readonly state: OrderState;
}

/**
 * One order through its acts: the credit order, its debit, its end. Each act is on record before it is sent, and the record
 * says whose turn it is: who debits must find the order open under the same number, so that a debit that was begun before a
 * `close` is not sent after it. How an order stands only Alipay says, asked by the numbers on record.
 */
export class OrderLife {
  readonly #calls: OrderCalls;
  readonly #look: OrderLook;
  readonly #orders: ProviderOrders<AlipayRecord>;
  readonly #accounts: ProviderAccounts;

  constructor({ calls, orders, accounts }: OrderLifeOptions) {
    this.#calls = calls;
    this.#look = new OrderLook(calls);
    this.#orders = orders;
    this.#accounts = accounts;
  }

  /** How it stands, under the first number that is not used up. What was paid is remembered. */
  async look(orderId: string): Promise<Look> {
    let known = await this.#orders.find(orderId);
    for (;;) {
      const generation = known?.generation ?? 0;
      const number = outOrderNo(orderId, generation);
      if (number === null) return { known, state: { kind: 'missing' } };
      const state = await this.#look.ask(known, number);
      if (state.kind === 'paid') known = await this.#rememberPaid(orderId, known, state);
      if (state.kind !== 'ended') return { known, state };
      known = await this.#useUp(orderId, generation);
    }
  }

  /** What was begun for this member; the first one to ask has it. */
  begin({ orderId, memberId }: Pick<DebitRequest, 'orderId' | 'memberId'>): Promise<AlipayRecord> {
    return this.#orders.change(orderId, (order) => {
      const present = order ?? newRecord(memberId);
      return { ...present, memberId: present.memberId ?? memberId };
    });
  }

  /**
   * The order, ready to be debited; opened when it is not, under the number of this generation and no other: somebody who
   * closes it meanwhile ends this attempt. After whatever is no yes Alipay is asked whether it is there all the same.
   */
  async open(orderId: string, generation: number, memberId: string): Promise<Opened> {
    const number = outOrderNo(orderId, generation);
    if (number === null)
      return { kind: 'rejected', message: 'Alipay takes no (further) number of this order' };
    const present = (await this.#orders.find(orderId)) ?? newRecord(memberId);
    const isNew = present.generation === generation && present.stage === 'new';
    const account = isNew ? await this.#accounts.find(memberId) : null;
    if (isNew) {
      const refusal = await this.#whyNot(account);
      if (refusal !== null) return refusal;
    }
    const begun = await this.#orders.change(orderId, (order) => {
      const now = order ?? present;
      if (now.generation !== generation || now.stage !== 'new' || account === null) return now;
      const { account: agreementId } = account;
      const body = this.#calls.orderBody({ number, agreementId });
      return { ...now, stage: 'opening', create: { agreementId, body } };
    });
    const { create } = begun;
    if (begun.generation !== generation || begun.stage !== 'opening' || create === null)
      return openedBy(begun, generation);
    return this.#create(orderId, begun, number, create);
  }

  /** Null: the member's account may be asked. Of one whose agreement was only asked for, the notice may be lost. */
  async #whyNot(account: Awaited<ReturnType<ProviderAccounts['find']>>): Promise<Opened | null> {
    if (account?.agreement === 'valid') return null;
    if (account?.agreement !== 'asked') return needsConsent;
    switch (await this.#look.agreement(account.account)) {
      case 'valid':
        return null;
      case 'void':
        return needsConsent;
      case null:
        return notOpened(true, 'Alipay does not say how the agreement stands');
    }
  }

  async #create(
    orderId: string,
    known: AlipayRecord,
    number: string,
    { agreementId, body }: NonNullable<AlipayRecord['create']>,
  ): Promise<Opened> {
    const { generation } = known;
    const answer = await this.#calls.order(body);
    if (isCertainlyNot(answer)) return notOpened(true, messageOf(answer));
    const created = answer.kind === 'ok' ? creditOrderOf(answer.body, known, number) : null;
    const state: OrderState =
      created?.kind === 'there' && created.status === 'INIT'
        ? { kind: 'waiting', creditOrderNo: created.creditOrderNo }
        : await this.#look.ask(known, number);
    switch (state.kind) {
      case 'waiting': {
        const { creditOrderNo } = state;
        const open = await this.#changeStage(orderId, known, 'opening', { stage: 'open', creditOrderNo });
        return openedBy(open, generation);
      }
      case 'paid':
      case 'paying':
        return { kind: 'stands', outcome: standsOf(state) };
      case 'ended':
        await this.#useUp(orderId, generation);
        return notOpened(true, 'its number is used up: the next attempt takes another one');
      case 'missing':
        if (answer.kind !== 'refused') return notOpened(false, messageOf(answer));
        // For certain not there: the next attempt may be for another agreement of the member.
        await this.#changeStage(orderId, known, 'opening', { stage: 'new', create: null });
        return this.#refused(answer, agreementId);
      case 'unknown':
        return notOpened(false, `${messageOf(answer)}; ${state.message}`);
    }
  }

  /** It refused an order that is not there: because of the request, of the agreement, or of what 芝麻 thinks of the person. */
  async #refused(answer: Extract<Answer, { kind: 'refused' }>, agreementId: string): Promise<Opened> {
    if (answer.class === 'argument') return { kind: 'rejected', message: answer.message };
    switch (await this.#look.agreement(agreementId)) {
      case 'valid':
        return { kind: 'declined', reason: 'account.declined' };
      case 'void':
        return needsConsent;
      case null:
        return notOpened(true, answer.message);
    }
  }

  /**
   * Before a debit: how an order stands that was debited or closed before, or may have been. Another sum than before ends the
   * old number first: the amount of a debit that was sent cannot change.
   */
  async settle(orderId: string, known: AlipayRecord, amountMinor: number | null): Promise<Stands | Clear> {
    const { generation, stage } = known;
    const number = outOrderNo(orderId, generation);
    if ((stage !== 'paying' && stage !== 'closing') || number === null) return { kind: 'clear', generation };
    const state = await this.#look.ask(known, number);
    switch (state.kind) {
      case 'paid':
      case 'paying':
      case 'unknown':
        return standsOf(state);
      case 'missing':
        if (known.wasPaying) return notThereYet;
        return this.#next(orderId, generation);
      case 'ended':
        return this.#next(orderId, generation);
      case 'waiting': {
        if (stage === 'paying' && known.pay?.amountMinor === amountMinor)
          return { kind: 'clear', generation };
        const ended = await this.#end(orderId, known, number, state.creditOrderNo);
        return ended.kind === 'closed' ? { kind: 'clear', generation: generation + 1 } : ended;
      }
    }
  }

  /** Asks for the debit of an open order: on record first, and the same text on every repeat. */
  async pay(request: DebitRequest, open: AlipayRecord): Promise<Debited> {
    const { orderId, amountMinor, lines } = request;
    const { generation, creditOrderNo } = open;
    const number = outOrderNo(orderId, generation);
    if (number === null || creditOrderNo === null) return unknown('the order has no number');
    const pay = { amountMinor, body: this.#calls.payBody({ orderId, creditOrderNo, amountMinor, lines }) };
    const turn = { isFirst: false };
    let known = await this.#orders.change(orderId, (order) => {
      turn.isFirst = order?.generation === generation && order.stage === 'open';
      if (order === null || !turn.isFirst) return order ?? open;
      return { ...order, stage: 'paying', wasPaying: true, pay, declinedFor: null };
    });
    const isTheirs = known.generation !== generation || known.stage !== 'paying';
    if (isTheirs || known.pay?.amountMinor !== amountMinor)
      return unknown('somebody else has this order in hand');
    const answer = await this.#calls.pay(known.pay.body);
    if (isCertainlyNot(answer)) {
      // Beside a request of somebody else, or an earlier one, ours says nothing.
      if (!turn.isFirst) return unknown(messageOf(answer));
      await this.#changeStage(orderId, known, 'paying', { stage: 'open', pay: null });
      return { kind: 'not_sent', message: messageOf(answer) };
    }
    if (answer.kind === 'refused' && answer.reason !== undefined)
      known = await this.#changeStage(orderId, known, 'paying', { declinedFor: answer.reason });
    const found = await this.#look.ask(known, number);
    if (found.kind === 'paid') await this.#rememberPaid(orderId, known, found);
    return debitedBy(answer, found, { known, creditOrderNo, amountMinor });
  }

  /** Ends whatever was sent under the present number. */
  async close(orderId: string): Promise<CloseOutcome> {
    const { known, state } = await this.look(orderId);
    const number = outOrderNo(orderId, known?.generation ?? 0);
    switch (state.kind) {
      case 'paid':
      case 'paying':
      case 'unknown':
        return standsOf(state);
      case 'ended':
        return { kind: 'closed' };
      case 'missing':
        if (known === null || known.stage === 'new') return { kind: 'closed' };
        // Alipay has confirmed it: it is there, and open, whatever a query says for its first seconds.
        if (known.stage !== 'opening') return notThereYet;
        // It may be on its way still; a debit of it finds another number on record, and is not sent.
        await this.#useUp(orderId, known.generation);
        return { kind: 'closed' };
      case 'waiting': {
        // Without a record nobody knows whether a debit was sent.
        const lost = { ...newRecord(null), wasPaying: true, creditOrderNo: state.creditOrderNo };
        return number === null
          ? { kind: 'closed' }
          : this.#end(orderId, known ?? lost, number, state.creditOrderNo);
      }
    }
  }

  async #end(
    orderId: string,
    known: AlipayRecord,
    number: string,
    creditOrderNo: string,
  ): Promise<CloseOutcome> {
    const closing = await this.#orders.change(orderId, (order) => {
      const present = order ?? known;
      if (present.generation !== known.generation) return present;
      return { ...present, stage: 'closing', creditOrderNo };
    });
    if (closing.generation !== known.generation) return { kind: 'closed' };
    const answer = await this.#calls.finish(creditOrderNo, number);
    const state = await this.#look.ask(closing, number);
    switch (state.kind) {
      case 'ended':
        await this.#useUp(orderId, known.generation);
        return { kind: 'closed' };
      case 'paid':
      case 'paying':
        // A debit was faster.
        return standsOf(state);
      case 'missing':
        return notThereYet;
      case 'waiting':
        return unknown(`it could not be ended: ${messageOf(answer)}`);
      case 'unknown':
        return state;
    }
  }

  async #next(orderId: string, generation: number): Promise<Clear> {
    await this.#useUp(orderId, generation);
    return { kind: 'clear', generation: generation + 1 };
  }

  /** The number is used up: nothing was debited under it, and nothing will be. */
  #useUp(orderId: string, generation: number): Promise<AlipayRecord> {
    return this.#orders.change(orderId, (order) => {
      const present = order ?? newRecord(null, generation);
      return present.generation === generation ? newRecord(present.memberId, generation + 1) : present;
    });
  }

  /** As it is then: changed, or at another stage or number by now. */
  #changeStage(
    orderId: string,
    known: AlipayRecord,
    from: AlipayRecord['stage'],
    to: Partial<AlipayRecord>,
  ): Promise<AlipayRecord> {
    return this.#orders.change(orderId, (order) => {
      const present = order ?? known;
      return present.generation === known.generation && present.stage === from
        ? { ...present, ...to }
        : present;
    });
  }

  async #rememberPaid(
    orderId: string,
    known: AlipayRecord | null,
    { amountMinor, tradeNo }: Extract<OrderState, { kind: 'paid' }>,
  ): Promise<AlipayRecord | null> {
    if (known?.paid?.tradeNo === tradeNo) return known;
    const paid = { tradeNo, amountMinor };
    return this.#orders.change(orderId, (order) => ({ ...(order ?? newRecord(null)), paid }));
  }
}

/** What a debit is, by the answer to it and by how the order was found afterwards. */
function debitedBy(
  answer: Answer,
  found: OrderState,
  asked: { readonly known: AlipayRecord; readonly creditOrderNo: string; readonly amountMinor: number },
): Debited {
  if (found.kind === 'paid' || found.kind === 'paying') return found;
  // Taken for certain, though nobody says how it stands now.
  if (answer.kind === 'ok' && found.kind !== 'ended')
    return takenBy(answer.body, asked.known, asked.creditOrderNo);
  if (found.kind === 'unknown') return found;
  if (answer.kind === 'refused' && found.kind === 'waiting') {
    // Alipay goes on asking by itself after a debit that failed; that it does not, is found by asking it later.
    const { amountMinor } = asked;
    if (answer.reason !== undefined) return { kind: 'paying', amountMinor, reason: answer.reason };
    if (answer.class === 'argument') return { kind: 'rejected', message: answer.message };
  }
  return unknown(`${messageOf(answer)}; the order is ${found.kind}`);
}

/** What an order is answered with whose debit was taken, or of which nobody says how it stands. */
export function standsOf(state: Extract<OrderState, { kind: 'paid' | 'paying' | 'unknown' }>): Stands {
  if (state.kind === 'unknown') return state;
  const { amountMinor } = state;
  return state.kind === 'paid'
    ? { kind: 'paid', amountMinor }
    : { kind: 'collecting', amountMinor, reason: state.reason };
}

const needsConsent = { kind: 'declined', reason: 'account.authentication_required' } as const;
const notThereYet = unknown('Alipay does not know an order yet that it has confirmed');

/** Open by the record, whoever has opened it. */
function openedBy(known: AlipayRecord, generation: number): Opened {
  const isOpen = known.stage === 'open' || known.stage === 'paying';
  if (known.generation === generation && isOpen) return { kind: 'open', known };
  return notOpened(false, 'somebody has closed it meanwhile');
}

const notOpened = (isCertain: boolean, message: string): Opened => ({
  kind: 'not_opened',
  isCertain,
  message,
});

function unknown(message: string): UnknownOutcome {
  return { kind: 'unknown', message };
}
