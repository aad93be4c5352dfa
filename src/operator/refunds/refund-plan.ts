import { sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { lostWords } from '../debits/lost-words.ts';
import { refundsMax, refundsOfChargeMax } from '../limits.ts';
import { charge, refund } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { peoplesMarks } from '../support/incidents.ts';
import { lockChargeRow } from './refund-records.ts';

/** What may be paid back of a charge now. */
interface Decided {
  readonly chargeId: string;
  readonly amountMinor: number;
  /** Refunds of it that there are by now. */
  readonly count: number;
}

/**
 * Puts on record, each with its number and sum, what is due to be paid back without any doubt and has no refund yet:
 * `refundsMax` at once. Answers how many. `providers`: those by which this program can pay back.
 *
 * What is due is what stands on people's list (`refund_due`): nobody has paid it back. Of that only what
 * - somebody has decided about, or was never due: what a report takes off what was paid is its shopper's word alone;
 * - the provider has debited, and nothing of which is in doubt;
 * - people have not paid back by hand, as they say with a decision that leaves more paid than is due;
 * - no other refund has taken by now; one that people have in hand leaves the whole charge to them;
 * - cannot have been paid back before this database was put back: not of a charge that it had by then, nor of one that it has
 *   lost once, nor by a report that may have been here before.
 */
export async function planRefunds(db: Db, clock: Clock, providers: readonly string[]): Promise<number> {
  if (providers.length === 0) return 0;
  const found = await decidedOf(db, providers);
  for (const { chargeId } of found) await planRefund(db, clock, providers, chargeId);
  return found.length;
}

/** Under the lock of its charge: two instances make one. */
async function planRefund(
  db: Db,
  clock: Clock,
  providers: readonly string[],
  chargeId: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockChargeRow(tx, chargeId);
    // Anew, as it is under the lock.
    const [decided] = await decidedOf(tx, providers, [chargeId]);
    if (row === undefined || decided === undefined) return;
    assert(row.provider !== null, 'what was debited was debited by a provider');
    const nowMs = clock.nowMs();
    await tx.insert(refund).values({
      refundId: refundIdOf(chargeId, decided.count),
      chargeId,
      provider: row.provider,
      amountMinor: decided.amountMinor,
      currency: row.currency,
      state: 'due',
      detail: '',
      madeAtMs: nowMs,
      dueAtMs: nowMs,
      failureCount: 0,
      leaseCount: 0,
    });
  });
}

/**
 * At most 32 of `[0-9A-Z]`. Made of the charge and how many there were before, and never drawn: an operator that has forgotten
 * a refund comes upon the same number again, and the provider knows it.
 */
function refundIdOf(chargeId: string, before: number): string {
  return `${chargeId}R${before + 1}`;
}

const notMarked = sql.join(
  peoplesMarks.map((mark) => sql`position(${mark} in i.detail) = 0`),
  sql` and `,
);
const lostLike = Object.values(lostWords).map((words) => sql`e.detail like ${`%${words}%`}`);

/** Of these charges, those of which something will go back by itself, and nobody has begun with that yet. */
export async function goesByItself(
  db: Db,
  providers: readonly string[],
  chargeIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (providers.length === 0 || chargeIds.length === 0) return new Set();
  return new Set((await decidedOf(db, providers, chargeIds)).map(({ chargeId }) => chargeId));
}

const listOf = (words: readonly string[]) =>
  sql.join(
    words.map((word) => sql`${word}`),
    sql`, `,
  );

/** Of all charges `refundsMax`, or of these. */
async function decidedOf(
  db: Db,
  providers: readonly string[],
  chargeIds?: readonly string[],
): Promise<Decided[]> {
  const isIt = chargeIds === undefined ? sql`true` : sql`c.charge_id in (${listOf(chargeIds)})`;
  const answer: unknown = await db.execute(sql`
    with listed as (
      select c.charge_id, i.id, i.amount_minor - c.contested_minor as due_minor,
        c.debited_minor - coalesce(r.minor, 0) as left_minor, coalesce(r.count, 0) as count
      from incident i
      join ${charge} c on c.charge_id = i.charge_id and c.cabinet_id = i.cabinet_id
      left join lateral (
        select sum(amount_minor) filter (where state <> 'dropped') as minor, count(*) as count,
          bool_or(due_at_ms is not null or state = 'people') as is_taken
        from ${refund} where charge_id = c.charge_id) r on true
      where ${isIt} and i.kind = 'refund_due' and i.resolved_at_ms is null and i.amount_minor is not null
        and ${notMarked}
        and c.state = 'paid' and not c.in_doubt and not c.awaits_cabinet and c.debited_minor is not null
        and c.provider in (${listOf(providers)})
        and c.first_at_ms > coalesce((select max(put_back_at_ms) from database_identity), -1)
        and not coalesce(r.is_taken, false) and coalesce(r.count, 0) < ${refundsOfChargeMax}
        and not exists (select 1 from charge_event e where e.charge_id = c.charge_id
          and e.kind in ('in_doubt', 'needs_attention') and (${sql.join(lostLike, sql` or `)})))
    select charge_id as "chargeId", least(due_minor, left_minor)::int as "amountMinor", count::int as count
    from listed where due_minor > 0 and left_minor > 0 order by id
    limit ${chargeIds?.length ?? refundsMax}`);
  return (answer as { rows: Decided[] }).rows;
}
