import { and, desc, eq, gte, inArray, notInArray, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import {
  type Promotion,
  type PromotionOrder,
  promotionOrderSchema,
  promotionsSchema,
} from '../../shared/model/promotion.schema.ts';
import type { Currency } from '../../shared/money.ts';
import { openingOffMs, tellingMs } from '../limits.ts';
import { promotionVersion, promotionTold } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { versionAfter } from './versions.ts';

const dayMs = 86_400_000;
/** So many changes are kept: beyond the time for which a charge may be held back, however often they are changed by two people. */
const versionsMax = 200;
/** A cabinet that was not told anew for so long ends its promotions; each day it is told anew. */
export const promotionsLifeMs = 7 * dayMs;

type Row = typeof promotionVersion.$inferSelect;
export interface PromotionVersion extends Omit<Row, 'promotions'> {
  readonly promotions: readonly Promotion[];
}

function read(row: Row): PromotionVersion {
  return { ...row, promotions: promotionsSchema.parse(JSON.parse(row.promotions)) };
}

/** The newest first. */
export async function listPromotions(db: Db, most: number): Promise<readonly PromotionVersion[]> {
  const { version } = promotionVersion;
  return (await db.select().from(promotionVersion).orderBy(desc(version)).limit(most)).map(read);
}

/** All of them anew, in the transaction of whoever decides it. */
export async function putPromotions(
  tx: Db,
  clock: Clock,
  by: string,
  of: { readonly promotions: readonly Promotion[]; readonly currency: Currency; readonly timeZone: string },
): Promise<number> {
  const [before] = await listPromotions(tx, 1);
  const version = versionAfter(before?.version, clock);
  await tx.insert(promotionVersion).values({
    ...{ version, promotions: JSON.stringify(of.promotions), currency: of.currency, timeZone: of.timeZone },
    ...{ madeBy: by, madeAtMs: clock.nowMs() },
  });
  const kept = (await listPromotions(tx, versionsMax)).map((one) => one.version);
  await tx.delete(promotionVersion).where(notInArray(promotionVersion.version, kept));
  await tx.delete(promotionTold).where(notInArray(promotionTold.version, kept));
  return version;
}

/** What of a version is for one cabinet. */
function orderOf(row: PromotionVersion, cabinetId: string, nowMs: number): PromotionOrder {
  // The same text all day long, so that a cabinet which has it is told no more than that.
  const issuedAtMs = Math.max(row.madeAtMs, Math.floor(nowMs / dayMs) * dayMs);
  const promotions = row.promotions.filter(
    ({ cabinets }) => cabinets.length === 0 || cabinets.includes(cabinetId),
  );
  return promotionOrderSchema.parse({
    ...{ version: row.version, issuedAtMs, expiresAtMs: issuedAtMs + promotionsLifeMs + dayMs, cabinetId },
    ...{ currency: row.currency, timeZone: row.timeZone },
    // Which other cabinets have it is none of its business.
    promotions: promotions.map((one) => ({ ...one, cabinets: one.cabinets.length === 0 ? [] : [cabinetId] })),
  });
}

/** What this cabinet is told; null: nothing was ever drawn up. `tell` notes that it is. */
export async function promotionsOf(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  cabinetId: string,
): Promise<{
  readonly order: PromotionOrder;
  readonly tell: () => Promise<void>;
} | null> {
  const [newest] = await listPromotions(db, 1);
  if (newest === undefined) return null;
  const nowMs = clock.nowMs();
  const order = orderOf(newest, cabinetId, nowMs);
  const tell = async (): Promise<void> => {
    await db
      .insert(promotionTold)
      .values({ cabinetId, version: newest.version, firstAtMs: nowMs, lastAtMs: nowMs })
      .onConflictDoUpdate({
        target: [promotionTold.cabinetId, promotionTold.version],
        set: { lastAtMs: sql`greatest(${promotionTold.lastAtMs}, ${nowMs})` },
      });
  };
  return { order, tell };
}

type Told = typeof promotionTold.$inferSelect;

/** A visit of a cabinet that began then, and the promotions that its charge names. */
export interface VisitAt {
  readonly cabinetId: string;
  readonly atMs: number;
  readonly named: number | null;
}

/**
 * By which promotions each of these visits has to be priced; null: by none. That is the newest which the cabinet had been told
 * and had not to end by itself, or a newer one that it names: what it may leave out is only what it cannot have known. One that
 * it was never told, or only after the visit had begun, says nothing.
 */
export async function promotionsAt(
  db: Db,
  visits: readonly VisitAt[],
): Promise<readonly (PromotionOrder | null)[]> {
  const ofThese = inArray(promotionTold.cabinetId, [...new Set(visits.map(({ cabinetId }) => cabinetId))]);
  const oldestMs = Math.min(...visits.map(({ atMs }) => atMs)) - promotionsLifeMs - dayMs;
  const lately = gte(promotionTold.lastAtMs, oldestMs);
  const told = visits.length === 0 ? [] : await db.select().from(promotionTold).where(and(ofThese, lately));
  const wanted = visits.map((visit) => versionFor(visit, told));
  const versions = [...new Set(wanted.filter((version) => version > 0))];
  const isWanted = inArray(promotionVersion.version, versions);
  const rows = versions.length === 0 ? [] : await db.select().from(promotionVersion).where(isWanted);
  const known = new Map(rows.map((row) => [row.version, read(row)]));
  return visits.map(({ cabinetId, atMs }, i) => {
    const row = known.get(wanted[i] ?? 0);
    return row === undefined ? null : orderOf(row, cabinetId, atMs);
  });
}

/** 0: none. */
function versionFor({ cabinetId, atMs, named }: VisitAt, told: readonly Told[]): number {
  const own = told.filter((one) => one.cabinetId === cabinetId);
  const possible = own.filter((one) => one.version === named && mayGoBy(one, atMs));
  return Math.max(
    0,
    ...[...own.filter((one) => goesBy(one, atMs)), ...possible].map(({ version }) => version),
  );
}

/** It had been told this for certain, or a newer one, and had not to end it by itself. */
const goesBy = ({ firstAtMs, lastAtMs }: Told, atMs: number): boolean =>
  firstAtMs <= atMs - tellingMs && lastAtMs >= atMs - promotionsLifeMs;

/**
 * Its own end comes a day later than ours: between the two it may go by them, and need not. And an opening is stamped by its
 * clock, which may be behind: then it knew what it was told so long after.
 */
const mayGoBy = ({ firstAtMs, lastAtMs }: Told, atMs: number): boolean =>
  firstAtMs <= atMs + openingOffMs && lastAtMs >= atMs - promotionsLifeMs - dayMs;

/** Each order that a cabinet may have gone by at a moment at which it has named none; null among them: or by none. */
export async function promotionsPossibleAt(
  db: Db,
  cabinetId: string,
  atMs: number,
): Promise<readonly (PromotionOrder | null)[]> {
  const told = await db.select().from(promotionTold).where(eq(promotionTold.cabinetId, cabinetId));
  const least = versionFor({ cabinetId, atMs, named: null }, told);
  const possible = told.filter((one) => one.version >= least && mayGoBy(one, atMs));
  const versions = possible.map(({ version }) => version);
  const isOne = inArray(promotionVersion.version, versions);
  const rows = versions.length === 0 ? [] : await db.select().from(promotionVersion).where(isOne);
  const orders = rows.map((row) => orderOf(read(row), cabinetId, atMs));
  return least > 0 ? orders : [null, ...orders];
}
