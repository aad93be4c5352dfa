import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DebitLine } from '../provider.ts';
import { cut } from '../shown-text.ts';
import { postOrder, postPayments } from './post-payments.ts';

const cola = { name: '可乐', count: 2, amountMinor: 700 };
const water = { name: '矿泉水', count: 1, amountMinor: 350 };

describe('the lines of an order', () => {
  it('are those of the bill', () => {
    expect(postPayments([cola, water], 1_050)).toEqual([
      { name: '商品信息', description: '可乐', amount: 700, count: 2 },
      { name: '商品信息', description: '矿泉水', amount: 350, count: 1 },
    ]);
  });

  it.each([350, 2_000])('are one when the amount is another: %i', (amount) => {
    expect(postPayments([cola, water], amount)).toEqual([
      { name: '商品信息', description: '可乐等3件商品', amount, count: 1 },
    ]);
  });

  it('are one when there are none', () => {
    expect(postPayments([], 100)).toEqual([{ name: '商品信息', description: '商品', amount: 100, count: 1 }]);
    expect(postPayments([water], 100)[0]?.description).toBe('矿泉水');
  });

  it('are several for more than a hundred pieces', () => {
    expect(postPayments([{ name: '糖', count: 250, amountMinor: 1_000 }], 1_000)).toEqual([
      { name: '商品信息', description: '糖', amount: 400, count: 100 },
      { name: '商品信息', description: '糖', amount: 400, count: 100 },
      { name: '商品信息', description: '糖', amount: 200, count: 50 },
    ]);
  });

  it('are merged at the end beyond a hundred', () => {
    const lines = Array.from({ length: 130 }, (_, i) => ({ name: `货${i}`, count: 2, amountMinor: 10 }));
    const payments = postPayments(lines, 1_300);
    expect(payments).toHaveLength(100);
    expect(payments.at(-1)).toEqual({
      name: '商品信息',
      description: '其他商品共62件',
      amount: 310,
      count: 1,
    });
  });

  it('always fit, whatever the bill', () => {
    const line: fc.Arbitrary<DebitLine> = fc.record({
      name: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constant('👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦'),
        fc.constant('  \n\t '),
        fc.constant('a\uD83D'),
      ),
      count: fc.integer({ min: 0, max: 15_000 }),
      amountMinor: fc.integer({ min: 0, max: 100_000_000 }),
    });
    const lines = fc.array(line, { maxLength: 140 });
    const offMinor = fc.oneof(fc.constant(0), fc.integer({ min: -1_000, max: 1_000 }));
    const fits = (bill: DebitLine[], off: number) => {
      const amountMinor = Math.max(0, bill.reduce((sum, one) => sum + one.amountMinor, 0) + off);
      const payments = postPayments(bill, amountMinor);
      expect(payments.length).toBeGreaterThanOrEqual(1);
      expect(payments.length).toBeLessThanOrEqual(100);
      expect(payments.reduce((sum, { amount }) => sum + amount, 0)).toBe(amountMinor);
      for (const { name, description, amount, count } of payments) {
        expect(name).toBe('商品信息');
        expect(description.length).toBeGreaterThanOrEqual(1);
        expect(description.length).toBeLessThanOrEqual(30);
        expect(description).not.toMatch(/\p{Surrogate}|\p{Control}/u);
        expect(Number.isSafeInteger(amount) && amount >= 0).toBe(true);
        expect(Number.isInteger(count) && count >= 1 && count <= 100).toBe(true);
      }
    };
    fc.assert(fc.property(lines, offMinor, fits), { numRuns: 200, seed: 7 });
  });
});

describe('cut', () => {
  it('keeps whole what a reader sees as one character', () => {
    expect(cut('👨‍👩‍👧‍👦可乐', 5)).toBe('');
    expect(cut('可乐👨‍👩‍👧‍👦', 5)).toBe('可乐');
    expect(cut('一二三四', 3)).toBe('一二三');
    expect(cut(' a\n b ', 10)).toBe('a b');
  });
});

describe('what promotions take off', () => {
  const half = { name: '第二件半价', amountMinor: 175 };
  const off = { name: '满减', amountMinor: 100 };
  const lines = [
    { ...cola, amountMinor: 475, discounts: [half, { ...off, amountMinor: 50 }] },
    { ...water, amountMinor: 300, discounts: [{ ...off, amountMinor: 50 }] },
  ];

  it('stands beside the lines at the prices of the catalogue, one a promotion', () => {
    expect(postOrder(lines, 775)).toEqual({
      post_payments: postPayments([cola, water], 1_050),
      post_discounts: [
        { name: '第二件半价', description: '第二件半价', amount: 175 },
        { name: '满减', description: '满减', amount: 100 },
      ],
    });
  });

  it('is in the lines where the amount is another, or there are too many', () => {
    expect(postOrder(lines, 700)).toEqual({ post_payments: postPayments(lines, 700) });
    const many = Array.from({ length: 31 }, (_, i) => ({
      ...{ name: `货${i}`, count: 1, amountMinor: 10, discounts: [{ name: `优惠${i}`, amountMinor: 1 }] },
    }));
    expect(postOrder(many, 310)).toEqual({ post_payments: postPayments(many, 310) });
    expect(postOrder([cola], 700)).toEqual({ post_payments: postPayments([cola], 700) });
  });

  it('adds up, whatever the lines', () => {
    const discount = fc.record({
      name: fc.string({ minLength: 1 }),
      amountMinor: fc.integer({ min: 1, max: 99 }),
    });
    const line = fc.record({
      ...{ name: fc.string(), count: fc.integer({ min: 1, max: 300 }), amountMinor: fc.nat(10_000) },
      discounts: fc.array(discount, { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), (of) => {
        const total = of.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
        const { post_payments: payments, post_discounts: discounts = [] } = postOrder(of, total);
        const sum = payments.reduce((all, { amount }) => all + amount, 0);
        expect(sum - discounts.reduce((all, { amount }) => all + amount, 0)).toBe(total);
        expect(payments.length).toBeLessThanOrEqual(100);
        expect(discounts.length).toBeLessThanOrEqual(30);
      }),
    );
  });
});
