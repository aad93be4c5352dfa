import type { FastifyReply } from 'fastify';
import type { Err, Failure } from '../../shared/result.ts';

/** What the pages for browsers (console, phone) are told when something is not done, and with which status. */
const statusOf = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  other_origin: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  internal: 500,
  unavailable: 503,
} as const;
type PageErrorCode = keyof typeof statusOf;

/** A failure that goes to a page as it is. `Code`: what that page can be told. */
export type PageFailure<Code extends PageErrorCode> = Failure<Code> & { readonly retryAfterS?: number };

export function tooMany(retryAfterS: number): Err<PageFailure<'too_many'>> {
  return { ok: false, error: { code: 'too_many', message: 'too many at once', retryAfterS } };
}

export function sendPageFailure(reply: FastifyReply, failure: PageFailure<PageErrorCode>): FastifyReply {
  const { code, message, retryAfterS } = failure;
  if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS));
  const body = { error: code, message, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  return reply.code(statusOf[code]).send(body);
}
