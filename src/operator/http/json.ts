import type { z } from 'zod';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { tryCanonicalJson } from '../../shared/util/canonical-json.ts';
import type { ApiFailure } from './errors.ts';
import { jsonDepthMax, jsonMembersMax, jsonValuesMax } from '../limits.ts';
import { isPlainText } from '../storage/plain-text.ts';

/** A JSON body as its schema reads it, and whole: fields that this version does not know are in `json` only. */
export interface SentBody<T> {
  readonly body: T;
  readonly json: unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes of a request → JSON value; `bad_request` for anything that is not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): Result<unknown, ApiFailure> {
  try {
    return ok(JSON.parse(utf8.decode(bytes)) as unknown);
  } catch {
    return fail('bad_request', 'the body is not JSON in UTF-8');
  }
}

/** In UTF-8 these bytes are no part of any other character. */
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The same for what somebody sends: also `bad_request` where it has more values than anything that we are sent. That is seen
 * in the bytes: read, and put into its canonical spelling, a megabyte of `[{},{},…]` in a field that nobody knows would take our
 * only thread for a second.
 */
export function parseSentJson(bytes: Uint8Array): Result<unknown, ApiFailure> {
  return isTooMuch(bytes)
    ? fail('bad_request', 'the body has more in it than any of ours')
    : parseJson(bytes);
}

/** Counts what begins outside of texts. Bytes that are no JSON are told so later, by whoever reads it. */
function isTooMuch(bytes: Uint8Array): boolean {
  /** How many members each list or object has so far that is open. */
  const open: number[] = [];
  let values = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) at = endOfText(bytes, at);
    else if (byte === closeList || byte === closeObject) open.pop();
    else if (byte === comma || byte === openList || byte === openObject) {
      values++;
      const members = byte === comma ? (open.pop() ?? 0) + 1 : 1;
      open.push(members);
      if (members > jsonMembersMax || values > jsonValuesMax) return true;
    }
  }
  return false;
}

/** Where the text that begins here has its end. */
function endOfText(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    at = bytes.indexOf(quote, at);
    if (at === -1) break;
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === backslash) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return bytes.length;
}

/** Checks a value against a schema; the message names the first thing that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): Result<T, ApiFailure> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  return fail('bad_request', `${where}: ${issue?.message ?? 'not as agreed'}`);
}

/**
 * The same for what people send: also `bad_request` where the database would not keep a text as it is, so that what is sealed
 * or compared is what is read again.
 */
export function parsePlainWith<T>(schema: z.ZodType<T>, value: unknown): Result<T, ApiFailure> {
  const parsed = parseWith(schema, value);
  return parsed.ok && !isPlain(parsed.value)
    ? fail('bad_request', 'a text with half a character, or U+0000, in it')
    : parsed;
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return isPlainText(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isPlain);
}

/**
 * One text for all spellings of the same JSON value: no blanks, keys in code-unit order. What is compared is what the cabinet sent,
 * fields unknown to this version included: they may be known after the next update, and the charge is then still the same.
 */
export function canonicalJson(value: unknown): Result<string, ApiFailure> {
  const text = tryCanonicalJson(value, jsonDepthMax);
  return text.ok ? text : fail('bad_request', text.error.message);
}
