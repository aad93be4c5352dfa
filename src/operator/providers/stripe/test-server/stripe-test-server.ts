import { createHmac } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Failure, missing } from './failure.ts';
import type { Act, Fault } from './faults.ts';
import { Faults } from './faults.ts';
import { IntentBook } from './intent-book.ts';
import { SessionBook } from './session-book.ts';
import { SetupBook, setupPrefix } from './setup-book.ts';

/** Stripe forgets a key after this, ms. */
const keyKeptMs = 24 * 3_600_000;
const keyMaxLength = 255;

interface Answered {
  readonly status: number;
  readonly body: unknown;
}

interface Key {
  readonly request: string;
  readonly atMs: number;
  /** Null: it is being done. */
  answer: Answered | null;
}

interface Route {
  readonly act: Act;
  readonly id: string;
}

export interface TestServerOptions {
  readonly secretKey: string;
  readonly nowMs: () => number;
}

/** An event as it arrives: header names as HTTP has them. */
export interface SignedEvent {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * Stripe on 127.0.0.1: its protocol at byte level, written from its documents. It checks key, form and fields,
 * replays what a key was answered first, keeps the book of the money, and goes wrong as it is told.
 */
export class StripeTestServer {
  readonly faults = new Faults();
  readonly book: IntentBook;
  readonly sessions: SessionBook;
  readonly setups: SetupBook;
  /** What was asked, in the order in which it came, and under which keys. */
  readonly asked: Act[] = [];
  readonly keysSeen: string[] = [];
  /** The account that requests have to name; null: none. */
  accountId: string | null = null;
  readonly #options: TestServerOptions;
  readonly #server: Server;
  readonly #keys = new Map<string, Key>();
  #eventCount = 0;

  constructor(options: TestServerOptions) {
    this.#options = options;
    this.book = new IntentBook(this.faults, options.nowMs);
    this.sessions = new SessionBook(this.book, options.nowMs);
    this.setups = new SetupBook(this.book, options.nowMs);
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
    // No connection is given up while a test does something else: a request on a dying one is a fault of its own.
    this.#server.keepAliveTimeout = 0;
  }

