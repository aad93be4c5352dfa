import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { declinedRetry, unreachableRetry } from '../limits.ts';

it('doubles from the first to the cap, the upper half at random', () => {
  const full = [0, 1, 2, 3, 10, 11, 1_000_000].map((n) => backoffMs(n, unreachableRetry, 1));
  expect(full).toEqual([200, 400, 800, 1_600, 204_800, 300_000, 300_000]);
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, random) => {
      for (const bounds of [unreachableRetry, declinedRetry]) {
        const fullMs = backoffMs(n, bounds, 1);
        const ms = backoffMs(n, bounds, random);
        expect(ms).toBeGreaterThanOrEqual(Math.floor(fullMs / 2));
        expect(ms).toBeLessThanOrEqual(fullMs);
        expect(fullMs).toBeLessThanOrEqual(bounds.capMs);
      }
    }),
  );
});
