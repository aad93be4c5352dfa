import { z } from 'zod';
import type { DeclineReason } from '../provider.ts';
import type { Ended, Looked } from './act-outcomes.ts';
import { messageOf, unknown } from './act-outcomes.ts';
import type { IntentActs } from './intent-acts.ts';
import type { IntentCalls } from './intent-calls.ts';
import { linkParams } from './intent-calls.ts';
import { foundIntent } from './intent-state.ts';
import type { KnownOrder } from './known-order.ts';
import { withoutIntent } from './known-order.ts';
import type { OrderRecord } from './order-record.ts';
import { turnOf } from './order-record.ts';

const sessionSchema = z.object({
  object: z.literal('checkout.session'),
  id: z.string(),
  url: z.url().nullish(),
  status: z.enum(['open', 'complete', 'expired']),
  amount_total: z.number().int(),
  payment_intent: z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]).nullish(),
});

/** How a link stands. `linked`: its payer may pay at any time; `unpaid`: it has ended, and nobody has. */
export type LinkState =
  | {
      readonly kind: 'linked';
      readonly url: string;
      readonly amountMinor: number;
      readonly reason: DeclineReason;
    }
  | { readonly kind: 'unpaid'; readonly reason: DeclineReason };

export interface LookedLink {
  readonly known: KnownOrder;
  readonly state: LinkState | Looked['state'];
}

/** An order with a link on record. */
export interface Linked {
  readonly orderId: string;
  readonly known: KnownOrder;
  readonly link: NonNullable<KnownOrder['link']>;
}

/** Null: it has none. */
export function linkedOf(orderId: string, known: KnownOrder | null): Linked | null {
  return known?.link == null ? null : { orderId, known, link: known.link };
}

/**
 * The link of an order: a page of Stripe that takes one payment. It is given to nobody before it is on record, and it is on
 * record only where no intent of ours is; a debit ends it first. So never both can take.
 */
export class PayLinks {
  readonly #calls: IntentCalls;
  readonly #record: OrderRecord;
  readonly #acts: IntentActs;

  constructor(calls: IntentCalls, record: OrderRecord, acts: IntentActs) {
    this.#calls = calls;
    this.#record = record;
    this.#acts = acts;
  }

  /** How it stands; what is certain by that goes on record. What it was paid by is the order's intent from then on. */
  async lookAt(linked: Linked): Promise<LookedLink> {
    const { orderId, known, link } = linked;
    const answer = await this.#calls.link(link.id);
    if (answer.kind !== 'ok') return { known, state: unknown(messageOf(answer)) };
    const session = sessionSchema.safeParse(answer.body).data;
    if (session?.id !== link.id) return { known, state: unknown('the answer is not our Checkout Session') };
    switch (session.status) {
      case 'open': {
        const { amountMinor, reason } = link;
        return typeof session.url === 'string' && session.amount_total === amountMinor
          ? { known, state: { kind: 'linked', url: session.url, amountMinor, reason } }
          : { known, state: unknown('the link is not as it was made') };
      }
      case 'expired': {
        const { reason } = link;
        const ended = await this.#record.inTurn(orderId, turnOf(known), withoutIntent);
        return { known: ended, state: { kind: 'unpaid', reason } };
      }
      case 'complete':
        return this.#paid(linked, session.payment_intent ?? '');
    }
  }

  async #paid({ orderId, known, link }: Linked, intentId: string): Promise<LookedLink> {
    const answer = await this.#calls.retrieve(intentId);
    const found = answer.kind === 'ok' ? foundIntent(answer.body, orderId) : null;
    if (found?.intent.id !== intentId || intentId === '')
      return { known, state: unknown(`what the link was paid by is not to be had: ${messageOf(answer)}`) };
    const { intent } = found;
    const now = await this.#record.inTurn(orderId, turnOf(known), (order) =>
      order.link?.id === link.id ? { ...withoutIntent(order), intent } : order,
    );
    if (now.intent?.id !== intentId) return { known: now, state: unknown('somebody else has it in hand') };
    return this.#acts.lookAt({ orderId, known: now, intent });
  }

  /** Makes one, where the order has neither intent nor link. Anything but a link on record is no link at all. */
  async make(
    known: KnownOrder,
    params: ReturnType<typeof linkParams>,
    { orderId, amountMinor, reason }: { orderId: string; amountMinor: number; reason: DeclineReason },
  ): Promise<KnownOrder | { readonly kind: 'not_sent'; readonly message: string }> {
    const turn = turnOf(known);
    const begun = await this.#record.begin(orderId, turn, 'link', JSON.stringify(params));
    if (begun === null) return { kind: 'not_sent', message: 'somebody has this order in hand' };
    const { n } = begun;
    const answer = await this.#calls.send({
      ...{ orderId, act: 'link', n, params: JSON.stringify(params), intentId: null },
    });
    const session = answer.kind === 'ok' ? sessionSchema.safeParse(answer.body).data : undefined;
    if (session?.status === 'open' && session.amount_total === amountMinor)
      return this.#record.linked(orderId, turn, { id: session.id, amountMinor, reason });
    if (answer.kind === 'unknown' ? answer.isAnswered : answer.kind === 'ok')
      await this.#record.spend(orderId, n);
    else if (answer.kind !== 'unknown') await this.#record.answered(orderId, n);
    return { kind: 'not_sent', message: `no link was made: ${messageOf(answer)}` };
  }

  /** Nobody can pay by it any more, unless it is paid already. */
  async end(linked: Linked): Promise<Ended> {
    const { orderId, known, link } = linked;
    const params = '{}';
    const begun = await this.#record.begin(orderId, turnOf(known), 'expire', params);
    if (begun === null) return unknown('somebody else has it in hand');
    const { n } = begun;
    const answer = await this.#calls.send({ orderId, act: 'expire', n, params, intentId: link.id });
    if (answer.kind !== 'unknown' || answer.isAnswered) await this.#record.spend(orderId, n);
    const { state } = await this.lookAt({ ...linked, known: begun.known });
    switch (state.kind) {
      case 'unpaid':
      case 'missing':
        return { kind: 'ended' };
      case 'paid':
        return state;
      default:
        return unknown(`the link could not be ended: ${messageOf(answer)}`);
    }
  }
}
