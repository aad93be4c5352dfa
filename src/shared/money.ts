import { assert } from './assert.ts';

/** Money in integer minor units (fen, cents). Never a float; the currency stands beside it. */
export type Minor = number & { readonly __brand: 'Minor' };

/** More than any cabinet sells in a visit (1,000,000.00); a larger amount is a bug or an attack. */
export const amountMaxMinor = 100_000_000;

export const currencies = ['CNY', 'USD', 'EUR', 'HKD'] as const;
export type Currency = (typeof currencies)[number];

/** Brands a whole number of minor units; throws an AssertionError on anything else. */
export function minor(amount: number): Minor {
  assert(
    Number.isSafeInteger(amount) && amount >= 0 && amount <= amountMaxMinor,
    `not an amount in minor units: ${String(amount)}`,
  );
  return amount as Minor;
}

export const zeroMinor = minor(0);

export function addMinor(a: Minor, b: Minor): Minor {
  return minor(a + b);
}

/** Unit price × count. */
export function timesMinor(unit: Minor, count: number): Minor {
  assert(Number.isSafeInteger(count) && count >= 0, `not a count: ${String(count)}`);
  return minor(unit * count);
}

export function sumMinor(amounts: readonly Minor[]): Minor {
  return amounts.reduce(addMinor, zeroMinor);
}
