import { describe, expect, test } from 'vitest';
import type {
  FrozenPromotions,
  Promotion,
  PromotionRule,
  Schedule,
} from '../../shared/model/promotion.schema.ts';
import { promotionOrderSchema, promotionRuleSchema } from '../../shared/model/promotion.schema.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import { dayNumberOf, weekdayOf } from '../../shared/util/calendar-day.ts';
import { always, promotionOf } from '../../testkit/core/promotions.ts';
import { type PricedLine, discountsOf, freeze, onNow } from './pricing.ts';
import { problemsOfPromotions } from './problems.ts';
import { isOn, localMomentOf } from './schedule.ts';

const name = { zh: '优惠', en: 'offer' };
const frozen = (...rules: PromotionRule[]): FrozenPromotions => ({
  version: 1,
  rules: rules.map((rule, i) => ({ id: `p${i}`, name, rule })),
});
const cola = (count: number): PricedLine => ({ sku: 'COLA', priceMinor: 351, count });
const chips = (count: number): PricedLine => ({ sku: 'CHIP', priceMinor: 780, count });
const offs = (lines: PricedLine[], ...rules: PromotionRule[]) =>
  Object.fromEntries(
    [...discountsOf(lines, frozen(...rules))].map(([sku, all]) => [
      sku,
      Object.fromEntries(all.map(({ id, amountMinor }) => [id, amountMinor])),
    ]),
  );

