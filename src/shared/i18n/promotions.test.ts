import { expect, test } from 'vitest';
import type { PromotionRule, Schedule } from '../model/promotion.schema.ts';
import { minor } from '../money.ts';
import { ruleText, scheduleText } from './promotions.ts';

const speech = {
  money: (amountMinor: number) => `¥${(amountMinor / 100).toFixed(2)}`,
  nameOf: (sku: string) => sku,
  meansOf: (means: string) => means,
};
const said = (rule: PromotionRule) => [ruleText(rule, speech, 'zh'), ruleText(rule, speech, 'en')];

test('each kind says what it takes off, in both languages', () => {
  const skus = ['A', 'B', 'C', 'D'];
  expect(said({ kind: 'free' })[1]).toBe('Everything is free: counted, not charged');
  expect(said({ kind: 'second_half', skus })).toEqual([
    '第二件半价：A、B、C等 4 种',
    'Second at half price: A, B, C and 1 more',
  ]);
  expect(said({ kind: 'amount_off', skus: ['A'], offMinor: minor(50) })).toEqual([
    '每件减 ¥0.50：A',
    '¥0.50 off each: A',
  ]);
  const price = { kind: 'member_price' as const, skus: ['A'], priceMinor: minor(300) };
  expect(said({ ...price, means: [] })).toEqual(['会员价 ¥3.00：A', '¥3.00 for members: A']);
  expect(said({ ...price, means: ['card'] })).toEqual(['card价 ¥3.00：A', '¥3.00 with card: A']);
  expect(said({ kind: 'bundle', skus: ['A'], count: 3, priceMinor: minor(1_000) })[1]).toBe(
    'Any 3 for ¥10.00: A',
  );
  const off = { kind: 'basket_off', offMinor: minor(500) } as const;
  expect(said({ ...off, fromMinor: minor(2_000) })).toEqual(['满 ¥20.00 减 ¥5.00', '¥5.00 off from ¥20.00']);
  expect(said({ ...off, fromMinor: minor(0) })[0]).toBe('每单减 ¥5.00');
});

test('when it is on; always says nothing', () => {
  const always: Schedule = {
    ...{ firstDay: null, lastDay: null, weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 0 },
  };
  expect(scheduleText(always, 'en')).toBe('');
  const some = { ...always, weekdays: [7, 6], fromMinute: 1_320, toMinute: 120, lastDay: '2026-12-31' };
  expect(scheduleText(some, 'en')).toBe('Sat, Sun · 22:00–02:00 · … 2026-12-31');
  expect(scheduleText(some, 'zh')).toBe('周六、周日 · 22:00–02:00 · … 2026-12-31');
});
