import { expect, test } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { ClockWatch } from './clock-watch.ts';

test('a clock 8 h ahead is told once, again only when it was right in between', async () => {
  const clock = new FakeClock(1_767_225_600_000);
  const told: string[] = [];
  let offsetMs: number | null = null;
  const watch = new ClockWatch({
    operatorNowMs: () => (offsetMs === null ? null : clock.monotonicMs() + offsetMs),
    keep: () => undefined,
    clock,
    tellStaff: (detail) => told.push(detail),
  });
  watch.start();
  clock.jumpWall(8 * 3_600_000);
  await clock.advance(3_600_000);
  expect(told).toEqual([]);
  offsetMs = 1_767_225_600_000 - clock.monotonicMs() + 3_600_000;
  await clock.advance(24 * 3_600_000);
  expect(told).toEqual(['clock_off: 480 min ahead']);
  clock.jumpWall(-8 * 3_600_000);
  await clock.advance(120_000);
  clock.jumpWall(-3_600_000);
  await clock.advance(120_000);
  expect(told).toEqual(['clock_off: 480 min ahead', 'clock_off: -60 min ahead']);
  watch.stop();
});

test('the operator’s time is kept for the next run: at once when it is known, and now and then', async () => {
  const clock = new FakeClock();
  const kept: number[] = [];
  let offsetMs: number | null = null;
  const watch = new ClockWatch({
    operatorNowMs: () => (offsetMs === null ? null : clock.monotonicMs() + offsetMs),
    keep: (operatorMs) => kept.push(operatorMs),
    clock,
    tellStaff: () => undefined,
  });
  watch.start();
  await clock.advance(3_600_000);
  expect(kept).toEqual([]);
  offsetMs = 1_800_000_000_000;
  await clock.advance(3_600_000);
  expect(kept.length).toBeGreaterThanOrEqual(5);
  expect(kept.length).toBeLessThanOrEqual(7);
  expect(kept.at(-1)).toBeGreaterThan(1_800_000_000_000 + 3_000_000);
  watch.stop();
});
