import type { Clock } from '../../../shared/clock.ts';
import { sleep } from '../../../shared/clock.ts';
import type { ProviderAccounts } from '../provider-accounts.ts';
import type { ProviderOrders } from '../provider-orders.ts';
import type {
  CloseOutcome,
  DebitOutcome,
  DebitRequest,
  RejectedOutcome,
  UnknownOutcome,
} from '../provider.ts';
import { personRefusals } from './codes.ts';
import type { KnownOrder } from './known-order.ts';
import { newOrder, orderNumber, withNextNumber } from './known-order.ts';
import type { OrderCalls } from './order-calls.ts';
import type { Expected, OrderState } from './order-state.ts';
import { orderStateOf } from './order-state.ts';
import type { Answer } from './protocol-client.ts';

/** WeChat takes an end that is later than the beginning and not later than now, in whole seconds of its own clock. */
const marginMs = 1_000;
/** Longest wait for that, when an order is opened and completed in one go. */
const endWaitMaxMs = 3_000;

export interface OrderLifeOptions {
  readonly calls: OrderCalls;
  readonly orders: ProviderOrders<KnownOrder>;
  readonly accounts: ProviderAccounts;
  readonly clock: Clock;
  readonly merchant: Expected['merchant'];
}

/** How an order stands once it was completed, or that it ended; what a debit and a close are answered with. */
export type Stands = Extract<CloseOutcome, { kind: 'paid' | 'collecting' | 'unknown' }>;

export interface Clear {
  readonly kind: 'clear';
  readonly generation: number;
}

export type Opened =
  | { readonly kind: 'open'; readonly known: KnownOrder }
  /** It was completed before. */
  | { readonly kind: 'stands'; readonly outcome: Stands }
  /** `isCertain`: the order is not there. */
  | { readonly kind: 'not_opened'; readonly isCertain: boolean; readonly message: string }
  | Extract<DebitOutcome, { kind: 'declined' | 'rejected' }>;

export type Completed = Extract<OrderState, { kind: 'paying' | 'paid' | 'unknown' }> | NotCompleted;
type NotCompleted = Extract<DebitOutcome, { kind: 'not_sent' | 'rejected' }>;

/** What was looked up: how the present number of an order stands, and what we know of it. */
export interface Look {
  /** Null: nothing on record. */
  readonly known: KnownOrder | null;
  readonly number: string;
  readonly state: OrderState;
}

/**
 * One order through its acts: opened, completed, ended. Each act is on record before it is sent, and the record says whose
 * turn it is: who completes must find the order open under the same number, so that a debit that was begun before a `close`
 * is not sent after it. How an order stands only WeChat says.
 */
export class OrderLife {
  readonly #calls: OrderCalls;
  readonly #orders: ProviderOrders<KnownOrder>;
  readonly #accounts: ProviderAccounts;
  readonly #clock: Clock;
  readonly #merchant: Expected['merchant'];

  constructor({ calls, orders, accounts, clock, merchant }: OrderLifeOptions) {
    this.#calls = calls;
    this.#orders = orders;
    this.#accounts = accounts;
    this.#clock = clock;
    this.#merchant = merchant;
  }

  /** How it stands, under the first number that is not used up. What was paid is remembered. */
  async look(orderId: string): Promise<Look> {
    let known = await this.#orders.find(orderId);
    for (;;) {
      const number = orderNumber(orderId, known?.generation ?? 0);
      if (number === null) return { known, number: orderId, state: { kind: 'missing' } };
      const state = await this.#ask(known, number);
      if (state.kind !== 'ended') {
        if (state.kind === 'paid') known = await this.#rememberPaid(orderId, known, state);
        return { known, number, state };
      }
      known = await this.#useUp(orderId, known?.generation ?? 0);
    }
  }

