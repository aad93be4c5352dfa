import type { Clock } from '../../../shared/clock.ts';
import { fail, ok } from '../../../shared/result.ts';
import type { Result } from '../../../shared/result.ts';
import type {
  HttpFailure,
  HttpRequest,
  HttpResponse,
  HttpTransport,
} from '../../../main/operator/http-transport.ts';
import { DeliveryRules } from './delivery-rules.ts';

/**
 * What goes wrong with one request. `before`: the operator never saw it; `after`: it did, but the cabinet does not learn
 * what came of it; `late`: it is cut for the cabinet and reaches the operator seconds later.
 */
export type Fault =
  | 'refused'
  | 'cut before'
  | 'cut after'
  | 'hang before'
  | 'hang after'
  | 'late'
  | 'error before'
  | 'error after'
  | 'busy'
  | 'garbage before'
  | 'garbage after'
  | 'portal'
  | 'key refused'
  | 'of another cabinet'
  | 'no such path'
  | 'too large'
  | 'bad request'
  | 'bare 404'
  | 'bare 400'
  | 'bare 413'
  | 'asked to log in'
  | 'sent elsewhere'
  | 'proxy says an hour';

/** What stands behind the network: the real operator in memory, or a stub of its answers. */
export interface Server {
  readonly serve: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
}

const latencyMs = 7;
/** How much later a `late` request arrives. */
const lateMs = 3000;

/**
 * The network between the queues of a cabinet and an operator, which does to each request what the test orders. It keeps
 * no books and answers nothing of its own but faults. `breaches` are the cabinet's, against the rules of delivery.
 */
export class FaultyNetwork implements HttpTransport {
  requestCount = 0;
  faultCount = 0;
  /** When each charge request was begun: method, id and time. */
  readonly log: { method: string; chargeId: string; atMs: number }[] = [];
  faultOf: (request: { method: string; path: string }) => Fault | null = () => null;
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #rules = new DeliveryRules();

  constructor(clock: Clock, server: Server) {
    this.#clock = clock;
    this.#server = server;
  }

  get breaches(): readonly string[] {
    return this.#rules.breaches;
  }

  reset(): void {
    // Connections are not modelled here.
  }

  send(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>> {
    this.requestCount++;
    const path = request.url.pathname;
    const chargeId = /^\/v1\/charges\/(\w+)$/.exec(path)?.[1];
    if (chargeId !== undefined)
      this.log.push({ method: request.method, chargeId, atMs: this.#clock.monotonicMs() });
    const ended = this.#rules.begin(request);
    const fault = this.faultOf({ method: request.method, path });
    if (fault !== null) this.faultCount++;
    return new Promise((resolve) => {
      let over = false;
      const answer = (result: Result<HttpResponse, HttpFailure>) => {
        if (over) return;
        over = true;
        ended(result);
        resolve(result);
      };
      const cut = fail('lost', 'cut');
      request.signal?.addEventListener('abort', () => answer(cut));
      this.#clock.after(request.timeoutMs, () => answer(cut));
      if (fault === 'late') this.#clock.after(lateMs, () => void this.#server.serve(request));
      this.#clock.after(latencyMs, () => this.#pass(request, fault, answer));
    });
  }

  #pass(
    request: HttpRequest,
    fault: Fault | null,
    answer: (result: Result<HttpResponse, HttpFailure>) => void,
  ): void {
    if (fault === 'hang before') return;
    if (fault !== null && !fault.endsWith('after')) {
      answer(outcomeOf(fault));
      return;
    }
    const told = (response: HttpResponse): void => {
      if (fault !== 'hang after') answer(fault === null ? ok(response) : outcomeOf(fault));
    };
    const served = this.#server.serve(request);
    // What is there at once is given at once: no turn of the event loop between them.
    if (served instanceof Promise) void served.then(told);
    else told(served);
  }
}

function outcomeOf(fault: Fault): Result<HttpResponse, HttpFailure> {
  switch (fault) {
    case 'refused':
      return fail('not_sent', 'ECONNREFUSED');
    case 'error before':
    case 'error after':
      return ok(reply(500, { error: 'internal', message: 'oops' }));
    case 'busy':
      return ok(reply(429, { error: 'unavailable', message: 'slow down' }, { 'retry-after': '2' }));
    case 'garbage before':
    case 'garbage after':
      return ok(response(200, '<html>welcome</html>'));
    case 'portal':
      return ok(response(403, '<html>log in</html>'));
    case 'no such path':
      return ok(reply(404, { error: 'not_found', message: 'PUT' }));
    case 'too large':
      return ok(reply(413, { error: 'too_large', message: 'no' }));
    case 'bad request':
      return ok(reply(400, { error: 'bad_request', message: 'no' }));
    case 'bare 404':
    case 'bare 400':
    case 'bare 413':
      return ok(response(Number(fault.slice(5)), '<html>nginx</html>'));
    case 'asked to log in':
      return ok(response(511, '<html>log in</html>'));
    case 'sent elsewhere':
      return ok(response(302, '', { location: 'http://portal.test/' }));
    case 'proxy says an hour':
      return ok(response(503, '<html>', { 'retry-after': '3600' }));
    case 'key refused':
      return ok(reply(401, { error: 'unauthenticated', message: 'who?' }));
    case 'of another cabinet':
      return ok(reply(403, { error: 'forbidden', message: 'the charge is of another cabinet' }));
    default:
      return fail('lost', 'ECONNRESET');
  }
}

export function reply(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return response(status, JSON.stringify(body), headers);
}
function response(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: Buffer.from(text) };
}
