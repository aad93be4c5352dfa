import type { z } from 'zod';
import type { Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import type { ApiFailure } from './errors.ts';
import { jsonDepthMax } from './limits.ts';

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
  const text = write(value, jsonDepthMax);
  return text === null ? fail('bad_request', `nested deeper than ${jsonDepthMax}`) : ok(text);
}

function write(value: unknown, depthLeft: number): string | null {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depthLeft === 0) return null;
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const item of value) {
      const text = write(item, depthLeft - 1);
      if (text === null) return null;
      parts.push(text);
    }
    return `[${parts.join(',')}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const text = write((value as Record<string, unknown>)[key], depthLeft - 1);
    if (text === null) return null;
    parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}
