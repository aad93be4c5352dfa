import type { FastifyInstance } from 'fastify';
import type {
  HttpFailure,
  HttpRequest,
  HttpResponse,
  HttpTransport,
} from '../../main/operator/http-transport.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';

/**
 * The way from a cabinet's operator client to an operator in the same process, without sockets: the operator's own
 * request handling, as it stands (`compose().api`), and time-outs on the given clock.
 */
export class OperatorMemoryTransport implements HttpTransport {
  readonly #api: FastifyInstance;
  readonly #clock: Clock;
  /** False: nothing arrives, as with the network cable pulled. */
  connected = true;

  constructor(api: FastifyInstance, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  async send(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>> {
    if (!this.connected) return fail('not_sent', 'not connected');
    const { method, url, headers, body, timeoutMs, responseMaxBytes, signal } = request;
    if (signal?.aborted === true) return fail('not_sent', 'given up');
    const abort = new AbortController();
    const ended = new Promise<Result<HttpResponse, HttpFailure>>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve(fail('lost', String(abort.signal.reason))));
    });
    const cancelTimeout = this.#clock.after(timeoutMs, () => abort.abort(`no answer in ${timeoutMs} ms`));
    const giveUp = (): void => abort.abort('given up');
    signal?.addEventListener('abort', giveUp);
    const answered = this.#api
      .inject({
        method,
        url: url.pathname + url.search,
        headers: { host: url.host, ...headers },
        ...(body.length === 0 ? {} : { payload: body }),
        signal: abort.signal,
      })
      .then(
        (response): Result<HttpResponse, HttpFailure> =>
          response.rawPayload.length > responseMaxBytes
            ? fail('too_large', `an answer of more than ${responseMaxBytes} bytes`)
            : ok({
                status: response.statusCode,
                headers: responseHeaders(response.headers),
                body: response.rawPayload,
              }),
        (error: unknown): Result<HttpResponse, HttpFailure> => fail('lost', String(error)),
      );
    try {
      return await Promise.race([answered, ended]);
    } finally {
      cancelTimeout();
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** There are no connections to forget. */
  reset(): void {}
}

/** Header values as texts, which is what a socket would have carried. */
function responseHeaders(headers: Record<string, unknown>): HttpResponse['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
