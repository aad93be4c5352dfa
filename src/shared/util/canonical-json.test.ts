import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
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

/** Made before there was one function for both sides: no body that was stored or signed may read differently afterwards. */
const golden = JSON.parse(readFileSync(new URL('./canonical-json.golden.json', import.meta.url), 'utf8')) as {
  value: unknown;
  text: string;
  sha256: string;
}[];

test.each(golden)('golden: $text', ({ value, text, sha256 }) => {
  expect(canonicalJson(value)).toBe(text);
  expect(createHash('sha256').update(text, 'utf8').digest('hex')).toBe(sha256);
});
