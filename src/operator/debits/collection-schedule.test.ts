import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declineReasonSchema } from '../../shared/api/development-routes.ts';
import { collection, collectionDueMaxMs } from '../limits.ts';
import { isCollectionOver, isForShopper, nextCollectionMs, remindersBy } from './collection-schedule.ts';

const hourMs = 3_600_000;
const timeZone = 'Asia/Shanghai';
/** 2026-03-02, 15:00 in Shanghai. */
const sinceMs = Date.UTC(2026, 2, 2, 7);
const local = (atMs: number, zone = timeZone): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(atMs);

/** All moments at which it is looked at, when each look ends with the same decline. */
function moments(reason: Parameters<typeof isForShopper>[0], fromMs = sinceMs, zone = timeZone): number[] {
  const collected = { reason, waitsForShopper: isForShopper(reason), sinceMs: fromMs };
  const list: number[] = [];
  for (let nowMs = fromMs; !isCollectionOver(fromMs, nowMs);) {
    nowMs = nextCollectionMs(collected, nowMs, zone, 0);
    list.push(nowMs);
  }
  return list;
}

describe('what was declined is asked for again', () => {
  test.each([
    [
      'account.insufficient_funds',
      ['02 16:00', '03 10:00', '04 10:00', '06 10:00', '09 10:00', '13 10:00', '18 10:00', '24 10:00'],
      ['31 10:00', '01 15:00'],
    ],
    [
      'account.declined',
      ['02 16:00', '03 10:00', '05 10:00', '09 10:00', '16 10:00', '24 10:00', '01 15:00'],
      [],
    ],
    // Nobody is asked: the member is reminded, and in the end people decide.
    ['account.expired_card', ['05 10:00', '12 10:00', '22 10:00', '01 15:00'], []],
    ['account.authentication_required', ['05 10:00', '12 10:00', '22 10:00', '01 15:00'], []],
  ] as const)('after %s', (reason, first, rest) => {
    expect(moments(reason).map((atMs) => local(atMs).slice(8))).toEqual([...first, ...rest]);
  });

  test('soon, but not in the night', () => {
    const soon = (utc: number) =>
      local(moments('account.insufficient_funds', Date.UTC(2026, 2, 2, utc))[0] ?? 0).slice(8);
    // Declined at 06:00, 08:00, 19:00, 20:00, 23:00 and 01:00 in Shanghai.
    expect([soon(-2), soon(0), soon(11), soon(12), soon(15), soon(17)]).toEqual([
      ...['02 10:00', '02 09:00', '02 20:00', '03 10:00', '03 10:00', '03 10:00'],
    ]);
  });

  test('at the same civil hour when the clocks change', () => {
    const list = moments('account.insufficient_funds', Date.UTC(2026, 2, 27, 9), 'Europe/Berlin');
    const hours = list.slice(1, -1).map((atMs) => local(atMs, 'Europe/Berlin').slice(11));
    expect(new Set(hours)).toEqual(new Set(['10:00']));
  });

  test('as often as card networks allow, never in the past, and with an end, whatever was missed', () => {
    const zones = fc.constantFrom(
      'Asia/Shanghai',
      'Europe/Berlin',
      'America/New_York',
      'UTC',
      'Asia/Kathmandu',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...declineReasonSchema.options),
        fc.integer({ min: 0, max: 4e12 }),
        zones,
        fc.array(
          fc.record({
            missedMs: fc.integer({ min: 0, max: 40 * 24 * hourMs }),
            draw: fc.double({ min: 0, max: 0.999, noNaN: true }),
          }),
          { minLength: 40, maxLength: 40 },
        ),
        (reason, fromMs, zone, looks) => {
          const collected = { reason, waitsForShopper: isForShopper(reason), sinceMs: fromMs };
          let nowMs = fromMs;
          let askedCount = 1;
          let reminded = 0;
          let isLate = false;
          for (const [i, { missedMs, draw }] of looks.entries()) {
            const nextMs = nextCollectionMs(collected, nowMs, zone, draw);
            expect(nextMs).toBeGreaterThan(nowMs);
            expect(nextMs - nowMs).toBeLessThan(collectionDueMaxMs);
            nowMs = nextMs + (i % 3 === 0 ? missedMs : 0);
            if (isCollectionOver(fromMs, nowMs)) break;
            // Whoever waits for the shopper is reminded at each look; a late one may do it for the next, hours early.
            const by = remindersBy(fromMs, nowMs);
            isLate ||= i % 3 === 0 && missedMs > 0;
            if (collected.waitsForShopper) expect(by).toBeGreaterThanOrEqual(reminded + (isLate ? 0 : 1));
            reminded = by;
            askedCount += collected.waitsForShopper ? 0 : 1;
          }
          expect(isCollectionOver(fromMs, nowMs)).toBe(true);
          expect(askedCount).toBeLessThanOrEqual(collection.declinesMax);
        },
      ),
      { numRuns: 60 },
    );
  });
});
