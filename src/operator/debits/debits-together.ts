import type { SQL } from 'drizzle-orm';
import { and, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { DebitOutcome } from '../providers/provider.ts';
import { writeNamed } from '../storage/named-writes.ts';
import { fewRows, rowsAsJson } from '../storage/rows-as-json.ts';
import { charge, chargeEvent, debitAttempt } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isDebt } from './debit-life.ts';
import type { AfterEvent, BilledLine, ChargeRow, DebitAttempt, DebitLease } from './debit-store.ts';
import { afterEvent, isDueAt, lateOf, leaseOf } from './debit-store.ts';

/**
 * The usual debit, of several charges in one statement each: what is unusual in any way is left to debit-store.ts, one by
 * one. What a statement writes was worked out from rows as they were; it writes only those that are still the same and that
 * nobody has in hand (`stored`), and waits for nobody.
 */

interface TogetherOptions {
  readonly clock: Clock;
  /** IANA; see `afterEvent`. */
  readonly timeZone: string;
}

/** A charge as it was read, and which version of its row that is. */
interface Versioned {
  readonly row: ChargeRow;
  readonly version: string;
}

/** A charge that is leased, and whose debit is on record as about to be asked for. */
export interface BegunDebit extends Versioned {
  readonly lease: DebitLease;
  readonly attempt: DebitAttempt;
}

/** A begun debit that the provider has done. */
export interface PaidDebit extends BegunDebit {
  readonly outcome: Extract<DebitOutcome, { kind: 'paid' }>;
}

interface Changed extends Versioned {
  readonly after: AfterEvent;
}

/**
 * Leases those of these charges that are due and have never been asked for, in doubt, as `leaseCharge` does, and puts their
 * debits on record as `recordAttemptStart` does. `mayBegin`: whether the provider of a charge is in this program. Null: not
 * one of those.
 */
export async function beginTogether(
  db: Db,
  { clock, timeZone }: TogetherOptions,
  chargeIds: readonly string[],
  mayBegin: (provider: string | null) => boolean,
): Promise<(BegunDebit | null)[]> {
  const none = chargeIds.map(() => null);
  const due = await readNew(db, chargeIds, clock.nowMs());
  const nowMs = clock.nowMs();
  const leased = due.flatMap(({ row, version, billed }) => {
    const event = { type: 'lease', purpose: 'due', atMs: nowMs, lateMs: lateOf(row, nowMs) } as const;
    const after = afterEvent(row, event, { nowMs, random01: 0, timeZone });
    if (!mayBegin(row.provider) || !after.ok || !isUsual(after.value)) return [];
    const now = { ...row, ...after.value.change };
    return {
      row,
      version,
      after: after.value,
      now,
      lease: leaseOf(row, now, JSON.parse(billed) as BilledLine[], nowMs),
    };
  });
  if (leased.length === 0) return none;
  const attempts = rowsAsJson(
    debitAttempt,
    leased.map(({ row: { chargeId, provider } }) => ({
      ...{ chargeId, provider: provider ?? '', orderId: chargeId, call: 'debit' as const },
      ...{ state: 'unanswered' as const, count: 1, startedAtMs: nowMs },
    })),
  );
  const stored = storing(leased, nowMs);
  const begin = sql`insert into debit_attempt (${attempts.columns}) select ${attempts.columns} from ${attempts.from}
    where charge_id in (select charge_id from changed) returning id, charge_id`;
  const rows = await writeNamed(db, {
    name: `kaimen_begin_debits_${stored.form}`,
    parts: [...stored.parts, ['attempts', begin]],
    from: sql`attempts join changed using (charge_id)`,
    columns: { id: 'attempts.id::text', chargeId: 'charge_id', version: 'changed.version' },
  });
  const written = new Map(rows.map((row) => [row.chargeId, row]));
  const begun = new Map(
    leased.flatMap(({ now, lease }): [string, BegunDebit][] => {
      const one = written.get(now.chargeId);
      if (one === undefined) return [];
      const attempt = { id: Number(one.id), call: 'debit' } as const;
      return [[now.chargeId, { row: now, version: one.version, lease, attempt }]];
    }),
  );
  return chargeIds.map((chargeId) => begun.get(chargeId) ?? null);
}

/**
 * Commits that these were paid, and the end of their attempts; each charge as it is then. Null: it is not as usual (somebody
 * has it in hand, it was decided about or leased anew meanwhile, another amount …), and nothing was written of it.
 */
