import { z } from 'zod';
import { declineReasonSchema } from '../../../shared/api/development-routes.ts';

/** What we ask Stripe to do; each has a key of its own, under which Stripe does it once. */
export const acts = [
  ...(['create', 'confirm', 'increment', 'capture', 'cancel', 'refund'] as const),
  ...(['link', 'expire'] as const),
] as const;
export type Act = (typeof acts)[number];

const count = z.number().int().min(0);

/**
 * What we remember of an order. At Stripe it is one PaymentIntent after the other: money moves only by one that
 * stands here, and the next one is made when the one before has ended for certain.
 */
export const knownOrderSchema = z.object({
  /** Null: not known, as our record was lost. */
  memberId: z.string().nullable(),
  /** Rises with each intent that ended, and with each closing: who has begun to debit before that does not go on. */
  generation: count,
  /** The n of the next act's key. */
  actCount: count,
  /**
   * The act that was sent last and has no definite answer: it may have been done. `params`: its JSON, the same on a
   * repeat. `isSpent`: its key has been answered, but not with a definite word, and would only give that answer
   * again.
   */
  out: z.object({ act: z.enum(acts), n: count, params: z.string(), isSpent: z.boolean() }).nullable(),
  /** The intent under way. `amountMinor`: what a confirmation of it takes, or holds. */
  intent: z
    .object({
      id: z.string(),
      amountMinor: count,
      isHold: z.boolean(),
      customer: z.string(),
      paymentMethod: z.string(),
    })
    .nullable(),
  /**
   * Where the order's payer can pay it by whatever card: a Checkout Session, and why the saved card had not. Beside it there
   * is no intent of ours: Stripe makes one when it is paid.
   */
  link: z
    .object({ id: z.string(), amountMinor: count, reason: declineReasonSchema })
    .nullable()
    .default(null),
  /** Whether taking money by this intent was asked for (a confirmation, a capture) without a definite answer yet. */
  isAsking: z.boolean(),
  /** The last attempt on the card under this intent (Stripe's charge id) whose end we know; null: none. */
  seenAttempt: z.string().nullable(),
  /** A card that forbids to be asked again, and why. */
  refusal: z.object({ paymentMethod: z.string(), code: z.string() }).nullable(),
  /** What was paid back, or may have been, by our number of the refund. `n`: of its key; null: that is used up. */
  refunds: z.record(z.string(), z.object({ n: count.nullable(), amountMinor: count })),
});
export type KnownOrder = z.infer<typeof knownOrderSchema>;
export type KnownIntent = NonNullable<KnownOrder['intent']>;

/** One of which nothing was ever sent. */
export function newOrder(memberId: string | null): KnownOrder {
  return {
    memberId,
    generation: 0,
    actCount: 0,
    out: null,
    intent: null,
    link: null,
    isAsking: false,
    seenAttempt: null,
    refusal: null,
    refunds: {},
  };
}

/** The key of an act: never that of another act or order, and the same for its repeat. */
export function keyOf(orderId: string, act: Act, n: number): string {
  return `${orderId}:${act}:${n}`;
}

/** The intent (or the link) under way is no more: what was sent about it counts nothing now. */
export function withoutIntent(order: KnownOrder): KnownOrder {
  const generation = order.generation + 1;
  return { ...order, generation, out: null, intent: null, link: null, isAsking: false, seenAttempt: null };
}

/**
 * This act is about to be sent. The same again while it has no definite answer is the same key, unless that is
 * spent; anything else is a new one.
 */
export function begun(order: KnownOrder, act: Act, params: string): KnownOrder {
  const { out, actCount } = order;
  const isAsking = order.isAsking || act === 'confirm' || act === 'capture';
  if (out?.act === act && out.params === params && !out.isSpent) return { ...order, isAsking };
  return {
    ...order,
    isAsking,
    actCount: actCount + 1,
    out: { act, n: actCount, params, isSpent: false },
  };
}
