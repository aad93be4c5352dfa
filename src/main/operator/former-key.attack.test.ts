import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { AnswerStatement, Asked } from '../../shared/api/answer-signing.ts';
import { answerHeader, answerHeaderOf, answerTextToSign } from '../../shared/api/answer-signing.ts';
import { bodyDigestHeader, signatureHeaders } from '../../shared/api/signing.ts';
import { FakeClock } from '../../shared/clock.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { OperatorKeys as KnownKeys } from '../platform/secrets.ts';
import type { HttpRequest, HttpResponse } from './http-transport.ts';
import { OperatorClient } from './operator-client.ts';
import { OperatorKeys, formerKeyCountsMs } from './operator-keys.ts';

const makePair = () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, name: rawPublicKey(privateKey) };
};
const [stolen, present] = [makePair(), makePair()];
const day = 86_400_000;

function answer(
  request: HttpRequest,
  { privateKey, name }: { privateKey: KeyObject; name: string },
  status: number,
  json: unknown,
  atMs: number,
): HttpResponse {
  const body = Buffer.from(JSON.stringify(json));
  const statement: AnswerStatement = { atMs, key: name, next: null, revoked: [] };
  const asked: Asked = {
    method: request.method,
    path: request.url.pathname,
    cabinetId: request.headers[signatureHeaders.cabinet] ?? '',
    nonce: request.headers[signatureHeaders.nonce] ?? '',
    bodySha256Hex: request.headers[bodyDigestHeader] ?? null,
  };
  const bodySha256Hex = createHash('sha256').update(body).digest('hex');
  const text = answerTextToSign(asked, { status, etag: null, retryAfter: null, bodySha256Hex }, statement);
  const signature = sign(null, Buffer.from(text), privateKey).toString('base64url');
  return { status, headers: { [answerHeader]: answerHeaderOf(statement, signature) }, body };
}

const startMs = 1_767_225_600_000;
let clock: FakeClock;
let known: KnownKeys;
let client: OperatorClient;
let onTheWay: (request: HttpRequest) => HttpResponse;
beforeEach(async () => {
  clock = new FakeClock(startMs);
  known = { present: stolen.name, next: present.name, former: null };
  client = new OperatorClient({
    baseUrl: 'https://operator.test',
    cabinetId: 'CAB-1',
    sign: () => 'A'.repeat(86),
    clock,
    randomNonce: () => 'A'.repeat(22),
    transport: { send: (request) => Promise.resolve(ok(onTheWay(request))), reset: () => undefined },
    keys: new OperatorKeys({
      secrets: {
        get operatorKeys() {
          return known;
        },
        rememberOperatorKeys: (keys) => {
          known = keys;
          return ok();
        },
      },
      monotonicMs: () => clock.monotonicMs(),
      tellStaff: () => undefined,
      logger: silentLogger,
    }),
  });
  // The operator has changed its key, and the cabinet has seen it.
  onTheWay = (request) => answer(request, present, 200, { ok: true, nowMs: clock.nowMs() }, clock.nowMs());
  expect((await client.health()).ok).toBe(true);
  expect(known).toMatchObject({ present: present.name, former: { key: stolen.name } });
});

/** What the thief answers who tells that it is `nowMs`. */
const byThief = (request: HttpRequest, nowMs: number) =>
  Math.abs(Number(request.headers[signatureHeaders.timestamp]) - nowMs) < 1_000
    ? answer(request, stolen, 200, { ok: true, nowMs }, nowMs)
    : answer(request, stolen, 401, { error: 'unauthenticated', message: 'clock', nowMs }, nowMs);

test('a former key ends a week after it was replaced, whatever time its thief tells with it', async () => {
  // On the sixth day the thief says that it is a year ago.
  await clock.advance(6 * day);
  onTheWay = (request) => byThief(request, clock.nowMs() - 365 * day);
  await client.health();
  expect(client.operatorNowMs()).toBe(clock.nowMs());
  await clock.advance(30 * day);
  expect(clock.nowMs() - startMs).toBeGreaterThan(formerKeyCountsMs);
  expect(await client.health()).toMatchObject({ ok: false, error: { code: 'network.unproven' } });
});

test('a former key tells no time, neither with a refusal nor with health, by however little', async () => {
  for (const offMs of [-1, -60_000, 60_000, 10 * 60_000, 365 * day]) {
    const nowMs = clock.nowMs() + offMs;
    onTheWay = (request) => answer(request, stolen, 200, { ok: true, nowMs }, clock.nowMs());
    // An instance that has not changed its key yet is believed, but for the time.
    expect((await client.health()).ok).toBe(true);
    expect(client.operatorNowMs()).toBe(clock.nowMs());
    const refusal = { error: 'unauthenticated', message: 'clock', nowMs };
    onTheWay = (request) => answer(request, stolen, 401, refusal, clock.nowMs());
    expect((await client.health()).ok).toBe(false);
    expect(client.operatorNowMs()).toBe(clock.nowMs());
  }
});

test('the present key tells the time, before and after the former one has tried', async () => {
  const nowMs = clock.nowMs() + 365 * day;
  onTheWay = (request) => byThief(request, nowMs - 730 * day);
  await client.health();
  onTheWay = (request) =>
    answer(request, present, 401, { error: 'unauthenticated', message: 'clock', nowMs }, nowMs);
  await client.health();
  expect(client.operatorNowMs()).toBe(nowMs);
});
