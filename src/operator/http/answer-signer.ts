import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerStatement } from '../../shared/api/answer-signing.ts';
import {
  answerHeader,
  answerHeaderOf,
  answerTextToSign,
  areHeadersSigned,
} from '../../shared/api/answer-signing.ts';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import { bodyDigestHeader, signatureHeaders } from '../../shared/api/signing.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { AnswerKeys } from './answer-keys.ts';
import { nonceForm } from './authenticator.ts';
import type { Signatures } from './signatures.ts';

/** Signs what the API answers, so that a cabinet can tell that it is the operator's word (shared/api/answer-signing.ts). */
export class AnswerSigner {
  readonly #clock: Clock;
  readonly #read: () => Promise<AnswerKeys>;
  #keys: Promise<AnswerKeys> | null = null;
  readonly #logger: Logger;
  readonly #signatures: Signatures;
  readonly #vouched = new WeakSet<FastifyRequest>();

  /** `read`: the keys; asked for once, or again after it has failed. */
  constructor(options: {
    clock: Clock;
    logger: Logger;
    signatures: Signatures;
    read: () => Promise<AnswerKeys>;
  }) {
    this.#clock = options.clock;
    this.#read = options.read;
    this.#logger = options.logger;
    this.#signatures = options.signatures;
  }

  /**
   * This request's sender is proven, so that the answer is to them. Nobody else gets a signature, but under a 401: a stranger
   * could have a no signed in reply to the copy of a cabinet's request.
   */
  vouchFor(request: FastifyRequest): void {
    this.#vouched.add(request);
  }

  /** To be installed after whatever else changes answers. */
  install(app: FastifyInstance): void {
    app.addHook('onSend', async (request, reply, payload) => {
      try {
        await this.#sign(request, reply, payload);
      } catch (error) {
        // Unsigned, it says nothing to a cabinet that knows our key: it asks again.
        this.#logger.error('answer_not_signed', { error: String(error) });
      }
      return payload;
    });
  }

  /** The public key that signs now, raw, base64url. */
  async publicKey(): Promise<string> {
    return (await this.#loaded()).publicKey;
  }

  async #sign(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    const { method, url: path, headers } = request;
    const cabinetId = headers[signatureHeaders.cabinet];
    const nonce = headers[signatureHeaders.nonce];
    const digest = headers[bodyDigestHeader];
    if (reply.statusCode !== 401 && !this.#vouched.has(request)) return;
    if (typeof nonce !== 'string' || !nonceForm.test(nonce)) return;
    if (typeof cabinetId !== 'string' || !cabinetIdSchema.safeParse(cabinetId).success) return;
    const { privateKey, publicKey: key, next, revoked } = await this.#loaded();
    const statement: AnswerStatement = { atMs: this.#clock.nowMs(), key, next, revoked };
    const text = answerTextToSign(
      { method, path, cabinetId, nonce, bodySha256Hex: typeof digest === 'string' ? digest : null },
      {
        status: reply.statusCode,
        etag: headerOf(reply, 'etag'),
        retryAfter: headerOf(reply, 'retry-after'),
        bodySha256Hex: createHash('sha256').update(bytesOf(payload)).digest('hex'),
      },
      statement,
      areHeadersSigned(nonce) ? { asked: headers, answered: reply.getHeaders() } : undefined,
    );
    const signature = await this.#signatures.sign(text, privateKey);
    void reply.header(answerHeader, answerHeaderOf(statement, signature.toString('base64url')));
  }

  #loaded(): Promise<AnswerKeys> {
    this.#keys ??= this.#read().catch((error: unknown) => {
      this.#keys = null;
      throw error;
    });
    return this.#keys;
  }
}

function headerOf(reply: FastifyReply, name: string): string | null {
  const value = reply.getHeader(name);
  return value === undefined ? null : String(value);
}

function bytesOf(payload: unknown): string | Uint8Array {
  if (payload === undefined || payload === null) return '';
  assert(typeof payload === 'string' || payload instanceof Uint8Array, 'answers are whole, not streams');
  return payload;
}
