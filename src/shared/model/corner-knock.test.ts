import { expect, test } from 'vitest';
import { type Corner, corners, defaultKnock, faultOfKnock } from './corner-knock.ts';

const [a, b, c, d] = corners;

test.each<[string, readonly Corner[], ReturnType<typeof faultOfKnock>]>([
  ['the usual one', defaultKnock, null],
  ['another one crosswise', [b, d, a, c, b, d], null],
  ['across and along', [a, c, d, b, c], null],
  ['nothing', [], 'too_short'],
  ['four', [a, c, b, d], 'too_short'],
  ['eight', [a, c, b, d, a, c, b, d], 'too_long'],
  ['one corner again and again', [a, a, a, a, a], 'trivial'],
  ['to and fro', [a, c, a, c, a], 'trivial'],
  ['round the edge', [a, b, c, d, a], 'trivial'],
  ['round the other way', [a, d, c, b, a], 'trivial'],
  ['once across', [a, b, c, a, b], 'trivial'],
  ['a corner twice in a row', [a, c, c, b, d], 'trivial'],
])('%s', (_, order, fault) => {
  expect(faultOfKnock(order)).toBe(fault);
});
