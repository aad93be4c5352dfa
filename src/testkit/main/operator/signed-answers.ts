import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { HttpResponse } from '../../../main/operator/http-transport.ts';
import { OperatorKeys } from '../../../main/operator/operator-keys.ts';
import type { Question } from '../../../main/operator/operator-keys.ts';
import type { OperatorKeys as KnownKeys } from '../../../main/platform/secrets.ts';
import type { AnswerStatement, ExchangedHeaders } from '../../../shared/api/answer-signing.ts';
import { answerHeader, answerHeaderOf, answerTextToSign } from '../../../shared/api/answer-signing.ts';
import { rawPublicKey } from '../../../shared/node/ed25519.ts';
import { fail, ok } from '../../../shared/result.ts';
import { silentLogger } from '../../../shared/util/logger.ts';

/** A key of an operator, or of somebody else; `name`: the public one, raw, base64url. */
export interface Pair {
  readonly privateKey: KeyObject;
  readonly name: string;
}

export function makePair(): Pair {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, name: rawPublicKey(privateKey) };
}

/** The operator's time as a `KeyHolder` begins, and of questions and answers that say no other, Unix ms. */
export const startMs = 1_767_225_600_000;

/** The health call of a cabinet that is enrolled. */
export const questionOf = (more: Partial<Question> = {}): Question => ({
  method: 'GET',
  path: '/v1/health',
  cabinetId: 'CAB-1',
  nonce: 'A'.repeat(22),
  bodySha256Hex: 'b'.repeat(64),
  timestampMs: startMs,
  first: 'nobody',
  isEnrolment: false,
  isEnrolled: true,
  isProbe: true,
  ...more,
});

/** An answer by that key, as the operator makes them. */
export function answerBy(
  pair: Pair,
  says: Partial<AnswerStatement> = {},
  status = 200,
  asked = questionOf(),
  exchanged?: ExchangedHeaders,
): HttpResponse {
  const body = Buffer.from('{}');
  const statement = { atMs: startMs, key: pair.name, next: null, revoked: [], ...says };
  const bodySha256Hex = createHash('sha256').update(body).digest('hex');
  const answered = { status, etag: null, retryAfter: null, bodySha256Hex };
  const text = answerTextToSign(asked, answered, statement, exchanged);
  const signature = sign(null, Buffer.from(text), pair.privateKey).toString('base64url');
  return { status, headers: { [answerHeader]: answerHeaderOf(statement, signature) }, body };
}

/** A cabinet's operator keys, what it has kept of them, and what staff was told. */
export class KeyHolder {
  #known: KnownKeys | null;
  #onDisk: KnownKeys | null;
  readonly told: string[] = [];
  /** Operator's time as the cabinet knows it, ms; it begins at `startMs`. */
  nowMs = startMs;
  isDiskFull = false;
  #keys: OperatorKeys;

  constructor(known: KnownKeys | null) {
    this.#known = known;
    this.#onDisk = known;
    this.#keys = this.#start();
  }

  get known(): KnownKeys | null {
    return this.#known;
  }
  set known(known: KnownKeys | null) {
    this.#known = known;
    if (!this.isDiskFull) this.#onDisk = known;
  }

  get keys(): OperatorKeys {
    return this.#keys;
  }

  /** The program begins anew with what is on the disk. */
  restart(): void {
    this.#known = JSON.parse(JSON.stringify(this.#onDisk)) as KnownKeys | null;
    this.#keys = this.#start();
  }

  /** `proven`, or why not. */
  verdictOn(answer: HttpResponse, asked = questionOf()): string {
    const checked = this.#keys.check(asked, answer, this.nowMs);
    return checked.ok ? 'proven' : checked.error.code;
  }

  #start(): OperatorKeys {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const holder = this;
    return new OperatorKeys({
      secrets: {
        get operatorKeys() {
          return holder.known;
        },
        rememberOperatorKeys: (keys) => {
          holder.known = keys;
          return holder.isDiskFull ? fail('secrets.io', 'full') : ok();
        },
      },
      monotonicMs: () => this.nowMs - startMs,
      tellStaff: (detail) => this.told.push(detail),
      logger: silentLogger,
    });
  }
}
