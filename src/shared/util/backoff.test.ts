import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const bounds = { firstMs: 200, capMs: 300_000 };

test('the bound doubles up to the cap, and never overflows', () => {
  const boundOf = (failureCount: number): number =>
    backoffMs({ ...bounds, failureCount, jitterShare: 0, random01: 0.5 });
  expect([0, 1, 2, 10, 11, 40, 5000].map(boundOf)).toEqual([
    200, 400, 800, 204_800, 300_000, 300_000, 300_000,
  ]);
  expect(boundOf(-1)).toBe(200);
});

test('full jitter draws from nothing up to the bound; half of it from its upper half', () => {
  const at = (random01: number, jitterShare?: number): number =>
    backoffMs({
      ...bounds,
      failureCount: 1,
      random01,
      ...(jitterShare === undefined ? {} : { jitterShare }),
    });
  expect([at(0), at(0.5), at(0.9999)]).toEqual([0, 200, 399]);
  expect([at(0, 0.5), at(0.5, 0.5), at(0.9999, 0.5)]).toEqual([200, 300, 399]);
});

test('a floor holds whatever the draw says', () => {
  expect(backoffMs({ ...bounds, failureCount: 0, random01: 0, floorMs: 20 })).toBe(20);
});
