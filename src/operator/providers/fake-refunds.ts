import { eq, sum } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { fakeOrder, fakeRefund } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { RefundFound, RefundOutcome, RefundRequest } from './provider.ts';

const other = { kind: 'rejected', message: 'same refund, other parameters' } as const;

/** Of the fake provider: pays back once for each number, and never more than was debited. */
export async function refundOf(db: Db, clock: Clock, request: RefundRequest): Promise<RefundOutcome> {
  const { orderId, refundId, amountMinor, currency } = request;
  return db.transaction(async (tx): Promise<RefundOutcome> => {
    const [order] = await tx.select().from(fakeOrder).where(eq(fakeOrder.chargeId, orderId)).for('update');
    const found = await findRefundOf(tx, request);
    if (found.kind !== 'not_found') return found;
    const [before] = await tx
      .select({ minor: sum(fakeRefund.amountMinor).mapWith(Number) })
      .from(fakeRefund)
      .where(eq(fakeRefund.chargeId, orderId));
    const movedMinor = (order?.amountMinor ?? 0) * (order?.debitCount ?? 0);
    if (order?.currency !== currency || (before?.minor ?? 0) + amountMinor > movedMinor)
      return { kind: 'rejected', message: 'more than was paid' };
    await tx
      .insert(fakeRefund)
      .values({ refundId, chargeId: orderId, amountMinor, currency, atMs: clock.nowMs() });
    return { kind: 'refunded' };
  });
}

/** How the refund of this number stands in the fake provider's book. */
export async function findRefundOf(
  db: Db,
  { orderId, refundId, amountMinor, currency }: RefundRequest,
): Promise<Exclude<RefundFound, { kind: 'pending' | 'unknown' }>> {
  const [found] = await db.select().from(fakeRefund).where(eq(fakeRefund.refundId, refundId));
  if (found === undefined) return { kind: 'not_found' };
  const isIt = found.chargeId === orderId && found.amountMinor === amountMinor && found.currency === currency;
  return isIt ? { kind: 'refunded' } : other;
}
