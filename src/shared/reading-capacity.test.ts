import { describe, expect, it } from 'vitest';
import { finalReadingMaxMs, judgeCapacity, settlingMs, tagsCarried } from './reading-capacity.ts';

describe('what a reader carries', () => {
  it.each([
    [10, 10],
    [10, 20],
    [60, 60],
    [100, 100],
  ])('%d tags at %d reads a second', (tags, readsPerS) => {
    expect(judgeCapacity(tags, readsPerS)).not.toBe('beyond');
  });

  it.each([
    [20, 100, 'fits'],
    [100, 100, 'slow'],
    [200, 100, 'beyond'],
    [300, 150, 'beyond'],
    [1, 0, 'slow'],
    [3, 0.1, 'slow'],
    [4, 0.1, 'beyond'],
    [0, 0, 'fits'],
  ] as const)('%d tags at %d reads a second: %s', (tags, readsPerS, verdict) => {
    expect(judgeCapacity(tags, readsPerS)).toBe(verdict);
  });

  it('the most that it says is read in time, and one more is not', () => {
    for (const readsPerS of [10, 33, 100, 400]) {
      const most = tagsCarried(readsPerS, finalReadingMaxMs);
      expect(settlingMs(most, readsPerS)).toBeLessThanOrEqual(finalReadingMaxMs);
      expect(judgeCapacity(most + 1, readsPerS)).toBe('beyond');
    }
  });
});
