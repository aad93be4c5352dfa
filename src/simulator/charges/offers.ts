import type { Promotion, Schedule } from '../../shared/model/promotion.schema.ts';

/**
 * What is on at the simulated cabinets, and what goods cost by it. The arithmetic is the auditor's own: nothing of core/pricing is
 * used.
 */

/** Whole hours apart from UTC, all year: the minutes of an hour are the same everywhere. */
export const offersTimeZone = 'Asia/Shanghai';
const halfSkus = ['cola-can', 'orange-juice', 'rice-ball'];
const lessSkus = ['spring-water', 'milk-box', 'iced-coffee'];
const lessMinor = 33;
/** Nothing is charged from this minute of each hour until that one. */
const freeMinutes = { from: 20, to: 30 } as const;

const always: Schedule = {
  ...{ firstDay: null, lastDay: null, weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 0 },
};
const nameOf = (en: string): Promotion['name'] => ({ zh: en, en });

/** As they are drawn up. */
export const offers: readonly Promotion[] = [
  {
    ...{ id: 'second-half', name: nameOf('second at half price'), schedule: always, cabinets: [] },
    rule: { kind: 'second_half', skus: [...halfSkus] },
  },
  {
    ...{ id: 'less', name: nameOf('less each'), schedule: always, cabinets: [] },
    rule: { kind: 'amount_off', skus: [...lessSkus], offMinor: lessMinor as never },
  },
  ...Array.from({ length: 24 }, (_, hour): Promotion => {
    const [fromMinute, toMinute] = [60 * hour + freeMinutes.from, 60 * hour + freeMinutes.to];
    const schedule = { ...always, fromMinute, toMinute };
    return {
      ...{ id: `free-${hour}`, name: nameOf('free'), schedule, cabinets: [] },
      rule: { kind: 'free' },
    };
  }),
];

/** What these pieces cost who bought them at that moment. */
export function costAt(skus: readonly string[], priceOf: (sku: string) => number, atMs: number): number {
  const minute = Math.floor(atMs / 60_000) % 60;
  if (minute >= freeMinutes.from && minute < freeMinutes.to) return 0;
  const isSecond = new Map<string, boolean>();
  let sumMinor = 0;
  for (const sku of skus) {
    const price = priceOf(sku);
    if (lessSkus.includes(sku)) sumMinor += Math.max(0, price - lessMinor);
    else if (halfSkus.includes(sku) && isSecond.get(sku) === true) sumMinor += Math.floor(price / 2);
    else sumMinor += price;
    isSecond.set(sku, isSecond.get(sku) !== true);
  }
  return sumMinor;
}
