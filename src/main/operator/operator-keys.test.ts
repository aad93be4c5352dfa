import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AnswerStatement, ExchangedHeaders } from '../../shared/api/answer-signing.ts';
import {
  answerHeader,
  answerHeaderOf,
  answerTextToSign,
  withHeadersSigned,
} from '../../shared/api/answer-signing.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { OperatorKeys as KnownKeys } from '../platform/secrets.ts';
import type { HttpResponse } from './http-transport.ts';
import type { Question } from './operator-keys.ts';
import { OperatorKeys, answerTimeOffMaxMs, formerKeyCountsMs } from './operator-keys.ts';

interface Pair {
  readonly privateKey: KeyObject;
  readonly name: string;
}
const makePair = (): Pair => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, name: rawPublicKey(privateKey) };
};
const [one, two, three, thief] = [makePair(), makePair(), makePair(), makePair()];
const startMs = 1_767_225_600_000;

const question = (more: Partial<Question> = {}): Question => ({
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
function answerBy(
  pair: Pair,
  says: Partial<AnswerStatement> = {},
  status = 200,
  asked = question(),
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

let known: KnownKeys | null;
let told: string[];
let nowMs: number;
let isDiskFull: boolean;
let keys: OperatorKeys;
beforeEach(() => {
  known = { present: one.name, next: null, former: null };
  told = [];
  nowMs = startMs;
  isDiskFull = false;
  keys = new OperatorKeys({
    secrets: {
      get operatorKeys() {
        return known;
      },
      rememberOperatorKeys: (next) => {
        known = next;
        return isDiskFull ? fail('secrets.io', 'full') : ok();
      },
    },
    monotonicMs: () => nowMs - startMs,
    tellStaff: (detail) => told.push(detail),
    logger: silentLogger,
  });
});

const verdictOn = (answer: HttpResponse, asked = question()): string => {
  const checked = keys.check(asked, answer, nowMs);
  return checked.ok ? 'proven' : checked.error.code;
};

describe('an answer', () => {
  test('is proven by the known key, to this question alone', () => {
    expect(verdictOn(answerBy(one))).toBe('proven');
    const others: Partial<Question>[] = [
      { method: 'PUT' },
      { path: '/v1/catalog' },
      { cabinetId: 'CAB-2' },
      { nonce: 'B'.repeat(22) },
      { bodySha256Hex: 'c'.repeat(64) },
    ];
    for (const other of others) expect(verdictOn(answerBy(one), question(other))).toBe('wrongly_signed');
  });

  test('of another key, also one that announces itself or names a known one, is not', () => {
    expect(verdictOn(answerBy(thief))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(thief, { next: one.name }))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(thief, { key: one.name }))).toBe('wrongly_signed');
    expect(verdictOn(answerBy(thief), question({ first: 'anyone' }))).toBe('of_no_known_key');
    expect(known).toEqual({ present: one.name, next: null, former: null });
  });

  test('is not with another status, header or body, or without a signature', () => {
    const good = answerBy(one);
    expect(verdictOn({ ...good, status: 201 })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, body: Buffer.from('[]') })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, headers: { ...good.headers, etag: '"x"' } })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, headers: { ...good.headers, 'retry-after': '1' } })).toBe('wrongly_signed');
    expect(verdictOn({ ...good, headers: {} })).toBe('unsigned');
    expect(verdictOn({ ...good, headers: { [answerHeader]: 'x' } })).toBe('unsigned');
  });

  test('of another time is not, unless it is the refusal that tells the time', () => {
    for (const offMs of [-answerTimeOffMaxMs, answerTimeOffMaxMs])
      expect(verdictOn(answerBy(one, { atMs: startMs + offMs }))).toBe('proven');
    for (const offMs of [-answerTimeOffMaxMs - 1, answerTimeOffMaxMs + 1]) {
      const atMs = startMs + offMs;
      expect(verdictOn(answerBy(one, { atMs }))).toBe('of_another_time');
      expect(verdictOn(answerBy(one, { atMs }, 401))).toBe('proven');
    }
  });

  test('that is not proven is told to staff once an hour', () => {
    const failure = { code: 'unsigned', message: '' } as const;
    keys.tellUnproven(failure);
    keys.tellUnproven(failure);
    expect(told).toHaveLength(1);
    nowMs += 3_600_000;
    keys.tellUnproven(failure);
    expect(told).toHaveLength(2);
  });
});

describe('the headers of a question and its answer', () => {
  const headers = { 'kaimen-chain': 'the end', 'kaimen-api': '2' };
  const marked = question({ nonce: withHeadersSigned('A'.repeat(22)), headers });
  const answered = { 'kaimen-api': '2' };

  test('are proven with it by an operator that signs them as it has seen them', () => {
    const good = answerBy(one, {}, 200, marked, { asked: headers, answered });
    expect(verdictOn(good, marked)).toBe('wrongly_signed');
    const whole = { ...good, headers: { ...good.headers, ...answered } };
    expect(verdictOn(whole, marked)).toBe('proven');
    for (const changed of [{}, { 'kaimen-api': '2' }, { ...headers, 'kaimen-chain': 'another' }])
      expect(verdictOn(whole, { ...marked, headers: changed })).toBe('wrongly_signed');
  });

  test('are not by an operator from before, which signs without them', () => {
    expect(verdictOn(answerBy(one, {}, 200, marked), marked)).toBe('proven');
  });
});

