import { expect, test } from 'vitest';
import { localDayOf } from './local-day.ts';

test('the day of this machine’s own calendar, also just before and after midnight', () => {
  expect(localDayOf(new Date(2026, 10, 30, 23, 59, 59).getTime())).toBe('2026-11-30');
  expect(localDayOf(new Date(2026, 11, 1, 0, 0, 0).getTime())).toBe('2026-12-01');
  expect(localDayOf(new Date(2027, 0, 5).getTime())).toBe('2027-01-05');
});
