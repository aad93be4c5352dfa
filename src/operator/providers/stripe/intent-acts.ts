import type { Logger } from '../../../shared/util/logger.ts';
import type { Captured, Confirmed, Created, Ended, Looked, Present, Raised } from './act-outcomes.ts';
import {
  cardIsGone,
  confirmedBy,
  isOfCard,
  messageOf,
  overtaken,
  refusalOf,
  unknown,
} from './act-outcomes.ts';
import { lookFirstCodes } from './codes.ts';
import type { IntentCalls, NewIntent } from './intent-calls.ts';
import { cancelParams, captureParams, confirmParams, createParams, incrementParams } from './intent-calls.ts';
import { declinedBy, expectedOf, foundIntent, intentStateOf } from './intent-state.ts';
import type { Act, KnownOrder } from './known-order.ts';
import type { Begun, OrderRecord } from './order-record.ts';
import { turnOf } from './order-record.ts';
import type { Answer } from './protocol-client.ts';

/**
 * The acts on one intent: each is on record before it is sent, under a key of its own, and what its answer leaves
 * open is looked up by the intent's number.
 */
export class IntentActs {
  readonly #calls: IntentCalls;
  readonly #record: OrderRecord;
  readonly #logger: Logger;

  constructor(calls: IntentCalls, record: OrderRecord, logger: Logger) {
    this.#calls = calls;
    this.#record = record;
    this.#logger = logger;
  }

  /** How the intent stands; what is certain by that goes on record. */
  async lookAt({ orderId, known, intent }: Present): Promise<Looked> {
    const answer = await this.#calls.retrieve(intent.id);
    if (answer.kind !== 'ok') return { known, state: unknown(messageOf(answer)) };
    const state = intentStateOf(answer.body, expectedOf(orderId, known, intent));
    switch (state.kind) {
      case 'ended':
        return { known: await this.#record.end(orderId, turnOf(known)), state: { kind: 'missing' } };
      case 'open':
      case 'held': {
        const isAnswered = state.kind === 'held' ? known.out?.act === 'confirm' : state.decline !== null;
        if (!known.isAsking || !isAnswered) return { known, state };
        // Of this very attempt, which has an end by that.
        const { attempt: seenAttempt } = state;
        const refusal = state.kind === 'open' ? refusalOf(state.decline, intent) : null;
        const noted = await this.#record.inTurn(orderId, turnOf(known), (order) =>
          order.out?.n === known.out?.n
            ? { ...order, out: null, isAsking: false, seenAttempt, refusal: refusal ?? order.refusal }
            : order,
        );
        return { known: noted, state };
      }
      case 'paid':
      case 'unknown':
        return { known, state };
    }
  }

  /** Makes an intent, which moves nothing yet: if that is not certain, the next attempt makes another. */
  async create(known: KnownOrder, target: NewIntent): Promise<Created> {
    const { orderId, amountMinor, isHold, customer, paymentMethod } = target;
    const begun = await this.#begin(orderId, known, 'create', createParams(target));
    if (begun === null) return overtaken;
    const { n, answer } = begun;
    switch (answer.kind) {
      case 'ok': {
        const found = foundIntent(answer.body, orderId);
        if (found === null || found.intent.amountMinor !== amountMinor)
          return { kind: 'not_sent', message: 'what was made is not the intent that was asked for' };
        const { id } = found.intent;
        const intent = { id, amountMinor, isHold, customer, paymentMethod };
        const made = await this.#record.remember(orderId, turnOf(known), intent);
        return made.intent?.id === id && made.generation === known.generation
          ? { kind: 'made', known: made }
          : overtaken;
      }
      case 'refused':
        await this.#record.answered(orderId, n);
        return isOfCard(answer) ? cardIsGone : { kind: 'rejected', message: answer.message };
      case 'declined':
      case 'not_sent':
        await this.#record.answered(orderId, n);
        break;
      case 'unknown':
        if (answer.isAnswered) await this.#record.spend(orderId, n);
        break;
    }
    return { kind: 'not_sent', message: `no intent was made: ${messageOf(answer)}` };
  }

  /** Asks the card for it. `attempt`: the last one before. */
  async confirm(present: Present, attempt: string | null): Promise<Confirmed> {
    const { orderId, known, intent } = present;
    const params = confirmParams(intent.paymentMethod);
    const begun = await this.#begin(orderId, known, 'confirm', params, attempt);
    if (begun === null) return overtaken;
    const { n, answer, wasAsking } = begun;
    const now = { ...present, known: begun.known };
    switch (answer.kind) {
      case 'ok': {
        const state = intentStateOf(answer.body, { ...expectedOf(orderId, known, intent), isAsking: false });
        if (state.kind === 'unknown') return state;
        const seenAttempt = state.kind === 'open' || state.kind === 'held' ? state.attempt : null;
        await this.#record.answered(orderId, n, { isAsking: false, seenAttempt });
        return confirmedBy(state, 'it was confirmed, and waits');
      }
      case 'declined':
        return this.#declined(now, n, answer);
      case 'not_sent':
        // Beside an earlier request it says nothing.
        if (wasAsking) return unknown(answer.message);
        await this.#record.answered(orderId, n, { isAsking: false });
        return answer;
      case 'refused': {
        const { state } = await this.lookAt(now);
        if (state.kind !== 'open') return confirmedBy(state, answer.message);
        await this.#record.answered(orderId, n, { isAsking: false });
        return isOfCard(answer) ? cardIsGone : { kind: 'rejected', message: answer.message };
      }
      case 'unknown': {
        if (answer.isAnswered) await this.#record.spend(orderId, n);
        const { state } = await this.lookAt(now);
        return confirmedBy(state, answer.message);
      }
    }
  }