  /** How an order stands by what WeChat has said of it. */
  stateOf(body: unknown, known: KnownOrder | null, number: string): OrderState {
    const { askedMinor = [], create } = known ?? {};
    const openid = create?.openid ?? null;
    return orderStateOf(body, { number, openid, askedMinor, merchant: this.#merchant });
  }

  /**
   * The order, ready to be completed; opened when it is not, under the number of this generation and no other: somebody who
   * closes it meanwhile ends this attempt. Creating it anew with the same body is the same order. After a refusal WeChat is
   * asked whether it is there all the same.
   */
  async open(
    orderId: string,
    generation: number,
    request: { readonly memberId: string; readonly cabinetId: string; readonly maxMinor: number },
  ): Promise<Opened> {
    const known = (await this.#orders.find(orderId)) ?? newOrder(request.memberId);
    const number = orderNumber(orderId, generation);
    if (number === null) return { kind: 'rejected', message: 'all numbers of this order are used up' };
    const mayCreate = known.generation === generation && known.stage === 'new';
    const account = mayCreate ? await this.#accounts.find(request.memberId) : null;
    if (mayCreate && account?.agreement !== 'valid') return needsConsent;
    const begun = await this.#orders.change(orderId, (order) => {
      const present = order ?? known;
      if (present.generation !== generation || present.stage !== 'new' || account === null) return present;
      const { account: openid } = account;
      const body = this.#calls.createBody({ ...request, number, openid });
      return { ...present, stage: 'opening', create: { openid, body } };
    });
    const isOpening = begun.generation === generation && begun.stage === 'opening';
    if (!isOpening || begun.create === null) return openedBy(begun, generation);
    return this.#create(orderId, begun, number, begun.create.body);
  }

  async #create(orderId: string, known: KnownOrder, number: string, body: string): Promise<Opened> {
    const answer = await this.#calls.create(body);
    if (isCertainlyNot(answer)) return notOpened(true, messageOf(answer));
    const state =
      answer.kind === 'ok' ? this.stateOf(answer.body, known, number) : await this.#ask(known, number);
    switch (state.kind) {
      case 'waiting': {
        const startedAtMs = state.startedAtMs ?? this.#clock.nowMs();
        const open = await this.#changeStage(orderId, known, 'opening', { stage: 'open', startedAtMs });
        return openedBy(open, known.generation);
      }
      case 'paid':
      case 'paying':
        return { kind: 'stands', outcome: standsOf(state) };
      case 'unconfirmed':
        return needsConsent;
      case 'ended':
        await this.#useUp(orderId, known.generation);
        return notOpened(true, 'its number is used up: the next attempt takes another one');
      case 'missing':
        if (answer.kind !== 'refused') return notOpened(false, messageOf(answer));
        // For certain not there: the next attempt may say it with other words, or for another account of the member.
        await this.#changeStage(orderId, known, 'opening', { stage: 'new', create: null });
        return refusedOf(answer.message);
      case 'unknown':
        return notOpened(false, `${messageOf(answer)}; ${state.message}`);
    }
  }

  /**
   * Before a debit: how an order stands that was completed or closed before, or may have been. `clear`: it can be opened and
   * completed under the number of this generation. Another sum than before ends the old number first, so that the old request cannot arrive any more.
   */
  async settle(orderId: string, known: KnownOrder, amountMinor: number | null): Promise<Stands | Clear> {
    const { generation, stage } = known;
    const number = orderNumber(orderId, generation);
    const isClear = stage !== 'completing' && stage !== 'closing';
    if (isClear || number === null) return { kind: 'clear', generation };
    const next = { kind: 'clear', generation: generation + 1 } as const;
    const state = await this.#ask(known, number);
    switch (state.kind) {
      case 'paid':
      case 'paying':
      case 'unknown':
        return standsOf(state);
      case 'ended':
        await this.#useUp(orderId, generation);
        return next;
      case 'missing':
        if (known.wasCompleting) return notThereYet;
        await this.#useUp(orderId, generation);
        return next;
      case 'waiting':
      case 'unconfirmed': {
        if (stage === 'completing' && known.complete?.amountMinor === amountMinor)
          return { kind: 'clear', generation };
        const ended = await this.#end(orderId, known, number);
        return ended.kind === 'closed' ? next : ended;
      }
    }
  }

