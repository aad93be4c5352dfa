import { type SQL, and, asc, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import type {
  QueueCounts,
  QueueItem,
  QueueKind,
  QueuePage,
  QueueParams,
} from '../../shared/console/work.schema.ts';
import { queueCountMax, queueKinds } from '../../shared/console/work.schema.ts';
import type { Currency } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { charge, difference, incident } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { Cursor } from './cursor.ts';
import { cursorText, readCursor } from './cursor.ts';
import { Summing } from './sums.ts';
import type { ConsoleFailure } from './errors.ts';

interface Asked {
  readonly kinds: readonly QueueKind[];
  readonly cabinetId: string | undefined;
  /** The key of one that is wanted alone. */
  readonly item: string | undefined;
  readonly after: Cursor | null;
  readonly limit: number;
}

/**
 * What needs a human, the longest waiting first. A charge is there once, whatever it waits for; what is listed of it (a refund
 * that is due, a contradiction) stands beside it. Each source gives a page of its own, and these are put together: the order
 * is time, then key, so that nothing is told twice or passed over, however many wait.
 */
export async function readQueue(db: Db, params: QueueParams): Promise<Result<QueuePage, ConsoleFailure>> {
  const { kinds = queueKinds, cabinetId, item, limit } = params;
  const after = readCursor(params.after);
  if (!after.ok) return after;
  const asked = { kinds, cabinetId, item, after: after.value, limit: limit + 1 };
  const sources = await Promise.all([chargesOf(db, asked), incidentsOf(db, asked), differencesOf(db, asked)]);
  const all = sources.flat().sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1));
  const items = all.slice(0, limit);
  const last = items.at(-1);
  return ok({ items, next: all.length > limit && last !== undefined ? cursorText(last) : null });
}

/** How many wait, of each kind: as far as they are read, each once. */
export async function countQueue(db: Db, cabinetId: string | undefined): Promise<QueueCounts> {
  const counted = queueKinds.map(async (kind) => {
    const asked = { kinds: [kind], cabinetId, item: undefined, after: null, limit: queueCountMax };
    const sources = [chargesOf(db, asked), incidentsOf(db, asked), differencesOf(db, asked)];
    const items = (await Promise.all(sources)).flat();
    const sums = new Summing();
    for (const item of items) sums.add(item);
    return [kind, { count: items.length, sums: sums.all() }] as const;
  });
  return Object.fromEntries(await Promise.all(counted)) as QueueCounts;
}

/** Exactly the condition of the index `charge_waits`. */
const isWaiting = sql`(state = 'needs_attention' or contested_minor > 0 or review)`;
const chargeKind = sql<QueueKind>`case when contested_minor > 0 then 'dispute'
  when state = 'needs_attention' and held_minor > 0 then 'held_lines'
  when state = 'needs_attention' then 'needs_attention' else 'review' end`;

/** Of a source: which one is wanted; undefined: whichever; null: none of it. */
function wantedOf(source: string, item: string | undefined): number | undefined | null {
  if (item === undefined) return undefined;
  const [from, id] = item.split(':');
  return from === source ? Number(id) : null;
}

async function chargesOf(db: Db, { kinds, cabinetId, item, after, limit }: Asked): Promise<QueueItem[]> {
  const wanted = kinds.filter((kind) => ofCharges.has(kind));
  if (wanted.length === 0 || item !== undefined) return [];
  const isWanted = wanted.length === ofCharges.size ? undefined : inArray(chargeKind, wanted);
  const isHere = cabinetId === undefined ? undefined : eq(charge.cabinetId, cabinetId);
  const { chargeId, firstAtMs } = charge;
  const rows = await db
    .select({
      ...{ chargeId, atMs: firstAtMs, cabinetId: charge.cabinetId, memberId: charge.memberId },
      ...{ kind: chargeKind, currency: charge.currency, reason: charge.reason },
      amountMinor: sql`case when contested_minor > 0 then contested_minor
        when held_minor > 0 then held_minor else total_minor end`.mapWith(Number),
    })
    .from(charge)
    .where(and(isWaiting, isWanted, isHere, isAfter('charge', sql`${firstAtMs}`, sql`${chargeId}`, after)))
    .orderBy(asc(firstAtMs), asc(chargeId))
    .limit(limit);
  return rows.map((row) => ({ ...row, key: `charge:${row.chargeId}`, about: '', detail: '' }));
}

