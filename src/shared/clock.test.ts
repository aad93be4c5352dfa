import { expect, test } from 'vitest';
import { FakeClock } from './clock.ts';

test('the stand-in tells whole milliseconds, as a machine does, however small the waits', async () => {
  const clock = new FakeClock(1_000);
  const told: number[] = [];
  clock.after(0.4, () => told.push(clock.nowMs()));
  clock.after(2.6, () => told.push(clock.nowMs()));
  await clock.advance(10);
  expect(told).toEqual([1_000, 1_002]);
  for (let i = 0; i < 100; i++) await clock.advance(0.1);
  expect(clock.nowMs()).toBe(1_020);
});
