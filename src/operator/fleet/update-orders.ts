import { and, asc, countDistinct, desc, eq, isNotNull, isNull, max, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import {
  type UpdateOrder,
  type UpdateReport,
  updateOrderSchema,
} from '../../shared/model/update-order.schema.ts';
import type { Result } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import { updateOrder, updateReport } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { keepNewestWord } from './newest-word.ts';

/** An order without a word of its own ends after so long: a cabinet that is cut off does not begin with an old one. */
export const orderLifeMs = 30 * 86_400_000;

/** So many of the newest are named; older ones no cabinet runs towards any more. */
const withdrawnMax = 100;

const orderBodySchema = updateOrderSchema.omit({ version: true }).extend({
  /** Of one cabinet: what holds for the fleet counts again. */
  isPinEnded: z.boolean().default(false),
  /** Of the fleet: since when it is paused, or was; left out: by an older program. */
  pausedAtMs: z.number().optional(),
  /** Of the fleet: that it was paused for what this release made of devices (release-usefulness.ts); once for a release. */
  stopped: z
    .object({
      release: z.string(),
      kind: z.string(),
      judged: z.number(),
      worse: z.number(),
      atMs: z.number(),
    })
    .optional(),
});
export type OrderBody = z.infer<typeof orderBodySchema>;

const bodyOf = (row: { body: string } | undefined): OrderBody | null =>
  row === undefined ? null : orderBodySchema.parse(JSON.parse(row.body));

/** What was ordered last for the fleet (null), or for one cabinet. */
export async function newestOrder(db: Db, cabinetId: string | null): Promise<OrderBody | null> {
  const isOf = cabinetId === null ? isNull(updateOrder.cabinetId) : eq(updateOrder.cabinetId, cabinetId);
  const [row] = await db
    .select({ body: updateOrder.body })
    .from(updateOrder)
    .where(isOf)
    .orderBy(desc(updateOrder.version))
    .limit(1);
  return bodyOf(row);
}

/** A new order beside those before it. What it is made of is to be read while nobody else writes one (`changeOrder`). */
export async function putOrder(db: Db, cabinetId: string | null, body: OrderBody): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`lock table ${updateOrder} in share row exclusive mode`);
    const [newest] = await tx.select({ version: max(updateOrder.version) }).from(updateOrder);
    const version = (newest?.version ?? 0) + 1;
    await tx
      .insert(updateOrder)
      .values({ version, cabinetId, body: JSON.stringify(orderBodySchema.parse(body)) });
    return version;
  });
}

const nothingOrdered = (nowMs: number): OrderBody => ({
  issuedAtMs: nowMs,
  expiresAtMs: nowMs + orderLifeMs,
  release: null,
  percent: 100,
  windows: [],
  isPaused: false,
  withdrawn: [],
  isPinEnded: false,
});

/**
 * The order of before with this change. It ends when that would have: what holds back lengthens nothing. Of two at once the later
 * one changes what the earlier one has made of it.
 */
export async function changeOrder(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  cabinetId: string | null,
  change: Partial<OrderBody>,
): Promise<OrderBody & { readonly version: number }> {
  return db.transaction(async (tx) => {
    await lockOneAtATime(tx, 'updateOrders');
    const nowMs = clock.nowMs();
    const before = (await newestOrder(tx, cabinetId)) ?? nothingOrdered(nowMs);
    const body = { ...before, issuedAtMs: nowMs, isPinEnded: false, ...change };
    return { version: await putOrder(tx, cabinetId, body), ...body };
  });
}

/** Nothing begins and nothing is switched, at cabinets with an order of their own too (`orderFor`); or it goes on. */
export async function pauseUpdates(
  parts: { readonly db: Db; readonly clock: Clock },
  isPaused: boolean,
  why: Pick<OrderBody, 'stopped'> = {},
): Promise<OrderBody & { readonly version: number }> {
  const since = isPaused ? { pausedAtMs: parts.clock.nowMs() } : {};
  return changeOrder(parts, null, { isPaused, ...since, ...why });
}

/** Nobody installs it, or switches to it, any more; where it was wanted, of the fleet or of one cabinet, nothing is. */
export async function withdrawRelease(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  release: string,
): Promise<OrderBody & { readonly version: number }> {
  return db.transaction(async (tx) => {
    await lockOneAtATime(tx, 'updateOrders');
    const parts = { db: tx, clock };
    const pinned = await pinnedCabinets(tx);
    for (const one of pinned.filter((each) => each.release === release))
      await changeOrder(parts, one.cabinetId, { release: null });
    const before = await newestOrder(tx, null);
    const withdrawn = [...new Set([...(before?.withdrawn ?? []), release])].slice(-withdrawnMax);
    return changeOrder(parts, null, { withdrawn, ...(before?.release === release ? { release: null } : {}) });
  });
}

