import { describe, expect, it } from 'vitest';
import { doneShare, remainingMs, secondsLeft } from './countdown.ts';

const fifteen = { durationMs: 15_000, elapsedMs: 0 };

describe('count-down', () => {
  it('counts whole seconds as people do', () => {
    expect(secondsLeft(fifteen, 0)).toBe(15);
    expect(secondsLeft(fifteen, 1)).toBe(15);
    expect(secondsLeft(fifteen, 1_000)).toBe(14);
    expect(secondsLeft(fifteen, 14_999)).toBe(1);
    expect(secondsLeft(fifteen, 15_000)).toBe(0);
  });
  it('goes on from where main said it was', () => {
    expect(remainingMs({ durationMs: 12_000, elapsedMs: 5_000 }, 2_000)).toBe(5_000);
    expect(doneShare({ durationMs: 10_000, elapsedMs: 5_000 }, 2_500)).toBeCloseTo(0.75);
  });
  it('never leaves its bounds, whatever the clocks say', () => {
    expect(remainingMs(fifteen, 60_000)).toBe(0);
    expect(remainingMs(fifteen, -60_000)).toBe(15_000);
    expect(remainingMs({ durationMs: 3_000, elapsedMs: -500 }, 0)).toBe(3_000);
    expect(doneShare({ durationMs: 0, elapsedMs: 0 }, 0)).toBe(1);
  });
});
