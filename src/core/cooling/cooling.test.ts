import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acceptedAfter, coolAtFirst, stepCooling } from './cooling.ts';

const limit = { maxMilliC: 8_000, forMs: 30 * 60_000 };
const minute = 60_000;

test('too warm for a while is no harm; for too long it is, and cold again does not make it good', () => {
  let state = stepCooling(coolAtFirst, { milliC: 12_000, nowMs: 0 }, limit);
  state = stepCooling(state, { milliC: 12_000, nowMs: 29 * minute }, limit);
  expect(state.isSpoilt).toBe(false);
  state = stepCooling(state, { milliC: 7_000, nowMs: 29.5 * minute }, limit);
  state = stepCooling(state, { milliC: 12_000, nowMs: 40 * minute }, limit);
  expect(stepCooling(state, { milliC: 12_000, nowMs: 69 * minute }, limit).isSpoilt).toBe(false);
  state = stepCooling(state, { milliC: 8_001, nowMs: 70 * minute }, limit);
  expect(state.isSpoilt).toBe(true);
  expect(acceptedAfter(state)).toBeNull();
  state = stepCooling(state, { milliC: 4_000, nowMs: 80 * minute }, limit);
  expect(state.isSpoilt).toBe(true);
  expect(acceptedAfter(state)).toEqual(coolAtFirst);
});

test('whatever is read: spoilt only after a stretch above the limit that was long enough, and then for good', () => {
  const readings = fc.array(
    fc.record({
      milliC: fc.integer({ min: -20_000, max: 40_000 }),
      afterMs: fc.integer({ min: 0, max: 20 * minute }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(readings, (all) => {
      let [state, nowMs, aboveMs, expected] = [coolAtFirst, 0, Number.NaN, false];
      for (const { milliC, afterMs } of all) {
        nowMs += afterMs;
        if (milliC <= limit.maxMilliC) aboveMs = Number.NaN;
        else if (Number.isNaN(aboveMs)) aboveMs = nowMs;
        expected ||= nowMs - aboveMs >= limit.forMs;
        state = stepCooling(state, { milliC, nowMs }, limit);
        expect(state.isSpoilt).toBe(expected);
      }
    }),
  );
});
