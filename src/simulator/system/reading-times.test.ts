import { expect, it } from 'vitest';
import { finalReadingMaxMs, finalReadingMs } from '../../shared/reading-capacity.ts';
import { measureReading } from './reading-times.ts';

it('what a reader carries is read to the end, right, and what it does not carry is never wrong', () => {
  const carried = measureReading(10, 100, 3);
  expect(carried.rightCount).toBe(3);
  expect(Math.max(...carried.settledMs)).toBeLessThan(finalReadingMs);
  const beyond = measureReading(60, 10, 1);
  expect(beyond).toMatchObject({ settledMs: [finalReadingMaxMs], rightCount: 0 });
  expect(carried.cpuMsPerS).toBeGreaterThan(0);
});
