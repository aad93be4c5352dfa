import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rangeOf, bandSeries } from './band-series.ts';

const slot = (atMs: number, min: number, max = min) => ({ atMs, low: min, high: max });

test('each step has the least and the most of its time, and a gap where nothing was read', () => {
  const slots = [slot(0, 1, 2), slot(100, 5, 9), slot(150, 4, 6), slot(300, 3)];
  const series = bandSeries(slots, { nowMs: 399, stepMs: 100, count: 4 });
  expect(series).toEqual({ endMs: 400, stepMs: 100, low: [1, 4, null, 3], high: [2, 9, null, 3] });
  expect(rangeOf(series)).toEqual({ low: 1, high: 9 });
});

test('what is older, or of a clock that was ahead, is not in it', () => {
  const slots = [slot(0, -50), slot(900, 99), slot(400, 7)];
  const series = bandSeries(slots, { nowMs: 450, stepMs: 100, count: 2 });
  expect(series).toMatchObject({ low: [null, 7], high: [null, 7] });
  expect(rangeOf(bandSeries([], { nowMs: 0, stepMs: 100, count: 2 }))).toBeNull();
});

test('however the log is, nothing is told that was not read', () => {
  const slots = fc.array(fc.tuple(fc.nat(10_000), fc.integer({ min: -40, max: 60 })), { maxLength: 30 });
  fc.assert(
    fc.property(slots, fc.nat(10_000), (all, nowMs) => {
      const series = bandSeries(
        all.map(([atMs, milliC]) => slot(atMs, milliC)),
        { nowMs, stepMs: 100, count: 20 },
      );
      const read = new Set(all.map(([, milliC]) => milliC));
      expect([series.low.length, series.high.length]).toEqual([20, 20]);
      series.low.forEach((low, i) => {
        const high = series.high[i] ?? null;
        expect((low === null) === (high === null)).toBe(true);
        if (low !== null && high !== null)
          expect([read.has(low), read.has(high), low <= high]).not.toContain(false);
      });
    }),
  );
});
