import type { z } from 'zod';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { tryCanonicalJson } from '../../shared/util/canonical-json.ts';
import type { ApiFailure } from './errors.ts';
import { jsonDepthMax } from '../limits.ts';

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

/** Checks a value against a schema; the message names the first thing that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): Result<T, ApiFailure> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
  return fail('bad_request', `${where}: ${issue?.message ?? 'not as agreed'}`);
}

/**
 * One text for all spellings of the same JSON value: no blanks, keys in code-unit order. What is compared is what the cabinet sent,
 * fields unknown to this version included: they may be known after the next update, and the charge is then still the same.
 */
export function canonicalJson(value: unknown): Result<string, ApiFailure> {
  const text = tryCanonicalJson(value, jsonDepthMax);
  return text.ok ? text : fail('bad_request', text.error.message);
}
