import { and, desc, eq, gte, lte, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type {
  UnchargedVisit,
  VisitGoods,
  VisitsPage,
  VisitsParams,
} from '../../shared/console/visits.schema.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { awaitedUntilMs, chargeIdOf, findVisit, namesOnBills } from '../charges/charge-by-hand.ts';
import { toldMaxOf } from '../charges/evaluate-charge.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import { pricesWithin, shownFrom } from '../fleet/catalog-prices.ts';
import type { Policy } from '../limits.ts';
import { charge, member, visit, visitClosing } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { cursorText, readCursor } from './cursor.ts';
import type { ConsoleFailure } from './errors.ts';
import { consoleFailureOf } from './errors.ts';

export interface VisitParts {
  readonly db: Db;
  readonly served: ServedCatalog;
  readonly policy: Policy;
}

/** Visits that somebody was let in for, and that have no charge of their cabinet's: what may be charged by hand. */
export async function readVisits(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  params: VisitsParams,
): Promise<Result<VisitsPage, ConsoleFailure>> {
  const after = readCursor(params.after);
  if (!after.ok) return after;
  const { fromMs, toMs, cabinetId, memberId, phone, visitId, limit } = params;
  const isSame = and(eq(visitClosing.visitId, visit.visitId), eq(visitClosing.cabinetId, visit.cabinetId));
  const rows = await db
    .select({
      visit,
      closing: {
        ended: visitClosing.ended,
        saidMinor: visitClosing.totalMinor,
        heldMinor: visitClosing.heldMinor,
      },
      person: { display: member.display, phoneLastDigits: member.phoneLastDigits },
    })
    .from(visit)
    .leftJoin(visitClosing, isSame)
    .leftJoin(member, eq(member.memberId, visit.memberId))
    .where(
      and(
        eq(visit.purpose, 'visit'),
        eq(visit.allowed, true),
        sql`not exists (select 1 from ${charge} c where c.visit_id = ${visit.visitId}
          and c.cabinet_id = ${visit.cabinetId})`,
        fromMs === undefined ? undefined : gte(visit.atMs, fromMs),
        toMs === undefined ? undefined : lte(visit.atMs, toMs),
        cabinetId === undefined ? undefined : eq(visit.cabinetId, cabinetId),
        memberId === undefined ? undefined : eq(visit.memberId, memberId),
        visitId === undefined ? undefined : eq(visit.visitId, visitId),
        phone === undefined
          ? undefined
          : sql`${visit.memberId} in (select member_id from member where phone_last_digits = ${phone})`,
        after.value === null
          ? undefined
          : sql`(${visit.atMs}, ${visit.id}) < (${after.value.atMs}, ${Number(after.value.key) || 0})`,
      ),
    )
    .orderBy(desc(visit.atMs), desc(visit.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit).map((row) => unchargedOf(row, clock.nowMs()));
  const last = rows[limit - 1]?.visit;
  const next =
    rows.length > limit && last !== undefined ? cursorText({ atMs: last.atMs, key: String(last.id) }) : null;
  return ok({ items, next });
}

interface VisitWithEnd {
  readonly visit: typeof visit.$inferSelect;
  readonly closing: { readonly ended: string; readonly saidMinor: number; readonly heldMinor: number } | null;
  readonly person: { readonly display: string; readonly phoneLastDigits: string | null } | null;
}

function unchargedOf({ visit: row, closing, person }: VisitWithEnd, nowMs: number): UnchargedVisit {
  const { visitId, cabinetId, memberId, atMs, entryMethod, listedAtMs } = row;
  return {
    ...{ visitId, cabinetId, memberId, atMs, entryMethod, chargeId: chargeIdOf(row) },
    ...{ display: person?.display ?? '', phoneLastDigits: person?.phoneLastDigits ?? null },
    ended: closing?.ended ?? null,
    saidMinor: closing?.saidMinor ?? null,
    saidHeldMinor: closing?.heldMinor ?? null,
    listed: listedAtMs !== null,
    waitsUntilMs: awaitedUntilMs({ ended: closing?.ended ?? null, atMs }, nowMs),
  };
}

/** Of those that are sold no more; their names have to be looked up one by one. */
const goneMax = 100;

/** What was sold when this visit began, at the lowest price that may have been shown then; what is sold no more behind the rest. */
export async function readVisitGoods(
  { db, served, policy }: VisitParts,
  of: { readonly cabinetId: string; readonly visitId: VisitId },
): Promise<Result<VisitGoods, ConsoleFailure>> {
  const found = await findVisit(db, of);
  if (!found.ok) return { ok: false, error: consoleFailureOf(found.error) };
  const { currency, products } = served.catalog;
  const prices = await pricesWithin(db, currency, shownFrom(found.value.atMs));
  const still = products.flatMap(({ sku, name }) => {
    const priceMinor = prices.get(sku);
    return priceMinor === undefined ? [] : [{ sku, name, priceMinor }];
  });
  const isStill = new Set(still.map(({ sku }) => sku));
  const gone = [...prices].filter(([sku]) => !isStill.has(sku)).slice(0, goneMax);
  const nameOf = await namesOnBills(
    db,
    gone.map(([sku]) => sku),
  );
  const goods = [...still, ...gone.map(([sku, priceMinor]) => ({ sku, name: nameOf(sku), priceMinor }))];
  return ok({ currency, mostMinor: toldMaxOf(found.value.reply) ?? policy.visitMaxMinor, goods });
}
