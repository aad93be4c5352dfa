import type { FastifyReply } from 'fastify';
import type { ConsoleError } from '../../shared/console/routes.ts';
import type { Err, Failure } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';

/** A failure that goes to the console as it is. */
export type ConsoleFailure = Failure<ConsoleError['error']> & { readonly retryAfterS?: number };

const statusOf: Readonly<Record<ConsoleError['error'], number>> = {
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
};

export function tooMany(retryAfterS: number): Err<ConsoleFailure> {
  return { ok: false, error: { code: 'too_many', message: 'too many at once', retryAfterS } };
}

/** What the parts of the operator that cabinets and the console share say, in the console's words. */
export function consoleFailureOf({ code, message }: ApiFailure): ConsoleFailure {
  return { code: code === 'unknown_charge' ? 'not_found' : code, message };
}

export function sendConsoleFailure(reply: FastifyReply, failure: ConsoleFailure): FastifyReply {
  const { code, message, retryAfterS } = failure;
  const body: ConsoleError = { error: code, message, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS));
  return reply.code(statusOf[code]).send(body);
}
