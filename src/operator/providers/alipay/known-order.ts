import { z } from 'zod';
import { declineReasonSchema } from '../../../shared/api/development-routes.ts';
import { limits } from './codes.ts';

/**
 * What we remember of an order. At Alipay it is a credit order (its own number, ZMCB…), debited at most once. One that was
 * ended is used up, so that each time that happened for certain the order goes on under the next number (`outOrderNo`).
 */
export const alipayRecordSchema = z.object({
  /** How many numbers of this order are used up. */
  generation: z.number().int().min(0),
  /**
   * How far the present number may be, always written before it is asked for. `new`: never sent. `opening`: its credit order
   * was sent. `open`: the credit order was confirmed. `paying`: the debit was sent. `closing`: its end was sent.
   */
  stage: z.enum(['new', 'opening', 'open', 'paying', 'closing']),
  /** Whether a debit was ever sent under the present number. */
  wasPaying: z.boolean(),
  /** Null: not known, as our record was lost. */
  memberId: z.string().nullable(),
  /** What was sent under the present number: a repeat is the same, byte for byte. */
  create: z.object({ agreementId: z.string(), body: z.string() }).nullable(),
  /** The credit order; the number of its debit, too. */
  creditOrderNo: z.string().nullable(),
  pay: z.object({ amountMinor: z.number().int(), body: z.string() }).nullable(),
  /** Why the debit was declined last. */
  declinedFor: declineReasonSchema.nullable(),
  /** The trade that debited it; refunds are asked for by it. */
  paid: z.object({ tradeNo: z.string(), amountMinor: z.number().int() }).nullable(),
});
export type AlipayRecord = z.infer<typeof alipayRecordSchema>;

/** One of which nothing was ever sent. */
export function newRecord(memberId: string | null, generation = 0): AlipayRecord {
  return {
    ...{ generation, stage: 'new', wasPaying: false, memberId },
    ...{ create: null, creditOrderNo: null, pay: null, declinedFor: null, paid: null },
  };
}

/** So often a number may be used up; far more than ever happens. */
const generationMax = 99;
/** Our own numbers are no longer than this; whatever is longer has a count at its end. */
const ownLengthMax = 32;

/**
 * The number at Alipay (letters, digits, _ and -): the order's own, from the second one on with a count, which makes it
 * longer than any of our own. Null: Alipay would not take it.
 */
export function outOrderNo(orderId: string, generation: number): string | null {
  if (!/^[0-9A-Za-z_-]+$/.test(orderId) || orderId.length > ownLengthMax) return null;
  if (orderId.length < limits.outOrderNoMin || generation > generationMax) return null;
  if (generation === 0) return orderId;
  return `${orderId}-${String(generation).padStart(Math.max(2, ownLengthMax - orderId.length), '0')}`;
}

/** Whose number it is, and the how manieth; null: none of ours. */
export function orderOf(number: string): { readonly orderId: string; readonly generation: number } | null {
  const isOwn = number.length <= ownLengthMax;
  const [, orderId = number, count = '0'] = isOwn ? [] : (/^(.+)-(\d+)$/.exec(number) ?? []);
  const generation = Number(count);
  return outOrderNo(orderId, generation) === number ? { orderId, generation } : null;
}