describe('another key', () => {
  const announce = () => verdictOn(answerBy(one, { next: two.name }));

  test('is announced by the present one; then both count, and after its first answer the former for a week', () => {
    expect(announce()).toBe('proven');
    expect(known).toEqual({ present: one.name, next: two.name, former: null });
    expect(verdictOn(answerBy(one))).toBe('proven');
    expect(verdictOn(answerBy(two))).toBe('proven');
    const former = { key: one.name, untilMs: nowMs + formerKeyCountsMs };
    expect(known).toEqual({ present: two.name, next: null, former });
    nowMs += formerKeyCountsMs;
    // An instance that has not changed yet: its word counts, but not about keys.
    expect(verdictOn(answerBy(one, { next: thief.name, revoked: [two.name] }))).toBe('proven');
    expect(known).toEqual({ present: two.name, next: null, former });
    nowMs += 1;
    expect(verdictOn(answerBy(one))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(two))).toBe('proven');
    expect(known).toEqual({ present: two.name, next: null, former: null });
    expect(told).toEqual([]);
  });

  test('is not taken from whoever has stolen the present one, once a next one is known', () => {
    announce();
    expect(verdictOn(answerBy(one, { next: thief.name }))).toBe('proven');
    expect(verdictOn(answerBy(one, { next: thief.name }))).toBe('proven');
    expect(known?.next).toBe(two.name);
    expect(told).toEqual([`operator_key_other_next: ${thief.name}`]);
    expect(verdictOn(answerBy(thief))).toBe('of_no_known_key');
    // The operator changes to the next one at once, and revokes the one that was stolen.
    expect(verdictOn(answerBy(two, { revoked: [one.name], next: three.name }))).toBe('proven');
    expect(known).toEqual({ present: two.name, next: three.name, former: null });
    expect(verdictOn(answerBy(one))).toBe('of_no_known_key');
  });

  test('a revoked key does not come back by an announcement of its own', () => {
    announce();
    verdictOn(answerBy(two, { revoked: [one.name] }));
    expect(verdictOn(answerBy(one, { next: one.name }))).toBe('of_no_known_key');
    expect(known).toEqual({ present: two.name, next: null, former: null });
  });

  test('a former key can be revoked later, too, and there are three keys at most, however many changes come', () => {
    announce();
    verdictOn(answerBy(two, { next: three.name }));
    expect(known).toMatchObject({ present: two.name, next: three.name, former: { key: one.name } });
    verdictOn(answerBy(two, { next: three.name, revoked: [one.name] }));
    expect(known).toMatchObject({ present: two.name, next: three.name, former: null });
    verdictOn(answerBy(three, { next: thief.name }));
    expect(known).toMatchObject({ present: three.name, next: thief.name, former: { key: two.name } });
  });

  test('of a cabinet that was off for two changes needs staff, and says so by refusing', () => {
    announce();
    expect(verdictOn(answerBy(three))).toBe('of_no_known_key');
    expect(verdictOn(answerBy(three), question({ first: 'anyone', isEnrolment: true }))).toBe('proven');
    expect(known).toEqual({ present: three.name, next: null, former: null });
  });

  test('counts for this run when it cannot be written down', () => {
    isDiskFull = true;
    expect(announce()).toBe('proven');
    expect(verdictOn(answerBy(two))).toBe('proven');
  });
});

describe('before any key is known', () => {
  beforeEach(() => {
    known = null;
  });

  test('every answer passes, and the first that may be is believed', () => {
    expect(verdictOn(answerBy(one))).toBe('proven');
    expect(known).toBeNull();
    expect(verdictOn(answerBy(one, {}, 500), question({ first: 'anyone' }))).toBe('proven');
    expect(known).toBeNull();
    expect(verdictOn({ ...answerBy(one), headers: {} }, question({ first: 'anyone' }))).toBe('proven');
    expect(known).toBeNull();
    expect(verdictOn(answerBy(one, { next: two.name }), question({ first: 'anyone' }))).toBe('proven');
    expect(known).toEqual({ present: one.name, next: two.name, former: null });
    expect(told).toEqual([`operator_key_believed: ${one.name}`]);
  });

  test('one that is wrongly signed is not believed', () => {
    const forged = { ...answerBy(one), body: Buffer.from('[]') };
    expect(verdictOn(forged, question({ first: 'anyone' }))).toBe('proven');
    expect(known).toBeNull();
    const named = question({ first: { named: one.name }, isEnrolment: true });
    expect(verdictOn(forged, named)).toBe('wrongly_signed');
    expect(verdictOn(answerBy(two), named)).toBe('of_no_known_key');
    expect(verdictOn(answerBy(one), named)).toBe('proven');
  });
});
