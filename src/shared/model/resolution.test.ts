import { expect, test } from 'vitest';
import { type Resolution, isNewResolution } from './resolution.ts';

const known: Resolution = { how: 'lines_dropped', by: 'support', atMs: 7 };

test.each<[string, Resolution, boolean]>([
  ['the same told again is none', { ...known }, false],
  ['a later one', { ...known, atMs: 8 }, true],
  ['another one within the same ms', { ...known, how: 'lines_released' }, true],
  ['the same by somebody else', { ...known, by: 'provider' }, true],
  ['an older one, of a database that was put back', { ...known, how: 'lines_released', atMs: 3 }, false],
])('a decision that was not known before: %s', (_, told, isNew) => {
  expect(isNewResolution(known, told)).toBe(isNew);
  expect(isNewResolution(null, told)).toBe(true);
  expect(isNewResolution(known, null)).toBe(false);
});
