import { and, eq, gte, inArray, isNotNull, lt, min, ne, sql } from 'drizzle-orm';
import { lockNamedThing } from '../storage/locks.ts';
import type { Clock } from '../../shared/clock.ts';
import { billBatchMax } from '../limits.ts';
import { bill, billLine, charge, difference, incident } from '../storage/schema.ts';
import { goesBackOf } from '../refunds/refund-records.ts';
import type { Db } from '../storage/storage.ts';
import type { Bill, BillLine, BillSource, Day } from './bill.ts';
import { addDays, startOf } from './bill.ts';
import type { Difference, OurCharge } from './match.ts';
import { borderMs, refundWayMs } from './match.ts';

/** Whose bill of which day. */
export interface BillOf {
  readonly source: Pick<BillSource, 'provider' | 'merchant' | 'offsetMs'>;
  readonly day: Day;
}

const isBill = ({ source, day }: BillOf) =>
  and(eq(bill.provider, source.provider), eq(bill.merchant, source.merchant), eq(bill.day, day));

/** How a day's bill stands; null: it was never asked for. */
export async function findBill(db: Db, of: BillOf): Promise<typeof bill.$inferSelect | null> {
  const [row] = await db.select().from(bill).where(isBill(of));
  return row ?? null;
}

/** The first day of this merchant whose bill was ever asked for; null: none. */
export async function firstDayOf(db: Db, { provider, merchant }: BillOf['source']): Promise<string | null> {
  const [found] = await db
    .select({ day: min(bill.day) })
    .from(bill)
    .where(and(eq(bill.provider, provider), eq(bill.merchant, merchant)));
  return found?.day ?? null;
}

/** Keeps how asking for it went, and counts it. */
export async function noteBill(
  db: Db,
  clock: Clock,
  { source, day }: BillOf,
  { state, detail, lineCount }: Pick<typeof bill.$inferSelect, 'state' | 'detail' | 'lineCount'>,
): Promise<void> {
  const { provider, merchant } = source;
  const changed = { state, detail, lineCount, askedAtMs: clock.nowMs() };
  await db
    .insert(bill)
    .values({ provider, merchant, day, tries: 1, ...changed })
    .onConflictDoUpdate({
      target: [bill.provider, bill.merchant, bill.day],
      set: { ...changed, tries: sql`${bill.tries} + 1` },
    });
}

/** Two runs of one merchant's bills come one after the other. Within a transaction. */
export async function lockMerchant(tx: Db, { provider, merchant }: BillOf['source']): Promise<void> {
  await lockNamedThing(tx, `bills ${provider} ${merchant}`);
}

/** The lines of a day's bill, in the place of those that it had before. Within a transaction. */
export async function storeLines(tx: Db, { source, day }: BillOf, { lines }: Bill): Promise<void> {
  const { provider, merchant } = source;
  const isDay = and(eq(billLine.provider, provider), eq(billLine.merchant, merchant), eq(billLine.day, day));
  await tx.delete(billLine).where(isDay);
  for (let from = 0; from < lines.length; from += billBatchMax) {
    const some = lines.slice(from, from + billBatchMax);
    await tx
      .insert(billLine)
      .values(some.map((line, i) => ({ provider, merchant, day, position: from + i, ...line })));
  }
}

/**
 * The orders that a day's bill may say something new about: those that are in it, those that we took for paid or paid back in
 * a time for which it is the last bill to wait for, and those about which something is open.
 */
export async function ordersOfRun(tx: Db, { source, day }: BillOf): Promise<string[]> {
  const { provider, merchant, offsetMs } = source;
  const fromMs = startOf(day, offsetMs);
  const untilMs = startOf(addDays(day, 1), offsetMs);
  const listed = tx
    .selectDistinct({ id: billLine.orderId })
    .from(billLine)
    .where(and(eq(billLine.provider, provider), eq(billLine.merchant, merchant), eq(billLine.day, day)));
  const paid = tx
    .select({ id: charge.chargeId })
    .from(charge)
    .where(
      and(
        eq(charge.provider, provider),
        isNotNull(charge.debitedMinor),
        gte(charge.paidAtMs, fromMs - borderMs),
        lt(charge.paidAtMs, untilMs + borderMs),
      ),
    );
  const refunded = tx
    .selectDistinct({ id: sql<string>`${incident.chargeId}` })
    .from(incident)
    .innerJoin(charge, eq(charge.chargeId, incident.chargeId))
    .where(
      and(
        eq(charge.provider, provider),
        eq(incident.kind, 'refund_due'),
        gte(incident.resolvedAtMs, fromMs - refundWayMs),
        lt(incident.resolvedAtMs, untilMs),
      ),
    );
  const open = tx
    .selectDistinct({ id: difference.orderId })
    .from(difference)
    .where(
      and(
        eq(difference.provider, provider),
        eq(difference.merchant, merchant),
        eq(difference.state, 'open'),
        ne(difference.orderId, ''),
      ),
    );
  const found = [...(await listed), ...(await paid), ...(await refunded), ...(await open)];
  return [...new Set(found.map((row) => row.id))];
}

/** Every line of these orders, in whichever bill. */
export async function linesOfOrders(
  tx: Db,
  { provider, merchant }: BillOf['source'],
  orders: readonly string[],
): Promise<BillLine[]> {
  return inBatches(orders, (some) =>
    tx
      .select()
      .from(billLine)
      .where(
        and(
          eq(billLine.provider, provider),
          eq(billLine.merchant, merchant),
          inArray(billLine.orderId, [...some]),
        ),
      ),
  );
}

