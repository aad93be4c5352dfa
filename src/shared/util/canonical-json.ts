import { assert } from '../assert.ts';
import type { Failure, Result } from '../result.ts';
import { fail, ok } from '../result.ts';

/** Deepest nesting: more than any of our records has. Ends a cyclic value before the stack overflows. */
const recordDepthMax = 32;

/**
 * One text for one value: object keys sorted by UTF-16 code unit, no blanks, absent (`undefined`) members left out.
 * Used where bytes matter: the charge body that is sent again and again, and the text under hashes and signatures.
 * Throws an AssertionError on what JSON cannot carry (NaN, functions, cycles): that is a bug of the caller.
 */
export function canonicalJson(value: unknown): string {
  const text = tryCanonicalJson(value, recordDepthMax);
  assert(text.ok, text.ok ? '' : text.error.message);
  return text.value;
}

/**
 * The same for a value that somebody else has made: `json.too_deep` for more than `depthMax` lists and objects inside
 * each other, `json.not_json` for what JSON cannot carry.
 */
export function tryCanonicalJson(
  value: unknown,
  depthMax: number,
): Result<string, Failure<'json.too_deep' | 'json.not_json'>> {
  if (typeof value === 'number' && !Number.isFinite(value))
    return fail('json.not_json', `the number ${value}`);
  if (value === null || ['boolean', 'string', 'number'].includes(typeof value))
    return ok(JSON.stringify(value));
  if (typeof value !== 'object') return fail('json.not_json', `a value of the type ${typeof value}`);
  if (depthMax <= 0) return fail('json.too_deep', 'nested too deep');
  const isList = Array.isArray(value);
  const parts: string[] = [];
  for (const key of isList ? value.keys() : Object.keys(value).sort()) {
    const member = (value as Record<string | number, unknown>)[key];
    if (!isList && member === undefined) continue;
    const text = tryCanonicalJson(member, depthMax - 1);
    if (!text.ok) return text;
    parts.push(isList ? text.value : `${JSON.stringify(key)}:${text.value}`);
  }
  return ok(isList ? `[${parts.join(',')}]` : `{${parts.join(',')}}`);
}
