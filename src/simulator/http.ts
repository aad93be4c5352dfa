import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { fail, ok } from '../shared/result.ts';
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
  readonly #server: Server;
  readonly #routes: Routes;

  constructor(routes: Routes) {
    this.#routes = routes;
    this.#server = createServer({ requestTimeout: bodyTimeoutMs }, (request, response) => {
      void this.#handle(request, response);
    });
  }

  /** 0 = any free port. Rejects when the port is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(request, response);
      if (answer !== null) sendAnswer(response, answer);
    } catch (error) {
      // A bug of ours: logged, and the process goes on, because others use it.
      console.error('control request failed', error);
      if (!response.headersSent) sendAnswer(response, fail('internal', String(error)));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | null> {
    if (!isLoopback(request)) return fail('forbidden', 'only for this machine');
    const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
    if (url === null) return fail('bad_request', 'not a path');
    const method = request.method ?? '';
    const json = this.#routes.json.get(`${method} ${url.pathname}`);
    if (json !== undefined) {
      if (method === 'GET') return json(Object.fromEntries(url.searchParams));
      const body = await readJson(request);
      return body.ok ? json(body.value) : body;
    }
    const raw =
      method === 'GET' ? (this.#routes.raw.get(url.pathname) ?? this.#routes.raw.get('*')) : undefined;
    if (raw === undefined) return fail('not_found', `${method} ${url.pathname}`);
    raw(request, response, url);
    return null;
  }
}

function isLoopback(request: IncomingMessage): boolean {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  const host = URL.parse(`http://${request.headers.host ?? ''}`)?.hostname;
  const { origin } = request.headers;
  const originHost = origin === undefined ? undefined : URL.parse(origin)?.hostname;
  return (
    host !== undefined && names.includes(host) && (origin === undefined || names.includes(originHost ?? ''))
  );
}

async function readJson(request: IncomingMessage): Promise<Result<unknown, ControlFailure>> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/json'))
    return fail('bad_request', 'content-type must be application/json');
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when we stop reading: the answer still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > bodyMaxBytes) return fail('too_large', `more than ${bodyMaxBytes} bytes`);
    chunks.push(bytes);
  }
  try {
    return ok(JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown);
  } catch {
    return fail('bad_request', 'not JSON');
  }
}

function sendAnswer(response: ServerResponse, answer: Answer): void {
  const status = answer.ok ? 200 : statusOf[answer.error.code];
  const body = answer.ok ? (answer.value ?? {}) : { error: answer.error.code, message: answer.error.message };
  const bytes = Buffer.from(JSON.stringify(body));
  // After an answer in the middle of a body (too large) the connection is of no more use.
  const close = status === 413 ? { connection: 'close' } : {};
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...close,
  });
  response.end(bytes);
}