  /** Listens on a free port and says where. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A signed event with any object, as it would arrive now. */
  event(type: string, object: object, secret: string, fields: object = {}): SignedEvent {
    const body = JSON.stringify({
      id: `evt_${++this.#eventCount}`,
      object: 'event',
      api_version: '2026-10-28.endive',
      created: this.#nowS(),
      type,
      data: { object },
      livemode: false,
      ...fields,
    });
    return { headers: { 'stripe-signature': signed(body, secret, this.#nowS()) }, body };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const body = await text(request);
    const route = routeOf(method, url, body);
    if (route === null) {
      answer(response, 404, missing('url').body);
      return;
    }
    const { act } = route;
    this.asked.push(act);
    const fault = this.faults.take(act);
    if (fault?.kind === 'held') await this.faults.arrival();
    if (fault?.kind === 'drop') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'page') {
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
      return;
    }
    if (fault?.kind === 'json') {
      answer(response, fault.status, fault.body);
      return;
    }
    const { status, body: said } = this.#keyed(request, route, body, fault);
    if (fault?.kind === 'answer_lost') request.socket.destroy();
    if (fault?.kind === 'answer_lost' || fault?.kind === 'hang') return;
    const isAltered = fault?.kind === 'answer_with' && status === 200;
    answer(response, status, isAltered ? { ...(said as object), ...fault.fields } : said);
  }

  /** Does it once for each key, and says the same again. */
  #keyed(request: IncomingMessage, route: Route, body: string, fault: Fault | null): Answered {
    const { headers, url = '' } = request;
    try {
      this.#check(request);
      if (request.method === 'GET') return this.#done(route, url, body, fault);
      const name = headers['idempotency-key'];
      if (typeof name !== 'string' || name.length > keyMaxLength) throw new Failure(400, { param: 'key' });
      this.keysSeen.push(name);
      const known = this.#keys.get(name);
      if (known !== undefined && this.#options.nowMs() - known.atMs <= keyKeptMs) {
        if (known.request !== `${url}\n${body}`) throw new Failure(400, { type: 'idempotency_error' });
        if (known.answer !== null) return known.answer;
        throw new Failure(409, { type: 'idempotency_error', code: 'idempotency_key_in_use' });
      }
      const key: Key = { request: `${url}\n${body}`, atMs: this.#options.nowMs(), answer: null };
      this.#keys.set(name, key);
      try {
        key.answer = this.#done(route, url, body, fault);
      } catch (error) {
        if (!(error instanceof Failure) || !error.isKept) this.#keys.delete(name);
        else key.answer = { status: error.status, body: error.body };
        throw error;
      }
      return key.answer;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  #done(route: Route, url: string, body: string, fault: Fault | null): Answered {
    const failure = fault?.kind === 'error' ? failureOf(fault) : null;
    if (failure !== null && fault?.kind === 'error' && fault.isDone !== true) throw failure;
    const said = { status: 200, body: this.#do(route, url, body) };
    if (failure !== null) throw failure;
    return said;
  }

  #check({ method, headers }: IncomingMessage): void {
    if (headers.authorization !== `Bearer ${this.#options.secretKey}`)
      throw new Failure(401, { code: 'api_key_invalid' });
    if ((headers['stripe-account'] ?? null) !== this.accountId)
      throw new Failure(403, { code: 'account_invalid' });
    if (!/^\d{4}-\d\d-\d\d/.test(String(headers['stripe-version'])))
      throw new Failure(400, { param: 'version' });
    const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
    if (method === 'POST' && !isForm) throw new Failure(400, { param: 'content_type' });
  }

  #do({ act, id }: Route, url: string, body: string): unknown {
    const { searchParams } = new URL(url, 'http://127.0.0.1');
    switch (act) {
      case 'create':
        return this.book.create(body);
      case 'confirm':
        return this.book.confirm(id, body);
      case 'increment':
        return this.book.increment(id, body);
      case 'capture':
        return this.book.capture(id, body);
      case 'cancel':
        return this.book.cancel(id, body);
      case 'refund':
        return this.book.refund(body);
      case 'customer':
        return this.setups.createCustomer(body);
      case 'setup':
        return id === '' ? this.setups.create(body) : this.setups.show(id);
      case 'link':
        return id === '' ? this.sessions.create(body) : this.sessions.show(id);
      case 'expire':
        return this.sessions.expire(id, body);
      case 'retrieve':
        return this.book.show(id);
      case 'search':
        return this.book.search(searchParams.get('query') ?? '');
      case 'refunds':
        return this.book.refundsOf(searchParams.get('payment_intent') ?? '');
      case 'detach':
        return this.book.detach(id);
      case 'payment_method':
        return this.book.paymentMethod(id);
    }
  }

  #nowS(): number {
    return Math.floor(this.#options.nowMs() / 1000);
  }
}

/** The header that proves a body. `atS`: Unix time, s. */
export function signed(body: string, secret: string, atS: number): string {
  const v1 = createHmac('sha256', secret).update(`${atS}.${body}`).digest('hex');
  return `t=${atS},v1=${v1},v0=${'0'.repeat(64)}`;
}

function failureOf({ status, code, type }: Extract<Fault, { kind: 'error' }>): Failure {
  const words = {
    type: type ?? (status >= 500 ? 'api_error' : 'invalid_request_error'),
    ...(code && { code }),
  };
  return new Failure(status, words, status >= 500);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const headers = { 'content-type': 'application/json', 'request-id': 'req_test' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

const lastActs: Readonly<Record<string, Act>> = {
  confirm: 'confirm',
  increment_authorization: 'increment',
  capture: 'capture',
  cancel: 'cancel',
};

function routeOf(method: string, url: string, body: string): Route | null {
  const [path = ''] = url.split('?');
  const [, version, kind, id = '', last = '', act = ''] = path.split('/');
  if (version !== 'v1') return null;
  const isPost = method === 'POST';
  if (kind === 'payment_intents') {
    if (id === '') return isPost ? { act: 'create', id } : null;
    if (id === 'search') return isPost ? null : { act: 'search', id };
    if (last === '') return isPost ? null : { act: 'retrieve', id };
    const known = lastActs[last];
    return isPost && known !== undefined ? { act: known, id } : null;
  }
  if (kind === 'checkout' && id === 'sessions') {
    const isSetup = last.startsWith(setupPrefix) || /^mode=setup(&|$)/m.test(body);
    if (last === '') return isPost ? { act: isSetup ? 'setup' : 'link', id: '' } : null;
    if (act === '') return isPost ? null : { act: isSetup ? 'setup' : 'link', id: last };
    return isPost && act === 'expire' ? { act: 'expire', id: last } : null;
  }
  if (kind === 'customers' && id === '' && isPost) return { act: 'customer', id };
  if (kind === 'refunds' && id === '') return { act: isPost ? 'refund' : 'refunds', id };
  if (kind !== 'payment_methods' || id === '') return null;
  if (last === 'detach') return isPost ? { act: 'detach', id } : null;
  return isPost ? null : { act: 'payment_method', id };
}