  /** Asks for the debit of an open order: on record first, and the same body on every repeat. */
  async complete(request: DebitRequest, open: KnownOrder): Promise<Completed> {
    const { orderId, amountMinor, lines } = request;
    const number = orderNumber(orderId, open.generation);
    if (number === null) return unknown('the order has no number');
    const endedAtMs = await this.#endOf(request.closedAtMs, open.startedAtMs);
    const complete = { amountMinor, body: this.#calls.completeBody(lines, amountMinor, endedAtMs) };
    const turn = { isOurs: false };
    const known = await this.#orders.change(orderId, (order) => {
      turn.isOurs = order?.generation === open.generation && order.stage === 'open';
      if (order === null) return open;
      if (!turn.isOurs) return order;
      const askedMinor = [...new Set([...order.askedMinor, amountMinor])];
      return { ...order, stage: 'completing', wasCompleting: true, complete, askedMinor };
    });
    const isTheirs = known.generation !== open.generation || known.stage !== 'completing';
    if (isTheirs || known.complete?.amountMinor !== amountMinor)
      return unknown('somebody else has this order in hand');
    const answer = await this.#calls.complete(number, known.complete.body);
    if (isCertainlyNot(answer)) {
      // Beside a request of somebody else, or an earlier one, ours says nothing.
      if (!turn.isOurs) return unknown(messageOf(answer));
      await this.#changeStage(orderId, known, 'completing', { stage: 'open', complete: null });
      return { kind: 'not_sent', message: messageOf(answer) };
    }
    return this.#completed(answer, known, number);
  }

  async #completed(answer: Answer, known: KnownOrder, number: string) {
    const found = await this.#ask(known, number);
    if (found.kind === 'paid' || found.kind === 'paying') return found;
    if (answer.kind === 'ok' && (found.kind === 'unknown' || found.kind === 'missing')) {
      // Completed for certain, though nobody says how it stands now.
      const said = this.stateOf(answer.body, known, number);
      if (said.kind === 'paid' || said.kind === 'paying') return said;
    }
    if (found.kind === 'unknown') return found;
    // Of a state that is wrong they say the same; but it waits, so that what is wrong is the request.
    const isOurFault = answer.kind === 'refused' && requestCodes.includes(answer.code);
    if (isOurFault && found.kind === 'waiting') return { kind: 'rejected', message: answer.message } as const;
    return unknown(`${messageOf(answer)}; the order is ${found.kind}`);
  }

  /** Ends whatever was sent under the present number. */
  async close(orderId: string): Promise<CloseOutcome> {
    const { known, number, state } = await this.look(orderId);
    switch (state.kind) {
      case 'paid':
      case 'paying':
      case 'unknown':
        return standsOf(state);
      case 'ended':
        return { kind: 'closed' };
      case 'missing':
        if (known === null || known.stage === 'new') return { kind: 'closed' };
        // WeChat has confirmed it: it is there, and open, whatever a query says for its first seconds.
        if (known.stage !== 'opening' || known.create === null) return notThereYet;
        return this.#closeOpening(orderId, known, number, known.create.body);
      case 'waiting':
      case 'unconfirmed':
        return this.#end(orderId, known ?? newOrder(null), number);
    }
  }

  /**
   * Nobody knows whether its creation has arrived, and for its first seconds a query does not say. The same creation again is the
   * same order, so that it is there for certain, and is ended then.
   */
  async #closeOpening(
    orderId: string,
    known: KnownOrder,
    number: string,
    body: string,
  ): Promise<CloseOutcome> {
    const again = await this.#create(orderId, known, number, body);
    switch (again.kind) {
      case 'open':
        return this.#end(orderId, again.known, number);
      case 'stands':
        return again.outcome;
      case 'declined':
      case 'rejected':
        // It is not there. A creation that is on its way is refused as this one was.
        return { kind: 'closed' };
      case 'not_opened':
        return unknown(again.message);
    }
  }

  async #end(orderId: string, known: KnownOrder, number: string): Promise<CloseOutcome> {
    const closing = await this.#orders.change(orderId, (order) => {
      const present = order ?? known;
      return present.generation === known.generation ? { ...present, stage: 'closing' } : present;
    });
    if (closing.generation !== known.generation) return { kind: 'closed' };
    const answer = await this.#calls.cancel(number);
    const state = await this.#ask(closing, number);
    switch (state.kind) {
      case 'ended':
        await this.#useUp(orderId, known.generation);
        return { kind: 'closed' };
      case 'paid':
      case 'paying':
        // A debit was faster.
        return standsOf(state);
      case 'missing':
        // It was found just now.
        if (answer.kind !== 'ok' || closing.wasCompleting) return notThereYet;
        await this.#useUp(orderId, known.generation);
        return { kind: 'closed' };
      case 'waiting':
      case 'unconfirmed':
        return unknown(`it could not be cancelled: ${messageOf(answer)}`);
      case 'unknown':
        return state;
    }
  }

  async #ask(known: KnownOrder | null, number: string): Promise<OrderState> {
    const answer = await this.#calls.query(number);
    if (answer.kind === 'ok') return this.stateOf(answer.body, known, number);
    if (answer.kind === 'refused' && answer.class === 'not_found') return { kind: 'missing' };
    return unknown(answer.message);
  }

  #useUp(orderId: string, generation: number): Promise<KnownOrder> {
    return this.#orders.change(orderId, (order) => {
      const present = order ?? { ...newOrder(null), generation };
      return present.generation === generation ? withNextNumber(present) : present;
    });
  }

  /** As it is then: changed, or at another stage or number by now. */
  #changeStage(
    orderId: string,
    known: KnownOrder,
    from: KnownOrder['stage'],
    to: Partial<KnownOrder>,
  ): Promise<KnownOrder> {
    return this.#orders.change(orderId, (order) => {
      const present = order ?? known;
      const isThere = present.generation === known.generation && present.stage === from;
      return isThere ? { ...present, ...to } : present;
    });
  }

  async #rememberPaid(
    orderId: string,
    known: KnownOrder | null,
    { amountMinor, transactionId }: Extract<OrderState, { kind: 'paid' }>,
  ): Promise<KnownOrder | null> {
    if (transactionId === null || known?.paid?.transactionId === transactionId) return known;
    const paid = { transactionId, amountMinor };
    return this.#orders.change(orderId, (order) => ({ ...(order ?? newOrder(null)), paid }));
  }

  /** When the service ended, so that WeChat takes it: the door's own time where that fits. Waits where nothing does yet. */
  async #endOf(closedAtMs: number, startedAtMs: number | null): Promise<number> {
    const earliestMs = (startedAtMs ?? this.#clock.nowMs()) + marginMs;
    const waitMs = earliestMs + marginMs - this.#clock.nowMs();
    if (waitMs > 0) await sleep(this.#clock, Math.min(waitMs, endWaitMaxMs));
    const latestMs = Math.max(earliestMs, this.#clock.nowMs() - marginMs);
    return Math.min(Math.max(closedAtMs, earliestMs), latestMs);
  }
}

/** What an order is answered with that was completed, or of which nobody says how it stands. */
export function standsOf(state: Extract<OrderState, { kind: 'paid' | 'paying' | 'unknown' }>): Stands {
  switch (state.kind) {
    case 'paid':
      return { kind: 'paid', amountMinor: state.amountMinor };
    case 'paying':
      // WeChat does not say why it could not debit yet.
      return { kind: 'collecting', amountMinor: state.amountMinor, reason: 'account.declined' };
    case 'unknown':
      return state;
  }
}

/** Codes for what is wrong with a request (and, at times, with a state). */
const requestCodes = ['PARAM_ERROR', 'INVALID_REQUEST'];
const needsConsent = { kind: 'declined', reason: 'account.authentication_required' } as const;
const notThereYet = unknown('WeChat Pay does not know an order yet that it has confirmed');

/** Open by the record, whoever has opened it. */
function openedBy(known: KnownOrder, generation: number): Opened {
  const isOpen = known.stage === 'open' || known.stage === 'completing';
  if (known.generation === generation && isOpen) return { kind: 'open', known };
  return notOpened(false, 'somebody has closed it meanwhile');
}

const notOpened = (isCertain: boolean, message: string): Opened => ({
  kind: 'not_opened',
  isCertain,
  message,
});

/** It refused an order that is not there: because of the person, or because of the request. */
function refusedOf(message: string): Extract<DebitOutcome, { kind: 'declined' }> | RejectedOutcome {
  const refusal = personRefusals.find(({ part }) => message.includes(part));
  return refusal === undefined ? { kind: 'rejected', message } : { kind: 'declined', reason: refusal.reason };
}

/** Whether nothing of a request was taken, whatever was asked before. */
export function isCertainlyNot(answer: Answer): boolean {
  if (answer.kind === 'refused') return answer.class === 'limit' || answer.class === 'own_fault';
  return answer.kind === 'not_sent';
}

export const messageOf = (answer: Answer): string => (answer.kind === 'ok' ? 'done' : answer.message);

function unknown(message: string): UnknownOutcome {
  return { kind: 'unknown', message };
}
