import { and, count, eq, gt, inArray, isNotNull, isNull, ne, not, notExists, or, sql } from 'drizzle-orm';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { refund } from '../storage/refund-schema.ts';
import { charge, incident, merchant, providerAccount, visitOrder } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { fakeProviderName } from './fake-provider.ts';

export type MerchantFailure = Failure<'merchant_missing' | 'merchant_changed'>;

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

/**
 * An id is one merchant's for ever: by it a charge is asked about where it was debited, and a member's agreement is believed.
 * `merchant_changed`: behind an id there is another merchant by now, and charges or accounts have it. `numbers`: the provider's
 * own numbers of the merchants in the file, by their ids.
 */
export async function sameAsBefore(
  db: Db,
  numbers: ReadonlyMap<string, string>,
): Promise<Result<null, MerchantFailure>> {
  for (const [id, number] of numbers) {
    const isIt = eq(merchant.id, id);
    const [known] = await db.select().from(merchant).where(isIt);
    if (known?.number === number) continue;
    if (known !== undefined && (await isInUse(db, id)))
      return fail(
        'merchant_changed',
        `${id} was merchant ${known.number}, and is ${number} in PROVIDERS_FILE: give that one an id of its own`,
      );
    const row = { id, number };
    await db.insert(merchant).values(row).onConflictDoUpdate({ target: merchant.id, set: row });
  }
  return ok(null);
}

async function isInUse(db: Db, id: string): Promise<boolean> {
  const one = { one: sql`1` };
  const found = await Promise.all([
    db.select(one).from(charge).where(eq(charge.provider, id)).limit(1),
    db.select(one).from(providerAccount).where(eq(providerAccount.provider, id)).limit(1),
    db.select(one).from(visitOrder).where(eq(visitOrder.provider, id)).limit(1),
  ]);
  return found.some((rows) => rows.length > 0);
}
