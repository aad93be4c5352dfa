import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Bills } from './bills.ts';
import { Failure } from './failure.ts';
import type { Act, Fault } from './faults.ts';
import { Faults } from './faults.ts';
import type { Merchant } from './order-book.ts';
import { OrderBook } from './order-book.ts';
import { PermissionBook } from './permission-book.ts';
import type { KeyPair, Signed } from './wire.ts';
import { makeKeyPair, seal, signBody, whyNotSigned } from './wire.ts';

export interface TestServerOptions {
  readonly merchant: Merchant & { readonly serial: string; readonly publicPem: string };
  readonly apiV3Key: string;
  /** WeChat's keys by id; it signs with the one that the request asks for, else with the first. */
  readonly keys: Readonly<Record<string, KeyPair>>;
  readonly nowMs: () => number;
}

/** A notice that waits to be sent. */
interface Outgoing {
  readonly url: string;
  readonly eventType: string;
  readonly resource: object;
  readonly originalType: string;
}

const foreignKey = makeKeyPair();

/**
 * WeChat Pay Score on 127.0.0.1: its protocol at byte level, written from its documents. It checks what it is sent, keeps the
 * book of the money, signs what it answers, and goes wrong as it is told.
 */
export class WechatTestServer {
  readonly faults = new Faults();
  readonly book: OrderBook;
  readonly bills = new Bills();
  readonly permissions: PermissionBook;
  /** What was asked, in the order in which it came. */
  readonly asked: Act[] = [];
  readonly #options: TestServerOptions;
  readonly #server: Server;
  readonly #outbox: Outgoing[] = [];
  #noticeCount = 0;

