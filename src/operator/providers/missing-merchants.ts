import { and, count, eq, gt, inArray, isNotNull, isNull, ne, not, notExists, or, sql } from 'drizzle-orm';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { refund } from '../storage/refund-schema.ts';
import { charge, incident, visitOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { fakeProviderName } from './fake-provider.ts';

export type MerchantFailure = Failure<'merchant_missing'>;

/**
 * A charge is asked about, paid back and compared where it was debited and nowhere else, so a merchant stays in the file for
 * as long as something of it is open: a charge that is not paid or is in doubt, an order that is to be closed, money that is
 * due back. `merchant_missing`: what is open, and at whom. `merchants`: the ids in the file.
 */
export async function nothingOpenElsewhere(
  db: Db,
  merchants: readonly string[],
): Promise<Result<null, MerchantFailure>> {
  const names = [fakeProviderName, ...merchants];
  const isElsewhere = and(isNotNull(charge.provider), not(inArray(charge.provider, names)));
  const charges = await db
    .select({ provider: charge.provider, open: count() })
    .from(charge)
    .where(and(or(ne(charge.state, 'paid'), charge.inDoubt), isElsewhere))
    .groupBy(charge.provider);
  // An order by which a charge was debited is only still to be ticked off.
  const isOfOrder = and(eq(charge.chargeId, visitOrder.orderId), eq(charge.provider, visitOrder.provider));
  const debited = db
    .select({ one: sql`1` })
    .from(charge)
    .where(and(isOfOrder, eq(charge.state, 'paid'), eq(charge.inDoubt, false), gt(charge.debitedMinor, 0)));
  const orders = await db
    .select({ provider: visitOrder.provider, open: count() })
    .from(visitOrder)
    .where(and(isNotNull(visitOrder.dueAtMs), not(inArray(visitOrder.provider, names)), notExists(debited)))
    .groupBy(visitOrder.provider);
  const isDueBack = and(eq(incident.kind, 'refund_due'), isNull(incident.resolvedAtMs));
  const refunds = await db
    .select({ provider: charge.provider, open: count() })
    .from(incident)
    .innerJoin(charge, eq(charge.chargeId, incident.chargeId))
    .where(and(isDueBack, isElsewhere))
    .groupBy(charge.provider);
  const underWay = await db
    .select({ provider: refund.provider, open: count() })
    .from(refund)
    .where(and(isNotNull(refund.dueAtMs), not(inArray(refund.provider, names))))
    .groupBy(refund.provider);
  const open = [
    ...charges.map((row) => ({ ...row, what: 'charges' })),
    ...orders.map((row) => ({ ...row, what: 'orders' })),
    ...refunds.map((row) => ({ ...row, what: 'refunds that are due' })),
    ...underWay.map((row) => ({ ...row, what: 'refunds under way' })),
  ];
  if (open.length === 0) return ok(null);
  const list = open.map((row) => `${row.provider ?? ''}: ${row.open} ${row.what}`).join(', ');
  return fail('merchant_missing', `open at a merchant that PROVIDERS_FILE does not have: ${list}`);
}
