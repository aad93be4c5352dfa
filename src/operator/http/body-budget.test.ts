import { describe, expect, it } from 'vitest';
import { BodyBudget } from './body-budget.ts';

describe('the memory of bodies that are under way', () => {
  const make = () => new BodyBudget({ countMax: 3, bytesMax: 100 }, { countMax: 5, bytesMax: 150 });

  it('is bounded for one sender, by count and by bytes', () => {
    const budget = make();
    expect(budget.reserve('a', 101)).toBeNull();
    const holds = [budget.reserve('a', 50), budget.reserve('a', 50)];
    expect(holds).not.toContain(null);
    expect(budget.reserve('a', 1)).toBeNull();
    holds[0]?.();
    holds[0]?.();
    expect(budget.reserve('a', 51)).toBeNull();
    expect(budget.reserve('a', 1)).not.toBeNull();
    expect(budget.reserve('a', 1)).not.toBeNull();
    expect(budget.reserve('a', 1)).toBeNull();
  });

  it('is bounded for all together, and free again once all is done with', () => {
    const budget = make();
    const holds = ['a', 'b', 'c', 'd', 'e'].map((sender) => budget.reserve(sender, 10));
    expect(budget.reserve('f', 1)).toBeNull();
    for (const release of holds) release?.();
    expect(budget.reserve('f', 100)).not.toBeNull();
    expect(budget.reserve('g', 51)).toBeNull();
    expect(budget.reserve('g', 50)).not.toBeNull();
  });
});
