import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestBeforeSchema } from '../model/stock.schema.ts';
import { dayNumberOf } from './calendar-day.ts';

test.each(['2026-02-30', '2026-13-01', '2026-1-1', '', '2026-11-31', '20261130', '2026-00-10', '2100-02-29'])(
  '%j is no day, on the screen and in main',
  (text) => {
    expect([dayNumberOf(text), bestBeforeSchema.safeParse(text).success]).toEqual([null, false]);
  },
);

test('a day of the calendar is one for both, and days follow each other as they do', () => {
  const dayMs = 86_400_000;
  const anyDay = fc.integer({ min: Date.UTC(2000, 0, 1) / dayMs, max: Date.UTC(2099, 11, 31) / dayMs });
  const textOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
  fc.assert(
    fc.property(anyDay, anyDay, (a, b) => {
      const [one, other] = [dayNumberOf(textOf(a)), dayNumberOf(textOf(b))];
      expect(bestBeforeSchema.safeParse(textOf(a)).success).toBe(true);
      expect((other ?? NaN) - (one ?? NaN)).toBe(b - a);
    }),
  );
});
