import { describe, expect, it } from 'vitest';
import { clockOf, twoDigits } from './clock-text.ts';

describe('the time of day as a clock shows it', () => {
  it.each([
    [0, '00:00'],
    [9, '00:09'],
    [60, '01:00'],
    [425, '07:05'],
    [1439, '23:59'],
    [1440, '24:00'],
  ])('minute %d is %s', (minute, shown) => {
    expect(clockOf(minute)).toBe(shown);
  });

  it('two digits, a zero before one', () => {
    expect([0, 7, 10, 99].map(twoDigits)).toEqual(['00', '07', '10', '99']);
  });
});
