import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationTable, median, openSetTable, quotient } from './tables.ts';

describe('quotient and median', () => {
  it('make nothing of nothing', () => {
    expect(quotient(0, 0)).toBeNull();
    expect(median([])).toBeNull();
  });

  it('leave what they are given as it was', () => {
    const values = [3, 1, 2];
    expect([median(values), median(values, 0.95), median(values, 0)]).toEqual([2, 3, 1]);
    expect(values).toEqual([3, 1, 2]);
    expect(median([0.4567], 0, 3)).toBe(0.457);
  });
});

describe('calibrationTable', () => {
  it('holds what was said against what came true', () => {
    const answers = [
      { probability: 1, isRight: true },
      { probability: 0.96, isRight: false },
      { probability: 0.2, isRight: false },
    ];
    expect(calibrationTable(answers)).toEqual([
      { from: 0, to: 0.3, answers: 1, said: 0.2, right: 0 },
      { from: 0.95, to: 1, answers: 2, said: 0.98, right: 0.5 },
    ]);
  });

  it('leaves out no answer', () => {
    const answers = fc.array(
      fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }), isRight: fc.boolean() }),
    );
    fc.assert(
      fc.property(answers, (all) => {
        const rows = calibrationTable(all) as { answers: number }[];
        expect(rows.reduce((sum, row) => sum + row.answers, 0)).toBe(all.length);
      }),
    );
  });
});

describe('openSetTable', () => {
  it('takes the threshold from every second answer and the figures from the others', () => {
    // The first, third, … of the unknown score low, so that the threshold is low; the others, which are judged, all pass.
    const unknown = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 0.1 : 0.9));
    const known = Array.from({ length: 40 }, (_, i) => ({ known: i % 4 === 1 ? 0.8 : 0.05, isRight: true }));
    expect(openSetTable(known, unknown)[0]).toEqual({
      unknownAcceptedAim: 0.05,
      threshold: 0.1,
      knownAccepted: 0.5,
      rightOfAccepted: 1,
      unknownAccepted: 1,
      of: { known: 20, unknown: 20 },
    });
  });

  it('says nothing where there is nothing to say', () => {
    expect(openSetTable([], [1, 2])).toEqual([]);
    expect(openSetTable([{ known: 1, isRight: true }], [])).toEqual([]);
  });
});