/** Cabinets that follow the fleet no more, with what they are to run; the newest first. */
export async function pinnedCabinets(db: Db): Promise<{ cabinetId: string; release: string | null }[]> {
  const { cabinetId, version } = updateOrder;
  const rows = await db
    .selectDistinctOn([cabinetId], { cabinetId, version, body: updateOrder.body })
    .from(updateOrder)
    .where(isNotNull(cabinetId))
    .orderBy(cabinetId, desc(version));
  return rows
    .map((row) => ({ ...row, order: bodyOf(row) }))
    .filter(({ order }) => order !== null && !order.isPinEnded)
    .sort((a, b) => b.version - a.version)
    .map(({ cabinetId: id, order }) => ({ cabinetId: id ?? '', release: order?.release ?? null }));
}

/** How many other cabinets have ever had an order of their own for this release, whatever they follow now. */
export async function countToldAlone(db: Db, release: string, exceptId: string): Promise<number> {
  const { cabinetId, body } = updateOrder;
  const isIt = and(ne(cabinetId, exceptId), sql`${body}::jsonb ->> 'release' = ${release}`);
  const [told] = await db
    .select({ count: countDistinct(cabinetId) })
    .from(updateOrder)
    .where(isIt);
  return told?.count ?? 0;
}

/**
 * What one cabinet is told; null: nobody has ordered anything. The version is that of the newest order of all, so that a cabinet
 * that follows the fleet again takes that for newer than what it alone was told. What is withdrawn is so for everybody, and a
 * pause holds what was ordered before it; what somebody orders for one cabinet during it is meant for that cabinet.
 */
export async function orderFor(db: Db, cabinetId: string): Promise<UpdateOrder | null> {
  const [newest] = await db.select({ version: max(updateOrder.version) }).from(updateOrder);
  const [own, fleet] = [await newestOrder(db, cabinetId), await newestOrder(db, null)];
  const counts = own === null || own.isPinEnded ? fleet : own;
  if (counts === null || newest?.version == null) return null;
  const withdrawn = [...new Set([...counts.withdrawn, ...(fleet?.withdrawn ?? [])])].slice(-withdrawnMax);
  const isHeld = fleet?.isPaused === true && counts.issuedAtMs <= (fleet.pausedAtMs ?? Infinity);
  const isPaused = counts.isPaused || isHeld;
  return updateOrderSchema.parse({ ...counts, version: newest.version, withdrawn, isPaused });
}

interface ReportParts {
  readonly db: Db;
  readonly clock: Clock;
  /** What follows from it, in the same transaction. */
  readonly onTaken: (tx: Db, usefulness: UpdateReport['usefulness']) => Promise<void>;
}

/** Takes a cabinet's word; the one that was signed last counts. */
export async function receiveUpdateReport(
  { db, clock, onTaken }: ReportParts,
  signer: Signer,
  { usefulness, ...report }: UpdateReport,
): Promise<Result<void, ApiFailure>> {
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    const said = usefulness == null ? null : JSON.stringify(usefulness);
    const row = { ...report, usefulness: said };
    const kept = await keepNewestWord(tx, updateReport, signer, clock.nowMs(), row);
    if (kept.ok) await onTaken(tx, usefulness);
    return kept;
  });
}

/** How many cabinets run what, and how far they are with what they are to run; at most 1,000 rows. */
export async function updateSummary(db: Db): Promise<readonly object[]> {
  const { running, wanted, state, failures } = updateReport;
  const cabinets = sql<number>`count(*)::int`;
  const columns = { running, wanted, state, failures, cabinets };
  const rows = db.select(columns).from(updateReport).groupBy(running, wanted, state, failures);
  return rows.orderBy(asc(running), asc(state), asc(failures)).limit(1_000);
}

/** The cabinets that a version has failed at, with why. */
export async function failedReports(db: Db): Promise<readonly object[]> {
  const isFailed = and(sql`${updateReport.failures} > 0 or ${updateReport.state} = 'failed'`);
  return db.select().from(updateReport).where(isFailed).orderBy(asc(updateReport.cabinetId)).limit(1_000);
}
