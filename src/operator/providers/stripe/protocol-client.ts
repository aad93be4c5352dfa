import { AsyncLocalStorage } from 'node:async_hooks';
import Stripe from 'stripe';
import { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import type { CallBudget } from '../call-budget.ts';
import { noTimeLeft } from '../call-budget.ts';
import { connectionFailureOf } from '../connection.ts';
import type { Decline } from './codes.ts';
import { errorTypes } from './codes.ts';
import type { StripeConfig } from './stripe-config.ts';

/** One request without an answer after this long is given up; an issuer may think for some seconds. */
export const requestTimeoutMs = 8_000;

export type Answer =
  | { readonly kind: 'ok'; readonly body: unknown }
  /** The card was asked, and nothing was taken. `intent`: as it stands then; null: not said. */
  | {
      readonly kind: 'declined';
      readonly decline: Decline;
      readonly intent: unknown;
      readonly message: string;
    }
  /** Not done, because of what was asked or of how things stand: only a look says which. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly param: string;
      readonly message: string;
    }
  /** For certain not taken, whatever was asked: it never left, or key, permission or rate are in the way. */
  | { readonly kind: 'not_sent'; readonly message: string }
  /** It may have been done. `isAnswered`: Stripe answers its key in this way from now on. */
  | {
      readonly kind: 'unknown';
      readonly isAnswered: boolean;
      readonly message: string;
    };

/** Words of Stripe that go into ours: codes, never sentences, which may name a key or a card. */
const code = z
  .string()
  .regex(/^[a-z0-9_.[\]]{1,64}$/)
  .catch('');
const errorSchema = z.object({
  type: code,
  code: code.default(''),
  decline_code: code.default(''),
  advice_code: code.default(''),
  param: code.default(''),
  payment_intent: z.unknown().optional(),
});

/** Every object of theirs says what it is. The library takes for one whatever is JSON without an `error`. */
const objectSchema = z.object({
  object: z.string(),
  lastResponse: z.object({ statusCode: z.number().int().min(200).max(299) }),
});

const listSchema = z.object({
  object: z.enum(['list', 'search_result']),
  data: z.array(z.unknown()),
  has_more: z.boolean(),
});

/** What a list of Stripe has in it; `isWhole`: no further page follows. Null: the answer is no list. */
export function listOf(
  body: unknown,
): { readonly items: readonly unknown[]; readonly isWhole: boolean } | null {
  const list = listSchema.safeParse(body).data;
  return list === undefined ? null : { items: list.data, isWhole: !list.has_more };
}

/** What broke a connection, on its way through the library. */
class Broken extends Error {
  readonly isNeverLeft: boolean;

  constructor(message: string, isNeverLeft: boolean) {
    super(message);
    this.isNeverLeft = isNeverLeft;
  }
}

/**
 * The official library, made to ask once: no repeats and no waits of its own, our clock for the bound, and every
 * outcome as an answer that says whether it may have been done. Never rejects.
 */
export class ProtocolClient {
  readonly #stripe: Stripe;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Of the calls whose requests are out. */
  readonly #budgets = new AsyncLocalStorage<CallBudget | null>();

  constructor({ baseUrl, secretKey, accountId }: StripeConfig, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    const { protocol, hostname, port } = new URL(baseUrl);
    const isPlain = protocol === 'http:';
    this.#stripe = new Stripe(secretKey, {
      httpClient: Stripe.createFetchHttpClient((url: string | URL | Request, init?: RequestInit) =>
        this.#fetch(url, init),
      ),
      protocol: isPlain ? 'http' : 'https',
      host: hostname,
      port: port === '' ? (isPlain ? 80 : 443) : Number(port),
      maxNetworkRetries: 0,
      telemetry: false,
      ...(accountId !== null && { stripeAccount: accountId }),
    });
  }

  /**
   * `what`: the call in a word, for the log. `budget`: of the call of the adapter; null: of none, so that the request has its
   * own bound alone.
   */
  async ask(
    what: string,
    call: (stripe: Stripe) => Promise<unknown>,
    budget: CallBudget | null,
  ): Promise<Answer> {
    try {
      // The library hands nothing through to its requests.
      const body = await this.#budgets.run(budget, () => call(this.#stripe));
      const isObject = objectSchema.safeParse(body).success;
      return isObject ? { kind: 'ok', body } : this.#unreadable(what, 0);
    } catch (error) {
      return this.#answerOf(what, error);
    }
  }

  #answerOf(what: string, error: unknown): Answer {
    if (error instanceof Stripe.errors.StripeConnectionError) {
      const { detail } = error;
      const isNeverLeft = detail instanceof Broken && detail.isNeverLeft;
      const message = `no answer of Stripe: ${detail instanceof Broken ? detail.message : 'broken'}`;
      return isNeverLeft ? { kind: 'not_sent', message } : { kind: 'unknown', isAnswered: false, message };
    }
    const raw = error instanceof Stripe.errors.StripeError ? error.raw : null;
    const parsed = errorSchema.safeParse(raw);
    const status = error instanceof Stripe.errors.StripeError ? (error.statusCode ?? 0) : 0;
    if (!parsed.success || !errorTypes.includes(parsed.data.type)) return this.#unreadable(what, status);
    return this.#errorOf(what, status, parsed.data);
  }

  #unreadable(what: string, status: number): Answer {
    this.#logger.warn('stripe_answer_unreadable', { what, status });
    return { kind: 'unknown', isAnswered: false, message: `not an answer of Stripe: status ${status}` };
  }

  #errorOf(what: string, status: number, said: z.infer<typeof errorSchema>): Answer {
    const { type, decline_code: declined, advice_code: advice, param } = said;
    const message = [status, type, said.code, declined, param].filter((word) => word !== '').join(' ');
    switch (status) {
      case 401:
      case 403:
        this.#logger.error('stripe_refuses_us', { what, status, code: said.code });
        return { kind: 'not_sent', message };
      case 429:
        return { kind: 'not_sent', message };
      case 402: {
        if (type !== 'card_error') return { kind: 'refused', code: said.code, param, message };
        const decline = { code: declined || said.code, advice: advice || null };
        return { kind: 'declined', decline, intent: said.payment_intent ?? null, message };
      }
      case 400:
      case 404:
        // The key was used for something else: what became of that is not said.
        return type === 'idempotency_error'
          ? { kind: 'unknown', isAnswered: true, message }
          : { kind: 'refused', code: said.code, param, message };
      default:
        // 409: the same request is being done right now. 5xx: nobody says how far it came.
        return { kind: 'unknown', isAnswered: status >= 500, message };
    }
  }

  /** One request, whole; of its headers only what the library needs. */
  async #fetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
    const budget = this.#budgets.getStore() ?? null;
    const boundMs = budget === null ? requestTimeoutMs : budget.requestMs(requestTimeoutMs);
    if (boundMs === null) throw new Broken(noTimeLeft.message, true);
    const abort = new AbortController();
    const cancel = this.#clock.after(boundMs, () => abort.abort());
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal: abort.signal });
      const { status } = response;
      const text = await response.text();
      const hasBody = status !== 204 && status !== 205 && status !== 304;
      return new Response(hasBody ? text : null, { status });
    } catch (error) {
      if (abort.signal.aborted) throw new Broken(`none within ${boundMs} ms`, false);
      const { code: broken, isNeverLeft } = connectionFailureOf(error);
      throw new Broken(broken, isNeverLeft);
    } finally {
      cancel();
    }
  }
}
