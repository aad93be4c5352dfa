import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../../shared/assert.ts';
import { canonicalJson } from './canonical-json.ts';

test('the order of members does not matter, that of lists does', () => {
  expect(canonicalJson({ b: 1, a: [2, 1], 汉: null, Z: 'x' })).toBe('{"Z":"x","a":[2,1],"b":1,"汉":null}');
  expect(canonicalJson({ a: undefined, b: { d: 1, c: 2 } })).toBe('{"b":{"c":2,"d":1}}');
});

test('is JSON, and the same text for the same value however it was built', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

test('what JSON cannot carry is a bug', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  for (const bad of [NaN, Infinity, () => 1, Symbol('x'), 1n, [undefined], cycle]) {
    expect(() => canonicalJson(bad)).toThrow(AssertionError);
  }
});
