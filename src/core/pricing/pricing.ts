import type { PaymentMeans } from '../../shared/model/member.ts';
import type {
  Discount,
  FrozenPromotions,
  FrozenRule,
  Promotion,
  PromotionOrder,
} from '../../shared/model/promotion.schema.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import { bundle } from './bundles.ts';
import { type PricedLine, bestOnLine } from './line-rules.ts';
import { isOn, localMomentOf } from './schedule.ts';
import { type Amount, spread } from './share.ts';

export type { PricedLine } from './line-rules.ts';

/** Whose basket it is. `means`: by what they pay, as far as the cabinet was told; null: it was not. */
export interface Shopper {
  readonly means: PaymentMeans | null;
}

/** What of an order is on at this moment, as people are told of it. Nothing once it has ended. */
export function onNow(order: PromotionOrder, atMs: number): readonly Promotion[] {
  return onAt(order, atMs) ?? [];
}

/** Null: the order says nothing of this moment, because it has ended, or because nobody here knows its time zone. */
function onAt(order: PromotionOrder, atMs: number): readonly Promotion[] | null {
  const moment = localMomentOf(atMs, order.timeZone);
  if (moment === null || atMs >= order.expiresAtMs) return null;
  return order.promotions.filter(({ schedule }) => isOn(schedule, moment));
}

/**
 * What is on in a visit that begins now, by the articles that can be taken in it. Sorted by id, so that nothing depends on the
 * order in which promotions were drawn up. Without rules where nothing is on: the charge names the version all the same, for only
 * by that the operator knows that the cabinet had heard of it. Null: the order says nothing of this moment.
 */