const ofCharges: ReadonlySet<QueueKind> = new Set(['held_lines', 'dispute', 'needs_attention', 'review']);
const unreadable = 'paid_unreadable';

async function incidentsOf(db: Db, { kinds, cabinetId, item, after, limit }: Asked): Promise<QueueItem[]> {
  const ofKind: Partial<Record<QueueKind, SQL | undefined>> = {
    refund_due: eq(incident.kind, 'refund_due'),
    unreadable: eq(incident.kind, unreadable),
    incident: and(ne(incident.kind, 'refund_due'), ne(incident.kind, unreadable)),
  };
  const wanted = kinds.map((kind) => ofKind[kind]).filter((one) => one !== undefined);
  const one = wantedOf('incident', item);
  if (wanted.length === 0 || one === null) return [];
  const isWanted = wanted.length === 3 ? undefined : sql`(${sql.join(wanted, sql` or `)})`;
  const isHere = cabinetId === undefined ? undefined : eq(incident.cabinetId, cabinetId);
  const { id, atMs, kind, chargeId, detail, amountMinor } = incident;
  const rows = await db
    .select({
      ...{ id, atMs, kind, chargeId, detail, amountMinor, cabinetId: incident.cabinetId },
      memberId: sql<string | null>`coalesce(${charge.memberId}, ${incident.memberId})`,
      currency: charge.currency,
    })
    .from(incident)
    .leftJoin(charge, and(eq(charge.chargeId, chargeId), eq(charge.cabinetId, incident.cabinetId)))
    .where(
      and(
        isNull(incident.resolvedAtMs),
        one === undefined ? undefined : eq(id, one),
        isWanted,
        isHere,
        isAfter('incident', sql`${atMs}`, sql`${id}`, after),
      ),
    )
    .orderBy(asc(atMs), asc(id))
    .limit(limit);
  return rows.map(({ id: number, kind: about, ...row }) => ({
    ...row,
    key: keyOf('incident', number),
    kind: about === 'refund_due' ? about : about === unreadable ? 'unreadable' : 'incident',
    about,
    reason: null,
  }));
}

async function differencesOf(db: Db, { kinds, cabinetId, item, after, limit }: Asked): Promise<QueueItem[]> {
  // A difference is about a bill, and bills know no cabinets.
  const one = wantedOf('difference', item);
  if (!kinds.includes('difference') || cabinetId !== undefined || one === null) return [];
  const { id, foundAtMs } = difference;
  const rows = await db
    .select()
    .from(difference)
    .where(
      and(
        eq(difference.state, 'open'),
        one === undefined ? undefined : eq(id, one),
        isAfter('difference', sql`${foundAtMs}`, sql`${id}`, after),
      ),
    )
    .orderBy(asc(foundAtMs), asc(id))
    .limit(limit);
  return rows.map((row) => ({
    key: keyOf('difference', row.id),
    kind: 'difference' as const,
    atMs: row.foundAtMs,
    ...{ cabinetId: '', memberId: null, reason: null, about: row.kind, detail: row.detail },
    chargeId: row.orderId === '' ? null : row.orderId,
    amountMinor: (row.hereMinor ?? 0) - (row.thereMinor ?? 0),
    currency: row.currency === '' ? null : (row.currency as Currency),
  }));
}

/** So that numbers sort as texts do. */
const numberDigits = 15;
function keyOf(source: string, id: number): string {
  return `${source}:${String(id).padStart(numberDigits, '0')}`;
}

/** Of this source what comes after that place in the whole list. */
function isAfter(source: string, atMs: SQL, id: SQL, after: Cursor | null): SQL | undefined {
  if (after === null) return undefined;
  const [from = '', key = ''] = after.key.split(':');
  // Of the same moment, a source whose name comes before has been told, and one that comes after has not.
  if (from > source) return sql`${atMs} > ${after.atMs}`;
  if (from < source) return sql`${atMs} >= ${after.atMs}`;
  const place = source === 'charge' ? key : Number(key) || 0;
  return sql`(${atMs}, ${id}) > (${after.atMs}, ${place})`;
}
