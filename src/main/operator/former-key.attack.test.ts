import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
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

/** A run of the program begins: `wallMs` is what the machine's clock says, `timeFloorMs` what was kept of the run before. */
function startProgram(wallMs: number, timeFloorMs?: number): void {
  clock = new FakeClock(wallMs);
  client = new OperatorClient({
    baseUrl: 'https://operator.test',
    cabinetId: 'CAB-1',
    sign: () => 'A'.repeat(86),
    clock,
    timeFloorMs,
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
}

beforeEach(async () => {
  startProgram(startMs);
  known = { present: stolen.name, next: present.name, former: null };
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

describe('the week of a former key is measured by what the operator has signed', () => {
  /** An operator with this key whose time is `trueMs`. */
  const operatorWith =
    (pair: typeof present, trueMs: number) =>
    (request: HttpRequest): HttpResponse =>
      Math.abs(Number(request.headers[signatureHeaders.timestamp]) - trueMs) < 300_000
        ? answer(request, pair, 200, { ok: true, nowMs: trueMs }, trueMs)
        : answer(request, pair, 401, { error: 'unauthenticated', message: 'clock', nowMs: trueMs }, trueMs);
  /** The thief of the former key says that it is just when the cabinet takes it to be. */
  const thiefAtAnyTime = (request: HttpRequest): HttpResponse => {
    const nowMs = Number(request.headers[signatureHeaders.timestamp]);
    return answer(request, stolen, 200, { ok: true, nowMs }, nowMs);
  };
  const unproven = { ok: false, error: { code: 'network.unproven' } };

  test('not by a clock of this machine that was years ahead as the key changed', async () => {
    startProgram(startMs + 3650 * day, startMs - day);
    known = { present: stolen.name, next: present.name, former: null };
    onTheWay = operatorWith(present, startMs);
    expect((await client.health()).ok).toBe(true);
    expect(known.former).toEqual({ key: stolen.name, untilMs: startMs + formerKeyCountsMs });
    // Nothing is told meanwhile.
    await clock.advance(formerKeyCountsMs + 1);
    onTheWay = thiefAtAnyTime;
    expect(await client.health()).toMatchObject(unproven);
  });

  test('so a cabinet that was off for a month, with a dead clock, gives the whole week', async () => {
    startProgram(0, startMs - 30 * day);
    known = { present: stolen.name, next: present.name, former: null };
    onTheWay = operatorWith(present, startMs);
    expect((await client.health()).ok).toBe(true);
    await clock.advance(formerKeyCountsMs);
    onTheWay = thiefAtAnyTime;
    expect((await client.health()).ok).toBe(true);
  });

  test.each([
    ['each day', day, 8],
    ['each hour', 3_600_000, 7 * 24 + 1],
    ['each minute', 60_000, 7 * 24 + 1],
    ['within a millisecond', 1, 7 * 24 + 1],
  ])(
    'and ends although its thief alone answers and the program begins anew %s',
    async (_, runMs, runsMax) => {
      onTheWay = thiefAtAnyTime;
      let runs = 0;
      for (let isOk = true; isOk && runs <= runsMax; runs++) {
        // The clock is set back each time, and nothing is kept but what was told as the key changed.
        startProgram(startMs, startMs);
        await clock.advance(runMs);
        isOk = (await client.health()).ok;
      }
      expect(runs).toBeLessThanOrEqual(runsMax);
      // It has ended for good: it is forgotten.
      expect(known.former).toBeNull();
    },
  );

  test('a restart does not make it shorter for a cabinet whose clock is right', async () => {
    onTheWay = thiefAtAnyTime;
    for (let atMs = startMs; atMs <= startMs + 6 * day; atMs += day / 4) {
      startProgram(atMs, startMs);
      expect((await client.health()).ok).toBe(true);
      await clock.advance(3_600_000);
      expect((await client.health()).ok).toBe(true);
    }
  });

  test('what is over stays over when the operator’s time is told lower again', async () => {
    await clock.advance(8 * day);
    onTheWay = operatorWith(present, startMs + 8 * day);
    expect((await client.health()).ok).toBe(true);
    expect(known.former).toBeNull();
    onTheWay = operatorWith(present, startMs);
    expect((await client.health()).ok).toBe(true);
    onTheWay = thiefAtAnyTime;
    expect(await client.health()).toMatchObject(unproven);
  });

  test('and not given anew by a time that is told lower before it is over', async () => {
    await clock.advance(6 * day);
    onTheWay = operatorWith(present, startMs + 6 * day);
    expect((await client.health()).ok).toBe(true);
    onTheWay = operatorWith(present, startMs - 365 * day);
    expect((await client.health()).ok).toBe(true);
    expect(client.operatorNowMs()).toBe(startMs - 365 * day);
    onTheWay = thiefAtAnyTime;
    expect((await client.health()).ok).toBe(true);
    startProgram(0, client.operatorNowMs());
    await clock.advance(day - 3_600_000);
    expect((await client.health()).ok).toBe(true);
    await clock.advance(2 * 3_600_000);
    expect(await client.health()).toMatchObject(unproven);
  });

  test('by no more than a week of running, where a wrong clock had said until when, before', async () => {
    startProgram(startMs, startMs);
    known = {
      present: present.name,
      next: null,
      former: { key: stolen.name, untilMs: startMs + 3650 * day },
    };
    onTheWay = operatorWith(present, startMs);
    expect((await client.health()).ok).toBe(true);
    onTheWay = thiefAtAnyTime;
    await clock.advance(formerKeyCountsMs);
    expect((await client.health()).ok).toBe(true);
    await clock.advance(1);
    expect(await client.health()).toMatchObject(unproven);
  });
});
