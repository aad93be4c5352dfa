import { desc } from 'drizzle-orm';
import { toBring } from '../../core/stock/planogram.ts';
import type { Clock } from '../../shared/clock.ts';
import { type StockReport, stockReportSchema } from '../../shared/model/stock.schema.ts';
import { civilDayOf } from '../../shared/util/civil-time.ts';
import type { Policy } from '../limits.ts';
import { cabinetStock, planogram } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { slotsOf } from './planograms.ts';

const bodySchema = stockReportSchema.omit({ differences: true });
/** Of an article there is too little once less than this share of what the plan wants is there and good. */
const lowShare = 0.5;

/** Of how many articles each cabinet has too little by its plan. A cabinet without a plan, or that has said nothing, is not in it. */
export async function lowStock({
  db,
  clock,
  policy,
}: {
  readonly db: Db;
  readonly clock: Clock;
  readonly policy: Pick<Policy, 'timeZone'>;
}): Promise<ReadonlyMap<string, number>> {
  const { cabinetId, version, slots } = planogram;
  const plans = await db
    .selectDistinctOn([cabinetId], { cabinetId, slots })
    .from(planogram)
    .orderBy(cabinetId, desc(version));
  const rows = await db
    .select({ cabinetId: cabinetStock.cabinetId, body: cabinetStock.body })
    .from(cabinetStock);
  const said = new Map(rows.map((row) => [row.cabinetId, row.body]));
  const today = civilDayOf(clock.nowMs(), policy.timeZone);
  return new Map(
    plans.flatMap((plan) => {
      const body = said.get(plan.cabinetId);
      if (body === undefined) return [];
      return [[plan.cabinetId, lowCount(plan, bodySchema.parse(JSON.parse(body)), today)] as const];
    }),
  );
}

function lowCount(
  plan: { readonly slots: string },
  { lines, lots }: Pick<StockReport, 'lines' | 'lots'>,
  today: string,
): number {
  const slots = slotsOf(plan);
  const stock = new Map(lines.map(({ sku, count }) => [sku, count]));
  const expired = new Map<string, number>();
  for (const { sku, bestBefore, count } of lots)
    if (bestBefore < today) expired.set(sku, (expired.get(sku) ?? 0) + count);
  const missing = toBring(
    slots,
    (sku) => stock.get(sku) ?? 0,
    (sku) => expired.get(sku) ?? 0,
  );
  return slots.filter(({ target }, i) => (missing[i]?.bring ?? 0) > target * (1 - lowShare)).length;
}
