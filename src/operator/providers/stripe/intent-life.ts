import type { CloseOutcome, DebitOutcome, DeclineReason } from '../provider.ts';
import type { StripeAccount } from './account.ts';
import { declinedBy, foundIntent } from './intent-state.ts';
import { reasonOf } from './codes.ts';
import type { IntentCalls, NewIntent } from './intent-calls.ts';
import { captureParams, linkParams } from './intent-calls.ts';
import type { Confirmed, Looked, Present } from './act-outcomes.ts';
import { messageOf, needsConsent, overtaken, unknown } from './act-outcomes.ts';
import type { IntentActs } from './intent-acts.ts';
import type { KnownOrder } from './known-order.ts';
import { newOrder } from './known-order.ts';
import type { OrderRecord } from './order-record.ts';
import { turnOf } from './order-record.ts';
import type { LookedLink, PayLinks } from './pay-links.ts';
import { linkedOf } from './pay-links.ts';
import { listOf } from './protocol-client.ts';

/** So many intents of one order are gone through in one call: an old one ends, another is made. */
const intentsOfCallMax = 3;

/** What shall be taken, or held. */
export interface Wanted extends Pick<
  NewIntent,
  'orderId' | 'amountMinor' | 'isHold' | 'currency' | 'cabinetId'
> {
  readonly memberId: string;
  /** Null: the member has no card that may be asked. */
  readonly account: StripeAccount | null;
}

/** What a link is to be made of: see `linkParams`. */
export type LinkWanted = Pick<Parameters<typeof linkParams>[0], 'backUrl' | 'untilS'>;

const otherMember = { kind: 'rejected', message: 'same number, another member' } as const;

/**
 * One order through its intents. Money moves only by the intent on record, once, which is Stripe's own rule; the
 * next one is made when it is seen that the one before has ended. So neither a lost answer nor two at once can take
 * twice.
 */
export class IntentLife {
  readonly #calls: IntentCalls;
  readonly #record: OrderRecord;
  readonly #acts: IntentActs;
  readonly #links: PayLinks;

  constructor(calls: IntentCalls, record: OrderRecord, acts: IntentActs, links: PayLinks) {
    this.#calls = calls;
    this.#record = record;
    this.#acts = acts;
    this.#links = links;
  }

  /** Takes, or holds, what is wanted: with the intent that is there where it fits, else with another. */
  async take(wanted: Wanted): Promise<Confirmed> {
    const { orderId, memberId } = wanted;
    let known = await this.#record.start(orderId, memberId);
    if (known.memberId !== memberId) return otherMember;
    const linked = linkedOf(orderId, known);
    if (linked !== null) {
      // Somebody may pay by it at any time: first of all it ends.
      const ended = await this.#links.end(linked);
      if (ended.kind !== 'ended') return ended;
      known = (await this.#record.find(orderId)) ?? known;
      if (known.link !== null) return overtaken;
    }
    for (let i = 0; i < intentsOfCallMax; i++) {
      const { generation } = known;
      const step = await this.#step(wanted, known);
      if (step !== 'next') return step;
      known = (await this.#record.find(orderId)) ?? known;
      // One has ended by what was done here; another one by somebody who closes it.
      if (known.generation !== generation + 1) return overtaken;
    }
    return { kind: 'not_sent', message: `${intentsOfCallMax} intents have ended one after the other` };
  }

  /** `next`: the intent that was there has ended, for certain. */
  async #step(wanted: Wanted, known: KnownOrder): Promise<Confirmed | 'next'> {
    const { orderId } = wanted;
    const { intent } = known;
    if (intent === null) return this.#make(wanted, known);
    const looked = await this.#acts.lookAt({ orderId, known, intent });
    const present = { orderId, known: looked.known, intent };
    const { state } = looked;
    switch (state.kind) {
      case 'missing':
        return 'next';
      case 'paid':
        return state;
      case 'unknown':
        // Nothing was asked for by this call, and before it nothing is in doubt.
        return known.isAsking ? state : { kind: 'not_sent', message: state.message };
      case 'held':
        return wanted.isHold ? { kind: 'held' } : this.#takeHeld(wanted, present, state.amountMinor);
      case 'open': {
        const { account, amountMinor, isHold } = wanted;
        const fits =
          intent.amountMinor === amountMinor &&
          intent.isHold === isHold &&
          intent.customer === account?.customer &&
          intent.paymentMethod === account.paymentMethod;
        if (!fits) return this.#end(present);
        return this.#refusedBefore(known, account) ?? (await this.#acts.confirm(present, state.attempt));
      }
    }
  }

  async #make(wanted: Wanted, known: KnownOrder): Promise<Confirmed> {
    const { account, orderId } = wanted;
    if (account === null) return needsConsent;
    const refused = this.#refusedBefore(known, account);
    if (refused !== null) return refused;
    const created = await this.#acts.create(known, { ...wanted, ...account });
    if (created.kind !== 'made') return created;
    const { intent } = created.known;
    return intent === null ? overtaken : this.#acts.confirm({ orderId, known: created.known, intent }, null);
  }