  constructor(options: TestServerOptions) {
    this.#options = options;
    const { merchant } = options;
    this.book = new OrderBook(
      merchant,
      this.faults,
      () => this.#nowMs(),
      (no) => {
        this.#outbox.push(this.#paidNotice(no));
      },
    );
    this.permissions = new PermissionBook(merchant, () => this.#nowMs());
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

  /** A signed notice with any content, as it would arrive now. */
  notice(
    eventType: string,
    resource: object,
    options: { keyId?: string; originalType?: string } = {},
  ): Signed {
    const { apiV3Key } = this.#options;
    const { keyId = Object.keys(this.#options.keys)[0] ?? '', originalType = 'payscore' } = options;
    const body = JSON.stringify({
      id: `EV-${String(++this.#noticeCount).padStart(19, '0')}`,
      create_time: new Date(this.#nowMs()).toISOString(),
      event_type: eventType,
      resource_type: 'encrypt-resource',
      summary: '通知',
      resource: seal(JSON.stringify(resource), apiV3Key, originalType),
    });
    return signBody(body, keyId, this.#keyOf(keyId).privatePem, this.#nowS());
  }

  /** The notice that this order is paid, as it would arrive now. */
  paid(no: string, fields: object = {}): Signed {
    const { eventType, resource } = this.#paidNotice(no);
    return this.notice(eventType, { ...resource, ...fields });
  }

  /** Sends what waits to where each order wants it; `times`: each so often; gives the statuses of the answers. */
  async deliver({ times = 1, isReversed = false } = {}): Promise<number[]> {
    const waiting = this.#outbox.splice(0);
    if (isReversed) waiting.reverse();
    const statuses: number[] = [];
    for (const { url, eventType, resource, originalType } of waiting) {
      for (let i = 0; i < times; i++) {
        const { headers, body } = this.notice(eventType, resource, { originalType });
        const answer = await fetch(url, { method: 'POST', headers, body });
        await answer.arrayBuffer();
        statuses.push(answer.status);
      }
    }
    return statuses;
  }

  #paidNotice(no: string): Outgoing {
    const resource = this.book.show(no);
    const url = this.book.notifyUrlOf(no);
    return { url, eventType: 'PAYSCORE.USER_PAID', resource, originalType: 'payscore' };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const body = await text(request);
    if (url.startsWith('/v3/billdownload/file?')) {
      this.#sendBill(request, response);
      return;
    }
    this.book.collect();
    const { act, no } = actOf(method, url);
    if (act === null) {
      this.#answer(request, response, 404, '{"code":"RESOURCE_NOT_EXISTS","message":"无此接口"}');
      return;
    }
    this.asked.push(act);
    const fault = this.faults.take(act);
    if (fault?.kind === 'held') await this.faults.arrival();
    if (fault !== null && this.#failsBefore(fault, request, response)) return;
    let status = 200;
    let answer: Record<string, unknown>;
    try {
      this.#checkSignature(request, body);
      answer = this.#do(act, no, url, body);
      if (fault?.kind === 'code_after') throw new Failure(fault.code, fault.message);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      status = error.status;
      answer = { code: error.code, message: error.message };
    }
    if (status === 200 && fault?.kind === 'answer_with') answer = { ...answer, ...fault.fields };
    if (fault?.kind === 'answer_lost') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'hang') return;
    this.#answer(request, response, status, JSON.stringify(answer), fault);
  }

  #sendBill(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#checkSignature(request, '');
      this.bills.send(new URL(request.url ?? '', 'http://127.0.0.1').searchParams, response);
    } catch {
      response.writeHead(401).end();
    }
  }

  #failsBefore(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
    switch (fault.kind) {
      case 'drop':
        request.socket.destroy();
        return true;
      case 'reset':
        request.socket.resetAndDestroy();
        return true;
      case 'maintenance':
      case 'gateway': {
        const status = fault.kind === 'gateway' ? fault.status : 200;
        response.writeHead(status, { 'content-type': 'text/html' }).end('<html>系统维护中</html>');
        return true;
      }
      case 'code': {
        const { status, code, message } = new Failure(fault.code, fault.message);
        this.#answer(request, response, status, JSON.stringify({ code, message }));
        return true;
      }
      default:
        return false;
    }
  }

  #checkSignature(request: IncomingMessage, body: string): void {
    const { method = '', url = '', headers } = request;
    const { merchant } = this.#options;
    const why = whyNotSigned({ method, url, body }, headers.authorization ?? '', merchant, this.#nowS());
    if (why !== null) throw new Failure('SIGN_ERROR', `签名错误：${why}`);
  }

  #do(act: Act, no: string, url: string, body: string): Record<string, unknown> {
    switch (act) {
      case 'create':
        return this.book.create(body);
      case 'complete': {
        const answer = this.book.complete(no, body);
        // The debit comes after the answer.
        this.book.collect();
        return answer;
      }
      case 'cancel':
        return this.book.cancel(no, body);
      case 'modify':
        return this.book.modify(no, body);
      case 'query':
        return this.book.query(new URL(url, 'http://127.0.0.1').searchParams);
      case 'refund':
        return this.book.refund(body);
      case 'refund_query':
        return this.book.refundQuery(no);
      case 'permit':
        return this.permissions.permit(body);
      case 'permission':
        return this.permissions.show(no, new URL(url, 'http://127.0.0.1').searchParams);
      case 'permission_of':
        return this.permissions.showOf(no, new URL(url, 'http://127.0.0.1').searchParams);
      case 'permission_end':
        return this.permissions.end(no, body);
      case 'bill': {
        const { port } = this.#server.address() as AddressInfo;
        return this.bills.name(new URL(url, 'http://127.0.0.1').searchParams, `http://127.0.0.1:${port}`);
      }
    }
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    body: string,
    fault: Fault | null = null,
  ): void {
    const wanted = request.headers['wechatpay-serial'];
    const [first = ''] = Object.keys(this.#options.keys);
    const keyId = typeof wanted === 'string' && Object.hasOwn(this.#options.keys, wanted) ? wanted : first;
    const isForeign = fault?.kind === 'foreign_key';
    const { privatePem } = isForeign ? foreignKey : this.#keyOf(keyId);
    const signed = signBody(body, isForeign ? 'PUB_KEY_ID_FOREIGN' : keyId, privatePem, this.#nowS());
    const headers = fault?.kind === 'unsigned' ? {} : signed.headers;
    const sent = fault?.kind === 'altered' ? body.replace(/\}$/, ' }') : body;
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(sent);
  }

  #keyOf(keyId: string): KeyPair {
    const key = this.#options.keys[keyId];
    if (key === undefined) throw new Error(`no key ${keyId}`);
    return key;
  }

  #nowMs(): number {
    return this.#options.nowMs() + this.faults.clockOffS * 1000;
  }

  #nowS(): number {
    return Math.floor(this.#nowMs() / 1000);
  }
}

function actOf(method: string, url: string): { act: Act | null; no: string } {
  const [path = ''] = url.split('?');
  const none = { act: null, no: '' };
  if (path === '/v3/payscore/serviceorder') {
    if (method === 'POST') return { act: 'create', no: '' };
    return method === 'GET' ? { act: 'query', no: '' } : none;
  }
  if (path === '/v3/payscore/permissions' && method === 'POST') return { act: 'permit', no: '' };
  const [, code = ''] = /^\/v3\/payscore\/permissions\/authorization-code\/([^/]+)$/.exec(path) ?? [];
  if (code !== '' && method === 'GET') return { act: 'permission', no: decodeURIComponent(code) };
  const [, openid = '', end = ''] =
    /^\/v3\/payscore\/permissions\/openid\/([^/]+)(\/terminate)?$/.exec(path) ?? [];
  if (openid !== '' && method === (end === '' ? 'GET' : 'POST'))
    return { act: end === '' ? 'permission_of' : 'permission_end', no: decodeURIComponent(openid) };
  if (path === '/v3/bill/tradebill' && method === 'GET') return { act: 'bill', no: '' };
  if (path === '/v3/refund/domestic/refunds' && method === 'POST') return { act: 'refund', no: '' };
  const [, no = '', act = ''] =
    /^\/v3\/payscore\/serviceorder\/([^/]+)\/(complete|cancel|modify)$/.exec(path) ?? [];
  if (act !== '' && method === 'POST') return { act: act as Act, no: decodeURIComponent(no) };
  const [, refundNo = ''] = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(path) ?? [];
  return refundNo !== '' && method === 'GET'
    ? { act: 'refund_query', no: decodeURIComponent(refundNo) }
    : none;
}
