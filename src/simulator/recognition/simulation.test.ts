import { expect, it } from 'vitest';
import { rows } from './rows.ts';
import { upperBound } from './scoring.ts';
import { simulateRow } from './simulation.ts';

const row = rows.find(({ name }) => name === 'tags + scales + vision')!;

it('one seed gives one course', () => {
  const [first, again] = [1, 2].map(() => simulateRow(row, { visits: 8, seed: 7, faults: [] }));
  expect(again).toEqual(first);
  expect(first!.lines).toBeGreaterThan(3);
  expect(first!.rightUnasked).toBeGreaterThan(first!.lines / 2);
});

it('a device that is gone costs certainty', () => {
  const lost = rows.find(({ name }) => name === 'tags + scales + vision, one device lost')!;
  const all = { visits: 20, seed: 3, faults: [] };
  const [less, whole] = [lost, row].map((one) => simulateRow(one, all));
  expect(less!.lines).toBe(whole!.lines);
  expect(less!.rightUnasked).toBeLessThan(whole!.rightUnasked);
});

it('the bound of none in so many is 3.7 by it, two-sided', () => {
  expect(upperBound(0, 1_000) * 1_000).toBeCloseTo(3.69, 1);
  expect(upperBound(5, 100_000) * 100_000).toBeCloseTo(11.67, 1);
});
