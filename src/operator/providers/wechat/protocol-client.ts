import { Formatter } from 'wechatpay-axios-plugin';
import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import type { CallBudget } from '../call-budget.ts';
import { noTimeLeft } from '../call-budget.ts';
import { connectionFailureOf } from '../connection.ts';
import { type CodeClass, classOf, clockToleranceS } from './codes.ts';
import { refusalOf, sign } from './signing.ts';
import type { WechatConfig } from './wechat-config.ts';

/** One request without an answer after this long is given up. */
export const requestTimeoutMs = 4_000;
/** A file is given up after this long. */
const downloadTimeoutMs = 60_000;
/** So much of their message goes into ours, in characters. */
const messageMax = 120;

export type Answer =
  /** Signed by WeChat: done as asked. */
  | { readonly kind: 'ok'; readonly body: unknown }
  /** Signed by WeChat: not done. `class`: whether that is to be believed. */
  | {
      readonly kind: 'refused';
      readonly class: CodeClass;
      readonly code: string;
      readonly message: string;
    }
  /** For certain not one byte left. */
  | { readonly kind: 'not_sent'; readonly message: string }
  /** It may have been done. */
  | { readonly kind: 'unknown'; readonly message: string };

export type Download =
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'unknown'; readonly message: string };

const errorSchema = z.object({ code: z.string(), message: z.string().default('') });

/**
 * Signed requests and proven answers of API v3. The library's own client is not used: it tells the time by itself, believes
 * errors that nobody has signed, and does not say whether a request has left. Never rejects.
 */
export class ProtocolClient {
  readonly #config: WechatConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #budget: CallBudget | null;

  /** `budget`: of the call that it works for; null: of none, so that each request has its own bound alone. */
  constructor(config: WechatConfig, clock: Clock, logger: Logger, budget: CallBudget | null) {
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
    this.#budget = budget;
  }

  /** `body`: JSON as text, so that a repeat is the same byte for byte. */
  post(path: string, body: string): Promise<Answer> {
    return this.#request('POST', path, body);
  }

  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const search = new URLSearchParams(query).toString();
    return this.#request('GET', search === '' ? path : `${path}?${search}`, '');
  }

  /**
   * A file that an answer has named. Nobody signs it: whoever asks proves it by the hash in that answer. Only from where the
   * requests go, because the question is signed by us.
   */
  async download(url: string, bytesMax: number): Promise<Download> {
    const from = URL.parse(url);
    const path = from === null ? '' : from.pathname + from.search;
    if (from?.origin !== new URL(this.#config.baseUrl).origin)
      return { kind: 'unknown', message: 'a file at another address than WeChat Pay’s' };
    const abort = new AbortController();
    const cancel = this.#clock.after(downloadTimeoutMs, () => abort.abort());
    try {
      const headers = { ...this.#headersOf('GET', path, ''), Accept: '*/*' };
      const response = await fetch(from, { headers, redirect: 'manual', signal: abort.signal });
      if (response.status !== 200 || response.body === null)
        return { kind: 'unknown', message: `status ${response.status}` };
      const chunks: Uint8Array[] = [];
      let count = 0;
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        count += chunk.length;
        if (count > bytesMax) return { kind: 'too_large' };
        chunks.push(chunk);
      }
      return { kind: 'ok', bytes: Buffer.concat(chunks) };
    } catch (error) {
      return { kind: 'unknown', message: `no file from WeChat Pay: ${connectionFailureOf(error).code}` };
    } finally {
      cancel();
      abort.abort();
    }
  }

  async #request(method: 'GET' | 'POST', path: string, body: string): Promise<Answer> {
    let headers: Record<string, string>;
    try {
      headers = this.#headersOf(method, path, body);
    } catch {
      // Not the error's own words: they may have the key in them.
      this.#logger.error('wechat_key_unreadable');
      return { kind: 'not_sent', message: 'the merchant key cannot be used' };
    }
    const boundMs = this.#budget === null ? requestTimeoutMs : this.#budget.requestMs(requestTimeoutMs);
    if (boundMs === null) return noTimeLeft;
    const abort = new AbortController();
    const cancel = this.#clock.after(boundMs, () => abort.abort());
    try {
      const response = await fetch(new URL(path, this.#config.baseUrl), {
        method,
        headers,
        ...(method === 'POST' && { body }),
        redirect: 'manual',
        signal: abort.signal,
      });
      return this.#read(response, await response.text(), path);
    } catch (error) {
      if (abort.signal.aborted) return { kind: 'unknown', message: `no answer within ${boundMs} ms` };
      const { code, isNeverLeft } = connectionFailureOf(error);
      return { kind: isNeverLeft ? 'not_sent' : 'unknown', message: `no connection to WeChat Pay: ${code}` };
    } finally {
      cancel();
    }
  }

  #headersOf(method: string, path: string, body: string): Record<string, string> {
    const { mchid, merchantSerial, merchantKeyPem, platformKeys } = this.#config;
    const timestamp = this.#nowS();
    const nonce = Formatter.nonce();
    const signature = sign(method, path, timestamp, nonce, body, merchantKeyPem);
    const [firstKey = ''] = Object.keys(platformKeys);
    return {
      Authorization: Formatter.authorization(mchid, nonce, signature, timestamp, merchantSerial),
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'User-Agent': 'kaimen-operator',
      // Which key they shall sign the answer with.
      'Wechatpay-Serial': firstKey,
    };
  }

  /** Only what WeChat has signed is an answer: a proxy or a page of theirs says nothing about money. */
  #read(response: Response, text: string, path: string): Answer {
    const { status } = response;
    const proof = {
      keys: this.#config.platformKeys,
      nowS: this.#nowS(),
      toleranceS: clockToleranceS,
    };
    const refusal = refusalOf(Object.fromEntries(response.headers), text, proof);
    if (refusal !== null) {
      this.#logger.warn('wechat_answer_unproven', { status, refusal });
      return { kind: 'unknown', message: `status ${status}, not proven to be of WeChat Pay: ${refusal}` };
    }
    const parsed = parse(text);
    if (status >= 200 && status < 300) return { kind: 'ok', body: parsed };
    const error = errorSchema.safeParse(parsed);
    if (!error.success) return { kind: 'unknown', message: `status ${status} without a code` };
    const { code } = error.data;
    const codeClass = classOf(status, code);
    const message = `${status} ${code}: ${error.data.message.slice(0, messageMax)}`;
    if (codeClass === 'own_fault')
      this.#logger.error('wechat_refuses_us', { status, code, path: pathname(path) });
    return codeClass === 'unknown'
      ? { kind: 'unknown', message }
      : { kind: 'refused', class: codeClass, code, message };
  }

  #nowS(): number {
    return Math.floor(this.#clock.nowMs() / 1000);
  }
}

const pathname = (path: string): string => path.split('?')[0] ?? path;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
