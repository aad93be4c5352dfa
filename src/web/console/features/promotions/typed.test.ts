import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Promotion, PromotionRule } from '../../../../shared/model/promotion.schema.ts';
import { minor } from '../../../../shared/money.ts';
import { newPromotion, readPromotion, typedOf } from './typed.ts';

const rules: PromotionRule[] = [
  { kind: 'free' },
  { kind: 'second_half', skus: ['A'] },
  { kind: 'amount_off', skus: ['A'], offMinor: minor(50) },
  { kind: 'member_price', skus: ['A', 'B'], priceMinor: minor(300), means: ['card'] },
  { kind: 'bundle', skus: ['A'], count: 3, priceMinor: minor(1_000) },
  { kind: 'basket_off', offMinor: minor(500), fromMinor: minor(2_000) },
];

test('what stands in the form is what was drawn up', () => {
  const minute = fc.integer({ min: 0, max: 1_439 });
  fc.assert(
    fc.property(fc.constantFrom(...rules), minute, minute, fc.boolean(), (rule, from, to, isOfOne) => {
      const toMinute = from === to ? 0 : to;
      const promotion: Promotion = {
        ...{ id: 'half', name: { zh: '半价', en: 'Half' }, rule, cabinets: isOfOne ? ['KM-1', 'KM-2'] : [] },
        schedule: {
          ...{ firstDay: null, lastDay: isOfOne ? '2026-12-31' : null, weekdays: [1, 7] },
          ...{ fromMinute: from === to ? 0 : from, toMinute },
        },
      };
      expect(readPromotion(typedOf(promotion))).toEqual(promotion);
    }),
    { numRuns: 50 },
  );
});

test('what cannot be read is said, and not guessed at', () => {
  const right = { ...newPromotion, id: 'half', zh: '半价', en: 'Half', skus: ['A'] };
  expect(readPromotion(right)).not.toBeNull();
  expect(readPromotion({ ...right, times: '22:00-24:00' })?.schedule).toMatchObject({
    fromMinute: 1_320,
    toMinute: 0,
  });
  const wrong = [
    { id: 'Half Price' },
    { en: ' ' },
    { skus: [] },
    { times: 'noon' },
    { times: '25:00-26:00' },
    { firstDay: '31.12.2026' },
    { weekdays: [] },
    { kind: 'amount_off', amount: '' },
    { kind: 'amount_off', amount: '-1' },
    { kind: 'bundle', amount: '5', count: '1' },
    { kind: 'basket_off', amount: '5', from: 'ten' },
  ] as const;
  for (const one of wrong) expect([one, readPromotion({ ...right, ...one })]).toEqual([one, null]);
});
