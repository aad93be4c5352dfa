import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgedVisits } from '../../shared/model/judged-visits.ts';
import {
  type Usefulness,
  afterOpening,
  afterRunning,
  afterTurnedAway,
  afterVisit,
  isDeserted,
  isVersionWorse,
  isWorse,
  quietOf,
  runningNow,
} from './usefulness.ts';

const visits = (kept: Usefulness, count: number, useful: readonly string[]): Usefulness => {
  let now = kept;
  for (let i = 0; i < count; i++) now = afterVisit(now, useful);
  return now;
};

test('the first twenty visits with a version count, beside the latest twenty of the one before', () => {
  let kept = runningNow(null, '1');
  expect(kept.before).toBeNull();
  kept = visits(visits(kept, 30, ['lock']), 15, ['lock', 'reader']);
  kept = visits(runningNow(kept, '2'), 25, ['reader']);
  expect(kept).toMatchObject({
    before: { visits: 20, useful: { lock: 20, reader: 15 } },
    first: { visits: 20, useful: { reader: 20 } },
  });
  expect(kept.first.useful['lock']).toBeUndefined();
});

test('two updates one after another: the one in between is no measure', () => {
  let kept = visits(runningNow(null, '1'), 20, ['reader']);
  kept = visits(runningNow(kept, '2'), 5, []);
  kept = runningNow(kept, '3');
  expect(kept.before).toEqual({ visits: 20, useful: { reader: 20 } });
  // Nobody has shopped at all with the next one.
  expect(runningNow(kept, '4').before).toEqual(kept.before);
  // Back to one that was there before is another one again.
  expect(runningNow(visits(kept, 20, []), '1').before).toEqual({ visits: 20, useful: {} });
});

test('the same version after a restart goes on counting', () => {
  const kept = visits(runningNow(null, '1'), 7, ['lock']);
  expect(runningNow(kept, '1')).toBe(kept);
  expect(visits(kept, 2, ['lock']).first.visits).toBe(9);
});

test('it has an end, whatever comes', () => {
  const ids = fc.array(fc.string({ maxLength: 8 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, fc.constantFrom('1', '2', '3')), { maxLength: 80 }), (steps) => {
      let kept = runningNow(null, '1');
      for (const [useful, version] of steps) kept = afterVisit(runningNow(kept, version), useful);
      expect(kept.latest.length).toBeLessThanOrEqual(judgedVisits);
      for (const { visits: of, useful } of [kept.first, ...(kept.before ? [kept.before] : [])]) {
        expect(of).toBeLessThanOrEqual(judgedVisits);
        for (const count of Object.values(useful)) expect(count).toBeGreaterThan(0);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['as before', { of: 20, useful: 18 }, { of: 20, useful: 19 }, false],
  ['dead', { of: 20, useful: 0 }, { of: 20, useful: 20 }, true],
  ['less than half', { of: 20, useful: 9 }, { of: 20, useful: 20 }, true],
  ['half', { of: 20, useful: 10 }, { of: 20, useful: 20 }, false],
  ['too few visits', { of: 19, useful: 0 }, { of: 20, useful: 20 }, null],
  ['too few before', { of: 20, useful: 0 }, { of: 19, useful: 19 }, null],
  ['a scanner at a cabinet where all come by face', { of: 20, useful: 0 }, { of: 20, useful: 3 }, null],
])('a device: %s', (_, now, before, worse) => {
  expect(isWorse(now, before)).toBe(worse);
});

test.each([
  [{ judged: 1, worse: 1 }, false],
  [{ judged: 2, worse: 2 }, true],
  [{ judged: 20, worse: 1 }, false],
  [{ judged: 20, worse: 2 }, true],
  [{ judged: 21, worse: 2 }, false],
  [{ judged: 500, worse: 9 }, false],
  [{ judged: 500, worse: 50 }, true],
  [{ judged: 0, worse: 0 }, false],
])('a version with %j cabinets', (counts, worse) => {
  expect(isVersionWorse(counts)).toBe(worse);
});

const hourMs = 3_600_000;
/** So many visits, one every so many hours of running. */
const shoppedAt = (kept: Usefulness, count: number, everyHours: number): Usefulness => {
  let now = kept;
  for (let i = 0; i < count; i++) now = afterVisit(afterOpening(afterRunning(now, everyHours * hourMs)), []);
  return now;
};

test('how long nobody got in stands beside how long twenty visits took before, in hours of running', () => {
  expect(quietOf(shoppedAt(runningNow(null, '1'), 25, 2))).toBeNull();
  let kept = runningNow(shoppedAt(runningNow(null, '1'), 25, 2), '2');
  expect(quietOf(kept)).toEqual({ hours: 0, usualHours: 38, turnedAway: 0 });
  kept = afterRunning(kept, 71.9 * hourMs);
  expect(quietOf(kept)?.hours).toBe(48);
  // A restart, and a clock that goes back, are no time.
  kept = afterRunning(runningNow(kept, '2'), -hourMs);
  expect(quietOf(kept)?.hours).toBe(48);
  expect(quietOf(afterOpening(kept))).toEqual({ hours: 0, usualHours: 38, turnedAway: 0 });
  // Nobody shopped with it: the one before it stays the measure.
  expect(quietOf(runningNow(kept, '3'))).toEqual({ hours: 0, usualHours: 38, turnedAway: 0 });
});

test('with fewer than twenty visits before nothing can be told', () => {
  const kept = runningNow(shoppedAt(runningNow(null, '1'), 19, 1), '2');
  expect(quietOf(afterRunning(kept, 1e12))).toBeNull();
});

test('people who are turned away count in a row, and have an end', () => {
  let kept = runningNow(shoppedAt(runningNow(null, '1'), 20, 1), '2');
  for (let i = 0; i < 30; i++) kept = afterTurnedAway(kept);
  expect(quietOf(kept)?.turnedAway).toBe(judgedVisits);
  expect(quietOf(afterOpening(kept))?.turnedAway).toBe(0);
});

test.each([
  ['a long weekend', 0, { hours: 72, usualHours: 10, turnedAway: 0 }, null],
  ['four days', 0, { hours: 96, usualHours: 10, turnedAway: 0 }, true],
  ['four days where twenty take a week', 0, { hours: 96, usualHours: 150, turnedAway: 0 }, null],
  ['a week of those', 0, { hours: 168, usualHours: 150, turnedAway: 0 }, true],
  ['a few came, then nobody', 5, { hours: 96, usualHours: 10, turnedAway: 0 }, true],
  ['twenty turned away', 0, { hours: 0, usualHours: 10, turnedAway: 20 }, true],
  ['some turned away', 3, { hours: 0, usualHours: 10, turnedAway: 19 }, null],
  ['twenty shopped', 20, { hours: 200, usualHours: 10, turnedAway: 20 }, false],
])('nobody gets in: %s', (_, count, quiet, deserted) => {
  expect(isDeserted(count, quiet)).toBe(deserted);
});
