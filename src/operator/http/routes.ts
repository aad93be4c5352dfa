import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiRouteName, RouteDefinition } from '../../shared/api/routes.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import { bodyDigestHeader } from '../../shared/api/signing.ts';
import type { Err, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { AnswerSigner } from './answer-signer.ts';
import type { ApiOptions } from './api-options.ts';
import type { Signer } from './authenticator.ts';
import { forEarlierCabinet, isEarlier } from './earlier-cabinet.ts';
import type { Connections } from './connections.ts';
import type { ApiFailure } from './errors.ts';
import { sendFailure } from './errors.ts';
import { Gate } from './gate.ts';
import type { ApiCall } from './handlers.ts';
import { makeHandlers } from './handlers.ts';
import { parseSentJson, parseWith } from './json.ts';
import type { RefusedCharge } from '../support/early-resolution.ts';
import { decidedOrRefused } from '../support/early-resolution.ts';

/** A handler as this file sees it: of any route. */
type Handler = (call: ApiCall<never>) => MaybePromise<Result<unknown, ApiFailure> | FastifyReply>;
type MaybePromise<T> = T | Promise<T>;

/** What is behind an enrolment token has no cabinet yet; the answer will be to the digest of the body, so that must be its. */
function readNobody(request: FastifyRequest, bytes: Uint8Array): Result<Signer, ApiFailure> {
  const digest = request.headers[bodyDigestHeader];
  if (digest !== undefined && digest !== createHash('sha256').update(bytes).digest('hex'))
    return fail('bad_request', 'not the digest of this body');
  return ok({ cabinetId: '', signedAtMs: 0, key: null });
}

/** Every route of the table, each behind the gate, with its own bounds. */
export function addRoutes(app: FastifyInstance, options: ApiOptions, connections: Connections): void {
  const { db, clock, signatures } = options;
  const gate = new Gate(db, clock, connections, signatures);
  const handlers = makeHandlers(options);
  app.addHook('preSerialization', (request, _reply, payload, done) => {
    done(null, isEarlier(request.headers) ? forEarlierCabinet(payload) : payload);
  });
  for (const name of Object.keys(apiRoutes) as ApiRouteName[])
    addRoute(
      app,
      { gate, signer: options.signer, ...refusalOf(name, options) },
      apiRoutes[name],
      handlers[name],
    );
}

/** Refused bytes of a charge are answered with what people have decided about it, when they have. */
function refusalOf(name: ApiRouteName, options: ApiOptions): Pick<Behind, 'onRefused'> {
  return {
    onRefused: name === 'putCharge' ? (sent, refusal) => decidedOrRefused(options, sent, refusal) : null,
  };
}

/** What a route has behind it. `onRefused`: the answer to a proven request that is refused; null: the refusal. */
interface Behind {
  readonly gate: Gate;
  readonly signer: AnswerSigner;
  readonly onRefused:
    ((sent: RefusedCharge, refusal: Err<ApiFailure>) => Promise<Result<unknown, ApiFailure>>) | null;
}

function addRoute(
  app: FastifyInstance,
  { gate, signer: answers, onRefused }: Behind,
  route: RouteDefinition,
  handle: Handler,
): void {
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: Math.max(1, route.bodyMaxBytes),
    onRequest: async (request, reply) => {
      const passed = await gate.beforeBody(route, request, reply);
      return passed.ok ? undefined : sendFailure(reply, passed.error);
    },
    handler: async (request, reply) => {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
      const isEnrolment = route.auth === 'enrolment_token';
      const signer = isEnrolment ? readNobody(request, bytes) : await gate.withBody(route, request, bytes);
      if (!signer.ok && !isEnrolment) return sendFailure(reply, signer.error);
      if (!isEnrolment) answers.vouchFor(request);
      const call = signer.ok ? readCall(route, request, reply, signer.value, bytes) : signer;
      if (isEnrolment) {
        const passed = await gate.withToken(request, call.ok ? call.value.body : null);
        if (!passed.ok) return sendFailure(reply, passed.error);
      }
      if (route.isHeld === true) gate.bodyIsRead(request);
      const said = call.ok ? await handle(call.value) : call;
      if (!('ok' in said)) return said;
      const result =
        said.ok || onRefused === null || !signer.ok
          ? said
          : await onRefused({ params: request.params, cabinetId: signer.value.cabinetId }, said);
      if (!result.ok) return sendFailure(reply, result.error);
      // Here the token was the proof.
      answers.vouchFor(request);
      return result.value === undefined ? reply.code(204).send() : reply.send(result.value);
    },
  });
}

/** Path and body as the route says; `bad_request` when they are not. */
function readCall(
  route: RouteDefinition,
  request: FastifyRequest,
  reply: FastifyReply,
  signer: Signer,
  bytes: Uint8Array,
): Result<ApiCall<never>, ApiFailure> {
  const params = parseWith(route.params, request.params);
  if (!params.ok) return params;
  const json = route.request === null ? ok(undefined) : parseSentJson(bytes);
  if (!json.ok) return json;
  const body = route.request === null ? ok(undefined) : parseWith(route.request, json.value);
  if (!body.ok) return body;
  return ok({
    ...signer,
    params: params.value as never,
    body: body.value as never,
    json: json.value,
    request,
    reply,
  });
}
