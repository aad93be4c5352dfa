import { assert } from '../../shared/assert.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Deeper nesting than any record of ours; stops a cycle before the stack does. */
const depthMax = 32;

/**
 * One text for one value: object keys sorted by UTF-16 code unit, no blanks, absent (`undefined`) members left out.
 * Used where bytes matter: the charge body that is sent again and again, and the text under the event hashes.
 * Throws an AssertionError on what JSON cannot carry (NaN, functions, cycles): that is a bug of the caller.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  assert(depth <= depthMax, 'a record is nested too deep for JSON');
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    assert(Number.isFinite(value), 'a number that JSON cannot carry');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
  assert(typeof value === 'object', `a ${typeof value} that JSON cannot carry`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}