describe('what is taken off', () => {
  const half: PromotionRule = { kind: 'second_half', skus: ['COLA'] };
  const off = (offMinor: number): PromotionRule => ({
    ...{ kind: 'amount_off', skus: ['COLA', 'CHIP'], offMinor: minor(offMinor) },
  });

  test.each<[string, PricedLine[], PromotionRule[], unknown]>([
    ['one alone has no second', [cola(1)], [half], {}],
    ['the half that is paid is rounded down', [cola(2)], [half], { COLA: { p0: 176 } }],
    ['of three one is the second of another', [cola(3)], [half], { COLA: { p0: 176 } }],
    ['off each piece', [cola(2), chips(1)], [off(100)], { COLA: { p0: 200 }, CHIP: { p0: 100 } }],
    ['never more than it costs', [cola(2)], [off(9_999)], { COLA: { p0: 702 } }],
    ['the better of two', [cola(2)], [half, off(100)], { COLA: { p1: 200 } }],
    ['of equals the first by id', [cola(1)], [off(50), off(50)], { COLA: { p0: 50 } }],
    [
      'a bundle of both, what it saves by what they cost',
      [cola(1), chips(1)],
      [{ kind: 'bundle', skus: ['COLA', 'CHIP'], count: 2, priceMinor: minor(1_000) }],
      { COLA: { p0: 41 }, CHIP: { p0: 90 } },
    ],
    [
      'the dearest go into it, and the rest has its own',
      [cola(3), chips(1)],
      [half, { kind: 'bundle', skus: ['COLA', 'CHIP'], count: 2, priceMinor: minor(1_000) }],
      { COLA: { p0: 176, p1: 41 }, CHIP: { p1: 90 } },
    ],
    [
      'off the whole basket from a sum on, beside the others',
      [cola(2), chips(1)],
      [half, { kind: 'basket_off', offMinor: minor(200), fromMinor: minor(1_482) }],
      { COLA: { p0: 176, p1: 81 }, CHIP: { p1: 119 } },
    ],
    [
      'below that sum nothing',
      [cola(2), chips(1)],
      [{ kind: 'basket_off', offMinor: minor(200), fromMinor: minor(1_483) }],
      {},
    ],
  ])('%s', (_, lines, rules, expected) => {
    expect(offs(lines, ...rules)).toEqual(expected);
  });

  test('beside the largest amount nothing overflows', () => {
    const lines = [
      { sku: 'COLA', priceMinor: 30_000_000, count: 5_000 },
      { sku: 'CHIP', priceMinor: 1, count: 5_000 },
    ];
    const basketOff: PromotionRule = {
      kind: 'basket_off',
      offMinor: minor(amountMaxMinor),
      fromMinor: minor(0),
    };
    expect(offs(lines, basketOff)).toEqual({ COLA: { p0: 90_000_000 }, CHIP: { p0: 5_000 } });
    expect(offs(lines, { kind: 'free' })).toEqual({ COLA: { p0: 90_000_000 }, CHIP: { p0: 5_000 } });
  });

  test('of thousands of pieces only so many are looked at for bundles, and that is quick', () => {
    const many: PricedLine[] = Array.from({ length: 100 }, (_, i) => ({
      sku: `S${i}`,
      priceMinor: 100,
      count: 50,
    }));
    const skus = many.map(({ sku }) => sku);
    const rule: PromotionRule = { kind: 'bundle', skus, count: 2, priceMinor: minor(150) };
    const off = [...discountsOf(many, frozen(rule)).values()].flat();
    expect(off.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(100 * 50);
  });
});

describe('when it is on', () => {
  const at = (iso: string, zone = 'Asia/Shanghai') => {
    const moment = localMomentOf(Date.parse(iso), zone);
    if (moment === null) throw new Error('no such moment');
    return moment;
  };

  test('by the clock of the place, whatever that of the machine says', () => {
    expect(at('2026-11-30T23:30:00Z')).toEqual({ day: dayNumberOf('2026-12-01'), minute: 450 });
    expect(at('2026-11-30T23:30:00Z', 'UTC')).toEqual({ day: dayNumberOf('2026-11-30'), minute: 1_410 });
    expect(localMomentOf(0, 'Nowhere/At_All')).toBeNull();
    expect(localMomentOf(Number.NaN, 'UTC')).toBeNull();
  });

  test('the day of the week is that of the calendar', () => {
    const days = ['2026-11-30', '2026-12-06', '2028-02-29', '2000-01-01'].map((day) =>
      weekdayOf(dayNumberOf(day) ?? 0),
    );
    expect(days).toEqual([1, 7, 2, 6]);
  });

  test('over midnight it belongs to the day on which it began', () => {
    const friday: Schedule = { ...always, weekdays: [5], fromMinute: 22 * 60, toMinute: 2 * 60 };
    const on = (iso: string): boolean => isOn(friday, at(iso, 'UTC'));
    expect(on('2026-12-04T21:59:00Z')).toBe(false);
    expect(on('2026-12-04T22:00:00Z')).toBe(true);
    expect(on('2026-12-05T01:59:00Z')).toBe(true);
    expect(on('2026-12-05T02:00:00Z')).toBe(false);
    expect(on('2026-12-05T22:30:00Z')).toBe(false);
    expect(isOn({ ...friday, lastDay: '2026-12-04' }, at('2026-12-05T01:00:00Z', 'UTC'))).toBe(true);
    expect(isOn({ ...friday, firstDay: '2026-12-05' }, at('2026-12-05T01:00:00Z', 'UTC'))).toBe(false);
  });

  test('the hour that a clock shows twice is on twice, and the one that it leaves out is not', () => {
    const night: Schedule = { ...always, fromMinute: 2 * 60, toMinute: 3 * 60 };
    const on = (iso: string): boolean => isOn(night, at(iso, 'Europe/Berlin'));
    expect([on('2026-10-25T00:30:00Z'), on('2026-10-25T01:30:00Z')]).toEqual([true, true]);
    expect([on('2026-03-29T00:30:00Z'), on('2026-03-29T01:30:00Z')]).toEqual([false, false]);
  });

  test('an order that has ended has nothing on; what is frozen names only goods that are there', () => {
    const order = promotionOrderSchema.parse({
      ...{
        version: 7,
        issuedAtMs: 0,
        expiresAtMs: 1_000,
        cabinetId: 'KM-1',
        currency: 'CNY',
        timeZone: 'UTC',
      },
      promotions: [
        promotionOf('b', { kind: 'second_half', skus: ['COLA', 'TEA'] }),
        promotionOf('a', { kind: 'second_half', skus: ['TEA'] }),
        promotionOf('c', { kind: 'free' }, { schedule: { ...always, weekdays: [1] } }),
      ],
    });
    expect(onNow(order, 999).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(onNow(order, 1_000)).toEqual([]);
    expect(freeze(order, 999, new Set(['COLA']))).toEqual({
      ...{ version: 7, rules: [{ id: 'b', name, rule: { kind: 'second_half', skus: ['COLA'] } }] },
    });
    // Nothing of it is on, and the charge says by which version that is so.
    expect(freeze(order, 999, new Set(['WATER']))).toEqual({ version: 7, rules: [] });
    expect(freeze(order, 1_000, new Set(['COLA']))).toBeNull();
    expect(freeze({ ...order, timeZone: 'Nowhere/At_All' }, 5, new Set(['COLA']))).toBeNull();
  });
});

describe('what is wrong with promotions', () => {
  const prices = new Map([
    ['COLA', 351],
    ['CHIP', 780],
  ]);
  const bundleOf = (priceMinor: number): PromotionRule => ({
    ...{ kind: 'bundle', skus: ['COLA', 'CHIP'], count: 2, priceMinor: minor(priceMinor) },
  });

  test.each<[string, Promotion[], string[]]>([
    ['nothing', [promotionOf('a', bundleOf(1_000)), promotionOf('b', { kind: 'free' })], []],
    [
      'an article that is not sold',
      [promotionOf('a', { kind: 'second_half', skus: ['TEA'] })],
      ['a unknown_article TEA'],
    ],
    [
      'more off than it costs',
      [promotionOf('a', { kind: 'amount_off', skus: ['COLA', 'CHIP'], offMinor: minor(351) })],
      ['a costs_nothing COLA'],
    ],
    [
      'all off the basket that just reaches its sum',
      [promotionOf('a', { kind: 'basket_off', offMinor: minor(500), fromMinor: minor(500) })],
      ['a costs_nothing a'],
    ],
    [
      'a price of members that is none',
      [promotionOf('a', { kind: 'member_price', skus: ['COLA'], priceMinor: minor(351), means: [] })],
      ['a no_saving COLA'],
    ],
    ['a bundle that costs what its goods do', [promotionOf('a', bundleOf(1_560))], ['a no_saving a']],
    [
      'two bundles of one article',
      [promotionOf('a', bundleOf(1_000)), promotionOf('b', bundleOf(900))],
      ['b bundles_overlap a'],
    ],
    [
      'two of them at different cabinets',
      [
        promotionOf('a', bundleOf(1_000), { cabinets: ['1'] }),
        promotionOf('b', bundleOf(900), { cabinets: ['2'] }),
      ],
      [],
    ],
    [
      'one id twice',
      [promotionOf('a', { kind: 'free' }), promotionOf('a', { kind: 'free' })],
      ['a same_id a'],
    ],
    [
      'never on',
      [
        promotionOf(
          'a',
          { kind: 'free' },
          {
            schedule: { ...always, firstDay: '2026-12-01', lastDay: '2026-12-02', weekdays: [5] },
          },
        ),
        promotionOf(
          'b',
          { kind: 'free' },
          { schedule: { ...always, firstDay: '2026-12-02', lastDay: '2026-12-01' } },
        ),
      ],
      ['a never_on a', 'b never_on b'],
    ],
  ])('%s', (_, promotions, expected) => {
    const found = problemsOfPromotions(promotions, prices);
    expect(found.map(({ id, problem, about }) => `${id} ${problem} ${about}`)).toEqual(expected);
  });

  test('what is of no form is refused: nothing off, less, one article twice, thousands of them', () => {
    const isTaken = (rule: unknown): boolean => promotionRuleSchema.safeParse(rule).success;
    expect(isTaken({ kind: 'amount_off', skus: ['COLA'], offMinor: 1 })).toBe(true);
    expect(isTaken({ kind: 'amount_off', skus: ['COLA'], offMinor: -1 })).toBe(false);
    expect(isTaken({ kind: 'amount_off', skus: ['COLA'], offMinor: 0 })).toBe(false);
    expect(isTaken({ kind: 'amount_off', skus: ['COLA', 'COLA'], offMinor: 1 })).toBe(false);
    expect(isTaken({ kind: 'bundle', skus: ['COLA'], count: 1, priceMinor: 5 })).toBe(false);
    expect(isTaken({ kind: 'bundle', skus: ['COLA'], count: 2, priceMinor: 1e12 })).toBe(false);
    const order = {
      version: 1,
      issuedAtMs: 0,
      expiresAtMs: 1,
      cabinetId: 'a',
      currency: 'CNY',
      timeZone: 'UTC',
    };
    const many = Array.from({ length: 41 }, (_, i) => promotionOf(`p${i}`, { kind: 'free' }));
    expect(promotionOrderSchema.safeParse({ ...order, promotions: many }).success).toBe(false);
    expect(promotionOrderSchema.safeParse({ ...order, promotions: many.slice(1) }).success).toBe(true);
  });
});
