import { sql } from 'drizzle-orm';
import type { Db } from '../../operator/storage/storage.ts';

/** What a year of charges is made of. */
export const yearMs = 365 * 86_400_000;
export const cabinets = 500;
const members = 50_000;
export const articles = 200;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Fills an empty database of PostgreSQL with so many charges, spread over the year that ends at `endMs`. By statements of the
 * database itself, and without its triggers: what is put in is consistent by its making, and takes a third of the time.
 */
export async function fillYear(db: Db, count: number, endMs: number): Promise<void> {
  await db.transaction(async (tx) => {
    const run = (text: string) => tx.execute(sql.raw(text));
    await run('set local statement_timeout = 0');
    await run(`set local session_replication_role = replica`);
    await run(`set local synchronous_commit = off`);
    await run(`create function time_part(ms bigint) returns text language sql immutable as $$
      select string_agg(substr('${alphabet}', ((ms >> (45 - 5 * k)) & 31)::int + 1, 1), '' order by k)
      from generate_series(0, 9) k $$`);
    await run(`insert into cabinet (cabinet_id, token_hash, token_open)
      select 'CAB-' || i, 'x', false from generate_series(1, ${cabinets}) i`);
    await run(`insert into member
        (member_id, display, phone_last_digits, provider, standing, owed_elsewhere_minor, note)
      select 'M' || i, 'm', lpad((i % 10000)::text, 4, '0'), 'fake', 'active', 0, ''
      from generate_series(1, ${members}) i`);
    await insertCharges(tx, {
      from: 1,
      to: count,
      atMs: `(${endMs - yearMs} + (i::bigint * ${yearMs}) / ${count})`,
    });
  });
  await db.execute(sql.raw('vacuum analyze'));
}

/** Charges with these numbers, at the time that the expression gives for each `i`; with all that is on record of each. */
export async function insertCharges(
  tx: Db,
  { from, to, atMs }: { readonly from: number; readonly to: number; readonly atMs: string },
): Promise<void> {
  const run = (text: string) => tx.execute(sql.raw(text));
  const lastDigits = `lpad(i::text, 16, '0')`;
  // A bill is as long as one with two lines is.
  const body = `'{"lines":"' || repeat(md5(i::text), 25) || '"}'`;
  await run(`insert into charge (charge_id, cabinet_id, visit_id, member_id, visit_known, currency, total_minor, state,
      review, body, body_hash, received_count, first_at_ms, paid_at_ms, in_doubt, decline_count, unreachable_count,
      lease_count, refund_due_minor, contested_minor, paid_minor, provider, held_minor, confirmed_by_shopper,
      review_reasons, opened_at_ms, closed_at_ms)
    select 'KM' || time_part(at) || ${lastDigits}, 'CAB-' || (1 + (i * 7919::bigint) % ${cabinets}),
      'V' || time_part(at) || ${lastDigits}, 'M' || (1 + (i * 104729::bigint) % ${members}), true, 'CNY',
      300 + (i * 31::bigint) % 5000, case when i % 500 = 0 then 'needs_attention' else 'paid' end, i % 500 = 0, ${body},
      md5(i::text), 1, at, case when i % 500 = 0 then null else at end, false, 0, 0, 1, 0, 0,
      case when i % 500 = 0 then null else 300 + (i * 31::bigint) % 5000 end, 'fake', 0, true, '[]', at, at + 60000
    from (select i, ${atMs} as at from generate_series(${from}::bigint, ${to}) i) t`);
  const isOne = `right(charge_id, 16) between lpad('${from}', 16, '0') and lpad('${to}', 16, '0')`;
  const these =
    from === 1
      ? 'charge'
      : `(select * from charge where right(charge_id, 8) between
    lpad('${from}', 8, '0') and lpad('${to}', 8, '0') and ${isOne}) charge`;
  // One article in five purchases, others ever more seldom.
  await run(`insert into charge_line (charge_id, held, position, sku, name, unit_price_minor, count, amount_minor)
    select charge_id, false, p, 'S' || (case when p = 0 and first_at_ms % 5 = 0 then 1
        else 2 + (first_at_ms / 7 + p * 37) % ${articles - 1} end), '{"zh":"x","en":"x"}', 300, 1, 300
    from ${these}, generate_series(0, 1) p`);
  await run(`insert into charge_event (charge_id, at_ms, kind, detail)
    select charge_id, first_at_ms, k, '' from ${these}, unnest(array['received', 'debit_leased', 'paid']) k`);
  await run(`insert into debit_attempt (charge_id, provider, order_id, call, state, count, started_at_ms, ended_at_ms)
    select charge_id, 'fake', charge_id, 'debit', 'paid', 1, first_at_ms, first_at_ms from ${these}`);
}
