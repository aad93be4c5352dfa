import { z } from 'zod';
import type { ProviderOrders } from '../provider-orders.ts';
import type { RefundFound, RefundOutcome, RefundRequest } from '../provider.ts';
import { metadataOf, refundStatuses } from './codes.ts';
import { messageOf } from './act-outcomes.ts';
import type { IntentCalls } from './intent-calls.ts';
import { refundParams } from './intent-calls.ts';
import type { KnownOrder } from './known-order.ts';
import { newOrder } from './known-order.ts';
import { listOf } from './protocol-client.ts';

const refundSchema = z.object({
  object: z.literal('refund'),
  id: z.string(),
  amount: z.number().int(),
  status: z.enum(refundStatuses).nullable(),
  payment_intent: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
type Refund = z.infer<typeof refundSchema>;

/** An intent that has taken money. */
export interface PaidIntent {
  readonly intentId: string;
  readonly amountMinor: number;
}

/**
 * Pays back what an intent has taken. A refund that may have been sent before is looked for among those of the
 * intent first: Stripe forgets a key after a day, and the same again would then be a second refund.
 */
export class Refunds {
  readonly #calls: IntentCalls;
  readonly #orders: ProviderOrders<KnownOrder>;

  constructor(calls: IntentCalls, orders: ProviderOrders<KnownOrder>) {
    this.#calls = calls;
    this.#orders = orders;
  }

  async refund(request: RefundRequest, paid: PaidIntent): Promise<RefundOutcome> {
    const { orderId, refundId, amountMinor } = request;
    if (amountMinor > paid.amountMinor)
      return { kind: 'rejected', message: `only ${paid.amountMinor} is paid` };
    const before = (await this.#orders.find(orderId))?.refunds[refundId];
    if (before !== undefined) {
      if (before.amountMinor !== amountMinor) return otherSum;
      const found = await this.#find(request, paid);
      if (found !== 'not_there') return found;
    }
    const n = await this.#begin(request);
    const params = JSON.stringify(refundParams({ orderId, refundId, amountMinor, intentId: paid.intentId }));
    const answer = await this.#calls.send({ orderId, act: 'refund', n, params, intentId: null });
    switch (answer.kind) {
      case 'ok': {
        const parsed = refundSchema.safeParse(answer.body);
        return parsed.success
          ? refundOutcomeOf(parsed.data, request, paid)
          : { kind: 'unknown', message: 'the answer is not a refund as we know it' };
      }
      case 'not_sent':
        return before === undefined ? answer : { kind: 'unknown', message: answer.message };
      case 'refused':
      case 'declined':
      case 'unknown': {
        // The key would only give this answer again.
        if (answer.kind !== 'unknown' || answer.isAnswered) await this.#forgetKey(request);
        const found = await this.#find(request, paid);
        if (found !== 'not_there') return found;
        const { message } = answer;
        return { kind: answer.kind === 'unknown' ? 'unknown' : 'rejected', message };
      }
    }
  }

  /** How the refund of this number stands; Stripe is asked, whatever our own record says. */
  async find(request: RefundRequest, paid: PaidIntent): Promise<RefundFound> {
    const found = await this.#find(request, paid);
    return found === 'not_there' ? { kind: 'not_found' } : found;
  }

  async #find(
    request: RefundRequest,
    paid: PaidIntent,
  ): Promise<Exclude<RefundOutcome, { kind: 'not_sent' }> | 'not_there'> {
    const answer = await this.#calls.refundsOf(paid.intentId);
    if (answer.kind !== 'ok') return { kind: 'unknown', message: messageOf(answer) };
    const list = listOf(answer.body);
    const refunds = list?.items.map((body) => refundSchema.safeParse(body).data) ?? [];
    const ours = refunds.find((one) => one?.metadata?.[metadataOf.refund] === request.refundId);
    if (ours !== undefined) return refundOutcomeOf(ours, request, paid);
    // Only a whole list of refunds that we know says that ours is not there.
    const isNone = list?.isWhole === true && !refunds.includes(undefined);
    return isNone ? 'not_there' : { kind: 'unknown', message: 'the answer is no list of its refunds' };
  }

  /** On record before it is sent; the same again has the same key, unless that is used up. */
  async #begin({ orderId, refundId, amountMinor }: RefundRequest): Promise<number> {
    const known = await this.#orders.change(orderId, (order) => {
      const present = order ?? newOrder(null);
      const { actCount, refunds } = present;
      if (typeof refunds[refundId]?.n === 'number') return present;
      return {
        ...present,
        actCount: actCount + 1,
        refunds: { ...refunds, [refundId]: { n: actCount, amountMinor } },
      };
    });
    return known.refunds[refundId]?.n ?? 0;
  }

  async #forgetKey({ orderId, refundId, amountMinor }: RefundRequest): Promise<void> {
    await this.#orders.change(orderId, (order) => {
      const present = order ?? newOrder(null);
      return { ...present, refunds: { ...present.refunds, [refundId]: { n: null, amountMinor } } };
    });
  }
}

const otherSum = { kind: 'rejected', message: 'same refund, another sum' } as const;

function refundOutcomeOf(
  refund: Refund,
  request: RefundRequest,
  paid: PaidIntent,
): Exclude<RefundOutcome, { kind: 'not_sent' }> {
  const isOurs =
    refund.payment_intent === paid.intentId && refund.metadata?.[metadataOf.refund] === request.refundId;
  if (!isOurs) return { kind: 'unknown', message: 'the answer is about another refund' };
  if (refund.amount !== request.amountMinor) return otherSum;
  switch (refund.status) {
    case 'succeeded':
      return { kind: 'refunded' };
    case 'failed':
    case 'canceled':
      return { kind: 'rejected', message: `the refund is ${refund.status}: nothing came back to the card` };
    case 'pending':
    case 'requires_action':
    case null:
      return { kind: 'pending' };
  }
}
