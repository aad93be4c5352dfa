import { createHash } from 'node:crypto';
import { inArray, isNotNull, sql } from 'drizzle-orm';
import { atListPrice, priceList } from '../../core/basket/priced-list.ts';
import { forShopper, freeze, onNow } from '../../core/pricing/pricing.ts';
import { problemsOfPromotions } from '../../core/pricing/problems.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ConsoleAct } from '../../shared/console/acts.schema.ts';
import {
  type PromotionList,
  type TriedPromotions,
  type TryPromotions,
  promotionVersionsShown,
} from '../../shared/console/promotions.schema.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { ChargeLine } from '../../shared/model/charge.schema.ts';
import type { Promotion } from '../../shared/model/promotion.schema.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { clockOf } from '../../shared/util/clock-text.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { Policy } from '../limits.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import { cabinet, cabinetInForce } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { listPromotions, putPromotions } from './promotions.ts';

export type PromotionAct = Extract<ConsoleAct, { readonly kind: 'put_promotions' }>;

export interface PromotionParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly served: { readonly catalog: Catalog };
}

const problemsIn = (promotions: readonly Promotion[], { products }: Catalog) =>
  problemsOfPromotions(promotions, new Map(products.map(({ sku, priceMinor }) => [sku, priceMinor])));

/** All of them anew, in the transaction of the act. */
export async function decidePromotions(
  { db, clock, policy, served }: PromotionParts,
  { promotions }: PromotionAct,
  by: string,
): Promise<Result<unknown, ApiFailure>> {
  const [problem] = problemsIn(promotions, served.catalog);
  if (problem !== undefined) return fail('bad_request', `${problem.id}: ${problem.problem} ${problem.about}`);
  const named = [...new Set(promotions.flatMap(({ cabinets }) => cabinets))];
  const known = named.length === 0 ? 0 : await db.$count(cabinet, inArray(cabinet.cabinetId, named));
  if (known !== named.length) return fail('not_found', 'one of the cabinets is none of ours');
  const [before] = await listPromotions(db, 1);
  if (JSON.stringify(before?.promotions ?? []) === JSON.stringify(promotions))
    return fail('conflict', 'it is so already');
  const { currency } = served.catalog;
  return ok(await putPromotions(db, clock, by, { promotions, currency, timeZone: policy.timeZone }));
}

/** What is drawn up, as people read it and the log keeps it; nobody changes it before `tx` has ended. */
export async function lockPromotions(tx: Db): Promise<Record<string, unknown>> {
  await lockOneAtATime(tx, 'promotions');
  const [newest] = await listPromotions(tx, 1);
  const enrolled = await tx.$count(cabinet, isNotNull(cabinet.enrolledAtMs));
  const promotions = newest?.promotions.map(toldOf) ?? [];
  return { promotionsVersion: newest?.version ?? null, promotions, enrolled };
}

/**
 * What everybody pays is decided by two, as with a catalogue; but whoever sees that a promotion is no good ends it alone, and while
 * no cabinet is there nobody pays anything.
 */
export function isPromotionForTwo(
  { promotions }: PromotionAct,
  state: Readonly<Record<string, unknown>>,
): boolean {
  const before = state['promotions'] as readonly string[];
  return state['enrolled'] !== 0 && !promotions.every((one) => before.includes(toldOf(one)));
}

const goodsTold = 5;

/** One promotion in a line; the mark at its end tells it from any other, also from one that was made to look like it. */
function toldOf(promotion: Promotion): string {
  const { id, rule, schedule, cabinets } = promotion;
  const { kind, ...more } = rule;
  const said = Object.entries(more).map(([key, value]) => {
    const values = Array.isArray(value) ? listed(value) : String(value);
    return `${key} ${values}`;
  });
  const { weekdays, fromMinute, toMinute, firstDay, lastDay } = schedule;
  const days = `${firstDay ?? ''}…${lastDay ?? ''} ${[...weekdays].sort().join('')}`;
  const when = `${days} ${clockOf(fromMinute)}-${clockOf(toMinute)}`;
  const where = cabinets.length === 0 ? [] : [`cabinets ${listed(cabinets)}`];
  const mark = createHash('sha256').update(JSON.stringify(promotion)).digest('base64url').slice(0, 22);
  return `${id}: ${[kind, ...said, when, ...where].join(', ')} #${mark}`;
}

function listed(values: readonly string[]): string {
  const more = values.length > goodsTold ? ` +${values.length - goodsTold}` : '';
  return `${values.slice(0, goodsTold).join(' ')}${more}`;
}

/** What is drawn up, was before, and what it may be about. */
export async function readPromotions({ db, policy, served }: PromotionParts): Promise<PromotionList> {
  const versions = await listPromotions(db, promotionVersionsShown);
  const counts = await db
    .select({ version: cabinetInForce.promotions, count: sql`count(*)`.mapWith(Number) })
    .from(cabinetInForce)
    .groupBy(cabinetInForce.promotions);
  const { currency, products } = served.catalog;
  return {
    versions: versions.map(({ version, madeBy, madeAtMs, promotions }) => ({
      version,
      madeBy,
      madeAtMs,
      promotions,
      cabinets: counts.find((one) => one.version === version)?.count ?? 0,
    })),
    cabinets: await db.$count(cabinet, isNotNull(cabinet.enrolledAtMs)),
    ...{ currency, timeZone: policy.timeZone },
    goods: products.map(({ sku, name, priceMinor }) => ({ sku, name, priceMinor })),
  };
}

/** What is wrong with such promotions, and what a shopper would pay by them: by what cabinets price with. */
export function tryPromotions(
  { clock, policy, served }: Omit<PromotionParts, 'db'>,
  { promotions, goods, atMs, means }: TryPromotions,
): TriedPromotions {
  const { currency, products } = served.catalog;
  const nowMs = atMs ?? clock.nowMs();
  const order = {
    ...{ version: 1, issuedAtMs: 0, expiresAtMs: nowMs + 1, cabinetId: '', currency },
    ...{ timeZone: policy.timeZone, promotions: [...promotions] },
  };
  const frozen = freeze(order, nowMs, new Set(goods.map(({ sku }) => sku)));
  const plain = goods.flatMap(({ sku, count }): ChargeLine[] => {
    const product = products.find((one) => one.sku === sku);
    const unitPriceMinor = product?.priceMinor ?? minor(0);
    if (product === undefined || unitPriceMinor * count > amountMaxMinor) return [];
    return [{ sku, name: product.name, unitPriceMinor, count, amountMinor: minor(unitPriceMinor * count) }];
  });
  const list = priceList(frozen === null ? undefined : forShopper(frozen, { means }), plain);
  const lines = plain.map((line) => {
    const { sku, name, count, amountMinor, discounts = [] } = atListPrice(list, line);
    return { sku, name, count, amountMinor, discounts, grossMinor: line.amountMinor };
  });
  const sumOf = (of: 'grossMinor' | 'amountMinor'): number => lines.reduce((sum, line) => sum + line[of], 0);
  return {
    problems: problemsIn(promotions, served.catalog),
    on: onNow(order, nowMs).map(({ id }) => id),
    ...{ lines, grossMinor: sumOf('grossMinor'), totalMinor: sumOf('amountMinor') },
  };
}
