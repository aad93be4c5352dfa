import { describe, expect, it } from 'vitest';
import { amountText, readAmount } from './amount.ts';

describe('an amount that somebody types', () => {
  it('is minor units, never a float', () => {
    const typed = ['12', '12.5', '12.50', ' 0.07 ', '12,50', '1000000.00', '0.29'];
    expect(typed.map((text) => readAmount(text))).toEqual([1_200, 1_250, 1_250, 7, 1_250, 100_000_000, 29]);
  });
  it('is none where it says something else', () => {
    for (const text of ['', 'x', '1.234', '.5', '1e3', '-1', '12345678', '1 2'])
      expect(readAmount(text), text).toBe(null);
  });
  it('is negative only where it may be', () => {
    expect(readAmount('-1.50', { negative: true })).toBe(-150);
  });
  it('is written as it is read', () => {
    for (const amount of [0, 7, 29, 1_250, 100_000_000]) expect(readAmount(amountText(amount))).toBe(amount);
    expect(amountText(-150)).toBe('-1.50');
  });
});
