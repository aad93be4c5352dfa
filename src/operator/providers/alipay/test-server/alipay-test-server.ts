import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { methods } from '../codes.ts';
import { billPath, Bills } from './bills.ts';
import { CreditBook } from './credit-book.ts';
import type { Trade } from './credit-book.ts';
import { Failure } from './failure.ts';
import { SigningIn } from './signing-in.ts';
import type { Act, Fault } from './faults.ts';
import { Faults } from './faults.ts';
import type { KeyPair } from './wire.ts';
import { makeKeyPair, signedForm, signText, whyNotSigned } from './wire.ts';

export interface AlipayTestServerOptions {
  readonly app: { readonly appId: string; readonly publicKey: string };
  readonly sellerId: string;
  /** Alipay's keys; it signs with the first, or with the one that `signsWith` names. */
  readonly keys: readonly KeyPair[];
  readonly nowMs: () => number;
}

type Params = Record<string, string>;
type ServerAct = Exclude<Act, 'agreementSign'>;

const foreignKey = makeKeyPair();

/**
 * Alipay's gateway on 127.0.0.1: its protocol at byte level, written from its documents. It checks what it is sent, keeps the
 * book of the money, signs what it answers, and goes wrong as it is told.
 */
export class AlipayTestServer {
  readonly faults = new Faults();
  readonly book: CreditBook;
  /** What was asked, in the order in which it came, and what of it was done. */
  readonly asked: Act[] = [];
  readonly contents: { readonly act: Act; readonly content: string }[] = [];
  readonly bills = new Bills();
  readonly people = new SigningIn();
  signsWith = 0;
  readonly #options: AlipayTestServerOptions;
  readonly #server: Server;
  readonly #outbox: { readonly url: string; readonly params: Params }[] = [];
  #noticeCount = 0;

  constructor(options: AlipayTestServerOptions) {
    this.#options = options;
    this.book = new CreditBook(
      this.faults,
      () => this.#nowMs(),
      (trade) => {
        this.#outbox.push({ url: trade.notifyUrl, params: this.#tradeParams(trade) });
      },
    );
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
    // No connection is given up while a test does something else: a request on a dying one is a fault of its own.
    this.#server.keepAliveTimeout = 0;
    // A machine that stands still for a while breaks no connection.
    this.#server.keepAliveTimeout = 0;
  }

