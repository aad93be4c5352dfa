import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { movesThatCount, withMoves } from '../../core/stock/plan-moves.ts';
import { toBring } from '../../core/stock/planogram.ts';
import type { CabinetStock, RefillLine, ShownDifference } from '../../shared/console/stock.schema.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import type { PlanSlot } from '../../shared/model/planogram.schema.ts';
import { type StockReport, stockReportSchema } from '../../shared/model/stock.schema.ts';
import { newestPlan, slotsOf, versionOfPlan } from './planograms.ts';
import { type Result, ok } from '../../shared/result.ts';
import { civilDayOf } from '../../shared/util/civil-time.ts';
import type { Policy } from '../limits.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { cabinetStock, charge, stockDifference } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { keepNewestWord } from './newest-word.ts';

/** Of one cabinet: the newest that are kept. */
export const differencesOfCabinetMax = 2_000;
const shownMax = 200;
const bodySchema = stockReportSchema.omit({ differences: true });
const betweenSchema = z.array(z.string());

/**
 * Takes a cabinet's word about its goods; the stock that was signed last counts. A difference has an id: it is taken once,
 * however often it is told, also with a report that is late.
 */
export async function receiveStockReport(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  signer: Signer,
  { differences, ...stock }: StockReport,
): Promise<Result<void, ApiFailure>> {
  const { cabinetId } = signer;
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    const receivedAtMs = clock.nowMs();
    const body = JSON.stringify(stock);
    const kept = await keepNewestWord(tx, cabinetStock, signer, receivedAtMs, { body });
    if (!kept.ok || differences.length === 0) return kept;
    const rows = differences.map(({ id, between, ...difference }) => ({
      ...{ cabinetId, differenceId: id, ...difference, between: JSON.stringify(between), receivedAtMs },
    }));
    await tx.insert(stockDifference).values(rows).onConflictDoNothing();
    await tx.execute(sql`delete from ${stockDifference} where cabinet_id = ${cabinetId} and difference_id in
      (select difference_id from ${stockDifference} where cabinet_id = ${cabinetId}
       order by at_ms desc, difference_id offset ${differencesOfCabinetMax})`);
    return ok();
  });
}

/** Days are those of the operator's time zone: so are the cabinets', and it is the next day there before it is in Greenwich. */
export interface StockReading {
  readonly db: Db;
  readonly clock: Clock;
  readonly policy: Pick<Policy, 'timeZone'>;
}

type NameOf = (sku: string) => LocalText | null;

/** What lies in a cabinet, as far as it has said so. */
export async function readCabinetStock(
  { db, clock, policy }: StockReading,
  cabinetId: string,
  nameOf: NameOf,
): Promise<CabinetStock> {
  const plan = await newestPlan(db, cabinetId);
  const planned = plan === null ? [] : slotsOf(plan);
  const [row] = await db.select().from(cabinetStock).where(eq(cabinetStock.cabinetId, cabinetId));
  const body = row && bodySchema.parse(JSON.parse(row.body));
  // A newer plan that waits is filled as it is: what was moved in the one before is over then.
  const isFilled = plan !== null && body?.planVersion === plan.version;
  const slots = withMoves(planned, isFilled ? body.moves : []);
  const today = civilDayOf(clock.nowMs(), policy.timeZone);
  return {
    cabinetId,
    report: body
      ? {
          countedAtMs: body.countedAtMs,
          planVersion: body.planVersion,
          receivedAtMs: row.receivedAtMs,
          lines: body.lines.map((line) => ({ ...line, name: nameOf(line.sku) })),
          moved: movesThatCount(planned, body.moves).map((move) => ({
            ...{ ...move, name: nameOf(move.sku) },
            planned: planned.find(({ sku }) => sku === move.sku)?.slot ?? null,
          })),
        }
      : null,
    plan: plan && {
      version: plan.version,
      madeAtMs: plan.madeAtMs,
      madeBy: plan.madeBy,
      slots: [...planned],
    },
    planVersion: versionOfPlan(plan),
    refill: refillOf(slots, body ?? null, today, nameOf),
    differences: await readDifferences(db, cabinetId, nameOf, shownMax),
  };
}

/** What has to be brought there and taken out, of what the plan has and of what is past its day. */
function refillOf(
  slots: readonly PlanSlot[],
  said: Pick<StockReport, 'lines' | 'lots'> | null,
  today: string,
  nameOf: NameOf,
): RefillLine[] {
  const stock = new Map(said?.lines.map(({ sku, count }) => [sku, count]));
  const expired = new Map<string, number>();
  for (const { sku, bestBefore, count } of said?.lots ?? [])
    if (bestBefore < today) expired.set(sku, (expired.get(sku) ?? 0) + count);
  const unplanned = [...expired.keys()].filter((sku) => !slots.some((slot) => slot.sku === sku));
  const all = [...slots, ...unplanned.map((sku) => ({ sku, target: 0, lane: null, slot: null }))];
  const stockOf = (sku: string): number => stock.get(sku) ?? 0;
  const lines = toBring(all, stockOf, (sku) => expired.get(sku) ?? 0);
  return lines.flatMap(({ sku, bring, takeOut }, i) => {
    const { lane = null, slot = null, target = 0 } = all[i] ?? {};
    if (bring === 0 && takeOut === 0) return [];
    const planned = unplanned.includes(sku) ? null : target;
    return [{ sku, name: nameOf(sku), lane, slot, target: planned, stock: stockOf(sku), bring, takeOut }];
  });
}

/** The newest first; those before `after` only. */
export async function readDifferences(
  db: Db,
  cabinetId: string,
  nameOf: NameOf,
  limit: number,
  after: { readonly atMs: number; readonly id: string } | null = null,
): Promise<ShownDifference[]> {
  const { atMs, differenceId } = stockDifference;
  const isOlder =
    after === null
      ? undefined
      : sql`(${atMs} < ${after.atMs} or (${atMs} = ${after.atMs} and ${differenceId} > ${after.id}))`;
  const rows = await db
    .select()
    .from(stockDifference)
    .where(and(eq(stockDifference.cabinetId, cabinetId), isOlder))
    .orderBy(desc(atMs), differenceId)
    .limit(limit);
  const betweenOf = rows.map((row) => betweenSchema.parse(JSON.parse(row.between)));
  const chargeOf = await chargesOf(db, cabinetId, [...new Set(betweenOf.flat())]);
  return rows.map((row, i) => ({
    ...{ id: row.differenceId, atMs: row.atMs, sinceMs: row.sinceMs, sku: row.sku, name: nameOf(row.sku) },
    ...{ expected: row.expected, counted: row.counted, betweenCount: row.betweenCount },
    between: (betweenOf[i] ?? []).map((who) => ({ who, chargeId: chargeOf.get(who) ?? null })),
  }));
}

async function chargesOf(
  db: Db,
  cabinetId: string,
  who: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const visits = who.filter((one) => !one.startsWith('service:')) as VisitId[];
  if (visits.length === 0) return new Map();
  const { visitId, chargeId } = charge;
  const isOf = and(eq(charge.cabinetId, cabinetId), inArray(visitId, visits));
  const rows = await db.select({ visitId, chargeId }).from(charge).where(isOf);
  return new Map(rows.map((row) => [row.visitId, row.chargeId]));
}
