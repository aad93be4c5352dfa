import { createHash, verify } from 'node:crypto';
import type { Answered, AnswerStatement, Asked, ExchangedHeaders } from '../../shared/api/answer-signing.ts';
import {
  answerHeader,
  answerTextToSign,
  areHeadersSigned,
  parseAnswerHeader,
} from '../../shared/api/answer-signing.ts';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import { publicKeyFromRaw } from '../../shared/node/ed25519.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Failure } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { OperatorKeys as Keys, Secrets } from '../platform/secrets.ts';
import { isAnswer } from './answer-reading.ts';
import { FormerKeyTime, formerKeyCountsMs } from './former-key-time.ts';
import type { HttpResponse } from './http-transport.ts';

export { formerKeyCountsMs } from './former-key-time.ts';

/** An answer's time is at most so far from that of its request: what the operator's gate allows, and the longest wait. */
export const answerTimeOffMaxMs = clockSkewMaxMs + 60_000;
/** Staff is told of answers that nobody vouches for at most this often. */
const tellAgainAfterMs = 3_600_000;

/** Why an answer is not believed. */
export type UnprovenCode = 'unsigned' | 'of_no_known_key' | 'wrongly_signed' | 'of_another_time';

/** A question and what its answer would be worth. */
export interface Question extends Asked {
  /** The request's own time, ms of the operator's clock as far as it is known. */
  readonly timestampMs: number;
  /**
   * Who may be believed for the first time by this answer. `named`: only this key, which the enrolment token names; `anyone`:
   * whoever signs it; `nobody`: no one.
   */
  readonly first: { readonly named: string } | 'anyone' | 'nobody';
  /** The request's headers, names in lower case; left out: what became of them on the way is not looked at. */
  readonly headers?: ExchangedHeaders['asked'];
  /** An enrolment by staff: the keys from before count no more. */
  readonly isEnrolment: boolean;
  /** The operator knows this cabinet. Before, and while no key is known, no answer tells the time. */
  readonly isEnrolled: boolean;
  /** Asked to learn whether somebody answers at all: passes before the enrolment, when no other answer does. */
  readonly isProbe: boolean;
}

/** An answer that is believed. */
export interface Proven {
  /**
   * What it says about the operator's time counts: it is not by a former key, which somebody else may have by now, and not
   * from before the enrolment, when anybody may answer.
   */
  readonly tellsTime: boolean;
}

export interface OperatorKeysOptions {
  readonly secrets: Pick<Secrets, 'operatorKeys' | 'rememberOperatorKeys'>;
  /** Monotonic, ms. */
  readonly monotonicMs: () => number;
  readonly tellStaff: (detail: string) => void;
  readonly logger: Logger;
}

/**
 * The operator's keys that this cabinet believes, and whether an answer is by one of them. The rules are in
 * docs/decisions/0087-answers-are-signed.md: the present key announces the next one; once that has signed, it is the present one, and
 * the former counts a week more; three keys at most. A next key that is known is replaced by nobody but itself, so that
 * whoever has stolen the present one cannot put his own in its place.
 */
export class OperatorKeys {
  readonly #options: OperatorKeysOptions;
  #toldAtMs = -Infinity;
  #isOtherNextTold = false;
  readonly #formerTime: FormerKeyTime;

  constructor(options: OperatorKeysOptions) {
    this.#options = options;
    this.#formerTime = new FormerKeyTime(options.monotonicMs);
  }

  /** Whether this is the operator's answer to this question. A cabinet that is enrolled and knows no key believes all. */
  check(
    question: Question,
    response: HttpResponse,
    operatorNowMs: number,
  ): Result<Proven, Failure<UnprovenCode>> {
    const { operatorKeys: keys } = this.#options.secrets;
    const statement = readSigned(question, response);
    if (keys === null || question.isEnrolment) return this.#believeFirst(question, response, statement);
    if (!statement.ok) return statement;
    const { key, atMs } = statement.value;
    const { present, next, former } = keys;
    const isFormer = former !== null && key === former.key && this.#counts(keys, former, operatorNowMs);
    if (key !== present && key !== next && !isFormer)
      return fail('of_no_known_key', `signed by ${key}, known is ${present}`);
    const tellsTime = !isFormer;
    // Only a refusal for the time may be of another one: it is what tells the time.
    const isOfTime = Math.abs(atMs - question.timestampMs) <= answerTimeOffMaxMs;
    if (!isOfTime && !(tellsTime && response.status === 401))
      return fail('of_another_time', `an answer of ${atMs} to a question of ${question.timestampMs}`);
    // The former key says nothing about the others.
    if (isFormer) this.#keepChanged(keys, { ...keys, former: this.#formerTime.use(former) });
    else this.#learn(keys, statement.value);
    return ok({ tellsTime });
  }

