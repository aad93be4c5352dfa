import { desc, eq, inArray, max } from 'drizzle-orm';
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

interface Reading {
  readonly db: Db;
  readonly clock: Clock;
  readonly policy: Pick<Policy, 'timeZone'>;
}

/** So many cabinets are read in one query. */
const loadedAtOnceMax = 500;

/**
 * Of how many articles each cabinet has too little by its plan. Plan and stock of a cabinet are long, and are read again only
 * where one of them, or the day, is another one than when they were counted last.
 */
export class LowStock {
  readonly #load: typeof loadPlansAndStock;
  #counted: ReadonlyMap<string, { readonly of: string; readonly lowCount: number }> = new Map();

  /** `load`: for tests, which count what is read. */
  constructor(load: typeof loadPlansAndStock = loadPlansAndStock) {
    this.#load = load;
  }

  /** A cabinet without a plan, or that has said nothing, is not in it. */
  async read({ db, clock, policy }: Reading): Promise<ReadonlyMap<string, number>> {
    const today = civilDayOf(clock.nowMs(), policy.timeZone);
    const { cabinetId, signedAtMs, receivedAtMs } = cabinetStock;
    const newest = max(planogram.version);
    const heads = await db
      .select({ cabinetId, signedAtMs, receivedAtMs, version: newest })
      .from(cabinetStock)
      .innerJoin(planogram, eq(planogram.cabinetId, cabinetId))
      .groupBy(cabinetId, signedAtMs, receivedAtMs);
    const counted = new Map<string, { of: string; lowCount: number }>();
    const changed = new Map<string, string>();
    for (const head of heads) {
      const of = [head.version, head.signedAtMs, head.receivedAtMs, today].join(' ');
      const before = this.#counted.get(head.cabinetId);
      if (before?.of === of) counted.set(head.cabinetId, before);
      else changed.set(head.cabinetId, of);
    }
    const ids = [...changed.keys()];
    for (let at = 0; at < ids.length; at += loadedAtOnceMax)
      for (const row of await this.#load(db, ids.slice(at, at + loadedAtOnceMax))) {
        const body = bodySchema.parse(JSON.parse(row.body));
        counted.set(row.cabinetId, {
          of: changed.get(row.cabinetId) ?? '',
          lowCount: lowCount(row, body, today),
        });
      }
    this.#counted = counted;
    return new Map(Array.from(counted, ([id, one]) => [id, one.lowCount]));
  }
}

/** The newest plan of each of these cabinets, and what it has said that lies there. */
export function loadPlansAndStock(
  db: Db,
  ids: readonly string[],
): Promise<{ cabinetId: string; slots: string; body: string }[]> {
  const { cabinetId, version, slots } = planogram;
  return db
    .selectDistinctOn([cabinetId], { cabinetId, slots, body: cabinetStock.body })
    .from(planogram)
    .innerJoin(cabinetStock, eq(cabinetStock.cabinetId, cabinetId))
    .where(inArray(cabinetId, [...ids]))
    .orderBy(cabinetId, desc(version));
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
