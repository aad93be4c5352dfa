import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ApiError } from '../../shared/api/operator.ts';
import type { Failure } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';

export type ApiErrorCode = ApiError['error'];
/** A failure that goes to the cabinet as it is; `message` is for its log. */
export type ApiFailure = Failure<ApiErrorCode> & {
  readonly nowMs?: number;
  /** Too much at once: 429, and to be tried again after so many seconds. Only with `unavailable`. */
  readonly retryAfterS?: number;
  /** Only this one and its like are too many (`ApiError`). With `retryAfterS`. */
  readonly othersMayCome?: boolean;
};

const statusOf: Readonly<Record<ApiErrorCode, number>> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  unknown_charge: 404,
  conflict: 409,
  too_large: 413,
  internal: 500,
  unavailable: 503,
};

const messageMaxLength = 500;

export function apiErrorBody(failure: ApiFailure): ApiError {
  const { code, message, nowMs, othersMayCome } = failure;
  const body: ApiError = { error: code, message: message.slice(0, messageMaxLength) };
  return {
    ...body,
    ...(nowMs === undefined ? {} : { nowMs }),
    ...(othersMayCome === undefined ? {} : { othersMayCome }),
  };
}

export function statusFor(code: ApiErrorCode): number {
  return statusOf[code];
}

/** Too much at once: asks to come again, and means nothing else. */
export function tooMuch(message: string, retryAfterS: number): { ok: false; error: ApiFailure } {
  return { ok: false, error: { code: 'unavailable', message, retryAfterS } };
}

/** The same of one kind of thing alone: whoever sends it need not keep other things back for it. */
export function tooManyOfKind(message: string, retryAfterS: number): { ok: false; error: ApiFailure } {
  const { error } = tooMuch(message, retryAfterS);
  return { ok: false, error: { ...error, othersMayCome: true } };
}

export function sendFailure(reply: FastifyReply, failure: ApiFailure): FastifyReply {
  const { retryAfterS } = failure;
  if (retryAfterS !== undefined)
    return reply.code(429).header('retry-after', String(retryAfterS)).send(apiErrorBody(failure));
  return reply.code(statusFor(failure.code)).send(apiErrorBody(failure));
}

/** For servers that strangers reach: whatever goes wrong is in our log, and they are told a status and nothing else. */
export function answerWithoutWords(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error, { id: requestId }, reply) => {
    const { statusCode = 500 } = error as { statusCode?: number };
    if (statusCode >= 500) logger.error('request_failed', { requestId, error: String(error) });
    return reply.code(statusCode).send();
  });
}
