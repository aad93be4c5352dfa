import type { FastifyReply } from 'fastify';
import type { PhoneError } from '../../shared/phone/routes.ts';
import type { Err, Failure } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';

/** A failure that goes to the page as it is; `message` is for nobody but whoever builds it. */
export type PhoneFailure = Failure<PhoneError['error']> & { readonly retryAfterS?: number };

const statusOf: Readonly<Record<PhoneError['error'], number>> = {
  bad_request: 400,
  unauthenticated: 401,
  other_origin: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many: 429,
  internal: 500,
  unavailable: 503,
};

export function tooManyCalls(retryAfterS: number): Err<PhoneFailure> {
  return { ok: false, error: { code: 'too_many', message: 'too many at once', retryAfterS } };
}

/** What the parts of the operator that cabinets use, too, say, in the page's words. */
export function phoneFailureOf({ code, message, retryAfterS }: ApiFailure): PhoneFailure {
  if (retryAfterS !== undefined) return { code: 'too_many', message, retryAfterS };
  if (code === 'unknown_charge') return { code: 'not_found', message };
  return { code: code === 'forbidden' ? 'conflict' : code, message };
}

export function sendPhoneFailure(reply: FastifyReply, failure: PhoneFailure): FastifyReply {
  const { code, message, retryAfterS } = failure;
  const body: PhoneError = { error: code, message, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
  if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS));
  return reply.code(statusOf[code]).send(body);
}

/** For what the server itself says no to, before a handler. */
export function failureOfStatus(status: number): PhoneFailure {
  if (status === 413) return { code: 'too_large', message: 'the body is larger than allowed' };
  if (status < 500) return { code: 'bad_request', message: 'not a request of the page' };
  return status === 503
    ? { code: 'unavailable', message: 'not now' }
    : { code: 'internal', message: 'not done: see the log of the service' };
}
