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
/** So many revoked keys are remembered; an answer names four at most. */
export const revokedKeysKeptMax = 16;

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
 * the former counts a week more; three keys at most. A next key that is known is replaced by nobody but itself, not even when
 * it is revoked, so that whoever has stolen the present one cannot put his own in its place. What the present key has revoked
 * counts no more as long as that key is the present one; a revoked key enrols only where the token names it.
 */
export class OperatorKeys {
  readonly #options: OperatorKeysOptions;
  #toldAtMs = -Infinity;
  #isOtherNextTold = false;
  /** What is known could not be written down. */
  #isUnkept = false;
  readonly #formerTime: FormerKeyTime;

  constructor(options: OperatorKeysOptions) {
    this.#options = options;
    this.#formerTime = new FormerKeyTime(options.monotonicMs);
  }

  /** An operator that signs is known: from then on nothing counts that it has not signed. */
  get isAnyKnown(): boolean {
    return this.#options.secrets.operatorKeys !== null;
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
    const isOfTime = Math.abs(atMs - question.timestampMs) <= answerTimeOffMaxMs;
    if (isRevoked(keys, key)) {
      if (isOfTime) this.#hearRevoked(keys, statement.value);
      return fail('of_no_known_key', `signed by ${key}, which is revoked`);
    }
    const isFormer = former !== null && key === former.key && this.#counts(keys, former, operatorNowMs);
    if (key !== present && key !== next && !isFormer)
      return fail('of_no_known_key', `signed by ${key}, known is ${present}`);
    const tellsTime = !isFormer;
    // Only a refusal for the time may be of another one: it is what tells the time.
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
    const before = this.#options.secrets.operatorKeys;
    const passed = ok({ tellsTime: isEnrolled });
    if (isAnswer(status) && !isEnrolled && !isEnrolment && !isProbe)
      return fail('of_no_known_key', 'the cabinet is not enrolled: whoever says yes to it is somebody else');
    if (first === 'nobody' || status < 200 || status >= 300) return passed;
    if (first === 'anyone') {
      // An operator from before it signed its answers; one that has signed once does not cease to.
      if (!statement.ok) return before === null ? passed : statement;
      if (isRevoked(before, statement.value.key))
        return fail('of_no_known_key', 'by a key that is revoked, and the enrolment token does not name it');
    } else {
      if (!statement.ok) return statement;
      if (statement.value.key !== first.named)
        return fail('of_no_known_key', 'not by the key that the enrolment token names');
    }
    const { key } = statement.value;
    // Told before it is kept: what is kept is not heard of a second time.
    if (!isEnrolment) this.#options.tellStaff(`operator_key_believed: ${key}`);
    this.#keep(heard({ present: key, next: null, former: null }, statement.value));
    return passed;
  }

  /** Whether the former key still counts; once the operator's signed time says that it does not, it is forgotten for good. */
  #counts(keys: Keys, former: NonNullable<Keys['former']>, operatorNowMs: number): boolean {
    const isOver = this.#formerTime.seenMs(former) > former.untilMs;
    if (isOver) this.#keep({ ...keys, former: null });
    return !isOver && operatorNowMs <= former.untilMs;
  }

  /** What an answer says about the keys that the present one, or the next one, has signed. */
  #learn(known: Keys, statement: AnswerStatement): void {
    const { key, next, atMs } = statement;
    const isChange = key === known.next;
    // What the key before has revoked is no word of the new one: it says itself what is revoked.
    const keys = isChange
      ? { present: key, next: null, former: this.#formerTime.begin(known.present, atMs + formerKeyCountsMs) }
      : known;
    const changed = heard(keys, statement);
    if (next !== null && next !== changed.next && !this.#isOtherNextTold) {
      this.#isOtherNextTold = true;
      this.#options.tellStaff(`operator_key_other_next: ${next}`);
    }
    if (changed.next !== null && isRevoked(changed, changed.next) && !isRevoked(known, changed.next))
      this.#options.tellStaff(`operator_key_next_revoked: ${changed.next}`);
    const told = changed.former === null ? null : this.#formerTime.tell(changed.former, atMs);
    this.#keepChanged(known, { ...changed, former: told });
  }

  /**
   * What is heard from a revoked key: that the next key, which the present one has revoked, revokes the present one. One of the
   * two is stolen, and nothing tells which: neither counts, so that its thief wins nothing, until staff enrols the cabinet.
   */
  #hearRevoked(known: Keys, { key, revoked }: AnswerStatement): void {
    const { present, next } = known;
    if (key !== next || !revoked.includes(present)) return;
    if (!isRevoked(known, present)) this.#options.tellStaff(`operator_keys_in_dispute: ${key}`);
    this.#keepChanged(known, { ...known, former: null, revoked: revokedWith(known, [present]) });
  }

  #keepChanged(known: Keys, changed: Keys): void {
    if (this.#isUnkept || JSON.stringify(changed) !== JSON.stringify(known)) this.#keep(changed);
  }

  #keep(keys: Keys): void {
    const kept = this.#options.secrets.rememberOperatorKeys(keys);
    this.#isUnkept = !kept.ok;
    if (!kept.ok) this.#options.logger.error('operator.keys_not_kept', { error: kept.error.code });
    this.#options.logger.info('operator.keys', { ...keys });
  }
}

/** What is known when the present key has said this: what is revoked first, then a next key where none is known. */
function heard(keys: Keys, { key, next, revoked }: AnswerStatement): Keys {
  // That a key counts no more is not for itself to say: the operator never does.
  const all = revokedWith(
    keys,
    revoked.filter((one) => one !== key),
  );
  const former = keys.former !== null && all.includes(keys.former.key) ? null : keys.former;
  const isNew = next !== null && ![keys.present, keys.former?.key, ...all].includes(next);
  return {
    ...{ present: keys.present, next: keys.next ?? (isNew ? next : null), former },
    ...(all.length > 0 && { revoked: all }),
  };
}

function isRevoked(keys: Keys | null, key: string): boolean {
  return keys?.revoked?.includes(key) ?? false;
}

/** What is revoked when these are, too: the latest, and whatever their number those that are the present and the next key. */
function revokedWith({ present, next, revoked = [] }: Keys, more: readonly string[]): readonly string[] {
  if (more.every((key) => revoked.includes(key))) return revoked;
  const isInUse = (key: string): boolean => key === present || key === next;
  const all = [...new Set([...more, ...revoked])];
  return [...all.filter(isInUse), ...all.filter((key) => !isInUse(key))].slice(0, revokedKeysKeptMax);
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
