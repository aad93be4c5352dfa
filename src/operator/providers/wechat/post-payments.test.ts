import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DebitLine } from '../provider.ts';
import { cut } from '../shown-text.ts';
import { postPayments } from './post-payments.ts';

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
