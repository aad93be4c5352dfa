import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type QrSignInReply,
  alarmSchema,
  apiPaths,
  authoriseRequestSchema,
  qrSignInRequestSchema,
  enrolRequestSchema,
  type healthReplySchema,
} from '../../shared/api/operator.ts';
import type { z } from 'zod';
import { chargeIdSchema } from '../../shared/ids.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { ApiOptions } from './api-options.ts';
import type { Authenticator } from './authenticator.ts';
import { receiveDispute } from '../disputes/disputes.ts';
import { readCharge, receiveCharge } from '../charges/receive-charge.ts';
import { enrol } from '../fleet/enrolment.ts';
import { forEarlierCabinet, isEarlier } from './earlier-cabinet.ts';
import type { ApiFailure } from './errors.ts';
import { sendFailure } from './errors.ts';
import { receiveFaceCount } from '../fleet/face-counts.ts';
import { parseJson, parseWith } from './json.ts';
import { debitWaitMs, smallBodyMaxBytes } from '../limits.ts';
import { listPurchases } from '../charges/purchases.ts';
import { alarm } from '../storage/schema.ts';
import { authoriseVisit } from '../visits/authorise.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the signature has been checked. */
    cabinetId: string;
    signedAtMs: number;
  }
}

const small = { bodyLimit: smallBodyMaxBytes };
const chargePath = '/v1/charges/:chargeId';

const bytesOf = (request: FastifyRequest): Uint8Array =>
  request.body instanceof Uint8Array ? request.body : new Uint8Array(0);

const answer = (reply: FastifyReply, result: Result<unknown, ApiFailure>): FastifyReply => {
  if (!result.ok) return sendFailure(reply, result.error);
  return result.value === undefined ? reply.code(204).send() : reply.send(result.value);
};

export function addRoutes(app: FastifyInstance, options: ApiOptions, authenticator: Authenticator): void {
  app.decorateRequest('cabinetId', '');
  app.decorateRequest('signedAtMs', 0);
  app.post(apiPaths.enrol, small, async (request, reply) => {
    const json = parseJson(bytesOf(request));
    const body = json.ok ? parseWith(enrolRequestSchema, json.value) : json;
    return answer(reply, body.ok ? await enrol(options.db, options.clock, body.value) : body);
  });
  void app.register((signed, _, done) => {
    signed.addHook('preHandler', async (request, reply) => {
      const { method, url: path, headers } = request;
      const who = await authenticator.check({ method, path, headers, body: bytesOf(request) });
      if (!who.ok) return sendFailure(reply, who.error);
      request.cabinetId = who.value.cabinetId;
      request.signedAtMs = who.value.signedAtMs;
      return undefined;
    });
    signed.addHook('preSerialization', (request, _reply, payload, done) => {
      done(null, isEarlier(request.headers) ? forEarlierCabinet(payload) : payload);
    });
    addSignedRoutes(signed, options);
    done();
  });
}

function addSignedRoutes(app: FastifyInstance, options: ApiOptions): void {
  const { db, catalog, clock, qrSignIn } = options;

  app.get(apiPaths.health, (_request, reply) =>
    reply.send({ ok: true, nowMs: clock.nowMs() } satisfies z.input<typeof healthReplySchema>),
  );

  app.get(apiPaths.catalog, (request, reply) => {
    void reply.header('etag', catalog.etag);
    if (request.headers['if-none-match']?.includes(catalog.etag) === true) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(catalog.text);
  });

  app.post(apiPaths.authorise, small, async (request, reply) => {
    const json = parseJson(bytesOf(request));
    const body = json.ok ? parseWith(authoriseRequestSchema, json.value) : json;
    if (!body.ok) return answer(reply, body);
    return reply.send(await authoriseVisit(options, request.cabinetId, body.value));
  });

  app.post(apiPaths.qrSignIn, small, async (request, reply) => {
    const json = parseJson(bytesOf(request));
    const body = json.ok ? parseWith(qrSignInRequestSchema, json.value) : json;
    if (!body.ok) return answer(reply, body);
    const { showing, waitMs } = body.value;
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const code = await qrSignIn.waitForScan(request.cabinetId, showing, waitMs, left.signal);
    return reply.send({ code } satisfies QrSignInReply);
  });

  app.put<{ Params: { chargeId: string } }>(chargePath, async (request, reply) =>
    answer(reply, await putCharge(options, request)),
  );

  app.get<{ Params: { chargeId: string } }>(chargePath, async (request, reply) => {
    const id = parseWith(chargeIdSchema, request.params.chargeId);
    return answer(reply, id.ok ? await readCharge(db, request.cabinetId, id.value) : id);
  });

  app.post<{ Params: { chargeId: string } }>(`${chargePath}/disputes`, small, async (request, reply) => {
    const id = parseWith(chargeIdSchema, request.params.chargeId);
    const json = id.ok ? parseJson(bytesOf(request)) : id;
    if (!id.ok || !json.ok) return answer(reply, json);
    return answer(reply, await receiveDispute(options, request.cabinetId, id.value, json.value));
  });

  app.post(apiPaths.purchases, small, async (request, reply) => {
    const json = parseJson(bytesOf(request));
    return answer(reply, json.ok ? await listPurchases(options, request.cabinetId, json.value) : json);
  });

  app.post(apiPaths.alarms, small, async (request, reply) => {
    const json = parseJson(bytesOf(request));
    const body = json.ok ? parseWith(alarmSchema, json.value) : json;
    if (!body.ok) return answer(reply, body);
    const { cabinetId } = request;
    const { kind, visitId, atMs } = body.value;
    const detail = JSON.stringify(body.value.detail);
    const receivedAtMs = options.clock.nowMs();
    // A repeat of the same alarm (its answer was lost) is the same alarm.
    await db
      .insert(alarm)
      .values({ cabinetId, kind, visitId, atMs, detail, receivedAtMs })
      .onConflictDoNothing();
    return reply.code(204).send();
  });

  app.put(apiPaths.faceCount, small, async (request, reply) => {
    const json = parseJson(bytesOf(request));
    return answer(reply, json.ok ? await receiveFaceCount(options, request, json.value) : json);
  });
}

async function putCharge(
  options: ApiOptions,
  request: FastifyRequest<{ Params: { chargeId: string } }>,
): Promise<Result<unknown, ApiFailure>> {
  const { db, clock, worker } = options;
  const json = parseJson(bytesOf(request));
  if (!json.ok) return json;
  const received = await receiveCharge(options, request.cabinetId, request.params.chargeId, json.value);
  if (!received.ok) return received;
  const { fresh, reply } = received.value;
  if (!fresh || reply.state !== 'accepted') return { ok: true, value: reply };
  await withTimeout(clock, debitWaitMs, worker.attempt(reply.chargeId));
  return readCharge(db, request.cabinetId, reply.chargeId);
}