export function freeze(
  order: PromotionOrder,
  atMs: number,
  skus: ReadonlySet<string>,
): FrozenPromotions | null {
  const rules = onAt(order, atMs)
    ?.map(({ id, name, rule }): FrozenRule => {
      return {
        id,
        name,
        rule: 'skus' in rule ? { ...rule, skus: rule.skus.filter((sku) => skus.has(sku)) } : rule,
      };
    })
    .filter(({ rule }) => !('skus' in rule) || rule.skus.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return rules === undefined ? null : { version: order.version, rules };
}

/** The same without what is for others than this shopper. */
export function forShopper(frozen: FrozenPromotions, { means }: Shopper): FrozenPromotions {
  const isFor = ({ rule }: FrozenRule): boolean =>
    rule.kind !== 'member_price' || rule.means.length === 0 || (means !== null && rule.means.includes(means));
  return { ...frozen, rules: frozen.rules.filter(isFor) };
}

/** What promotions take off each line, by article; an article that is not in it costs what the catalogue says. */
export type Discounts = ReadonlyMap<string, readonly Discount[]>;

/** The promotion that makes all of it cost nothing; null: there is none. */
export function freeRuleOf(frozen: FrozenPromotions | undefined): FrozenRule | null {
  return frozen?.rules.find(({ rule }) => rule.kind === 'free') ?? null;
}

/** What is taken off, as it is found. */
class Found {
  readonly #of = new Map<string, Map<string, { rule: FrozenRule; amount: Amount }>>();

  add(sku: string, rule: FrozenRule, amount: Amount): void {
    if (amount <= 0) return;
    const ofLine = this.#of.get(sku) ?? new Map<string, { rule: FrozenRule; amount: Amount }>();
    this.#of.set(sku, ofLine);
    const before = ofLine.get(rule.id)?.amount ?? 0;
    ofLine.set(rule.id, { rule, amount: before + amount });
  }

  savedOn(sku: string): Amount {
    return [...(this.#of.get(sku)?.values() ?? [])].reduce((sum, { amount }) => sum + amount, 0);
  }

  discounts(): Discounts {
    const asDiscounts = (ofLine: ReadonlyMap<string, { rule: FrozenRule; amount: Amount }>): Discount[] =>
      [...ofLine.values()].map(({ rule: { id, name }, amount }) => ({
        id,
        name,
        amountMinor: minor(amount),
      }));
    return new Map([...this.#of].map(([sku, ofLine]) => [sku, asDiscounts(ofLine)]));
  }
}

/** Pieces beyond the largest amount are on no bill, and nothing is taken off them. */
function withinAmounts(line: PricedLine): PricedLine {
  const most = line.priceMinor === 0 ? line.count : Math.floor(amountMaxMinor / line.priceMinor);
  return { ...line, count: Math.min(line.count, most) };
}

const grossOf = ({ priceMinor, count }: PricedLine): Amount => priceMinor * count;

/**
 * What these promotions take off these lines (one an article, at frozen prices): for each piece the one that is best for the
 * shopper, of equals the first by id; on top of that for all together the best that is for whole baskets. It sums up in whole
 * minor units, takes off no line more than it costs, and depends on no order.
 */
export function discountsOf(lines: readonly PricedLine[], frozen: FrozenPromotions): Discounts {
  const found = new Found();
  const sorted = lines
    .map(withinAmounts)
    .filter(({ count }) => count > 0)
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
  const free = freeRuleOf(frozen);
  if (free !== null) {
    for (const line of sorted) found.add(line.sku, free, grossOf(line));
    return found.discounts();
  }
  const alone = bundlesOff(sorted, frozen.rules, found);
  for (const line of alone) {
    const best = bestOnLine(line, frozen.rules);
    if (best !== null) found.add(line.sku, best.rule, best.savedMinor);
  }
  basketOff(sorted, frozen.rules, found);
  return found.discounts();
}

/** Puts pieces into bundles; the answer is what is left on its own. An article is in the bundles of one promotion alone. */
function bundlesOff(
  lines: readonly PricedLine[],
  rules: readonly FrozenRule[],
  found: Found,
): readonly PricedLine[] {
  let alone = lines;
  const used = new Set<string>();
  for (const rule of rules) {
    if (rule.rule.kind !== 'bundle') continue;
    const { skus } = rule.rule;
    const ofIt = alone.filter(({ sku }) => skus.includes(sku) && !used.has(sku));
    const { bundles, taken } = bundle(ofIt, rule.rule, (line, count) => {
      const piecesAlone = { ...line, count };
      return grossOf(piecesAlone) - (bestOnLine(piecesAlone, rules)?.savedMinor ?? 0);
    });
    const weights = ofIt.map(({ sku: key, priceMinor }) => ({
      key,
      weight: priceMinor * (taken.get(key) ?? 0),
    }));
    const grossMinor = weights.reduce((sum, { weight }) => sum + weight, 0);
    const saved = spread(grossMinor - bundles * rule.rule.priceMinor, weights);
    for (const [sku, amount] of saved) found.add(sku, rule, amount);
    for (const { sku } of ofIt) used.add(sku);
    alone = alone.map((line) => ({ ...line, count: line.count - (taken.get(line.sku) ?? 0) }));
  }
  return alone;
}

/** The best of those that are for whole baskets, by what all of it costs in the catalogue. */
function basketOff(lines: readonly PricedLine[], rules: readonly FrozenRule[], found: Found): void {
  const grossMinor = lines.reduce((sum, line) => sum + grossOf(line), 0);
  const weights = lines.map((line) => ({ key: line.sku, weight: grossOf(line) - found.savedOn(line.sku) }));
  const netMinor = weights.reduce((sum, { weight }) => sum + weight, 0);
  let best: { rule: FrozenRule; off: Amount } | null = null;
  for (const rule of rules) {
    if (rule.rule.kind !== 'basket_off' || grossMinor < rule.rule.fromMinor) continue;
    const off = Math.min(rule.rule.offMinor, netMinor);
    if (off > (best?.off ?? 0)) best = { rule, off };
  }
  if (best === null) return;
  for (const [sku, amount] of spread(best.off, weights)) found.add(sku, best.rule, amount);
}
