import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FrozenPromotions } from '../../shared/model/promotion.schema.ts';
import { anyAmount, basketRule, bundleRule, frozenOf, lineRuleOf } from '../../testkit/core/promotions.ts';
import { type PricedLine, discountsOf, forShopper } from './pricing.ts';
import { savedBy, spread } from './share.ts';

const skus = ['A', 'B', 'C', 'D'];
const name = { zh: '优惠', en: 'offer' };
const lineRule = lineRuleOf(skus);
const anyRule = fc.oneof(lineRule, bundleRule(skus), basketRule);
const basket = (countMax: number): fc.Arbitrary<PricedLine[]> =>
  fc
    .array(fc.record({ priceMinor: fc.oneof(anyAmount, fc.constant(0)), count: fc.nat(countMax) }), {
      ...{ minLength: skus.length, maxLength: skus.length },
    })
    .map((of) => of.map((line, i) => ({ ...line, sku: skus[i] ?? '' })));

const grossOf = (lines: readonly PricedLine[]): number =>
  lines.reduce((sum, { priceMinor, count }) => sum + priceMinor * count, 0);
const offOf = (lines: readonly PricedLine[], frozen: FrozenPromotions): number =>
  [...discountsOf(lines, frozen).values()].flat().reduce((sum, { amountMinor }) => sum + amountMinor, 0);
const netOf = (lines: readonly PricedLine[], frozen: FrozenPromotions): number =>
  grossOf(lines) - offOf(lines, frozen);
const oneMore = (lines: readonly PricedLine[], sku: string): PricedLine[] =>
  lines.map((line) => (line.sku === sku ? { ...line, count: line.count + 1 } : line));

test('no line is taken off more than it costs, and no promotion takes off nothing', () => {
  fc.assert(
    fc.property(basket(5), frozenOf(anyRule), (lines, frozen) => {
      for (const [sku, discounts] of discountsOf(lines, frozen)) {
        const line = lines.find((one) => one.sku === sku);
        const off = discounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
        expect(off).toBeLessThanOrEqual(grossOf(line === undefined ? [] : [line]));
        expect(discounts.every(({ amountMinor }) => amountMinor > 0)).toBe(true);
        expect(discounts.length).toBeLessThanOrEqual(3);
        expect(new Set(discounts.map(({ id }) => id)).size).toBe(discounts.length);
      }
    }),
  );
});

test('the order of lines and of promotions changes nothing', () => {
  fc.assert(
    fc.property(basket(4), frozenOf(anyRule), (lines, frozen) => {
      const there = discountsOf(lines, frozen);
      const back = discountsOf([...lines].reverse(), frozen);
      expect([...back].sort()).toEqual([...there].sort());
    }),
  );
});

test('one more piece costs no more than its price; without bundles and thresholds it never lowers the sum', () => {
  fc.assert(
    fc.property(basket(5), frozenOf(anyRule), fc.constantFrom(...skus), (lines, frozen, sku) => {
      const price = lines.find((one) => one.sku === sku)?.priceMinor ?? 0;
      expect(netOf(oneMore(lines, sku), frozen)).toBeLessThanOrEqual(netOf(lines, frozen) + price);
      expect(netOf(oneMore(lines, sku), frozen)).toBeGreaterThanOrEqual(0);
    }),
  );
  fc.assert(
    fc.property(basket(5), frozenOf(lineRule), fc.constantFrom(...skus), (lines, frozen, sku) => {
      expect(netOf(oneMore(lines, sku), frozen)).toBeGreaterThanOrEqual(netOf(lines, frozen));
    }),
  );
});

test('another promotion beside those that there are makes nothing dearer', () => {
  fc.assert(
    fc.property(basket(4), frozenOf(fc.oneof(lineRule, basketRule)), lineRule, (lines, frozen, rule) => {
      const more = { ...frozen, rules: [...frozen.rules, { id: 'z', name, rule }] };
      expect(netOf(lines, more)).toBeLessThanOrEqual(netOf(lines, frozen));
    }),
  );
});

