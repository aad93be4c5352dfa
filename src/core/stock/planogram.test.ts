import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pieceCountMax } from '../../shared/model/basket.ts';
import { type PlanSlot, planSlotsSchema, targetMax } from '../../shared/model/planogram.schema.ts';
import { problemsOfPlan, toBring } from './planogram.ts';

const slot = (sku: string, target: number, lane: number | null = null): PlanSlot => ({
  ...{ sku, target, lane, slot: null },
});
const room = { skus: new Set(['cola', 'tea']), laneOf: new Map([['cola', 1]]) };

describe('a plan that does not fit is refused with words', () => {
  test.each([
    [[slot('cola', 5, 1), slot('tea', 3)], []],
    [[slot('rum', 5)], [{ problem: 'unknown_sku', about: 'rum' }]],
    [[slot('cola', 5, 7)], [{ problem: 'no_such_lane', about: 'cola 7' }]],
    [[slot('tea', 5, 1)], [{ problem: 'other_lane', about: 'tea 1' }]],
  ])('%j', (slots, problems) => {
    expect(problemsOfPlan(slots, room)).toEqual(problems);
  });

  test('more than a cabinet is counted for', () => {
    const skus = Array.from({ length: Math.floor(pieceCountMax / targetMax) + 1 }, (_, i) => `s${i}`);
    const slots = skus.map((sku) => slot(sku, targetMax));
    expect(problemsOfPlan(slots, { skus: new Set(skus), laneOf: null })).toMatchObject([
      { problem: 'over_capacity' },
    ]);
  });

  test('an article twice, a target that is none, lanes that are none', () => {
    const bad = [
      [slot('cola', 1), slot('cola', 2)],
      [slot('cola', -1)],
      [slot('cola', targetMax + 1)],
      [slot('cola', 1.5)],
      [slot('co la', 1)],
      [{ ...slot('cola', 1), slot: 'x'.repeat(13) }],
    ];
    for (const slots of bad) expect(planSlotsSchema.safeParse(slots).success).toBe(false);
  });
});

test('what is brought fills up to the plan once the expired is out, and never less than nothing', () => {
  const counts = fc.nat(30);
  fc.assert(
    fc.property(counts, counts, counts, (target, stock, old) => {
      const expired = Math.min(old, stock);
      const [line] = toBring(
        [slot('cola', target)],
        () => stock,
        () => expired,
      );
      const after = stock - expired + (line?.bring ?? 0);
      expect(after).toBeGreaterThanOrEqual(target);
      if ((line?.bring ?? 0) > 0) expect(after).toBe(target);
      expect(line?.takeOut).toBe(expired);
    }),
  );
});
