import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { sharedLookup } from '../../shared/node/shared-lookup.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure, Result } from '../../shared/result.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly responseMaxBytes: number;
  /** Not over a shared connection: for what waits long, so that the warm one is left for what is urgent. */
  readonly ownConnection?: boolean | undefined;
  /** Ends it early, as a time-out would. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * `not_sent`: no connection came about, so not one byte of the request left. `lost`: it left, or may have, and no whole
 * answer came. `too_large`: the answer was larger than allowed and was cut off.
 */
export type HttpFailure = Failure<'not_sent' | 'lost' | 'too_large'>;

/** The lowest seam: bytes out, bytes in. */
export interface HttpTransport {
  send(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>>;
  /** Forgets connections that may be dead, so that the next request makes a new one. */
  reset(): void;
}

/** Bound for name lookup, TCP and TLS together; a lost SYN is repeated after 1 s, so that one loss is survived. */
export const connectTimeoutMs = 1500;
/** A connection idle for longer is not used again. Above the 15 s of the health probe, which thus keeps one warm. */
const keepAliveIdleMs = 20_000;
const socketCountMax = 4;

/**
 * HTTP over Node's own client. Not `fetch`: that does not tell "could not connect" from "connected, sent, and cut", which
 * decides about money, and it offers no way to drop pooled connections that died with the network.
 */
export class NodeHttpTransport implements HttpTransport {
  readonly #clock: Clock;
  #agents = makeAgents();
  /** Connections that came about: what is written to one of them may have arrived. */
  readonly #connected = new WeakSet<Socket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  reset(): void {
    // Only sockets that idle: a request that is under way keeps its own and ends by itself.
    for (const agent of Object.values(this.#agents)) {
      for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy());
    }
    this.#agents = makeAgents();
  }

  send(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>> {
    return this.#exchange(request).catch((error: unknown) => {
      // Something in it that HTTP cannot carry: not sent, like all else that does not leave.
      return fail('not_sent', error instanceof Error ? error.message : String(error));
    });
  }

  #exchange(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>> {
    return new Promise((resolve) => {
      let connected = false;
      let done = false;
      const cancels: (() => void)[] = [];
      const finish = (result: Result<HttpResponse, HttpFailure>) => {
        if (done) return;
        done = true;
        for (const cancel of cancels) cancel();
        if (!result.ok) sent.destroy();
        resolve(result);
      };
      const failed = (message: string) => {
        finish(fail(connected ? 'lost' : 'not_sent', message));
      };
      const sent = this.#begin(request);
      const secure = request.url.protocol === 'https:';
      sent.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
      sent.on('socket', (socket) => {
        // Also one that the agent handed on from another request: it does not say so.
        if (this.#connected.has(socket)) connected = true;
        else
          socket.once(secure ? 'secureConnect' : 'connect', () => {
            this.#connected.add(socket);
            connected = true;
          });
      });
      sent.on('response', (response) => collect(response, request.responseMaxBytes, finish));
      cancels.push(
        this.#clock.after(request.timeoutMs, () => failed(`no answer in ${request.timeoutMs} ms`)),
      );
      cancels.push(
        this.#clock.after(connectTimeoutMs, () => {
          if (!connected) failed(`no connection in ${connectTimeoutMs} ms`);
        }),
      );
      const onAbort = () => failed('given up');
      request.signal?.addEventListener('abort', onAbort);
      cancels.push(() => request.signal?.removeEventListener('abort', onAbort));
      if (request.signal?.aborted === true) failed('given up');
      else sent.end(request.body);
    });
  }

  #begin({ method, url, headers, body, ownConnection }: HttpRequest): ClientRequest {
    const options = {
      method,
      headers: { ...headers, 'accept-encoding': 'identity', 'content-length': String(body.length) },
      lookup: sharedLookup,
    };
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: ownConnection !== true && this.#agents.https })
      : httpRequest(url, { ...options, agent: ownConnection !== true && this.#agents.http });
  }
}

/** Reads the answer up to its bound; more is cut off, not kept. */
function collect(
  response: IncomingMessage,
  maxBytes: number,
  finish: (result: Result<HttpResponse, HttpFailure>) => void,
): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) finish(fail('too_large', `an answer of more than ${maxBytes} bytes`));
    else chunks.push(chunk);
  });
  response.on('end', () => {
    if (!response.complete) return;
    const { statusCode = 0, headers } = response;
    finish(ok({ status: statusCode, headers, body: Buffer.concat(chunks) }));
  });
  response.on('error', (error: NodeJS.ErrnoException) => finish(fail('lost', error.code ?? error.message)));
  response.on('close', () => finish(fail('lost', 'the connection ended in the middle of the answer')));
}

function makeAgents(): { http: HttpAgent; https: HttpsAgent } {
  const options = {
    keepAlive: true,
    maxSockets: socketCountMax,
    maxFreeSockets: 2,
    timeout: keepAliveIdleMs,
  };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}