/** Every way to put pieces into bundles, by trying all of them. */
function leastByTrying(lines: readonly PricedLine[], frozen: FrozenPromotions): number {
  const alone = { ...frozen, rules: frozen.rules.filter(({ rule }) => rule.kind !== 'bundle') };
  const found = frozen.rules.find(({ rule }) => rule.kind === 'bundle');
  const rule = found?.rule.kind === 'bundle' ? found.rule : null;
  let least = netOf(lines, alone);
  const visit = (at: number, rest: readonly PricedLine[], taken: number): void => {
    if (rule === null) return;
    if (at === lines.length) {
      if (taken % rule.count === 0)
        least = Math.min(least, netOf(rest, alone) + (taken / rule.count) * rule.priceMinor);
      return;
    }
    const line = rest[at];
    const most = line !== undefined && rule.skus.includes(line.sku) ? line.count : 0;
    for (let n = 0; n <= most; n += 1)
      visit(
        at + 1,
        rest.map((one, i) => (i === at ? { ...one, count: one.count - n } : one)),
        taken + n,
      );
  };
  visit(0, lines, 0);
  return least;
}

test('no way to put pieces into bundles costs less', () => {
  const rules = fc
    .tuple(fc.array(lineRule, { maxLength: 2 }), bundleRule(skus))
    .map(([others, it]): FrozenPromotions => ({
      version: 1,
      rules: [...others, it].map((rule, i) => ({ id: `p${i}`, name, rule })),
    }));
  fc.assert(
    fc.property(basket(3), rules, (lines, frozen) => {
      expect(netOf(lines, frozen)).toBe(leastByTrying(lines, frozen));
    }),
    { numRuns: 60 },
  );
});

test('free: all of it costs nothing, whatever else is on', () => {
  fc.assert(
    fc.property(basket(5), frozenOf(anyRule), (lines, frozen) => {
      const free = {
        ...frozen,
        rules: [...frozen.rules, { id: 'z', name, rule: { kind: 'free' as const } }],
      };
      expect(netOf(lines, free)).toBe(0);
    }),
  );
});

test('who pays otherwise has no price of members, and never pays less than who has it', () => {
  fc.assert(
    fc.property(basket(4), frozenOf(lineRule), (lines, frozen) => {
      const member = forShopper(frozen, { means: 'card' });
      const unknown = forShopper(frozen, { means: null });
      expect(netOf(lines, unknown)).toBeGreaterThanOrEqual(netOf(lines, member));
      const means = unknown.rules.flatMap(({ rule }) => (rule.kind === 'member_price' ? rule.means : []));
      expect(means).toEqual([]);
    }),
  );
});

test('what is spread sums up, and no share is more than its weight', () => {
  const weights = fc.array(fc.nat(1_000_000_000), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
      const total = all.reduce((sum, weight) => sum + weight, 0);
      const off = Math.floor(total * part);
      const shares = spread(
        off,
        all.map((weight, i) => ({ key: `k${i}`, weight })),
      );
      expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBe(off);
      for (const [i, weight] of all.entries()) expect(shares.get(`k${i}`) ?? 0).toBeLessThanOrEqual(weight);
    }),
  );
});

test('what some pieces save and what the others save is what all save; never more than they cost', () => {
  const of = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(
      of,
      fc.nat(60),
      fc.nat(2_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, n, price, part) => {
        const count = Math.min(n, all);
        const saved = Math.floor(all * price * part);
        expect(savedBy(count, all, saved)).toBeLessThanOrEqual(count * price);
        expect(savedBy(count, all, saved)).toBeGreaterThanOrEqual(0);
        expect(saved - savedBy(count, all, saved)).toBeLessThanOrEqual((all - count) * price);
      },
    ),
  );
});