  async #declined(
    present: Present,
    n: number,
    { decline, intent: body, message }: Extract<Answer, { kind: 'declined' }>,
  ): Promise<Confirmed> {
    const { orderId, known, intent } = present;
    if (lookFirstCodes.includes(decline.code)) {
      const { state } = await this.lookAt(present);
      if (state.kind !== 'open') return confirmedBy(state, message);
    }
    const said = intentStateOf(body, { ...expectedOf(orderId, known, intent), isAsking: false });
    const seenAttempt = said.kind === 'open' ? said.attempt : known.seenAttempt;
    const refusal = refusalOf(decline, intent) ?? known.refusal;
    const settled = await this.#record.answered(orderId, n, { isAsking: false, seenAttempt, refusal });
    return settled.isAsking ? unknown('somebody else has this order in hand') : declinedBy(decline);
  }

  /** Takes so much out of a hold, and lets go of the rest. */
  async capture(present: Present, amountMinor: number): Promise<Captured> {
    const { orderId, known, intent } = present;
    const begun = await this.#begin(orderId, known, 'capture', captureParams(amountMinor));
    if (begun === null) return overtaken;
    const { n, answer, wasAsking } = begun;
    if (answer.kind === 'not_sent') {
      if (wasAsking) return unknown(answer.message);
      await this.#record.answered(orderId, n, { isAsking: false });
      return answer;
    }
    if (answer.kind === 'ok') {
      const state = intentStateOf(answer.body, expectedOf(orderId, begun.known, intent));
      if (state.kind === 'paid') {
        await this.#record.answered(orderId, n, { isAsking: false });
        return state;
      }
    }
    if (answer.kind === 'unknown' && answer.isAnswered) await this.#record.spend(orderId, n);
    const { state } = await this.lookAt({ ...present, known: begun.known });
    switch (state.kind) {
      case 'paid':
      case 'unknown':
        return state;
      case 'missing':
        return { kind: 'ended' };
      case 'open':
      case 'held':
        if (answer.kind !== 'refused') return unknown(messageOf(answer));
        await this.#record.answered(orderId, n, { isAsking: false });
        return { kind: 'rejected', message: answer.message };
    }
  }

  /** Asks the card to hold so much in all. Nothing is taken by it, so what is not certain is tried again. */
  async raise(present: Present, amountMinor: number): Promise<Raised> {
    const { orderId, known, intent } = present;
    const begun = await this.#begin(orderId, known, 'increment', incrementParams(amountMinor));
    if (begun === null) return overtaken;
    const { n, answer } = begun;
    if (answer.kind === 'declined' || answer.kind === 'refused') {
      await this.#record.answered(orderId, n);
      return { kind: 'not_raised' };
    }
    const looked =
      answer.kind === 'ok'
        ? intentStateOf(answer.body, expectedOf(orderId, known, intent))
        : (await this.lookAt(present)).state;
    if (looked.kind === 'held' && looked.amountMinor >= amountMinor) {
      const raised = { ...intent, amountMinor: looked.amountMinor };
      const changed = await this.#record.answered(orderId, n, { intent: raised });
      return changed.intent?.amountMinor === looked.amountMinor
        ? { kind: 'raised', known: changed }
        : overtaken;
    }
    if (answer.kind === 'not_sent') await this.#record.answered(orderId, n);
    if (answer.kind === 'unknown' && answer.isAnswered) await this.#record.spend(orderId, n);
    return { kind: 'not_sent', message: `the hold could not be raised: ${messageOf(answer)}` };
  }

  /** Ends the intent: nothing is taken by it any more, and what it holds is let go. */
  async cancel(present: Present): Promise<Ended> {
    const { orderId, known, intent } = present;
    const begun = await this.#begin(orderId, known, 'cancel', cancelParams());
    if (begun === null) return unknown(overtaken.message);
    const { n, answer } = begun;
    if (answer.kind === 'ok') {
      const state = intentStateOf(answer.body, expectedOf(orderId, known, intent));
      if (state.kind === 'ended') {
        await this.#record.end(orderId, turnOf(known));
        return { kind: 'ended' };
      }
    }
    if (answer.kind === 'unknown' ? answer.isAnswered : answer.kind !== 'ok')
      await this.#record.spend(orderId, n);
    const { state } = await this.lookAt({ ...present, known: begun.known });
    if (state.kind === 'missing') return { kind: 'ended' };
    if (state.kind === 'paid') return state;
    if (state.kind === 'held' || intent.isHold) this.#logger.error('stripe_hold_not_released', { orderId });
    return unknown(`it could not be cancelled: ${messageOf(answer)}`);
  }

  async #begin(
    orderId: string,
    known: KnownOrder,
    act: Act,
    params: object,
    attempt: string | null = null,
  ): Promise<(Begun & { readonly answer: Answer }) | null> {
    const turn = turnOf(known);
    const text = JSON.stringify(params);
    const begun = await this.#record.begin(orderId, turn, act, text, attempt);
    if (begun === null) return null;
    const { n } = begun;
    const { intentId } = turn;
    const answer = await this.#calls.send({ orderId, act, n, params: text, intentId });
    return { ...begun, answer };
  }
}