  /** Listens on a free port and says where the gateway is. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `${this.#base}/gateway.do`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A signed notice with any fields, as it would arrive now; `signer`: which of the keys. */
  notice(fields: Params, signer = this.signsWith): string {
    const common = {
      notify_id: `ac05099524730693a8b330c5ecf72d${String(++this.#noticeCount).padStart(4, '0')}`,
      charset: 'utf-8',
      version: '1.0',
      app_id: this.#options.app.appId,
    };
    return signedForm({ ...common, ...fields }, this.#keyAt(signer).privatePem);
  }

  /** The notice about the debit of this order. */
  tradeNotice(outOrderNo: string, fields: Params = {}, signer = this.signsWith): string {
    return this.notice({ ...this.#tradeParams(this.book.tradeOf(outOrderNo)), ...fields }, signer);
  }

  /** A notice of the message service. */
  message(method: string, content: object, fields: Params = {}): string {
    const params = { utc_timestamp: String(this.#nowMs()), biz_content: JSON.stringify(content) };
    return this.notice({ msg_method: method, ...params, ...fields });
  }

  /** Sends what waits to where each order wants it; `times`: each so often; gives the answers. */
  async deliver({ times = 1, isReversed = false } = {}): Promise<string[]> {
    const waiting = this.#outbox.splice(0);
    if (isReversed) waiting.reverse();
    const answers: string[] = [];
    for (const { url, params } of waiting.flatMap((one) => Array.from({ length: times }, () => one))) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
      const answer = await fetch(url, { method: 'POST', headers, body: this.notice(params) });
      answers.push(await answer.text());
    }
    return answers;
  }

  /** Somebody's app is called with an order string. Gives the agreement that comes of it; null: it is not taken. */
  sign(orderString: string, userId: string, status: 'VALID' | 'INVALID' = 'VALID'): string | null {
    const params = Object.fromEntries(new URLSearchParams(orderString));
    const isSign = params['method'] === methods.agreementSign;
    if (!isSign || whyNotSigned(params, this.#options.app, this.#nowMs()) !== null) return null;
    return this.book.agreementSign(params['biz_content'] ?? '', userId, status);
  }

  #tradeParams({ no, order, pay, status }: Trade): Params {
    return {
      notify_type: 'trade_status_sync',
      notify_time: '2026-11-29 12:00:00',
      trade_no: no,
      out_trade_no: order.no,
      seller_id: this.#options.sellerId,
      buyer_id: '2088012336260399',
      trade_status: status,
      total_amount: pay.total_amount,
      subject: pay.subject,
      ...(pay.body !== undefined && { body: pay.body }),
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '', 'http://127.0.0.1');
    const form = new URLSearchParams(await text(request));
    const params = Object.fromEntries([...address.searchParams, ...form]);
    this.book.collect();
    if (address.pathname === billPath) {
      this.bills.send(params['bill_date'] ?? '', this.book.movements, response);
      return;
    }
    const method = params['method'] ?? '';
    const act = actOf(method);
    if (act === null || address.pathname !== '/gateway.do') {
      this.#answer(response, 'error', { code: '40002', sub_code: 'isv.invalid-method' });
      return;
    }
    this.asked.push(act);
    const fault = this.faults.take(act);
    if (fault?.kind === 'held') await this.faults.arrival();
    if (fault?.kind === 'drop') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'page') {
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<html>系统维护中</html>');
      return;
    }
    const answer = this.#outcome(act, params, fault);
    if (fault?.kind === 'answer_lost') request.socket.destroy();
    else if (fault?.kind !== 'hang') {
      // Where the sign-in refuses, no node has its name.
      const isRefusal = act === 'oauthToken' && 'sub_code' in answer;
      this.#answer(response, isRefusal ? 'error' : method, answer, fault);
    }
  }

  #outcome(act: ServerAct, params: Params, fault: Fault | null): Record<string, unknown> {
    try {
      if (fault?.kind === 'code') throw new Failure(fault.code, fault.subCode ?? '');
      const why = whyNotSigned(params, this.#options.app, this.#nowMs());
      if (why !== null) throw new Failure('40002', why, '验签出错');
      const content = params['biz_content'] ?? '';
      this.contents.push({ act, content });
      const done = this.#done(act, content, params);
      // A debit comes about after its answer.
      this.book.collect();
      if (fault?.kind === 'code_after') throw new Failure(fault.code, fault.subCode ?? '');
      const changed = fault?.kind === 'answer_with' ? fault.fields : {};
      const success = act === 'oauthToken' ? {} : { code: '10000', msg: 'Success' };
      return { ...success, ...done, ...changed };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { code, subCode, message } = error;
      return { code, msg: 'Business Failed', sub_code: subCode, sub_msg: message };
    }
  }

  #done(act: ServerAct, content: string, params: Params): Record<string, unknown> {
    if (act === 'oauthToken') return this.people.token(params);
    if (act === 'billUrl') return this.bills.name(content, this.#base);
    return act === 'pay' ? this.book.pay(content, params['notify_url'] ?? '') : this.book[act](content);
  }

  get #base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** With what a reader may not build on: slashes escaped, blanks, brackets in texts, and the signature first. */
  #answer(
    response: ServerResponse,
    method: string,
    answer: Record<string, unknown>,
    fault: Fault | null = null,
  ): void {
    const written = { ...answer, note: 'a/b } "sign" {', pass: [{}, 1.0, null] };
    const content = JSON.stringify(written).replaceAll('/', '\\/').replace('{', '{ ');
    const { privatePem } = fault?.kind === 'foreign_key' ? foreignKey : this.#keyAt(this.signsWith);
    const signature = fault?.kind === 'unsigned' ? '' : `"sign":"${signText(content, privatePem)}",`;
    const name = `${method.replaceAll('.', '_')}_response`;
    const sent = fault?.kind === 'altered' ? content.replace('{ ', '{  ') : content;
    const forged = fault?.kind === 'doubled' ? `,"${name}":{"code":"10000"}` : '';
    response
      .writeHead(200, { 'content-type': 'text/html;charset=utf-8' })
      .end(`{${signature} "${name}" : ${sent}${forged}}`);
  }

  #keyAt(index: number): KeyPair {
    return this.#options.keys[index] ?? foreignKey;
  }

  #nowMs(): number {
    return this.#options.nowMs() + this.faults.clockOffS * 1000;
  }
}

/** Null: no call of a server. Agreements are made by the payer's app alone. */
function actOf(method: string): ServerAct | null {
  const acts = (Object.keys(methods) as Act[]).filter((act) => act !== 'agreementSign');
  return acts.find((act) => methods[act] === method) ?? null;
}
