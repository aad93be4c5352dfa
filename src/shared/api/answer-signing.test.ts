import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answered, AnswerStatement, Asked } from './answer-signing.ts';
import {
  answerHeaderOf,
  answerTextToSign,
  areHeadersSigned,
  keyNamedByToken,
  parseAnswerHeader,
  revokedKeysMax,
  withHeadersSigned,
} from './answer-signing.ts';

const hex = (byte: string): string => byte.repeat(32);
const asked: Asked = {
  method: 'POST',
  path: '/v1/visits/authorise',
  cabinetId: 'CAB-1',
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  bodySha256Hex: hex('0a'),
};
const answered: Answered = { status: 200, etag: null, retryAfter: null, bodySha256Hex: hex('0b') };
const key = 'K'.repeat(43);
const statement: AnswerStatement = { atMs: 1_767_225_600_000, key, next: null, revoked: [] };

/** Held in text, so that both ends of different versions sign the same bytes. */
const golden: readonly [string, Asked, Answered, AnswerStatement, string][] = [
  [
    'an answer',
    asked,
    answered,
    statement,
    `kaimen-answer\nPOST\n/v1/visits/authorise\nCAB-1\nAAAAAAAAAAAAAAAAAAAAAA\n${hex('0a')}\n` +
      `200\n-\n-\n${hex('0b')}\n` +
      `1767225600000\n${key}\n-\n-\n`,
  ],
  [
    'an answer with all that there can be',
    { ...asked, method: 'GET', path: '/v1/catalog', bodySha256Hex: null },
    { ...answered, status: 304, etag: '"abc"', retryAfter: '17' },
    { ...statement, next: 'N'.repeat(43), revoked: ['R'.repeat(43), 'S'.repeat(43)] },
    `kaimen-answer\nGET\n/v1/catalog\nCAB-1\nAAAAAAAAAAAAAAAAAAAAAA\n-\n` +
      `304\n"abc"\n17\n${hex('0b')}\n1767225600000\n${key}\n` +
      `${'N'.repeat(43)}\n${'R'.repeat(43)},${'S'.repeat(43)}\n`,
  ],
];

const base64url = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const header = fc.option(fc.stringMatching(/^[\x21-\x7e]{1,20}$/).filter((text) => text !== '-'));
const anyAsked: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST'),
  path: fc.stringMatching(/^\/[a-z0-9/%-]{0,40}$/),
  cabinetId: fc.stringMatching(/^[A-Z0-9-]{1,32}$/),
  nonce: base64url(22),
  bodySha256Hex: fc.option(digest),
});
const anyAnswered: fc.Arbitrary<Answered> = fc.record({
  status: fc.integer({ min: 100, max: 599 }),
  etag: header,
  retryAfter: header,
  bodySha256Hex: digest,
});
const anyStatement: fc.Arbitrary<AnswerStatement> = fc.record({
  atMs: fc.integer({ min: 0, max: 999_999_999_999_999 }),
  key: base64url(43),
  next: fc.option(base64url(43)),
  revoked: fc.array(base64url(43), { maxLength: revokedKeysMax }),
});
const whole = fc.tuple(anyAsked, anyAnswered, anyStatement);

describe('what the operator signs', () => {
  test.each(golden)('%s: these bytes', (_name, ...given) => {
    const [ask, answer, said, text] = given;
    expect(answerTextToSign(ask, answer, said)).toBe(text);
  });

  test('is another text for anything else that was asked, answered or said', () => {
    fc.assert(
      fc.property(whole, whole, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(answerTextToSign(...one) === answerTextToSign(...other)).toBe(isSame);
      }),
    );
    // Parts of one are kept for the other: a difference of one part alone must show, too.
    fc.assert(
      fc.property(whole, whole, fc.nat(), (one, other, pick) => {
        const parts = one.flatMap((part, i) => Object.keys(part).map((name) => [i, name] as const));
        const [i, name] = parts[pick % parts.length]!;
        const mixed = structuredClone(one) as unknown as Record<string, unknown>[];
        const theirs = (other as unknown as Record<string, unknown>[])[i]![name];
        const isSame = JSON.stringify(mixed[i]![name]) === JSON.stringify(theirs);
        mixed[i]![name] = theirs;
        const text = answerTextToSign(...(mixed as unknown as typeof one));
        expect(text === answerTextToSign(...one)).toBe(isSame);
      }),
    );
  });

  test('with the headers that decide something: these bytes', () => {
    const headers = {
      asked: { 'kaimen-api': '2', 'kaimen-chain': 'C', 'if-none-match': '"x"', accept: 'no matter' },
      answered: {
        'kaimen-api': '3',
        'content-type': 'application/json',
        location: 'there',
        date: 'no matter',
      },
    };
    const without = answerTextToSign(asked, answered, statement);
    expect(answerTextToSign(asked, answered, statement, headers)).toBe(
      `${without}2\nC\n"x"\n3\napplication/json\nthere\n`,
    );
    const none = { asked: {}, answered: {} };
    expect(answerTextToSign(asked, answered, statement, none)).toBe(`${without}-\n-\n-\n-\n-\n-\n`);
  });

  test('is with the headers where the nonce says so, which is still one of the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const nonce = Buffer.from(bytes).toString('base64url');
        expect(areHeadersSigned(nonce)).toBe(false);
        const marked = withHeadersSigned(nonce);
        expect(areHeadersSigned(marked)).toBe(true);
        expect(withHeadersSigned(marked)).toBe(marked);
        expect(marked).toMatch(/^[A-Za-z0-9_-]{22}$/);
        expect(Buffer.from(marked, 'base64url')).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('is carried there and back by a header', () => {
    fc.assert(
      fc.property(anyStatement, base64url(86), (said, signature) => {
        expect(parseAnswerHeader(answerHeaderOf(said, signature))).toEqual({ statement: said, signature });
      }),
    );
  });

  test('is read from no header of another form', () => {
    const good = answerHeaderOf(statement, 'S'.repeat(86));
    const many = Array.from({ length: revokedKeysMax + 1 }, () => key);
    const bad = [
      '',
      `${good}.`,
      ` ${good}`,
      good.replace('1767225600000', '01'),
      good.replace(key, key.slice(1)),
      answerHeaderOf({ ...statement, revoked: many }, 'S'.repeat(86)),
      answerHeaderOf(statement, 'S'.repeat(85)),
    ];
    for (const text of bad) expect(parseAnswerHeader(text)).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => parseAnswerHeader(text) === null));
  });

  test('an enrolment token names the key behind a dot, or none', () => {
    expect(keyNamedByToken(`${'t'.repeat(32)}.${key}`)).toBe(key);
    expect(keyNamedByToken('t'.repeat(43))).toBeNull();
    expect(keyNamedByToken(`${'t'.repeat(32)}.${key}x`)).toBeNull();
  });
});
