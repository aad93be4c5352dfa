import type { Promotion, Schedule } from '../../shared/model/promotion.schema.ts';
import { dayNumberOf, weekdayOf } from '../../shared/util/calendar-day.ts';
import type { PromotionProblem } from '../../shared/model/promotion.ts';

/** One thing that is wrong with one promotion. */
export interface PromotionFault {
  readonly id: string;
  readonly problem: PromotionProblem;
  /** The article, or the other promotion. */
  readonly about: string;
}

/** Prices of the catalogue, minor units, by article. */
type Prices = ReadonlyMap<string, number>;

/**
 * What is wrong with promotions that are drawn up: what would surprise whoever drew them up, or a shopper. Empty: nothing. A
 * cabinet that meets such ones all the same still computes an amount that is no less than nothing.
 */
export function problemsOfPromotions(
  promotions: readonly Promotion[],
  prices: Prices,
): readonly PromotionFault[] {
  const faults: PromotionFault[] = [];
  const ids = new Set<string>();
  for (const promotion of promotions) {
    const { id, schedule } = promotion;
    if (ids.has(id)) faults.push({ id, problem: 'same_id', about: id });
    ids.add(id);
    if (isNeverOn(schedule)) faults.push({ id, problem: 'never_on', about: id });
    faults.push(...faultsOfGoods(promotion, prices));
  }
  return [...faults, ...overlaps(promotions)];
}

/** No day of the week on which it begins lies between its first and its last day. */
function isNeverOn({ firstDay, lastDay, weekdays }: Schedule): boolean {
  const [first, last] = [dayNumberOf(firstDay ?? ''), dayNumberOf(lastDay ?? '')];
  if (first === null || last === null) return false;
  for (let day = first; day <= Math.min(last, first + 6); day += 1)
    if (weekdays.includes(weekdayOf(day))) return false;
  return true;
}

function faultsOfGoods({ id, rule }: Promotion, prices: Prices): PromotionFault[] {
  if (!('skus' in rule)) {
    const isAllOff = rule.kind === 'basket_off' && rule.offMinor >= rule.fromMinor;
    return isAllOff ? [{ id, problem: 'costs_nothing', about: id }] : [];
  }
  const faults = rule.skus.flatMap((sku): PromotionFault[] => {
    const priceMinor = prices.get(sku);
    if (priceMinor === undefined) return [{ id, problem: 'unknown_article', about: sku }];
    if (rule.kind === 'amount_off' && rule.offMinor >= priceMinor)
      return [{ id, problem: 'costs_nothing', about: sku }];
    if (rule.kind === 'member_price' && rule.priceMinor === 0)
      return [{ id, problem: 'costs_nothing', about: sku }];
    if (rule.kind === 'member_price' && rule.priceMinor >= priceMinor)
      return [{ id, problem: 'no_saving', about: sku }];
    return [];
  });
  if (rule.kind !== 'bundle' || faults.length > 0) return faults;
  if (rule.priceMinor === 0) return [{ id, problem: 'costs_nothing', about: id }];
  const dearestMinor = Math.max(...rule.skus.map((sku) => prices.get(sku) ?? 0));
  return rule.priceMinor >= dearestMinor * rule.count ? [{ id, problem: 'no_saving', about: id }] : [];
}

/** A piece is in one bundle at most: which of two it would be in nobody could tell a shopper. */
function overlaps(promotions: readonly Promotion[]): PromotionFault[] {
  const bundles = promotions.filter(({ rule }) => rule.kind === 'bundle');
  return bundles.flatMap((one, i) =>
    bundles
      .slice(i + 1)
      .filter((other) => sharesGoods(one, other) && sharesCabinet(one, other))
      .map((other): PromotionFault => ({ id: other.id, problem: 'bundles_overlap', about: one.id })),
  );
}

function sharesGoods({ rule: one }: Promotion, { rule: other }: Promotion): boolean {
  return 'skus' in one && 'skus' in other && one.skus.some((sku) => other.skus.includes(sku));
}

function sharesCabinet({ cabinets: one }: Promotion, { cabinets: other }: Promotion): boolean {
  return one.length === 0 || other.length === 0 || one.some((id) => other.includes(id));
}
