import type { FastifyInstance, FastifyReply } from 'fastify';
import type {
  HttpFailure,
  HttpRequest,
  HttpResponse,
  HttpTransport,
} from '../../main/operator/http-transport.ts';
import type { Clock } from '../../shared/clock.ts';
import type { SeededRandom } from '../../shared/random.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import type { NetworkMode } from '../switches.ts';

type Outcome = Result<HttpResponse, HttpFailure>;

/** What a request, or its answer, needs between cabinet and operator. */
const latencyMs = 2;
/** Tells the operator's side which exchange a request belongs to, as a connection would. */
const exchangeHeader = 'x-exchange';

/** The operator's API in this process, and its end of each exchange that is under way. */
export class MemoryServer {
  readonly #app: FastifyInstance;
  readonly #replies = new Map<string, FastifyReply>();
  #count = 0;

  /** Before the app is ready: it adds a hook. */
  constructor(app: FastifyInstance) {
    this.#app = app;
    app.addHook('onRequest', (request, reply, done) => {
      const id = request.headers[exchangeHeader];
      if (typeof id === 'string') this.#replies.set(id, reply);
      done();
    });
  }

  /** One request. `null`: the operator broke the connection, or it was hung up on. */
  exchange(request: HttpRequest): { answer: Promise<HttpResponse | null>; hangUp: () => void } {
    const id = String(++this.#count);
    const { method, url, body } = request;
    const headers = { ...request.headers, [exchangeHeader]: id };
    const path = `${url.pathname}${url.search}`;
    const answer = this.#app
      .inject({ method, url: path, headers, ...(body.length === 0 ? {} : { payload: body }) })
      .then(
        (response) => ({
          status: response.statusCode,
          headers: response.headers as HttpResponse['headers'],
          body: response.rawPayload,
        }),
        // The operator has destroyed its answer: to the cabinet, a connection that breaks.
        () => null,
      )
      .finally(() => this.#replies.delete(id));
    return { answer, hangUp: () => this.#replies.get(id)?.raw.destroy() };
  }
}

interface Exchange {
  /** What became of it, once and for all. */
  readonly end: (outcome: Outcome) => void;
  /** Bytes were swallowed: this exchange can never be right again. */
  isTainted: boolean;
}

/**
 * The shop's network between cabinet and operator, without sockets: the same switch as `Network`, request by request
 * instead of byte by byte.
 */
export class MemoryNetwork {
  readonly #server: MemoryServer;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #onChange: () => void;
  readonly #exchanges = new Set<Exchange>();
  #mode: NetworkMode = 'up';
  #delayMs = 0;

  constructor(options: {
    readonly server: MemoryServer;
    readonly clock: Clock;
    readonly random: SeededRandom;
    readonly onChange?: () => void;
  }) {
    this.#server = options.server;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#onChange = options.onChange ?? (() => undefined);
  }

  get mode(): NetworkMode {
    return this.#mode;
  }
  get delayMs(): number {
    return this.#delayMs;
  }

  /** `delayMs` is added to each request (not to its reply). */
  set(mode: NetworkMode, delayMs: number): void {
    this.#mode = mode;
    this.#delayMs = delayMs;
    for (const exchange of [...this.#exchanges]) {
      if (mode === 'cut' || (mode === 'up' && exchange.isTainted)) exchange.end(fail('lost', 'ECONNRESET'));
    }
    this.#onChange();
  }

  /** The way to the operator for one run of the kiosk; on that program's own clock, which ends with it. */
  transport(clock: Clock): HttpTransport {
    return {
      send: (request) => new Promise((resolve) => this.#begin(request, clock, resolve)),
      reset: () => undefined,
    };
  }

  #begin(request: HttpRequest, kioskClock: Clock, resolve: (outcome: Outcome) => void): void {
    let hangUp = (): void => undefined;
    let isOver = false;
    const isUnderWay = (): boolean => !isOver;
    const exchange: Exchange = {
      isTainted: false,
      end: (outcome) => {
        if (isOver) return;
        isOver = true;
        cancelTimeout();
        request.signal?.removeEventListener('abort', onAbort);
        this.#exchanges.delete(exchange);
        hangUp();
        // What belongs to a program that has ended never gets there.
        kioskClock.after(0, () => resolve(outcome));
      },
    };
    const onAbort = (): void => exchange.end(fail('lost', 'aborted'));
    const cancelTimeout = kioskClock.after(request.timeoutMs, () => exchange.end(fail('lost', 'timeout')));
    request.signal?.addEventListener('abort', onAbort);
    this.#exchanges.add(exchange);
    if (this.#mode === 'cut') {
      // A dead network shows itself before the connection or after it.
      const code = this.#random.chance(0.5) ? 'not_sent' : 'lost';
      this.#clock.after(latencyMs, () => exchange.end(fail(code, 'ECONNRESET')));
      return;
    }
    this.#clock.after(latencyMs + this.#delayMs, () => {
      if (!isUnderWay() || this.#swallows(exchange)) return;
      const served = this.#server.exchange(request);
      hangUp = served.hangUp;
      void served.answer.then((answer) => {
        hangUp = () => undefined;
        this.#clock.after(latencyMs, () => this.#deliver(exchange, request, answer));
      });
    });
  }

  #deliver(exchange: Exchange, request: HttpRequest, answer: HttpResponse | null): void {
    if (this.#swallows(exchange)) return;
    if (answer === null || this.#mode === 'drop-replies') exchange.end(fail('lost', 'ECONNRESET'));
    else if (answer.body.length > request.responseMaxBytes) exchange.end(fail('too_large', 'cut off'));
    else exchange.end(ok(answer));
  }

  #swallows(exchange: Exchange): boolean {
    if (this.#mode === 'blackhole') exchange.isTainted = true;
    return exchange.isTainted;
  }
}