  /** Tells staff, at most once an hour, that somebody else may be answering. */
  tellUnproven({ code, message }: Failure<UnprovenCode>): void {
    const { monotonicMs, tellStaff, logger } = this.#options;
    logger.warn('operator.answer_unproven', { why: code, message });
    if (monotonicMs() - this.#toldAtMs < tellAgainAfterMs) return;
    this.#toldAtMs = monotonicMs();
    tellStaff(`operator_answer_unproven: ${code}`);
  }

  #believeFirst(
    { first, isEnrolment, isEnrolled, isProbe }: Question,
    { status }: HttpResponse,
    statement: Result<AnswerStatement, Failure<UnprovenCode>>,
  ): Result<Proven, Failure<UnprovenCode>> {
    const passed = ok({ tellsTime: isEnrolled });
    if (isAnswer(status) && !isEnrolled && !isEnrolment && !isProbe)
      return fail('of_no_known_key', 'the cabinet is not enrolled: whoever says yes to it is somebody else');
    if (first === 'nobody' || status < 200 || status >= 300) return passed;
    if (first === 'anyone') {
      // An operator from before it signed its answers; one that has signed once does not cease to.
      if (!statement.ok) return this.#options.secrets.operatorKeys === null ? passed : statement;
    } else {
      if (!statement.ok) return statement;
      if (statement.value.key !== first.named)
        return fail('of_no_known_key', 'not by the key that the enrolment token names');
    }
    const { key, next } = statement.value;
    this.#keep({ present: key, next, former: null });
    if (!isEnrolment) this.#options.tellStaff(`operator_key_believed: ${key}`);
    return passed;
  }

  /** Whether the former key still counts; once the operator's signed time says that it does not, it is forgotten for good. */
  #counts(keys: Keys, former: NonNullable<Keys['former']>, operatorNowMs: number): boolean {
    const isOver = this.#formerTime.seenMs(former) > former.untilMs;
    if (isOver) this.#keep({ ...keys, former: null });
    return !isOver && operatorNowMs <= former.untilMs;
  }

  /** What an answer says about the keys that the present one, or the next one, has signed. */
  #learn(known: Keys, { key, next, revoked, atMs }: AnswerStatement): void {
    const { present } = known;
    const changed: { -readonly [K in keyof Keys]: Keys[K] } = { ...known };
    if (key === known.next) {
      changed.present = key;
      changed.next = null;
      changed.former = this.#formerTime.begin(present, atMs + formerKeyCountsMs);
    }
    if (changed.next === null && next !== changed.present && next !== changed.former?.key)
      changed.next = next;
    else if (next !== null && next !== changed.next && !this.#isOtherNextTold) {
      this.#isOtherNextTold = true;
      this.#options.tellStaff(`operator_key_other_next: ${next}`);
    }
    const { former } = changed;
    if (former !== null)
      changed.former = revoked.includes(former.key) ? null : this.#formerTime.tell(former, atMs);
    this.#keepChanged(known, changed);
  }

  #keepChanged(known: Keys, changed: Keys): void {
    if (JSON.stringify(changed) !== JSON.stringify(known)) this.#keep(changed);
  }

  #keep(keys: Keys): void {
    const kept = this.#options.secrets.rememberOperatorKeys(keys);
    if (!kept.ok) this.#options.logger.error('operator.keys_not_kept', { error: kept.error.code });
    this.#options.logger.info('operator.keys', { ...keys });
  }
}

/** What the answer's header says, if it is signed by the key that it names itself. */
function readSigned(asked: Question, response: HttpResponse): Result<AnswerStatement, Failure<UnprovenCode>> {
  const { status, headers, body } = response;
  const header = headers[answerHeader];
  const read = typeof header === 'string' ? parseAnswerHeader(header) : null;
  if (read === null) return fail('unsigned', `${status} without a signature`);
  const { statement, signature } = read;
  const answered: Answered = {
    status,
    etag: headers.etag ?? null,
    retryAfter: headers['retry-after'] ?? null,
    bodySha256Hex: createHash('sha256').update(body).digest('hex'),
  };
  const texts = [answerTextToSign(asked, answered, statement)];
  // An operator that knows such a nonce never signs the shorter text to it; one from before knows no other text.
  if (asked.headers !== undefined && areHeadersSigned(asked.nonce))
    texts.unshift(answerTextToSign(asked, answered, statement, { asked: asked.headers, answered: headers }));
  const key = publicKeyFromRaw(statement.key);
  const isRight =
    key !== null &&
    texts.some((text) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url')));
  return isRight ? ok(statement) : fail('wrongly_signed', `${status}: not what was signed, or not for us`);
}
