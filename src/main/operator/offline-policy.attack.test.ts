import { createHash, sign } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { answerHeader, answerHeaderOf, answerTextToSign } from '../../shared/api/answer-signing.ts';
import { FakeClock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { policyOf } from '../../testkit/main/operator/offline-policy.ts';
import { KeyHolder, type Pair, makePair, startMs } from '../../testkit/main/operator/signed-answers.ts';
import type { HttpRequest, HttpResponse } from './http-transport.ts';
import { OperatorClient } from './operator-client.ts';

/** By a policy doors open that nobody is asked about: only from who is surely the operator of today is it taken. */
const [present, former, stranger] = [makePair(), makePair(), makePair()];
const policy = policyOf();
const nonce = 'nonce1';
let signedBy: Pair | null;
let status: number;
let seen: HttpRequest[];
let holder: KeyHolder;

beforeEach(() => {
  signedBy = present;
  status = 200;
  seen = [];
  const untilMs = startMs + 86_400_000;
  holder = new KeyHolder({ present: present.name, next: null, former: { key: former.name, untilMs } });
});

function answerTo({ url, headers }: HttpRequest): HttpResponse {
  const body = Buffer.from(status === 304 ? '' : JSON.stringify(policy));
  const etag = '"1"';
  if (signedBy === null) return { status, headers: { etag }, body };
  const asked = {
    method: 'GET',
    path: url.pathname,
    cabinetId: 'CAB-1',
    nonce,
    bodySha256Hex: headers['kaimen-body-sha256'] ?? createHash('sha256').update('').digest('hex'),
  };
  const bodySha256Hex = createHash('sha256').update(body).digest('hex');
  const statement = { atMs: startMs, key: signedBy.name, next: null, revoked: [] };
  const text = answerTextToSign(asked, { status, etag, retryAfter: null, bodySha256Hex }, statement);
  const signature = sign(null, Buffer.from(text), signedBy.privateKey).toString('base64url');
  return { status, headers: { etag, [answerHeader]: answerHeaderOf(statement, signature) }, body };
}
const ask = (etag: string | null = null) =>
  new OperatorClient({
    baseUrl: 'https://operator.test',
    cabinetId: 'CAB-1',
    sign: () => 'x',
    clock: new FakeClock(startMs),
    randomNonce: () => nonce,
    keys: holder.keys,
    transport: {
      send: (request) => {
        seen.push(request);
        return Promise.resolve(ok(answerTo(request)));
      },
      reset: () => undefined,
    },
  }).offlinePolicy(etag);
const unproven = { ok: false, error: { code: 'network.unproven' } };

test('signed by the present key: taken; unchanged: said so', async () => {
  expect(await ask()).toEqual(ok({ changed: true, etag: '"1"', value: policy }));
  status = 304;
  expect(await ask('"1"')).toEqual(ok({ changed: false }));
  expect(seen.map(({ url, headers }) => [url.pathname, headers['if-none-match']])).toEqual([
    ['/v1/offline-policy', undefined],
    ['/v1/offline-policy', '"1"'],
  ]);
});

test.each([
  ['by nobody', () => null],
  ['by a stranger', () => stranger],
  ['by the former key, which somebody else may have by now', () => former],
])('signed %s: not taken', async (_, by) => {
  signedBy = by();
  expect(await ask()).toMatchObject(unproven);
  status = 304;
  expect(await ask('"1"')).toMatchObject(unproven);
});

test('a cabinet that knows no key of its operator yet believes other answers, and not this', async () => {
  for (const by of [null, present, stranger]) {
    holder = new KeyHolder(null);
    signedBy = by;
    expect(await ask()).toMatchObject(unproven);
  }
});
