import { expect, test } from 'vitest';
import { costAt, offers } from './offers.ts';

const prices: Readonly<Record<string, number>> = { 'cola-can': 351, 'spring-water': 200, chips: 690 };
const at = (minute: number, ...skus: string[]): number =>
  costAt(skus, (sku) => prices[sku] ?? 0, Date.UTC(2026, 10, 29, 9, minute, 30));

test('the second of an article costs half, the half that is paid rounded down; the third is a first one', () => {
  expect(at(5, 'cola-can')).toBe(351);
  expect(at(5, 'cola-can', 'chips', 'cola-can')).toBe(351 + 690 + 175);
  expect(at(5, 'cola-can', 'cola-can', 'cola-can')).toBe(351 + 175 + 351);
});

test('each has its amount off, and never less than nothing is asked', () => {
  expect(at(5, 'spring-water', 'spring-water')).toBe(2 * 167);
  expect(costAt(['milk-box'], () => 20, 0)).toBe(0);
});

test('from minute 20 of each hour to minute 30 it is free', () => {
  expect([19, 20, 29, 30].map((minute) => at(minute, 'chips'))).toEqual([690, 0, 0, 690]);
  const hours = offers.filter(({ rule }) => rule.kind === 'free').map(({ schedule }) => schedule.fromMinute);
  expect(hours).toEqual(Array.from({ length: 24 }, (_, hour) => 60 * hour + 20));
});
