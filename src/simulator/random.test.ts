import { expect, test } from 'vitest';
import { Random } from './random.ts';

test('the same seed gives the same bytes, another seed others; 0 is a seed too', () => {
  expect(new Random(7).bytes(64)).toEqual(new Random(7).bytes(64));
  expect(new Random(7).bytes(64)).not.toEqual(new Random(8).bytes(64));
  expect(new Set(new Random(0).bytes(256)).size).toBeGreaterThan(100);
});

test('chances, ranges and orders are what they say', () => {
  const random = new Random(1);
  const hits = Array.from({ length: 20_000 }, () => random.chance(0.04)).filter(Boolean).length;
  expect(hits).toBeGreaterThan(650);
  expect(hits).toBeLessThan(950);
  const dice = Array.from({ length: 2000 }, () => random.between(1, 6));
  expect([...new Set(dice)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  const things = [1, 2, 3, 4, 5, 6, 7, 8];
  const shuffled = random.shuffled(things);
  expect(shuffled).not.toEqual(things);
  expect([...shuffled].sort()).toEqual(things);
});
