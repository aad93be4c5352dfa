import { z } from 'zod';
import type { RefundFound, RefundOutcome, RefundRequest } from '../provider.ts';
import { minorOf } from './amounts.ts';
import { isCertainlyNot, messageOf } from './gateway-client.ts';
import type { AlipayRecord } from './known-order.ts';
import type { OrderCalls } from './order-calls.ts';

type Paid = NonNullable<AlipayRecord['paid']>;

/** Of a refund that is not there Alipay answers 10000 without the fields of one. */
const refundSchema = z.object({
  trade_no: z.string().optional(),
  out_request_no: z.string().optional(),
  refund_amount: z.string().optional(),
  refund_status: z.string().optional(),
});

/**
 * Pays back what an order has debited, by its trade. The same refund again is the same one. Whether it went back only the
 * query says: the answer to the refund itself names the sum of all of them.
 */
export async function refundOf(
  calls: OrderCalls,
  request: RefundRequest,
  paid: Paid,
): Promise<RefundOutcome> {
  const { refundId, amountMinor, reason } = request;
  const { tradeNo } = paid;
  if (amountMinor > paid.amountMinor)
    return { kind: 'rejected', message: `only ${paid.amountMinor} is paid` };
  const answer = await calls.refund({ tradeNo, refundId, amountMinor, reason });
  if (isCertainlyNot(answer)) return { kind: 'not_sent', message: messageOf(answer) };
  const found = await calls.refundQuery(tradeNo, refundId);
  if (found.kind !== 'ok')
    return answer.kind === 'ok'
      ? { kind: 'pending' }
      : { kind: 'unknown', message: `${messageOf(answer)}; ${messageOf(found)}` };
  const shown = shownBy(found.body, request, paid);
  if (shown.kind !== 'missing') return shown;
  if (answer.kind === 'ok') return { kind: 'pending' };
  return answer.kind === 'refused' && answer.class !== 'not_found'
    ? { kind: 'rejected', message: answer.message }
    : { kind: 'unknown', message: answer.message };
}

/** How the refund of this number stands. */
export async function findRefundOf(
  calls: OrderCalls,
  request: RefundRequest,
  paid: Paid,
): Promise<RefundFound> {
  const found = await calls.refundQuery(paid.tradeNo, request.refundId);
  if (found.kind === 'ok') {
    const shown = shownBy(found.body, request, paid);
    return shown.kind === 'missing' ? { kind: 'not_found' } : shown;
  }
  return found.kind === 'refused' && found.class === 'not_found'
    ? { kind: 'not_found' }
    : { kind: 'unknown', message: messageOf(found) };
}

function shownBy(
  body: unknown,
  { refundId, amountMinor }: RefundRequest,
  { tradeNo }: Paid,
): Exclude<RefundOutcome, { kind: 'not_sent' }> | { readonly kind: 'missing' } {
  const parsed = refundSchema.safeParse(body);
  if (!parsed.success) return { kind: 'unknown', message: 'the answer is not a refund as we know it' };
  const refund = parsed.data;
  if (refund.refund_status === undefined && refund.refund_amount === undefined) return { kind: 'missing' };
  if (refund.out_request_no !== refundId || refund.trade_no !== tradeNo)
    return { kind: 'unknown', message: 'the answer is about another refund' };
  if (minorOf(refund.refund_amount) !== amountMinor)
    return { kind: 'rejected', message: 'this number has paid back another sum' };
  return refund.refund_status === 'REFUND_SUCCESS' ? { kind: 'refunded' } : { kind: 'pending' };
}
