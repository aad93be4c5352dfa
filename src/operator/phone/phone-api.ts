import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { photoMaxBytes, phoneCalls, phonePagePath } from '../../shared/phone/calls.ts';
import type { PhoneCallName } from '../../shared/phone/calls.ts';
import type { PhoneRoute } from '../../shared/phone/routes.ts';
import { phoneRoutes } from '../../shared/phone/routes.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { onAnsweredOrGone } from '../http/answered.ts';
import { parseJson, parseWith } from '../http/json.ts';
import { addSecurityHeaders, servePage } from '../http/page-files.ts';
import { Places } from '../http/places.ts';
import { accountHandlers } from './account-handlers.ts';
import { cabinetHandlers } from './cabinet-handlers.ts';
import { PhoneCookies } from './cookies.ts';
import type { PhoneFailure } from './errors.ts';
import { failureOfStatus, phoneFailureOf } from './errors.ts';
import { sendPageFailure, tooMany } from '../http/page-errors.ts';
import type { PhoneCallMade, PhoneHandlers, PhoneParts } from './handlers.ts';
import { phoneBodyMaxBytes, photosAtOnceMax, photosOfMemberAtOnceMax } from './limits.ts';
import { messageHandlers } from './message-handlers.ts';
import { PhoneGate } from './phone-gate.ts';
import { providerHandlers } from './provider-handlers.ts';
import { purchaseHandlers } from './purchase-handlers.ts';
import { sessionHandlers } from './session-handlers.ts';
import type { SignedInMember } from './sessions.ts';

export interface PhoneOptions extends Omit<PhoneParts, 'cookies'> {
  /** Of the built page; what is not there is not served. */
  readonly pageFolder: string;
  /** A browser on this very machine may come by plain http (development). */
  readonly isPlainAllowed: boolean;
  /** See Connections. */
  readonly proxyAddresses: readonly string[];
}

/** A handler as this file sees it: of any route. */
type Handler = (call: PhoneCallMade<never>) => Promise<Result<unknown, PhoneFailure>>;

/**
 * The shopper's page and what it asks, on the port that phones reach. Nothing here is decided a second time: what a call does is
 * in the other folders of the operator. `onProven`: on this connection is a member who is signed in.
 */
export function installPhone(
  server: FastifyInstance,
  options: PhoneOptions,
  onProven: (socket: Socket) => void,
): void {
  const { logger } = options;
  const cookies = new PhoneCookies(options.isPlainAllowed);
  const parts: PhoneParts = { ...options, cookies };
  const gate = new PhoneGate({ ...options, cookies });
  const handlers: PhoneHandlers = {
    ...sessionHandlers(parts),
    ...providerHandlers(parts),
    ...cabinetHandlers(parts),
    ...purchaseHandlers(parts),
    ...accountHandlers(parts),
    ...messageHandlers(parts),
  };
  void server.register((app, _options, done) => {
    addSecurityHeaders(app, { asksPosition: true });
    app.setErrorHandler((error, { id }, reply) => {
      const { statusCode = 500 } = error as { statusCode?: number };
      if (statusCode >= 500) logger.error('phone_failed', { requestId: id, error: String(error) });
      return sendPageFailure(reply, failureOfStatus(statusCode));
    });
    const places = new Places();
    for (const name of Object.keys(phoneCalls) as PhoneCallName[])
      addRoute(app, { gate, places, name, onProven }, handlers[name]);
    app.get(phonePagePath.slice(0, -1), (_request, reply) => reply.redirect(phonePagePath, 308));
    servePage(app, options.pageFolder, phonePagePath);
    done();
  });
}

interface Door {
  readonly gate: PhoneGate;
  /** For pictures on their way: they are kept in memory, and a phone may send one as slowly as it likes. */
  readonly places: Places;
  readonly name: PhoneCallName;
  readonly onProven: (socket: Socket) => void;
}

/**
 * A provider may be slow to say who somebody is: that is bounded where it is asked (provider-handlers.ts), and takes no turn of
 * those who are looked up here.
 */
const asksProvider: PhoneCallName = 'endProvider';

function addRoute(app: FastifyInstance, { gate, places, name, onProven }: Door, handle: Handler): void {
  const route: PhoneRoute = phoneRoutes[name];
  const passed = new WeakMap<FastifyRequest, SignedInMember>();
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.body === 'photo' ? photoMaxBytes : phoneBodyMaxBytes,
    onRequest: async (request, reply) => {
      const who = await gate.pass(route, request);
      if (!who.ok) return sendPageFailure(reply, who.error);
      if (who.value === null) return;
      passed.set(request, who.value);
      onProven(request.raw.socket);
      if (route.body !== 'photo') return;
      const place = places.take([
        ['all', photosAtOnceMax],
        [`member ${who.value.memberId}`, photosOfMemberAtOnceMax],
      ]);
      if (place === null) return sendPageFailure(reply, tooMany(1).error);
      onAnsweredOrGone(reply, place);
    },
    handler: async (request, reply) => {
      const read = readCall(route, request);
      if (!read.ok) return sendPageFailure(reply, read.error);
      const who = passed.get(request) ?? null;
      const call = { ...read.value, who, request, reply } as unknown as PhoneCallMade<never>;
      const isLookedUp = who === null && name !== asksProvider;
      const turn = isLookedUp ? await gate.turn(() => handle(call)) : { value: await handle(call) };
      const done = turn?.value ?? tooMany(1);
      if (!done.ok) return sendPageFailure(reply, done.error);
      // Nothing leaves that the table does not name.
      return route.reply === null ? reply.code(204).send() : reply.send(route.reply.parse(done.value));
    },
  });
}

/** Path and body as the route says. */
function readCall(
  route: PhoneRoute,
  request: FastifyRequest,
): Result<{ readonly params: unknown; readonly body: unknown }, PhoneFailure> {
  const params = parseWith(route.params, request.params);
  if (!params.ok) return { ok: false, error: phoneFailureOf(params.error) };
  if (route.body === null) return ok({ params: params.value, body: undefined });
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (route.body === 'photo') return ok({ params: params.value, body: bytes });
  // No form of another page can send this type (Fetch, "CORS-safelisted request-header").
  if (!/^application\/json\b/.test(String(request.headers['content-type'])))
    return fail('bad_request', 'the body is not said to be JSON');
  const json = parseJson(bytes);
  const body = json.ok && route.request !== null ? parseWith(route.request, json.value) : json;
  return body.ok
    ? ok({ params: params.value, body: body.value })
    : { ok: false, error: phoneFailureOf(body.error) };
}
