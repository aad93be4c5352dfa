import { expect, test } from 'vitest';
import { systemRandom } from './system-random.ts';
import { SeededRandom } from '../random.ts';

test('the same seed gives the same bytes, another seed others; 0 is a seed too', () => {
  expect(new SeededRandom(7).bytes(64)).toEqual(new SeededRandom(7).bytes(64));
  expect(new SeededRandom(7).bytes(64)).not.toEqual(new SeededRandom(8).bytes(64));
  expect(new Set(new SeededRandom(0).bytes(256)).size).toBeGreaterThan(100);
});

test('chances, ranges and orders are what they say', () => {
  const random = new SeededRandom(1);
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

test('the system draws bytes and numbers of its own each time', () => {
  expect(systemRandom.bytes(32)).toHaveLength(32);
  expect(systemRandom.bytes(32)).not.toEqual(systemRandom.bytes(32));
  const draws = Array.from({ length: 100 }, () => systemRandom.unit());
  expect(draws.every((one) => one >= 0 && one < 1)).toBe(true);
  expect(new Set(draws).size).toBe(100);
});
