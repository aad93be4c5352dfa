import { z } from 'zod';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { isPlainText } from '../storage/plain-text.ts';
import type { ConsoleFailure } from './errors.ts';

/** Where a page ended: what it is sorted by, and which of those that have the same. */
export interface Cursor {
  readonly atMs: number;
  readonly key: string;
}

const cursorSchema = z.tuple([z.number().int(), z.string().max(100).refine(isPlainText)]);

export function cursorText({ atMs, key }: Cursor): string {
  return Buffer.from(JSON.stringify([atMs, key])).toString('base64url');
}

/** Null: from the beginning. It says where, and never what may be seen: a made-up one is another place in the same list. */
export function readCursor(text: string | undefined): Result<Cursor | null, ConsoleFailure> {
  if (text === undefined) return ok(null);
  try {
    const [atMs, key] = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return ok({ atMs, key });
  } catch {
    return fail('bad_request', 'after: not the end of a page');
  }
}
