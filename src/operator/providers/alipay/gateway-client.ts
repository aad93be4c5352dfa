import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import type { CallBudget } from '../call-budget.ts';
import { noTimeLeft } from '../call-budget.ts';
import { connectionFailureOf } from '../connection.ts';
import type { AlipayConfig } from './alipay-config.ts';
import { alipayTime } from './alipay-time.ts';
import type { CodeFact, Method } from './codes.ts';
import { acceptedCodes, factOf, methods } from './codes.ts';
import type { Params } from './signing.ts';
import { sign, verifyResponse } from './signing.ts';

/** One request without an answer after this long is given up. */
export const requestTimeoutMs = 3_000;
/** So much of their message goes into ours, in characters. */
const messageMax = 120;

export type Answer =
  /** Signed by Alipay: taken as asked. */
  | { readonly kind: 'ok'; readonly body: unknown }
  /** Signed by Alipay: not done. `class`: whether that is to be believed. */
  | ({ readonly kind: 'refused'; readonly message: string; readonly subCode: string } & CodeFact)
  /** For certain not one byte left. */
  | { readonly kind: 'not_sent'; readonly message: string }
  /** It may have been done. */
  | { readonly kind: 'unknown'; readonly message: string };

/** A request; `content`: JSON as text, so that a repeat is the same byte for byte. `notifyUrl`: where notices of it go. */
export interface GatewayCall {
  readonly method: Method;
  /** With a content, or (calls of signing in) with fields of its own in its place. */
  readonly content: string | Readonly<Record<string, string>>;
  readonly notifyUrl?: string;
  /** `sub_code`s that say something of what was asked, and are no fault of ours. */
  readonly expected?: readonly string[];
  /** Of the call that it belongs to. */
  readonly budget: CallBudget;
}

const answerSchema = z.object({
  code: z.string(),
  msg: z.string().default(''),
  sub_code: z.string().default(''),
  sub_msg: z.string().default(''),
});

/**
 * Signed requests and proven answers of the gateway. The library's own client is not used: it writes the names in a request
 * anew (`creditTradeScene` would not be one of theirs any more), tells the time by itself in the zone of the machine, reads
 * answers that nobody has signed, and does not say whether a request has left. Never rejects.
 */
export class GatewayClient {
  readonly #config: AlipayConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(config: AlipayConfig, clock: Clock, logger: Logger) {
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
  }

  async call(call: GatewayCall): Promise<Answer> {
    const boundMs = call.budget.requestMs(requestTimeoutMs);
    if (boundMs === null) return noTimeLeft;
    const abort = new AbortController();
    const cancel = this.#clock.after(boundMs, () => abort.abort());
    try {
      const response = await fetch(this.#urlOf(call), {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
          accept: 'application/json',
          'user-agent': 'kaimen-operator',
        },
        body: new URLSearchParams(fieldsOf(call)).toString(),
        redirect: 'manual',
        signal: abort.signal,
      });
      return this.#read(response.status, await response.text(), call);
    } catch (error) {
      if (abort.signal.aborted) return { kind: 'unknown', message: 'no answer in time' };
      const { code, isNeverLeft } = connectionFailureOf(error);
      return { kind: isNeverLeft ? 'not_sent' : 'unknown', message: `no connection to Alipay: ${code}` };
    } finally {
      cancel();
    }
  }

  /** A request that somebody's app sends in our name: all of it, signed, as the text of a form. */
  orderString(method: Method, content: string): string {
    const params = { ...this.#params(method), biz_content: content };
    return new URLSearchParams({ ...params, sign: this.#sign(params) }).toString();
  }

  /** All but the content is in the address, as the official library has it; the signature covers both. */
  #urlOf(call: GatewayCall): URL {
    const { method, notifyUrl } = call;
    const params = { ...this.#params(method), ...(notifyUrl !== undefined && { notify_url: notifyUrl }) };
    const signature = this.#sign({ ...params, ...fieldsOf(call) });
    const url = new URL(this.#config.gatewayUrl);
    for (const [name, value] of Object.entries({ ...params, sign: signature }))
      url.searchParams.set(name, value);
    return url;
  }

  #params(method: Method): Readonly<Record<string, string>> {
    return {
      app_id: this.#config.appId,
      method,
      format: 'JSON',
      charset: 'utf-8',
      sign_type: 'RSA2',
      timestamp: alipayTime(this.#clock.nowMs()),
      version: '1.0',
    };
  }

  #sign(params: Params): string {
    return sign(params, this.#config.appPrivateKey);
  }

  /** Only what Alipay has signed is an answer: a proxy or a page of theirs says nothing about money. */
  #read(status: number, text: string, { method, expected = [] }: GatewayCall): Answer {
    const proven = verifyResponse(text, method, this.#config.alipayPublicKeys);
    if (!proven.ok) {
      const { refusal } = proven;
      this.#logger.warn('alipay_answer_unproven', { status, refusal, method });
      return { kind: 'unknown', message: `status ${status}, not proven to be of Alipay: ${refusal}` };
    }
    const body: unknown = JSON.parse(proven.content);
    // That of the sign-in has no code where all is well, and is an `error_response` where it is not.
    if (method === methods.oauthToken && !(body instanceof Object && 'code' in body))
      return { kind: 'ok', body };
    const answer = answerSchema.safeParse(body);
    if (!answer.success) return { kind: 'unknown', message: 'an answer without a code' };
    const { code, msg, sub_code: subCode, sub_msg: subMsg } = answer.data;
    if (acceptedCodes.some((accepted) => accepted === code)) return { kind: 'ok', body };
    const message = `${code} ${subCode}: ${(subMsg || msg).slice(0, messageMax)}`;
    if (expected.includes(subCode)) return { kind: 'refused', message, subCode, class: 'query' };
    const fact = factOf(code, subCode);
    if (fact.class === 'own_fault') this.#logger.error('alipay_refuses_us', { code, subCode, method });
    return fact.class === 'unknown'
      ? { kind: 'unknown', message }
      : { kind: 'refused', message, subCode, ...fact };
  }
}

function fieldsOf({ content }: GatewayCall): Readonly<Record<string, string>> {
  return typeof content === 'string' ? { biz_content: content } : content;
}

/** Whether nothing of a request was taken, whatever was asked before. */
export function isCertainlyNot(answer: Answer): boolean {
  if (answer.kind === 'refused') return answer.class === 'limit' || answer.class === 'own_fault';
  return answer.kind === 'not_sent';
}

export const messageOf = (answer: Answer): string => (answer.kind === 'ok' ? 'done' : answer.message);
