import { expect, test } from 'vitest';
import { newlyDisputed } from './dispute.ts';

const lines = [{ sku: 'b' }, { sku: 'a' }, { sku: 'c' }];

test('what is new, each once and in order', () => {
  expect(newlyDisputed(lines, [], ['c', 'a', 'c'])).toEqual({ ok: true, value: ['a', 'c'] });
  expect(newlyDisputed(lines, ['a'], ['c', 'a'])).toEqual({ ok: true, value: ['c'] });
  expect(newlyDisputed(lines, ['a', 'c'], ['c', 'a'])).toEqual({ ok: true, value: [] });
});

test('only what is billed can be disputed', () => {
  expect(newlyDisputed(lines, [], ['a', 'x'])).toMatchObject({
    ok: false,
    error: { code: 'dispute.no_such_line' },
  });
});