/** What we have on record of these orders. */
export async function chargesOfOrders(tx: Db, orders: readonly string[]): Promise<OurCharge[]> {
  return inBatches(orders, async (some) => {
    const rows = await tx
      .select()
      .from(charge)
      .where(inArray(charge.chargeId, [...some]));
    const backOf = await goesBackOf(tx, rows);
    return rows.map((row) => {
      const { chargeId, provider, currency, debitedMinor, inDoubt, paidAtMs, refundDueMinor } = row;
      const own = { chargeId, provider, currency, debitedMinor, inDoubt, paidAtMs, refundDueMinor };
      const back = backOf.get(chargeId);
      return { ...own, refundedMinor: back?.doneMinor ?? 0, refundedAtMs: back?.doneAtMs ?? null };
    });
  });
}

/** Between which wall times (ms) every bill was read, up to the end of this day; null: not even this day's. */
export async function readTime(
  tx: Db,
  { source, day }: BillOf,
): Promise<{ readFromMs: number; readUntilMs: number } | null> {
  const rows = await tx
    .select({ day: bill.day })
    .from(bill)
    .where(
      and(eq(bill.provider, source.provider), eq(bill.merchant, source.merchant), eq(bill.state, 'read')),
    );
  const read = new Set(rows.map((row) => row.day));
  if (!read.has(day)) return null;
  const end = (step: 1 | -1): Day => {
    let last = day;
    while (read.has(addDays(last, step))) last = addDays(last, step);
    return last;
  };
  const { offsetMs } = source;
  return { readFromMs: startOf(end(-1), offsetMs), readUntilMs: startOf(addDays(end(1), 1), offsetMs) };
}

/**
 * Keeps what was found: each difference is one row however often it is found, and one whose numbers have changed is another.
 * Of the orders that were looked at, what was not found again is marked as gone; only people close it. What they have closed, and
 * was gone, and is there again, is another row: nobody has looked at that.
 */
export async function storeDifferences(
  tx: Db,
  clock: Clock,
  { source, day }: BillOf,
  orders: readonly string[],
  found: readonly Difference[],
): Promise<void> {
  const { provider, merchant } = source;
  const nowMs = clock.nowMs();
  const isMerchant = and(eq(difference.provider, provider), eq(difference.merchant, merchant));
  const rows = found.map((one) => ({ ...one, key: keyOf(source, one) }));
  await inBatches(
    rows.map(({ key }) => key),
    async (some) => {
      await tx
        .update(difference)
        .set({ key: sql`${difference.key} || ' of before ' || ${difference.id}` })
        .where(and(inArray(difference.key, [...some]), difference.isGone, ne(difference.state, 'open')));
      return [];
    },
  );
  await inBatches(orders, async (some) => {
    await tx
      .update(difference)
      .set({ isGone: true })
      .where(and(isMerchant, inArray(difference.orderId, [...some])));
    return [];
  });
  for (const { cause, owner, ...row } of rows) {
    await tx
      .insert(difference)
      .values({ provider, merchant, day, cause, owner, ...row, foundAtMs: nowMs, seenAtMs: nowMs })
      .onConflictDoUpdate({ target: difference.key, set: { cause, owner, seenAtMs: nowMs, isGone: false } });
  }
}

function keyOf(
  { provider, merchant }: BillOf['source'],
  { kind, orderId, hereMinor, thereMinor, currency }: Difference,
): string {
  return [provider, merchant, kind, orderId, hereMinor, thereMinor, currency].join(' ');
}

/** That the bill itself is not there, or is not what it says; `null`: it is, and such a row is gone. */
export async function storeBillTrouble(
  tx: Db,
  clock: Clock,
  { source, day }: BillOf,
  trouble: { readonly kind: 'bill_missing' | 'bill_damaged'; readonly detail: string } | null,
): Promise<void> {
  const { provider, merchant } = source;
  const isOfDay = and(
    eq(difference.provider, provider),
    eq(difference.merchant, merchant),
    eq(difference.day, day),
    inArray(difference.kind, ['bill_missing', 'bill_damaged']),
    eq(difference.state, 'open'),
  );
  if (trouble === null) {
    await tx.update(difference).set({ isGone: true }).where(isOfDay);
    return;
  }
  const { kind, detail } = trouble;
  const nowMs = clock.nowMs();
  const key = [provider, merchant, kind, day].join(' ');
  const cause = kind === 'bill_missing' ? 'no_bill' : 'bill_unreadable';
  await tx
    .insert(difference)
    .values({
      ...{ key, provider, merchant, day, kind, cause, owner: 'system', orderId: '', currency: '', detail },
      ...{ hereMinor: null, thereMinor: null, foundAtMs: nowMs, seenAtMs: nowMs },
    })
    .onConflictDoUpdate({ target: difference.key, set: { seenAtMs: nowMs, isGone: false, detail } });
}

/** A question with many numbers is asked in pieces. */
async function inBatches<T>(
  all: readonly string[],
  ask: (some: readonly string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const answers: T[] = [];
  for (let from = 0; from < all.length; from += billBatchMax)
    answers.push(...(await ask(all.slice(from, from + billBatchMax))));
  return answers;
}
