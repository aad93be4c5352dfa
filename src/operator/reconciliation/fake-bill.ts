import { and, asc, gt, gte, lt } from 'drizzle-orm';
import { ok } from '../../shared/result.ts';
import { fakeOrder, fakeRefund } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { BillSource } from './bill.ts';
import { addDays, startOf } from './bill.ts';

/** The fake provider's own book as a bill: each time that money moved is a line. Its days are those of UTC. */
export function fakeBills(db: Db): BillSource {
  return {
    provider: 'fake',
    merchant: 'fake',
    offsetMs: 0,
    readyAfterMs: 0,
    fetch: async (day) => {
      const { atMs, debitCount, chargeId } = fakeOrder;
      const isOfDay = and(gte(atMs, startOf(day, 0)), lt(atMs, startOf(addDays(day, 1), 0)));
      const orders = await db
        .select()
        .from(fakeOrder)
        .where(and(isOfDay, gt(debitCount, 0)))
        .orderBy(asc(atMs), asc(chargeId));
      const lines = orders.flatMap((order) =>
        Array.from({ length: order.debitCount }, (_, i) => ({
          kind: 'payment' as const,
          orderId: order.chargeId,
          ref: `${order.chargeId}#${i + 1}`,
          amountMinor: order.amountMinor,
          currency: order.currency,
          atMs: order.atMs,
        })),
      );
      const ofDay = and(
        gte(fakeRefund.atMs, startOf(day, 0)),
        lt(fakeRefund.atMs, startOf(addDays(day, 1), 0)),
      );
      const refunds = await db.select().from(fakeRefund).where(ofDay).orderBy(asc(fakeRefund.refundId));
      const back = refunds.map(({ chargeId: orderId, refundId: ref, ...moved }) => {
        const { amountMinor, currency } = moved;
        return { kind: 'refund' as const, orderId, ref, amountMinor, currency, atMs: moved.atMs };
      });
      return ok({ lines: [...lines, ...back] });
    },
  };
}
