import { expect, test } from 'vitest';
import { Places } from './places.ts';

test('there is a place while each of its keys has one, and what is refused takes none', () => {
  const places = new Places();
  const first = places.take([
    ['all', 2],
    ['ann', 1],
  ]);
  expect(first).not.toBeNull();
  expect(
    places.take([
      ['all', 2],
      ['ann', 1],
    ]),
  ).toBeNull();
  // The refused one has taken nothing of "all".
  expect(
    places.take([
      ['all', 2],
      ['bob', 1],
    ]),
  ).not.toBeNull();
  expect(places.take([['all', 2]])).toBeNull();
  first?.();
  expect(places.take([['ann', 1]])).not.toBeNull();
  expect(places.take([['all', 2]])).not.toBeNull();
  expect(places.take([['all', 2]])).toBeNull();
});
