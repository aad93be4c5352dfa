import { and, desc, eq, exists, gte, isNotNull, or, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { billLookBackDays, silentVisitsMax } from '../limits.ts';
import { charge, difference, visit, visitClosing } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { Day } from './bill.ts';
import { dayOf } from './bill.ts';
import { lockMerchant, storeDifferences } from './books.ts';
import type { Difference } from './match.ts';

/** What we let in against what we heard of it: no provider's bill, and kept like one. Its days are those of UTC. */
export const visitsBook = { provider: 'operator', merchant: 'visits', offsetMs: 0 } as const;

type ClosingRow = typeof visitClosing.$inferSelect;

interface Listed {
  readonly visitId: string;
  readonly cabinetId: string;
  /** That the visit was to have. */
  readonly chargeId: string | null;
  readonly atMs: number;
  /** Not null: a report has come, and its charge is waited for. */
  readonly watchAtMs: number | null;
  readonly closing: Pick<ClosingRow, 'ended' | 'totalMinor' | 'heldMinor'> | null;
  readonly comeId: string | null;
}

/**
 * Visits that were allowed and of which neither charge nor report has come, or whose charge was to follow and has not, as
 * visits/visit-watch.ts has listed them: each is a row of the day on which the member was let in. One of which the word has
 * come since is marked as gone. Answers how many of each day there are. Rejects as the database does.
 */
export async function compareVisits(db: Db, clock: Clock): Promise<ReadonlyMap<Day, number>> {
  return db.transaction(async (tx) => {
    await lockMerchant(tx, visitsBook);
    const byDay = new Map<Day, Map<string, Difference | null>>();
    for (const row of await listedVisits(tx, clock)) {
      if (row.chargeId === null) continue;
      const day = dayOf(row.atMs, visitsBook.offsetMs);
      const ofDay = byDay.get(day) ?? new Map<string, Difference | null>();
      byDay.set(day, ofDay.set(row.chargeId, silenceOf(row, row.chargeId)));
    }
    const counts = new Map<Day, number>();
    for (const [day, ofDay] of byDay) {
      const found = [...ofDay.values()].filter((one) => one !== null);
      await storeDifferences(tx, clock, { source: visitsBook, day }, [...ofDay.keys()], found);
      counts.set(day, found.length);
    }
    return counts;
  });
}

/** Those of the last days, and those about which something is open here; the newest, `silentVisitsMax` at most. */
function listedVisits(tx: Db, clock: Clock): Promise<Listed[]> {
  const { visitId, cabinetId, chargeId, atMs, listedAtMs, watchAtMs } = visit;
  const { ended, totalMinor, heldMinor } = visitClosing;
  const isOpenHere = and(
    eq(difference.provider, visitsBook.provider),
    eq(difference.merchant, visitsBook.merchant),
    eq(difference.orderId, chargeId),
    eq(difference.state, 'open'),
  );
  const open = tx
    .select({ one: sql`1` })
    .from(difference)
    .where(isOpenHere);
  const sinceMs = clock.nowMs() - billLookBackDays * 86_400_000;
  return tx
    .select({
      ...{ visitId, cabinetId, chargeId, atMs, watchAtMs, comeId: charge.chargeId },
      closing: { ended, totalMinor, heldMinor },
    })
    .from(visit)
    .leftJoin(visitClosing, and(eq(visitClosing.visitId, visitId), eq(visitClosing.cabinetId, cabinetId)))
    .leftJoin(charge, and(eq(charge.visitId, visitId), eq(charge.cabinetId, cabinetId)))
    .where(
      and(
        isNotNull(listedAtMs),
        isNotNull(chargeId),
        eq(visit.allowed, true),
        or(gte(listedAtMs, sinceMs), exists(open)),
      ),
    )
    .orderBy(desc(listedAtMs))
    .limit(silentVisitsMax);
}

/** Null: it is not silent any more, or not yet again. */
function silenceOf(
  { visitId, cabinetId, closing, watchAtMs, comeId }: Listed,
  orderId: string,
): Difference | null {
  if (comeId !== null || watchAtMs !== null) return null;
  const of = { orderId, thereMinor: null, currency: '' } as const;
  const where = `visit ${visitId} at ${cabinetId}`;
  if (closing === null) {
    const detail = `${where}: allowed, and neither charge nor report has come`;
    return { kind: 'visit_silent', cause: 'nothing_heard', owner: 'system', ...of, hereMinor: null, detail };
  }
  const { ended, totalMinor, heldMinor } = closing;
  if (ended === 'left_open') {
    const detail = `${where}: left open, and nobody there knows what was taken`;
    return { kind: 'charge_missing', cause: 'left_open', owner: 'support', ...of, hereMinor: null, detail };
  }
  if (ended !== 'charge') return null;
  const detail = `${where}: ${totalMinor} charged and ${heldMinor} held, says its cabinet, and no charge has come`;
  const hereMinor = totalMinor + heldMinor;
  return { kind: 'charge_missing', cause: 'charge_not_come', owner: 'system', ...of, hereMinor, detail };
}
