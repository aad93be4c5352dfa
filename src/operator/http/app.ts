import { randomUUID } from 'node:crypto';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';
import { apiVersion, apiVersionHeader } from '../../shared/api/signing.ts';
import type { ApiFailure } from './errors.ts';
import { apiErrorBody, sendFailure, statusFor } from './errors.ts';
import {
  connectionIdleMaxMs,
  connectionSilentMaxMs,
  connectionsMax,
  receiveCheckEveryMs,
  requestReceiveTimeoutMs,
  strayBodyMaxBytes,
} from '../limits.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { ApiOptions } from './api-options.ts';
import { Connections } from './connections.ts';
import { addRoutes } from './routes.ts';
import { serveUpdates } from './update-files.ts';

/** The operator's HTTP API (shared/api/routes.ts), not listening yet. Every answer that is not 2xx has the body of an `ApiError`. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { logger, faults, signer, metrics } = options;
  const receiveTimeoutMs = options.requestReceiveTimeoutMs ?? requestReceiveTimeoutMs;
  const app = fastify({
    logger: false,
    // In the log with the charge that came in it; its own number would begin anew with each process.
    genReqId: () => randomUUID(),
    bodyLimit: strayBodyMaxBytes,
    requestTimeout: receiveTimeoutMs,
    keepAliveTimeout: connectionIdleMaxMs,
    connectionTimeout: connectionSilentMaxMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 64 },
    exposeHeadRoutes: false,
    // fastify's own 503 has another body; requests that come while we close are simply still done.
    return503OnClosing: false,
    // Node keeps to requestTimeout only when headersTimeout (60 s by default) is not above it.
    http: {
      requireHostHeader: false,
      headersTimeout: receiveTimeoutMs,
      connectionsCheckingInterval: receiveCheckEveryMs,
    },
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, request, reply) => {
      void sendFailure(reply, failureFor(error, request.id, logger));
    },
  }) as unknown as FastifyInstance;
  // The signature covers the exact bytes, so bodies stay bytes until it has been checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  // So that a cabinet knows whose word an error is that it has no word for.
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.header(apiVersionHeader, String(apiVersion));
    done();
  });
  metrics.install(app, 'cabinets');
  faults?.install(app, signer);
  signer.install(app);
  app.setErrorHandler((error, { id }, reply) => sendFailure(reply, failureFor(error, id, logger)));
  app.setNotFoundHandler((_request, reply) =>
    sendFailure(reply, { code: 'not_found', message: 'no such path or method' }),
  );
  app.server.maxConnections = connectionsMax;
  const connections = new Connections(options.proxyAddresses ?? []);
  app.server.on('connection', (socket: Socket) => connections.opened(socket));
  app.server.on('checkExpectation', (_request, response) => {
    const failure: ApiFailure = { code: 'bad_request', message: 'no such expectation' };
    response.writeHead(statusFor(failure.code), { 'content-type': 'application/json' });
    response.end(JSON.stringify(apiErrorBody(failure)));
  });
  // Whoever is held is answered, so that closing does not wait for them.
  app.addHook('preClose', async () => {
    await Promise.all([options.qrSignIn.close(), options.desiredStates.close()]);
  });
  addRoutes(app, options, connections);
  if (options.updatesFolder !== undefined) serveUpdates(app, options.updatesFolder, options.proxyAddresses);
  return app;
}

/** Anything thrown while a request is handled → what the cabinet is told. */
function failureFor(error: unknown, requestId: string, logger: Logger): ApiFailure {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413) return { code: 'too_large', message: 'the body is larger than allowed' };
  if (status === 404 || status === 414) return { code: 'not_found', message: 'no such path' };
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { code: 'bad_request', message: error instanceof Error ? error.message : 'malformed request' };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  logger.error('request_failed', { requestId, error: String(cause) });
  if (error instanceof DrizzleQueryError || isConnectionError(error))
    return { code: 'unavailable', message: 'the database does not answer; try again' };
  return { code: 'internal', message: 'an error of the operator; try again' };
}

/** The pool cannot get a connection: thrown by the driver itself, before any query. */
function isConnectionError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  const text = error instanceof Error ? error.message : '';
  return (
    (typeof code === 'string' && /^(?:E[A-Z]+|57P\d\d|08\d\d\d|53300)$/.test(code)) ||
    /connection t(?:imeout|erminated)|timeout exceeded when trying to connect/i.test(text)
  );
}

/** What is not HTTP never becomes a request; the answer is written by hand. */
function answerBrokenHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, failure } = brokenHttp(error.code);
  const body = JSON.stringify(apiErrorBody(failure));
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function brokenHttp(code: string | undefined): { status: number; failure: ApiFailure } {
  // 408, not 400: a slow network is to be tried again (docs/payments.md#retry-classes), and a cabinet never repeats after another 4xx.
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, failure: { code: 'unavailable', message: 'the request did not arrive in time' } };
  const failure: ApiFailure =
    code === 'HPE_HEADER_OVERFLOW'
      ? { code: 'too_large', message: 'the headers are larger than allowed' }
      : { code: 'bad_request', message: 'not HTTP' };
  return { status: statusFor(failure.code), failure };
}
