import { and, eq, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Currency } from '../../shared/money.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { VisitEnd } from '../../shared/api/operator.ts';
import { fewRows } from '../storage/rows-as-json.ts';
import { charge } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { countsInDay } from './evaluate-charge.ts';

type Numbers = Pick<ChargeBody, 'chargeId' | 'cabinetId' | 'visitId' | 'memberId'>;

/** What is known of a charge that is to be taken together with others. */
export interface PlainFacts {
  /** Something is here that takes more than to write it down: it came before, was reported or decided about, … */
  readonly isSpecial: boolean;
  /** When its member was let in here by a code for this visit, and nothing else was shown; null: that is not so. */
  readonly allowedAtMs: number | null;
  /** What the cabinet was told then (JSON). */
  readonly told: string;
  /** How its visit has ended, as its cabinet has said; null: nothing was said. */
  readonly closing: {
    readonly ended: VisitEnd;
    readonly totalMinor: number;
    readonly heldMinor: number;
  } | null;
  readonly provider: string;
  readonly memberDayMinor: number;
  readonly cabinetDayMinor: number;
}

/**
 * Charges as a table; `n`: their place in the list. One parameter and one text for any number of them, so that the server
 * plans a statement once for each connection.
 */
function asTable(charges: readonly Numbers[]) {
  const rows = charges.map(({ chargeId, cabinetId, visitId, memberId }, n) => ({
    n,
    charge_id: chargeId,
    cabinet_id: cabinetId,
    visit_id: visitId,
    member_id: memberId,
  }));
  return fewRows(
    sql`json_to_recordset(${JSON.stringify(rows)}::json)
      as r(n int, charge_id text, cabinet_id text, visit_id text, member_id text)`,
    'charge_id',
    's',
  );
}

/**
 * Locks what taking one charge locks (its number, cabinet, visit and member), of all of these at once and without waiting:
 * of what somebody else has in hand the charge is left out. So neither they nor the others of the group wait for it, and
 * nobody waits in a circle. Gives the places of those that are locked; until the end of the transaction.
 */
export async function lockTogether(tx: Db, charges: readonly Numbers[]): Promise<readonly number[]> {
  const locked = sql`(
    with sent as materialized (select * from ${asTable(charges)}),
    numbers as materialized (
      select n, pg_try_advisory_xact_lock(hashtextextended(charge_id, 0)) as is_mine from sent),
    cabinets as materialized (
      select cabinet_id from cabinet where cabinet_id = any (array (select cabinet_id from sent))
      for no key update skip locked),
    members as materialized (
      select member_id from member where member_id = any (array (select member_id from sent))
      for no key update skip locked),
    visits as materialized (
      select visit_id, cabinet_id from visit
      where visit_id = any (array (select visit_id from sent)) and purpose = 'visit' and allowed
      for update skip locked)
    select s.n from sent s join numbers on numbers.n = s.n and numbers.is_mine
    where s.cabinet_id in (select cabinet_id from cabinets)
      and s.member_id in (select member_id from members)
      and (s.visit_id, s.cabinet_id) in (select visit_id, cabinet_id from visits)
  ) locked`;
  const rows = await tx
    .select({ n: sql`locked.n`.mapWith(Number) })
    .from(locked)
    .prepare('kaimen_lock_charges')
    .execute();
  return rows.map(({ n }) => n);
}

/** After `lockTogether`, in a statement of its own: it sees what those have written who had the locks before. */
export async function readTogether(
  tx: Db,
  clock: Clock,
  currency: Currency,
  charges: readonly Numbers[],
): Promise<ReadonlyMap<number, PlainFacts>> {
  const counts = countsInDay(clock, currency);
  const sumOf = (whose: ReturnType<typeof eq>) =>
    sql`(select coalesce(sum(${charge.totalMinor}), 0) from ${charge} where ${and(whose, counts)})`;
  const facts = sql`(
    select s.n, v.at_ms, v.reply, m.provider, l.ended, l.total_minor, l.held_minor,
      ${sumOf(eq(charge.memberId, sql`s.member_id`))} as member_day,
      ${sumOf(eq(charge.cabinetId, sql`s.cabinet_id`))} as cabinet_day,
      exists (select 1 from charge c where c.charge_id = s.charge_id)
        or exists (select 1 from charge c
          where c.visit_id = s.visit_id and c.cabinet_id = s.cabinet_id and c.charge_id <> s.charge_id)
        or exists (select 1 from dispute d where d.charge_id = s.charge_id)
        or exists (select 1 from early_resolution e where e.charge_id = s.charge_id)
        or exists (select 1 from visit_order o where o.order_id = s.charge_id and o.due_at_ms is not null
          and o.provider <> m.provider)
        or v.listed_at_ms is not null as is_special
    from ${asTable(charges)}
    join member m on m.member_id = s.member_id
    left join visit v on v.visit_id = s.visit_id and v.cabinet_id = s.cabinet_id and v.member_id = s.member_id
      and v.purpose = 'visit' and v.allowed and v.entry_method = 'code'
      and not exists (select 1 from visit w where w.visit_id = v.visit_id and w.cabinet_id = v.cabinet_id
        and w.purpose = 'visit' and w.allowed and w.id <> v.id)
    left join visit_closing l on l.visit_id = s.visit_id and l.cabinet_id = s.cabinet_id
  ) facts`;
  const rows = await tx
    .select({
      n: sql`facts.n`.mapWith(Number),
      isSpecial: sql<boolean>`facts.is_special`,
      allowedAtMs: sql<number | null>`facts.at_ms`.mapWith(Number),
      told: sql<string | null>`facts.reply`,
      ended: sql<VisitEnd | null>`facts.ended`,
      totalMinor: sql`facts.total_minor`.mapWith(Number),
      heldMinor: sql`facts.held_minor`.mapWith(Number),
      provider: sql<string>`facts.provider`,
      memberDayMinor: sql`facts.member_day`.mapWith(Number),
      cabinetDayMinor: sql`facts.cabinet_day`.mapWith(Number),
    })
    .from(facts)
    .prepare('kaimen_read_charges')
    .execute();
  return new Map(
    rows.map(({ n, told, ended, totalMinor, heldMinor, ...row }) => [
      n,
      { ...row, told: told ?? '', closing: ended === null ? null : { ended, totalMinor, heldMinor } },
    ]),
  );
}
