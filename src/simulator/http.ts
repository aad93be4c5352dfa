import type { IncomingMessage, ServerResponse } from 'node:http';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { isAddressedAsLoopback } from '../shared/loopback.ts';
import { fail } from '../shared/result.ts';
import type { Failure, Result } from '../shared/result.ts';
import type { ControlErrorCode } from './api.ts';

export type ControlFailure = Failure<ControlErrorCode>;
export type Answer = Result<unknown, ControlFailure>;
/** Takes the whole answer into its own hands (server-sent events, files). */
export type RawHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export interface Routes {
  /** Key: `METHOD /path`. A body (POST) or query (GET) has been parsed by the handler's own schema. */
  readonly json: ReadonlyMap<string, (input: unknown) => Answer | Promise<Answer>>;
  /** GET only, by path; `*` takes what is left. */
  readonly raw: ReadonlyMap<string, RawHandler>;
}

const bodyMaxBytes = 256 * 1024;
const bodyTimeoutMs = 5000;

const statusOf: Readonly<Record<ControlErrorCode, number>> = {
  bad_request: 400,
  too_large: 413,
  not_found: 404,
  forbidden: 403,
  bolted: 409,
  door_is_open: 409,
  door_is_closed: 409,
  no_such_item: 409,
  no_such_shelf: 409,
  duplicate_tag: 409,
  cabinet_full: 409,
  device_unplugged: 409,
  device_busy: 409,
  no_last_code: 409,
  no_screen_reader: 409,
  no_code_on_screen: 409,
  sign_in_refused: 409,
  no_power_switch: 409,
  power_failed: 500,
  operator_unreachable: 502,
  operator_refused: 502,
  internal: 500,
};

/** One JSON route: parses its input, then acts. */
export function jsonRoute<T>(
  schema: z.ZodType<T>,
  act: (input: T) => Answer | Promise<Answer>,
): (input: unknown) => Answer | Promise<Answer> {
  return (input) => {
    const parsed = schema.safeParse(input);
    return parsed.success ? act(parsed.data) : fail('bad_request', z.prettifyError(parsed.error));
  };
}

/**
 * A small JSON server on loopback. Answers only callers that address it as loopback (no page of the web through DNS
 * tricks).
 */
export class ControlServer {
  readonly #app: FastifyInstance;

  constructor({ json, raw }: Routes) {
    const app = fastify({
      logger: false,
      bodyLimit: bodyMaxBytes,
      requestTimeout: bodyTimeoutMs,
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      frameworkErrors: (error, _request, reply) => void send(reply, failureOf(error)),
    }) as unknown as FastifyInstance;
    this.#app = app;
    app.removeContentTypeParser('text/plain');
    app.addHook('onRequest', async ({ headers }, reply) =>
      isAddressedAsLoopback(headers.host, headers.origin)
        ? undefined
        : send(reply, fail('forbidden', 'only for this machine')),
    );
    app.setErrorHandler((error, _request, reply) => send(reply, failureOf(error)));
    app.setNotFoundHandler((request, reply) =>
      send(reply, fail('not_found', `${request.method} ${request.url.split('?')[0] ?? ''}`)),
    );
    for (const [key, act] of json) {
      const [method = '', url = ''] = key.split(' ');
      app.route({
        method,
        url,
        handler: async (request, reply) =>
          send(reply, await act(method === 'GET' ? request.query : request.body)),
      });
    }
    for (const [path, handle] of raw)
      app.get(path, (request, reply) => {
        reply.hijack();
        handle(request.raw, reply.raw, new URL(request.url, 'http://127.0.0.1'));
      });
  }

  /** 0 = any free port. Rejects when the port is taken. */
  async listen(port: number): Promise<number> {
    return Number(new URL(await this.#app.listen({ port, host: '127.0.0.1' })).port);
  }

  close(): Promise<void> {
    return this.#app.close();
  }
}

/** What fastify refuses by itself, and bugs of ours, which are logged: the process goes on, because others use it. */
function failureOf(error: unknown): Answer {
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413) return fail('too_large', `more than ${bodyMaxBytes} bytes`);
  if (status === 415) return fail('bad_request', 'content-type must be application/json');
  if (typeof status === 'number' && status < 500) return fail('bad_request', String(error));
  console.error('control request failed', error);
  return fail('internal', String(error));
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  const status = answer.ok ? 200 : statusOf[answer.error.code];
  const body = answer.ok ? (answer.value ?? {}) : { error: answer.error.code, message: answer.error.message };
  // After an answer in the middle of a body (too large) the connection is of no more use.
  if (status === 413) void reply.header('connection', 'close');
  return reply.code(status).header('content-type', 'application/json').send(JSON.stringify(body));
}