  /** A card that forbids to be asked again is not asked; another card of the member is. */
  #refusedBefore(
    { refusal }: KnownOrder,
    account: StripeAccount,
  ): Extract<DebitOutcome, { kind: 'declined' }> | null {
    if (refusal?.paymentMethod !== account.paymentMethod) return null;
    return { ...declinedBy({ code: refusal.code, advice: null }), again: 'never' };
  }

  /** Takes it out of the hold. More than is held: the hold is raised, or ended, and all of it is taken anew. */
  async #takeHeld(wanted: Wanted, present: Present, heldMinor: number): Promise<Confirmed | 'next'> {
    const { amountMinor } = wanted;
    const { out } = present.known;
    const isOtherSum = out?.act === 'capture' && out.params !== JSON.stringify(captureParams(amountMinor));
    if (isOtherSum) return this.#end(present);
    let raised = present;
    if (amountMinor > heldMinor) {
      const outcome = await this.#acts.raise(present, amountMinor);
      if (outcome.kind === 'not_raised') return this.#end(present);
      if (outcome.kind === 'not_sent') return outcome;
      raised = { ...present, known: outcome.known, intent: outcome.known.intent ?? present.intent };
    }
    const captured = await this.#acts.capture(raised, amountMinor);
    return captured.kind === 'ended' ? 'next' : captured;
  }

  /** Before another one is made. What is not certain is tried again: nothing is taken by ending it. */
  async #end(present: Present): Promise<Confirmed | 'next'> {
    const ended = await this.#acts.cancel(present);
    if (ended.kind === 'ended') return 'next';
    if (ended.kind === 'paid' || present.known.isAsking) return ended;
    return { kind: 'not_sent', message: ended.message };
  }

  /**
   * Offers the order to its payer by a link, in the place of an intent that has not come about: that one ends first, for
   * certain. `collecting`: the link is up.
   */
  async offer(wanted: Wanted, link: LinkWanted): Promise<DebitOutcome> {
    const { orderId, memberId, amountMinor } = wanted;
    const started = await this.#record.start(orderId, memberId);
    if (started.memberId !== memberId) return otherMember;
    let reason: DeclineReason = 'account.declined';
    for (let i = 0; i < intentsOfCallMax; i++) {
      const { known, state } = await this.look(orderId);
      switch (state.kind) {
        case 'paid':
        case 'unknown':
          return state;
        case 'linked': {
          if (state.amountMinor === amountMinor)
            return { kind: 'collecting', amountMinor, reason: state.reason };
          const linked = linkedOf(orderId, known);
          const ended = linked === null ? overtaken : await this.#links.end(linked);
          if (ended.kind !== 'ended') return ended;
          break;
        }
        case 'open':
        case 'held': {
          if (state.kind === 'open' && state.decline !== null) reason = reasonOf(state.decline);
          const { intent } = known;
          const ended = intent === null ? 'next' : await this.#end({ orderId, known, intent });
          if (ended !== 'next') return ended.kind === 'held' ? overtaken : ended;
          break;
        }
        case 'unpaid':
        case 'missing': {
          const params = linkParams({ ...wanted, ...link });
          const made = await this.#links.make(known, params, { orderId, amountMinor, reason });
          if ('kind' in made) return made;
          break;
        }
      }
    }
    return overtaken;
  }

  /**
   * How an order stands. Where we know of no intent, because our record is lost or older than what was done, Stripe
   * is searched: what it finds is as of about a minute ago, which is enough for that, and for nothing else.
   */
  async look(orderId: string): Promise<LookedLink> {
    const known = await this.#record.find(orderId);
    const linked = linkedOf(orderId, known);
    if (linked !== null) return this.#links.lookAt(linked);
    const looked: Looked =
      known === null || known.intent === null
        ? { known: known ?? newOrder(null), state: { kind: 'missing' } }
        : await this.#acts.lookAt({ orderId, known, intent: known.intent });
    return looked.state.kind === 'missing' ? this.#search(orderId, looked.known) : looked;
  }

  async #search(orderId: string, known: KnownOrder): Promise<Looked> {
    const answer = await this.#calls.search(orderId);
    if (answer.kind !== 'ok') return { known, state: { kind: 'unknown', message: messageOf(answer) } };
    const list = listOf(answer.body);
    const found = list?.items.map((body) => foundIntent(body, orderId)) ?? [];
    const moving = found.find((one) => one?.isMoving === true);
    if (moving === undefined || moving === null) {
      // Only a whole list of intents that we know says that money moves by none.
      const isNone = list?.isWhole === true && !found.includes(null);
      return { known, state: isNone ? { kind: 'missing' } : unknown('the answer is no list of its intents') };
    }
    const { intent } = moving;
    const remembered = await this.#record.remember(orderId, turnOf(known), intent);
    if (remembered.intent?.id !== intent.id)
      return { known: remembered, state: { kind: 'unknown', message: overtaken.message } };
    return this.#acts.lookAt({ orderId, known: remembered, intent });
  }

  /** Ends whatever was sent; who has begun before does not go on. */
  async close(orderId: string): Promise<CloseOutcome> {
    for (let i = 0; i < intentsOfCallMax; i++) {
      const { known, state } = await this.look(orderId);
      switch (state.kind) {
        case 'paid':
        case 'unknown':
          return state;
        case 'linked': {
          const linked = linkedOf(orderId, known);
          const ended = linked === null ? null : await this.#links.end(linked);
          if (ended !== null && ended.kind !== 'ended') return ended;
          if (await this.#record.shut(orderId)) return { kind: 'closed' };
          break;
        }
        case 'unpaid':
        case 'missing':
          if (await this.#record.shut(orderId)) return { kind: 'closed' };
          break;
        case 'open':
        case 'held': {
          if (known.intent === null) break;
          const ended = await this.#acts.cancel({ orderId, known, intent: known.intent });
          if (ended.kind !== 'ended') return ended;
          if (await this.#record.shut(orderId)) return { kind: 'closed' };
          break;
        }
      }
    }
    return { kind: 'unknown', message: 'somebody goes on with it again and again' };
  }
}
