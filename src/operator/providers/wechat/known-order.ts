import { z } from 'zod';
import { limits } from './codes.ts';

/**
 * What we remember of an order. A number that was cancelled is used up at WeChat, so that each time it was closed for certain
 * the order goes on under the next number (`orderNumber`).
 */
export const knownOrderSchema = z.object({
  /** How many numbers of this order are used up. */
  generation: z.number().int().min(0),
  /**
   * How far the present number may be, always written before it is asked for. `new`: never sent. `opening`: its creation was
   * sent. `open`: its creation was confirmed. `completing`: the debit was sent. `closing`: its end was sent.
   */
  stage: z.enum(['new', 'opening', 'open', 'completing', 'closing']),
  /** Whether the debit was ever sent under the present number: then it is there, whatever "not found" says. */
  wasCompleting: z.boolean(),
  /** Null: not known, as our record was lost. */
  memberId: z.string().nullable(),
  /** What was sent under the present number: a repeat is the same, byte for byte. */
  create: z.object({ openid: z.string(), body: z.string() }).nullable(),
  complete: z.object({ amountMinor: z.number().int(), body: z.string() }).nullable(),
  /** When it began, as WeChat says, wall time in ms; null: not known. */
  startedAtMs: z.number().nullable(),
  /** Sums that it was ever told to collect, in fen: it can collect no other. */
  askedMinor: z.array(z.number().int()),
  /** The transaction that debited it; refunds are asked for by it. */
  paid: z.object({ transactionId: z.string(), amountMinor: z.number().int() }).nullable(),
});
export type KnownOrder = z.infer<typeof knownOrderSchema>;

/** One of which nothing was ever sent. */
export function newOrder(memberId: string | null): KnownOrder {
  return {
    generation: 0,
    stage: 'new',
    wasCompleting: false,
    memberId,
    create: null,
    complete: null,
    startedAtMs: null,
    askedMinor: [],
    paid: null,
  };
}

/** The present number is used up: nothing was debited under it, and nothing will be. */
export function withNextNumber({ generation, memberId, askedMinor }: KnownOrder): KnownOrder {
  return { ...newOrder(memberId), generation: generation + 1, askedMinor };
}

/** Not in our own numbers ([0-9A-Za-z_-]), allowed in WeChat's, and the same in an address. */
const separator = '*';
/** So often a number may be used up; far more than ever happens. */
const generationMax = 99;

/** The number at WeChat: the order's own, from the second one on with a count. Null: that would be too long. */
export function orderNumber(orderId: string, generation: number): string | null {
  const number = generation === 0 ? orderId : `${orderId}${separator}${generation}`;
  return number.length <= limits.orderNumberMax && generation <= generationMax ? number : null;
}

/** Whose number it is; null: none of ours. */
export function orderIdOf(number: string): string | null {
  return /^([0-9A-Za-z_-]{1,32})(?:\*[1-9]\d?)?$/.exec(number)?.[1] ?? null;
}
