import { and, eq, inArray } from 'drizzle-orm';
import { billBatchMax } from '../limits.ts';
import type { Bill } from '../reconciliation/bill.ts';
import { providerOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/**
 * A bill whose lines have the provider's own numbers of orders, with ours in their place (`provider_order.their_number`). What is
 * none of our orders keeps the number that it has: it may be another system's with the same merchant.
 */
export async function withOurNumbers(db: Db, name: string, { lines }: Bill): Promise<Bill> {
  const numbers = [...new Set(lines.map(({ orderId }) => orderId))];
  const ours = new Map<string, string>();
  for (let from = 0; from < numbers.length; from += billBatchMax) {
    const { orderId, theirNumber, provider } = providerOrder;
    const some = numbers.slice(from, from + billBatchMax);
    const rows = await db
      .select({ orderId, theirNumber })
      .from(providerOrder)
      .where(and(eq(provider, name), inArray(theirNumber, some)));
    for (const row of rows) if (row.theirNumber !== null) ours.set(row.theirNumber, row.orderId);
  }
  return { lines: lines.map((line) => ({ ...line, orderId: ours.get(line.orderId) ?? line.orderId })) };
}
