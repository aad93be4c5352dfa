import fc from 'fast-check';
import type {
  FrozenPromotions,
  FrozenRule,
  Promotion,
  PromotionRule,
  Schedule,
} from '../../shared/model/promotion.schema.ts';
import { minor } from '../../shared/money.ts';

/** Promotions by chance, for tests of money. */

export const anyAmount = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3_000 }));
const name = { zh: '优惠', en: 'offer' };
const some = (skus: readonly string[]) => fc.subarray([...skus], { minLength: 1 });

/** One that is about pieces of one article. */
export function lineRuleOf(skus: readonly string[]): fc.Arbitrary<PromotionRule> {
  return fc.oneof(
    fc.record({ kind: fc.constant('second_half' as const), skus: some(skus) }),
    fc.record({ kind: fc.constant('amount_off' as const), skus: some(skus), offMinor: anyAmount.map(minor) }),
    fc.record({
      ...{ kind: fc.constant('member_price' as const), skus: some(skus), priceMinor: anyAmount.map(minor) },
      means: fc.subarray(['card', 'balance'] as const),
    }),
  );
}

export function bundleRule(skus: readonly string[]): fc.Arbitrary<PromotionRule> {
  return fc.record({
    ...{ kind: fc.constant('bundle' as const), skus: some(skus), count: fc.integer({ min: 2, max: 4 }) },
    priceMinor: anyAmount.map(minor),
  });
}

export const basketRule: fc.Arbitrary<PromotionRule> = fc.record({
  ...{ kind: fc.constant('basket_off' as const), offMinor: anyAmount.map(minor) },
  fromMinor: anyAmount.map(minor),
});

/** Several of them, as a visit has them. */
export function frozenOf(rule: fc.Arbitrary<PromotionRule>, maxLength = 4): fc.Arbitrary<FrozenPromotions> {
  return fc.array(rule, { maxLength }).map((rules) => ({
    version: 1,
    rules: rules.map((one, i): FrozenRule => ({ id: `p${i}`, name, rule: one })),
  }));
}

/** Whatever may be on at once; null: nothing. */
export function anyFrozen(skus: readonly string[]): fc.Arbitrary<FrozenPromotions | null> {
  const free: fc.Arbitrary<PromotionRule> = fc.constant({ kind: 'free' });
  const most = fc.oneof(lineRuleOf(skus), bundleRule(skus), basketRule);
  return fc.option(
    fc.oneof({ weight: 9, arbitrary: frozenOf(most) }, { weight: 1, arbitrary: frozenOf(free, 1) }),
  );
}

/** On at any time. */
export const always: Schedule = {
  ...{ firstDay: null, lastDay: null, weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 0 },
};

/** One for all cabinets, at any time. */
export function promotionOf(id: string, rule: PromotionRule, more: Partial<Promotion> = {}): Promotion {
  return { ...{ id, name, rule, schedule: always, cabinets: [] }, ...more };
}
