import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Throttle,
  counted,
  eased,
  isToBeTold,
  noFailures,
  takenBack,
  throttleLimits,
  unreadable,
  waitMsOf,
} from './throttle.ts';

const hourMs = 3_600_000;

/** How many tries somebody gets who tries whenever it is allowed, for so long. */
function triesWithin(forMs: number, from: Throttle = noFailures): number {
  let [throttle, nowMs, tries] = [from, 0, 0];
  for (;;) {
    nowMs += waitMsOf(throttle, nowMs);
    if (nowMs >= forMs) return tries;
    throttle = counted(eased(throttle, nowMs), nowMs);
    tries++;
  }
}

describe('the throttle of tries to come in', () => {
  it('lets a finger slip, then waits twice as long each time, an hour at most', () => {
    let throttle = noFailures;
    const waits: number[] = [];
    for (let i = 0; i < 14; i++) {
      throttle = counted(throttle, 0);
      waits.push(waitMsOf(throttle, 0) / 1000);
    }
    expect(waits).toEqual([0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]);
  });

  it('gives a storm of PINs fewer than 40 tries on the first day and 24 on each other: it takes a lifetime', () => {
    expect(triesWithin(24 * hourMs)).toBeLessThan(40);
    expect(triesWithin(10 * 24 * hourMs)).toBeLessThan(40 + 9 * 24 + 1);
  });

  it('forgets half of them in each quiet quarter of a day, however often that is looked at', () => {
    const [many, { forgetMs }] = [{ failureCount: 9, waitUntilMs: 1_000 }, throttleLimits];
    const counts = [0, forgetMs - 1, forgetMs, 2 * forgetMs, 4 * forgetMs, 1e15];
    expect(counts.map((ms) => eased(many, 1_000 + ms).failureCount)).toEqual([9, 9, 4, 2, 0, 0]);
    let looked: Throttle = many;
    for (let ms = 0; ms <= 2 * forgetMs; ms += forgetMs / 8) looked = eased(looked, 1_000 + ms);
    expect(looked.failureCount).toBe(2);
    expect(eased(many, 0)).toEqual(many);
  });

  it('a right one takes back itself and the slips before it at the same number, nothing of others', () => {
    const before = { failureCount: 5, waitUntilMs: 7 };
    expect([0, 2, 5].map((slips) => takenBack(before, slips).failureCount)).toEqual([5, 3, 0]);
    expect(takenBack(noFailures, 0)).toEqual(noFailures);
  });

  it('is the same or longer after every power cut: what is stored has counted the try already', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5 * hourMs), { maxLength: 30 }), (pauses) => {
        let [throttle, nowMs] = [noFailures, 0];
        for (const pause of pauses) {
          nowMs += pause;
          if (waitMsOf(throttle, nowMs) > 0) continue;
          // Read back from the disk, as after a cut in the middle of the try.
          const stored = JSON.parse(JSON.stringify(counted(throttle, nowMs))) as Throttle;
          expect(stored.failureCount).toBe(throttle.failureCount + 1);
          throttle = stored;
        }
        expect(waitMsOf(throttle, nowMs)).toBeLessThanOrEqual(throttleLimits.waitMaxMs);
      }),
    );
  });

  it('never waits longer than its number of failures says, whatever time is on record', () => {
    fc.assert(
      fc.property(
        fc.nat(2_000_000),
        fc.double({ noNaN: true }),
        fc.nat(1e12),
        (failureCount, until, nowMs) => {
          const waitMs = waitMsOf({ failureCount, waitUntilMs: until }, nowMs);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(throttleLimits.waitMaxMs);
        },
      ),
    );
  });

  it('that cannot be read lets nobody try at once, and counts as very many', () => {
    expect(waitMsOf(unreadable(7), 7)).toBe(throttleLimits.waitMaxMs);
    expect(triesWithin(24 * hourMs, unreadable(0))).toBeLessThanOrEqual(24);
  });

  it('is told from the fifth failure on, and with each doubling: no flood of it', () => {
    let throttle = noFailures;
    const told: number[] = [];
    for (let i = 0; i < 1_000; i++) {
      throttle = counted(throttle, 0);
      if (isToBeTold(throttle)) told.push(throttle.failureCount);
    }
    expect(told).toEqual([5, 10, 20, 40, 80, 160, 320, 640]);
  });
});
