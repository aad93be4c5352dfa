import { z } from 'zod';
import { failureOfContent } from '../../core/charge/answer.ts';
import type { OddAnswer } from '../../core/charge/answer.ts';
import type { OperatorFailure } from '../../core/charge/delivery.ts';
import type { ChargeReply } from '../../shared/api/operator.ts';
import { apiErrorSchema } from '../../shared/api/operator.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import { apiVersionHeader } from '../../shared/api/signing.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { err, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { HttpFailure, HttpResponse } from './http-transport.ts';
import { retryAfterMsOf } from './retry-after.ts';

/** What a call said about the way to the operator. `reachable`: our operator's API answered (whatever it said). */
export type Reachability = 'reachable' | 'unreachable' | 'unclear';

export type CatalogAnswer =
  | { readonly changed: false }
  | { readonly changed: true; readonly etag: string | null; readonly catalog: Catalog };
/** What the operator hands out in versions: another one than that with the ETag that was named, or still that. */
export type Fetched<T> =
  { readonly changed: false } | { readonly changed: true; readonly etag: string | null; readonly value: T };

/** What the outcome of a call says about the way there. */
export function reachabilityOf(result: Result<unknown, OperatorFailure>): Reachability {
  if (result.ok) return 'reachable';
  switch (result.error.code) {
    case 'network.unreachable':
    case 'network.timeout':
      return 'unreachable';
    case 'network.portal':
    case 'network.unproven':
    case 'operator.garbage':
    case 'operator.busy':
    case 'operator.unavailable':
      return 'unclear';
    default:
      return 'reachable';
  }
}

/** Whether this is an answer to what was asked, and no refusal of it. */
export function isAnswer(status: number): boolean {
  return (status >= 200 && status < 300) || status === 304;
}

/** What is known of a request without a whole answer. */
export function lostOf(failure: HttpFailure): Result<never, OperatorFailure> {
  const codes = {
    not_sent: 'network.unreachable',
    lost: 'network.timeout',
    too_large: 'operator.garbage',
  } as const;
  return err({ code: codes[failure.code], message: failure.message });
}

/** The body as its schema reads it. */
export function read<S extends z.ZodType>(
  response: HttpResponse,
  schema: S,
): Result<z.output<S>, OperatorFailure> {
  const parsed = schema.safeParse(jsonOf(response.body));
  return parsed.success ? ok(parsed.data) : garbage(response, z.prettifyError(parsed.error));
}

/** Of another one than that which was asked about: then ours is not the one of today. */
export function notChanged(
  response: HttpResponse,
  etag: string,
): Result<{ readonly changed: false }, OperatorFailure> {
  const { etag: said = etag } = response.headers;
  return said === etag ? ok({ changed: false }) : garbage(response, 'not changed, but another one');
}

/** An answer that names another charge is garbage. */
export function readCharge(response: HttpResponse, chargeId: string): Result<ChargeReply, OperatorFailure> {
  const reply = read(response, apiRoutes.getCharge.reply);
  if (!reply.ok || reply.value.chargeId === chargeId) return reply;
  return garbage(response, `about charge ${reply.value.chargeId}`);
}

/** Exactly 204: a portal that answers everything with a page has delivered nothing. */
export function nothing(response: HttpResponse): Result<null, OperatorFailure> {
  return response.status === 204 ? ok(null) : garbage(response, '204 expected');
}

/** Something answered, but not what was asked for. */
export function garbage(response: HttpResponse, why: string): Result<never, OperatorFailure> {
  return err(failureOfContent(oddAnswer(response, null), why));
}

/** The operator's time in a refusal for a time that is too far off, wall ms; null: this is none. */
export function timeToldBy(response: HttpResponse): number | null {
  if (response.status !== 401) return null;
  const said = apiErrorSchema.safeParse(jsonOf(response.body));
  return said.success ? (said.data.nowMs ?? null) : null;
}

/** The facts of an answer that core/charge/answer.ts decides by. `request`: whom we asked, and our wall time. */
export function oddAnswer(response: HttpResponse, request: { base: URL; nowMs: number } | null): OddAnswer {
  const { status, headers, body } = response;
  return {
    status,
    json: jsonOf(body),
    namesApi: apiVersionHeader in headers,
    isPage: /^text\/html/i.test(headers['content-type'] ?? '') || /^\s*</.test(body.toString('utf8', 0, 200)),
    leadsAway: request !== null && status >= 300 && status < 400 && leadsAway(headers.location, request.base),
    retryAfterMs: request === null ? null : retryAfterMsOf(headers['retry-after'], request.nowMs),
  };
}

function leadsAway(location: string | undefined, base: URL): boolean {
  return (
    location !== undefined && URL.canParse(location, base.href) && new URL(location, base).host !== base.host
  );
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
