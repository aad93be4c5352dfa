import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, parseJson } from './json.ts';
import { jsonDepthMax } from '../limits.ts';

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  );
};
const text = (value: unknown): string => {
  const canonical = canonicalJson(value);
  return canonical.ok ? canonical.value : 'too deep';
};

const golden = JSON.parse(
  readFileSync(new URL('../../shared/util/canonical-json.golden.json', import.meta.url), 'utf8'),
) as { value: unknown; text: string }[];

describe('canonical JSON', () => {
  it.each(golden)('is as it always was: $text', ({ value, text: before }) => {
    expect(text(value)).toBe(before);
  });

  it('says the same value, and the same for every order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(JSON.parse(text(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text(shuffled(value))).toBe(text(value));
      }),
    );
  });

  it('differs for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
        const same = JSON.stringify(shuffled(shuffled(a))) === JSON.stringify(b) || text(a) === text(b);
        if (same) expect(JSON.parse(text(a))).toEqual(JSON.parse(text(b)));
        else expect(text(a)).not.toBe(text(b));
      }),
    );
    expect(text({ a: '1' })).not.toBe(text({ a: 1 }));
    expect(text(['a,b'])).not.toBe(text(['a', 'b']));
    expect(text({ a: null })).not.toBe(text({}));
  });

  it('goes so deep and no deeper', () => {
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect(canonicalJson(nested(jsonDepthMax))).toMatchObject({ ok: true });
    expect(canonicalJson(nested(jsonDepthMax + 1))).toMatchObject({
      ok: false,
      error: { code: 'bad_request' },
    });
  });
});

describe('bytes of a request', () => {
  it('are JSON or a typed refusal, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const parsed = parseJson(bytes);
        if (!parsed.ok) expect(parsed.error.code).toBe('bad_request');
        else expect(JSON.parse(Buffer.from(bytes).toString())).toEqual(parsed.value);
      }),
    );
    expect(parseJson(Buffer.from('"\u00e9"', 'latin1'))).toMatchObject({ ok: false });
    expect(parseJson(Buffer.from(`${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}`)).ok).toBeTypeOf(
      'boolean',
    );
  });
});