export async function endTogether(
  db: Db,
  { clock, timeZone }: TogetherOptions,
  debits: readonly PaidDebit[],
): Promise<(ChargeRow | null)[]> {
  const nowMs = clock.nowMs();
  const paid = debits.flatMap(({ row, version, outcome, attempt }) => {
    const { leaseCount } = row;
    const event = { type: 'answer', leaseCount, outcome, atMs: nowMs, lateMs: lateOf(row, nowMs) } as const;
    const after = afterEvent(row, event, { nowMs, random01: 0, timeZone });
    const isPaid = after.ok && isUsual(after.value) && after.value.change.state === 'paid';
    return isPaid ? { row, version, after: after.value, attempt } : [];
  });
  if (paid.length === 0) return debits.map(() => null);
  const ends = JSON.stringify(paid.map(({ attempt: { id } }) => id));
  const stored = storing(paid, nowMs);
  const end = sql`update debit_attempt set ended_at_ms = ${nowMs}::bigint, state = 'paid'
    where id = any (array (select json_array_elements_text(${ends}::json)::bigint))
      and charge_id in (select charge_id from changed)`;
  const rows = await writeNamed(db, {
    name: `kaimen_end_debits_${stored.form}`,
    parts: [...stored.parts, ['ended', end]],
    from: sql`changed`,
    columns: { chargeId: 'charge_id' },
  });
  const written = new Set(rows.map(({ chargeId }) => chargeId));
  const now = new Map(paid.map(({ row, after }) => [row.chargeId, { ...row, ...after.change }]));
  return debits.map(({ row: { chargeId } }) => (written.has(chargeId) ? (now.get(chargeId) ?? null) : null));
}

/** Those that are due and have never been asked for, with their billed lines (JSON). */
async function readNew(db: Db, chargeIds: readonly string[], nowMs: number) {
  const isNew = and(eq(charge.state, 'accepted'), eq(charge.inDoubt, false), eq(charge.awaitsCabinet, false));
  return db
    .select({
      row: getTableColumns(charge),
      version: sql<string>`${charge}.xmin::text`,
      billed: sql<string>`(
        select coalesce(json_agg(json_build_object('name', l.name, 'count', l.count, 'amountMinor', l.amount_minor,
          'discounts', l.discounts)
          order by l.position), '[]')::text
        from charge_line l where l.charge_id = ${charge}.charge_id and not l.held)`,
    })
    .from(charge)
    .where(and(inArray(charge.chargeId, [...chargeIds]), isNew, isDueAt(nowMs)));
}

/** Nobody is to be told of it, nothing else is to be done for it, and it is written down as it is. */
function isUsual({ before, step, change }: AfterEvent): boolean {
  return (
    step.incidents.length === 0 &&
    step.history.length <= 1 &&
    // Our own words; longer ones may be a provider's, and are to be made plain.
    step.history.every(({ detail }) => detail.length < usualDetailMaxLength) &&
    step.life.refundDueMinor === before.refundDueMinor &&
    !isDebt(before) &&
    !isDebt(change) &&
    !before.collectionEnded &&
    // With nothing debited an order from before the door is to be closed.
    (change.state !== 'paid' || (change.debitedMinor ?? 0) > 0)
  );
}

const usualDetailMaxLength = 100;

/**
 * What writes what events make of charges, and their history; `form`: which text it is. `changed`: those that are still as
 * they were read (PostgreSQL marks each version of a row with the transaction that has written it) and in nobody's hand.
 */
function storing(
  all: readonly Changed[],
  atMs: number,
): { readonly form: 'told' | 'untold'; readonly parts: readonly (readonly [string, SQL])[] } {
  const rows = rowsAsJson(
    charge,
    all.map(({ row: { chargeId }, after }) => ({ ...after.change, chargeId })),
  );
  const versions = fewRows(
    sql`json_to_recordset(${JSON.stringify(
      all.map(({ row: { chargeId }, version }) => ({ charge_id: chargeId, version })),
    )}::json) as r(charge_id text, version text)`,
    'charge_id',
    'v',
  );
  const events = all.flatMap(({ row: { chargeId }, after }) =>
    after.step.history.map(({ kind, detail }) => ({ chargeId, atMs, kind, detail })),
  );
  // Locked rows are read once, and before they are written.
  const same = sql`select c.charge_id from charge c
    join ${versions} on v.charge_id = c.charge_id and v.version = c.xmin::text
    for update of c skip locked`;
  const changed = sql`update charge set ${rows.set} from ${rows.from}
    where charge.charge_id = n.charge_id and n.charge_id in (select charge_id from same)
    returning charge.charge_id, charge.xmin::text as version`;
  const parts = [['same', same] as const, ['changed', changed] as const];
  if (events.length === 0) return { form: 'untold', parts };
  const history = rowsAsJson(chargeEvent, events);
  const told = sql`insert into charge_event (${history.columns}) select ${history.columns} from ${history.from}
    where charge_id in (select charge_id from changed)`;
  return { form: 'told', parts: [...parts, ['events', told] as const] };
}
