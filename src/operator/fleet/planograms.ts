import { and, desc, eq, sql } from 'drizzle-orm';
import { problemsOfPlan } from '../../core/stock/planogram.ts';
import type { Clock } from '../../shared/clock.ts';
import type { PlanRowProblem, PutPlan } from '../../shared/console/stock.schema.ts';
import {
  type PlanSlot,
  type Planogram,
  planSlotSchema,
  planSlotsSchema,
  planogramSchema,
} from '../../shared/model/planogram.schema.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { readsAsWritten } from '../../shared/util/plain-words.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import { recordAct } from '../staff/act-log.ts';
import type { Administrator } from '../staff/accounts.ts';
import type { StaffKeys } from '../staff/seal.ts';
import { hasChanged, seenVersionOf } from '../staff/seen-version.ts';
import { isStillHere, notHere } from '../staff/sessions.ts';
import { cabinet, planogram } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { versionAfter } from './versions.ts';

/** Of one cabinet: so many changes are kept. */
const plansOfCabinetMax = 20;
/** A plan waits for a restock for as long as it takes; it ends so that a cabinet that was sold does not keep it for ever. */
const planLifeMs = 400 * 86_400_000;

interface PlanParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly keys: StaffKeys;
  readonly served: { readonly catalog: { readonly products: readonly { readonly sku: string }[] } };
}
type Row = typeof planogram.$inferSelect;

export async function newestPlan(db: Db, cabinetId: string): Promise<Row | null> {
  const isOf = eq(planogram.cabinetId, cabinetId);
  const [row] = await db.select().from(planogram).where(isOf).orderBy(desc(planogram.version)).limit(1);
  return row ?? null;
}

/** For whoever changes it; null: nobody has planned anything. */
export function versionOfPlan(row: Pick<Row, 'version' | 'slots'> | null): string {
  return seenVersionOf(JSON.stringify(row && [row.version, row.slots]));
}

export function slotsOf({ slots }: Pick<Row, 'slots'>): readonly PlanSlot[] {
  return planSlotsSchema.parse(JSON.parse(slots));
}

/** What this cabinet is told; null: nobody has planned anything. */
export async function planogramOf(db: Db, cabinetId: string): Promise<Planogram | null> {
  const row = await newestPlan(db, cabinetId);
  if (row === null) return null;
  const times = { issuedAtMs: row.madeAtMs, expiresAtMs: row.madeAtMs + planLifeMs };
  return planogramSchema.parse({ version: row.version, ...times, cabinetId, slots: slotsOf(row) });
}

/** A new plan out of a table `sku,target,lane,slot`; what does not fit is named row by row, and then nothing is changed. */
export async function putPlan(
  { db, clock, keys, served }: PlanParts,
  actor: Administrator,
  { cabinetId, table, reason, version: seen }: { readonly cabinetId: string } & PutPlan,
): Promise<Result<{ problems: PlanRowProblem[]; version: number | null }, ConsoleFailure>> {
  const { slots, problems } = readPlan(table);
  const skus = new Set(served.catalog.products.map(({ sku }) => sku));
  // Which article stands on which scale only the cabinet knows: it looks once more.
  for (const { problem, about } of problemsOfPlan(slots, { skus, laneOf: null }))
    problems.push({ row: rowOf(table, about), problem, about });
  if (problems.length > 0) return ok({ problems, version: null });
  return db.transaction(async (tx): Promise<Result<{ problems: []; version: number }, ConsoleFailure>> => {
    if (!(await isStillHere(tx, actor))) return notHere;
    const [known] = await tx.select().from(cabinet).where(eq(cabinet.cabinetId, cabinetId)).for('update');
    if (known === undefined) return fail('not_found', 'no such cabinet');
    const before = await newestPlan(tx, cabinetId);
    if (versionOfPlan(before) !== seen) return hasChanged;
    const version = versionAfter(before?.version, clock);
    const row = { cabinetId, version, slots: JSON.stringify(slots), madeBy: actor.name };
    await tx.insert(planogram).values({ ...row, madeAtMs: clock.nowMs() });
    const oldest = sql`(select version from ${planogram} where cabinet_id = ${cabinetId}
      order by version desc offset ${plansOfCabinetMax} limit 1)`;
    await tx
      .delete(planogram)
      .where(and(eq(planogram.cabinetId, cabinetId), sql`${planogram.version} <= ${oldest}`));
    await recordAct(tx, clock, keys.logKey, actor, {
      ...{ act: 'planogram_put', subject: `cabinet:${cabinetId}`, reason },
      before: before && { version: before.version },
      after: { version, articles: slots.length, pieces: slots.reduce((sum, { target }) => sum + target, 0) },
    });
    return ok({ problems: [], version });
  });
}

/** Rows of text; the first may be the head. Row numbers as a spreadsheet has them. */
function readPlan(table: string): { slots: PlanSlot[]; problems: PlanRowProblem[] } {
  const [slots, problems]: [PlanSlot[], PlanRowProblem[]] = [[], []];
  for (const [i, line] of rowsIn(table).entries()) {
    if (line.trim() === '' || (i === 0 && /^\W?sku\s*[,;\t]/i.test(line))) continue;
    const [sku, target, lane = '', slot = ''] = line.split(/[,;\t]/).map((text) => text.trim());
    const parsed = planSlotSchema.safeParse({
      sku,
      target: /^\d{1,4}$/.test(target ?? '') ? Number(target) : null,
      lane: lane === '' ? null : Number(lane),
      slot: slot === '' ? null : slot,
    });
    if (!parsed.success || !readsAsWritten(slot))
      problems.push({ row: i + 1, problem: 'unreadable', about: line.slice(0, 60) });
    else if (slots.some((one) => one.sku === parsed.data.sku))
      problems.push({ row: i + 1, problem: 'twice', about: parsed.data.sku });
    else slots.push(parsed.data);
    if (problems.length >= 50) break;
  }
  return { slots, problems };
}

/** Whichever line ends it has: read as one line, a table with a head would be an empty plan. */
function rowsIn(table: string): string[] {
  return table.split(/\r\n|\r|\n/);
}

/** In which row that article stands; 0: it is about all of them. */
function rowOf(table: string, about: string): number {
  return rowsIn(table).findIndex((line) => line.split(/[,;\t]/)[0]?.trim() === about.split(' ')[0]) + 1;
}
