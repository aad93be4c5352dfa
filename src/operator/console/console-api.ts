import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { ConsoleRoute, ConsoleRouteName } from '../../shared/console/routes.ts';
import { consoleRoutes } from '../../shared/console/routes.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { boundedServer } from '../http/bounded-server.ts';
import { Connections } from '../http/connections.ts';
import { parseJson, parsePlainWith } from '../http/json.ts';
import { addSecurityHeaders, servePage } from '../http/page-files.ts';
import {
  consoleBodyMaxBytes,
  consoleConnectionsMax,
  consoleConnectionsOpen,
  consoleGoodsBodyMaxBytes,
  consolePictureBodyMaxBytes,
  consolePromotionsBodyMaxBytes,
} from '../limits.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { StaffParts } from '../staff/sign-in.ts';
import { actHandlers } from './act-handlers.ts';
import type { ActParts } from './acts.ts';
import type { SignedIn } from './console-gate.ts';
import { passGate } from './console-gate.ts';
import { cabinetStaffHandlers } from './cabinet-staff-handlers.ts';
import type { ConsoleFailure } from './errors.ts';
import { consoleFailureOf } from './errors.ts';
import { sendPageFailure } from '../http/page-errors.ts';
import { addExports } from './exports.ts';
import type { FleetParts } from './fleet-handlers.ts';
import { fleetHandlers } from './fleet-handlers.ts';
import type { ConsoleCall, ConsoleHandlers } from './handlers.ts';
import { addPhotos } from './phone-reports.ts';
import type { SearchParts } from './search.ts';
import { settingsHandlers } from './settings-handlers.ts';
import { stockHandlers } from './stock-handlers.ts';
import { staffHandlers } from './staff-handlers.ts';
import { workHandlers } from './work-handlers.ts';

export interface ConsoleApiOptions extends StaffParts, Omit<SearchParts, 'served'>, ActParts, FleetParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** See Connections. */
  readonly proxyAddresses: readonly string[];
  /** Of the built page; what is not there is not served. */
  readonly pageFolder: string;
}

/** A handler as this file sees it: of any route. */
type Handler = (call: ConsoleCall<never>) => Promise<Result<unknown, ConsoleFailure>>;

/**
 * What the support console asks, and its page. On a port of its own, behind TLS: people come here, cabinets and providers have
 * no business here. Bounded as the port for notices is; who is signed in is cut off last.
 */
export function buildConsoleApi(options: ConsoleApiOptions): FastifyInstance {
  const { logger, metrics, proxyAddresses } = options;
  const app = boundedServer({ bodyMaxBytes: consoleBodyMaxBytes, connectionsMax: consoleConnectionsMax });
  const connections = new Connections(proxyAddresses, consoleConnectionsOpen);
  app.server.on('connection', (socket: Socket) => connections.opened(socket));
  metrics.install(app, 'console');
  addSecurityHeaders(app);
  app.setErrorHandler((error, { id }, reply) => {
    const { statusCode = 500 } = error as { statusCode?: number };
    if (statusCode >= 500) logger.error('console_failed', { requestId: id, error: String(error) });
    return sendPageFailure(reply, failureOf(statusCode));
  });
  // No form of another page can send this type (Fetch, "CORS-safelisted request-header").
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  const handlers: ConsoleHandlers = {
    ...staffHandlers(options),
    ...workHandlers(options),
    ...actHandlers(options),
    ...fleetHandlers(options),
    ...cabinetStaffHandlers(options),
    ...settingsHandlers(options),
    ...stockHandlers(options),
  };
  for (const name of Object.keys(consoleRoutes) as ConsoleRouteName[])
    addRoute(app, options, connections, consoleRoutes[name], handlers[name]);
  addExports(app, options);
  addPhotos(app, options);
  servePage(app, options.pageFolder);
  return app;
}

/** With a whole spreadsheet, a picture, or all promotions in the body. */
const bodyMaxBytes: readonly (readonly [ConsoleRoute, number])[] = [
  [consoleRoutes.checkGoods, consoleGoodsBodyMaxBytes],
  [consoleRoutes.draftGoods, consoleGoodsBodyMaxBytes],
  [consoleRoutes.goodsFilePictures, consoleGoodsBodyMaxBytes],
  [consoleRoutes.addPicture, consolePictureBodyMaxBytes],
  [consoleRoutes.tryPromotions, consolePromotionsBodyMaxBytes],
  [consoleRoutes.previewAct, consolePromotionsBodyMaxBytes],
  [consoleRoutes.act, consolePromotionsBodyMaxBytes],
];
const bodyMaxBytesOf = (route: ConsoleRoute): number =>
  bodyMaxBytes.find(([one]) => one === route)?.[1] ?? consoleBodyMaxBytes;

function addRoute(
  app: FastifyInstance,
  options: ConsoleApiOptions,
  connections: Connections,
  route: ConsoleRoute,
  handle: Handler,
): void {
  const passed = new WeakMap<FastifyRequest, SignedIn>();
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: bodyMaxBytesOf(route),
    onRequest: async (request, reply) => {
      const gate = await passGate(options, route, request);
      if (!gate.ok) return sendPageFailure(reply, gate.error);
      if (gate.value === null) return;
      passed.set(request, gate.value);
      connections.proved(request.raw.socket);
    },
    handler: async (request, reply) => {
      const read = readCall(route, request);
      if (!read.ok) return sendPageFailure(reply, read.error);
      const who = passed.get(request) ?? null;
      const call = { ...read.value, who, request, reply } as unknown as ConsoleCall<never>;
      const done = await handle(call);
      if (reply.sent) return reply;
      if (!done.ok) return sendPageFailure(reply, done.error);
      // Nothing leaves that the table does not name.
      return route.reply === null ? reply.code(204).send() : reply.send(route.reply.parse(done.value));
    },
  });
}

/** Path, query and body as the route says. */
function readCall(
  route: ConsoleRoute,
  request: FastifyRequest,
): Result<{ readonly params: unknown; readonly body: unknown }, ConsoleFailure> {
  const params = parsePlainWith(route.params, {
    ...(request.query as object),
    ...(request.params as object),
  });
  if (!params.ok) return { ok: false, error: consoleFailureOf(params.error) };
  if (route.request === null) return ok({ params: params.value, body: undefined });
  const json = Buffer.isBuffer(request.body) ? parseJson(request.body) : fail('bad_request', 'no JSON body');
  const body = json.ok ? parsePlainWith(route.request, json.value) : json;
  if (!body.ok) return { ok: false, error: consoleFailureOf(body.error) };
  return ok({ params: params.value, body: body.value });
}

function failureOf(status: number): ConsoleFailure {
  if (status === 413) return { code: 'too_large', message: 'the body is larger than allowed' };
  if (status < 500) return { code: 'bad_request', message: 'not a request of the console' };
  return status === 503
    ? { code: 'unavailable', message: 'not now' }
    : { code: 'internal', message: 'not done: see the log of the service' };
}
