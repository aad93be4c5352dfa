import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { connectionIdleMaxMs, receiveCheckEveryMs, requestReceiveTimeoutMs } from '../limits.ts';

/**
 * A server on a port of its own, beside the one for cabinets: what is slow, idle or too large is cut off. It says nothing of
 * itself: routes, errors and who is let in are its caller's.
 */
export function boundedServer(bounds: {
  readonly bodyMaxBytes: number;
  readonly connectionsMax: number;
}): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: bounds.bodyMaxBytes,
    requestTimeout: requestReceiveTimeoutMs,
    keepAliveTimeout: connectionIdleMaxMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    http: { headersTimeout: requestReceiveTimeoutMs, connectionsCheckingInterval: receiveCheckEveryMs },
  }) as unknown as FastifyInstance;
  app.server.maxConnections = bounds.connectionsMax;
  return app;
}
