import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { AssertionError } from '../../shared/assert.ts';
import { apiReplyMaxBytes } from '../../shared/api/operator.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import { textToSign } from '../../shared/api/signing.ts';
import { FakeClock } from '../../shared/clock.ts';
import { makeChargeId, makeVisitId } from '../../shared/ids.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { HttpFailure, HttpRequest, HttpResponse } from './http-transport.ts';
import { OperatorClient } from './operator-client.ts';
import type { Reachability } from './operator-client.ts';
import { retryAfterMsOf } from './retry-after.ts';

const chargeId = makeChargeId(0, new Uint8Array(10));
const visitId = makeVisitId(0, new Uint8Array(10));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

let seen: HttpRequest[];
let answer: Result<HttpResponse, HttpFailure>;
let resets: number;
let contacts: Reachability[];
let client: OperatorClient;

beforeEach(() => {
  seen = [];
  contacts = [];
  resets = 0;
  let nonce = 0;
  client = new OperatorClient({
    baseUrl: 'https://operator.test:8443',
    cabinetId: 'CAB-1',
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
    clock: new FakeClock(1_767_225_600_000),
    randomNonce: () => `nonce${++nonce}`,
    transport: {
      send: (request) => {
        seen.push(request);
        return Promise.resolve(answer);
      },
      reset: () => resets++,
    },
  });
  client.onReachability((contact) => contacts.push(contact));
});

const says = (status: number, body: unknown, headers = {}): void => {
  answer = ok({
    status,
    headers,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
};
const apiError = (error: string) => ({ error, message: 'because' });

describe('an error that this version has no word for', () => {
  const strange = { error: 'quota_of_tomorrow', message: 'because' };
  test.each([
    [400, 'operator.refused'],
    [409, 'operator.conflict'],
    [403, 'operator.unauthenticated'],
    [404, 'operator.not_served'],
  ])('with %i is the word of our operator, if the answer says whose it is', async (status, code) => {
    says(status, strange, { 'kaimen-api': '3' });
    expect(await client.getCharge(chargeId)).toMatchObject({ error: { code } });
    // A proxy or a portal on the way may speak JSON, too.
    says(status, strange);
    expect(await client.getCharge(chargeId)).toMatchObject({ error: { code: 'operator.garbage' } });
  });
});

describe('what is sent', () => {
  test('a charge: the very bytes, signed over them', async () => {
    says(200, { chargeId, state: 'paid', reason: null, totalMinor: 5 });
    const bodyJson = '{"chargeId":"x","name":"茶"}';
    expect(await client.putCharge(chargeId, bodyJson, null)).toMatchObject({
      ok: true,
      value: { state: 'paid' },
    });
    const request = seen[0]!;
    expect(request.method).toBe('PUT');
    expect(request.url.href).toBe(`https://operator.test:8443/v1/charges/${chargeId}`);
    expect(request.body.toString()).toBe(bodyJson);
    expect(request.timeoutMs).toBe(apiRoutes.putCharge.timeoutMs);
    expect(request.responseMaxBytes).toBe(apiReplyMaxBytes);
    const text = textToSign({
      method: 'PUT',
      path: `/v1/charges/${chargeId}`,
      cabinetId: 'CAB-1',
      timestampMs: 1_767_225_600_000,
      nonce: 'nonce1',
      bodySha256Hex: createHash('sha256').update(bodyJson).digest('hex'),
    });
    expect(request.headers).toMatchObject({
      'kaimen-cabinet': 'CAB-1',
      'kaimen-timestamp': '1767225600000',
      'kaimen-nonce': 'nonce1',
    });
    const signature = Buffer.from(request.headers['kaimen-signature']!, 'base64url');
    expect(verify(null, Buffer.from(text), publicKey, signature)).toBe(true);
  });

  test('a charge: whether it was sent before stands beside it, and only where it was', async () => {
    says(200, { chargeId, state: 'paid', reason: null, totalMinor: 5 });
    const withPeople = { stage: 'decided', billedMinor: 600 } as const;
    for (const sentBefore of [
      null,
      { agoMs: 34_012, withPeople: null },
      { agoMs: null, withPeople: null },
      { agoMs: null, withPeople },
      { agoMs: null, withPeople: { ...withPeople, decisionAtMs: 7 } },
    ])
      await client.putCharge(chargeId, '{}', sentBefore);
    expect(seen.map(({ headers }) => headers['kaimen-sent-before'])).toEqual([
      undefined,
      '34012',
      '-',
      '- decided 600',
      '- decided 600',
    ]);
    const known = seen.map(({ headers }) => headers['kaimen-known-decision']);
    expect(known.filter((header) => header !== undefined)).toEqual(['7']);
  });

  test('each request has its own nonce; enrolment is not signed; each has its own time-out', async () => {
    says(200, { ok: true });
    await client.health();
    await client.getCharge(chargeId);
    await client.authorise({ visitId, code: 'KM1.x', purpose: 'visit' });
    await client.enrol({ cabinetId: 'CAB-1', token: 't'.repeat(16), publicKey: 'A'.repeat(43) });
    expect(new Set(seen.map((request) => request.headers['kaimen-nonce'])).size).toBe(4);
    expect(seen[3]!.headers['kaimen-signature']).toBeUndefined();
    expect(seen.map((request) => request.timeoutMs)).toEqual([1500, 8000, 2500, 8000]);
  });

  test('an address with a path is a mistake of the set-up', () => {
    const options = { cabinetId: 'CAB-1', sign: () => '', clock: new FakeClock(), randomNonce: () => '' };
    expect(() => new OperatorClient({ ...options, baseUrl: 'https://x.test/api' })).toThrow(AssertionError);
    expect(() => new OperatorClient({ ...options, baseUrl: 'ftp://x.test' })).toThrow(AssertionError);
  });
});

describe('what an answer means', () => {
  const cases: [number, unknown, string, Reachability][] = [
    [401, apiError('unauthenticated'), 'operator.unauthenticated', 'reachable'],
    [403, apiError('forbidden'), 'operator.unauthenticated', 'reachable'],
    [400, apiError('bad_request'), 'operator.refused', 'reachable'],
    // Our operator, but no word about this one: a deployment that misses a path or has a bound too low.
    [413, apiError('too_large'), 'operator.not_served', 'reachable'],
    [404, apiError('not_found'), 'operator.not_served', 'reachable'],
    [404, apiError('bad_request'), 'operator.not_served', 'reachable'],
    [400, apiError('conflict'), 'operator.not_served', 'reachable'],
    [426, apiError('bad_request'), 'operator.not_served', 'reachable'],
    [404, apiError('unknown_charge'), 'operator.unknown_charge', 'reachable'],
    [409, apiError('conflict'), 'operator.conflict', 'reachable'],
    [408, apiError('unavailable'), 'operator.unavailable', 'unclear'],
    [429, apiError('unavailable'), 'operator.busy', 'unclear'],
    [429, '<html>', 'operator.busy', 'unclear'],
    [503, apiError('bad_request'), 'operator.unavailable', 'unclear'],
    [500, apiError('internal'), 'operator.unavailable', 'unclear'],
    [502, '<html>Bad Gateway</html>', 'operator.unavailable', 'unclear'],
    // Not our API: nothing is believed, whatever the status says.
    [400, '<html>', 'operator.garbage', 'unclear'],
    [403, '{"error":"login"}', 'operator.garbage', 'unclear'],
    [404, '', 'operator.garbage', 'unclear'],
    [409, '{}', 'operator.garbage', 'unclear'],
    [302, '', 'operator.garbage', 'unclear'],
    [304, '', 'operator.garbage', 'unclear'],
    [200, '', 'operator.garbage', 'unclear'],
    // The network itself, which wants somebody to log in.
    [200, '<html>welcome</html>', 'network.portal', 'unclear'],
    [200, '\n <!DOCTYPE html><p>AGB', 'network.portal', 'unclear'],
    [511, '', 'network.portal', 'unclear'],
    [511, '{"login":"http://10.0.0.1"}', 'network.portal', 'unclear'],
    [200, { chargeId, state: 'not a word', reason: null, totalMinor: 1 }, 'operator.garbage', 'unclear'],
    [200, { chargeId, state: 'paid', reason: null, totalMinor: 1.5 }, 'operator.garbage', 'unclear'],
    [200, { chargeId, state: 'paid', reason: 'because', totalMinor: 1 }, 'operator.garbage', 'unclear'],
    [
      200,
      { chargeId: makeChargeId(1, new Uint8Array(10)), state: 'paid', reason: null, totalMinor: 1 },
      'operator.garbage',
      'unclear',
    ],
  ];
  test.each(cases)('%i %j: %s', async (status, body, code, contact) => {
    says(status, body);
    for (const result of [await client.putCharge(chargeId, '{}', null), await client.getCharge(chargeId)]) {
      expect(result).toMatchObject({ ok: false, error: { code } });
    }
    expect(contacts).toEqual([contact, contact]);
  });

  test.each([
    ['http://portal.test/login', 'network.portal'],
    ['//10.0.0.1/', 'network.portal'],
    ['/v2/charges', 'operator.garbage'],
    ['https://operator.test:8443/v2', 'operator.garbage'],
    ['http://[', 'operator.garbage'],
  ] as const)('a redirect to %s: %s', async (location, code) => {
    for (const status of [301, 302, 303, 307, 308]) {
      says(status, '', { location });
      expect(await client.putCharge(chargeId, '{}', null)).toMatchObject({ ok: false, error: { code } });
    }
  });

  test('whose Retry-After it is', async () => {
    says(503, apiError('unavailable'), { 'retry-after': '3600' });
    expect(await client.getCharge(chargeId)).toMatchObject({ error: { isOperators: true } });
    says(503, '<html>', { 'retry-after': '3600' });
    expect(await client.getCharge(chargeId)).toMatchObject({ error: { isOperators: false } });
  });

  test('failures of the transport keep what is known, and dead connections are dropped', async () => {
    const pairs = [
      ['not_sent', 'network.unreachable', 'unreachable'],
      ['lost', 'network.timeout', 'unreachable'],
      ['too_large', 'operator.garbage', 'unclear'],
    ] as const;
    for (const [from, to] of pairs) {
      answer = fail(from, 'test');
      expect(await client.health()).toMatchObject({ ok: false, error: { code: to } });
    }
    expect(contacts).toEqual(pairs.map((pair) => pair[2]));
    expect(resets).toBe(2);
  });

  test('a portal that says 200 or 204 to everything is neither health nor delivery', async () => {
    says(200, '<html>');
    const alarm = { kind: 'device_fault', visitId: null, atMs: 0, detail: '' } as const;
    expect((await client.alarm(alarm)).ok).toBe(false);
    expect((await client.health()).ok).toBe(false);
    says(204, '');
    expect((await client.health()).ok).toBe(false);
    expect((await client.alarm(alarm)).ok).toBe(true);
    expect(contacts).toEqual(['unclear', 'unclear', 'unclear', 'reachable']);
  });

  test('purchases: of a visit, within their time, and a list as agreed or garbage', async () => {
    const { signal } = new AbortController();
    says(200, { purchases: [] });
    expect(await client.purchases({ visitId }, signal)).toEqual({ ok: true, value: { purchases: [] } });
    expect(seen[0]).toMatchObject({ method: 'POST', timeoutMs: apiRoutes.purchases.timeoutMs });
    expect(seen[0]?.body.toString()).toBe(JSON.stringify({ visitId }));
    for (const odd of [{}, { purchases: [{ chargeId, state: 'open' }] }, 'html']) {
      says(200, odd);
      expect(await client.purchases({ visitId }, signal)).toMatchObject({
        error: { code: 'operator.garbage' },
      });
    }
    says(403, apiError('forbidden'));
    expect(await client.purchases({ visitId }, signal)).toMatchObject({
      error: { code: 'operator.unauthenticated' },
    });
  });

  test('how many people there are: told as a number, delivered with exactly 204', async () => {
    says(200, '<html>');
    expect(await client.faceCount({ enrolled: 0 })).toMatchObject({ error: { code: 'network.portal' } });
    says(409, apiError('conflict'));
    expect(await client.faceCount({ enrolled: 0 })).toMatchObject({ error: { code: 'operator.conflict' } });
    says(204, '');
    expect((await client.faceCount({ enrolled: 7 })).ok).toBe(true);
    expect(seen[2]).toMatchObject({ method: 'PUT', timeoutMs: apiRoutes.faceCount.timeoutMs });
    expect(seen[2]!.url.pathname).toBe('/v1/face-count');
    expect(seen[2]!.body.toString()).toBe('{"enrolled":7}');
  });

  test('Retry-After, in seconds or as a date', async () => {
    says(429, apiError('unavailable'), { 'retry-after': '7' });
    expect(await client.getCharge(chargeId)).toMatchObject({ error: { retryAfterMs: 7000 } });
    says(503, '', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' });
    expect(await client.getCharge(chargeId)).toMatchObject({ error: { retryAfterMs: 30_000 } });
    for (const odd of ['', '-1', '1e9', 'soon', '12 May', '99999999999']) {
      expect(retryAfterMsOf(odd, 0), odd).toBeNull();
    }
    expect(retryAfterMsOf('Thu, 01 Jan 1970 00:00:00 GMT', 5000)).toBe(0);
  });

  test('the catalogue: new, unchanged, unreadable', async () => {
    const catalog = {
      version: '3',
      currency: 'CNY',
      products: [
        { sku: 'tea', name: { zh: '茶', en: 'Tea' }, priceMinor: 500, weightG: 500, picture: 'tea' },
      ],
      tags: [],
    };
    says(200, catalog, { etag: '"3"' });
    expect(await client.catalog(null)).toEqual({ ok: true, value: { changed: true, etag: '"3"', catalog } });
    expect(seen[0]!.headers['if-none-match']).toBeUndefined();
    says(304, '');
    expect(await client.catalog('"3"')).toEqual({ ok: true, value: { changed: false } });
    expect(seen[1]!.headers['if-none-match']).toBe('"3"');
    says(200, { ...catalog, products: [] });
    expect(await client.catalog('"3"')).toMatchObject({ ok: false, error: { code: 'operator.garbage' } });
  });

  test('authorise: both decisions', async () => {
    says(200, { decision: 'refused', reason: 'account.code_expired' });
    expect(await client.authorise({ visitId, code: 'x', purpose: 'visit' })).toMatchObject({
      value: { decision: 'refused' },
    });
    const member = { memberId: 'm1', display: '王*' };
    says(200, { decision: 'allowed', member, visitMaxMinor: 20_000 });
    expect(await client.authorise({ visitId, code: 'x', purpose: 'visit' })).toMatchObject({
      value: { member },
    });
  });
});

describe('signing in by QR', () => {
  const question = { showing: 'AAAAAAA2', waitMs: 10_000 };
  const never = new AbortController().signal;

  test('asks over a connection of its own, and waits a little longer than the operator does', async () => {
    says(200, { code: null });
    expect(await client.waitForQrSignIn(question, never)).toEqual({ ok: true, value: { code: null } });
    expect(seen[0]).toMatchObject({ method: 'POST', ownConnection: true });
    expect(seen[0]!.timeoutMs).toBe(question.waitMs + apiRoutes.waitForQrSignIn.timeoutMs);
    expect(JSON.parse(seen[0]!.body.toString())).toEqual(question);
    expect(seen[0]!.url.pathname).toBe('/v1/claims/next');
  });

  test('an answer that is none is garbage', async () => {
    for (const body of ['', '{}', { code: 7 }, { code: '' }, { code: 'x'.repeat(201) }]) {
      says(200, body);
      expect(await client.waitForQrSignIn(question, never)).toMatchObject({
        error: { code: 'operator.garbage' },
      });
    }
  });

  test('a question that we give up ourselves says nothing about the network', async () => {
    const left = new AbortController();
    answer = fail('lost', 'given up');
    left.abort();
    expect((await client.waitForQrSignIn(question, left.signal)).ok).toBe(false);
    expect(contacts).toEqual([]);
    expect(resets).toBe(0);
    await client.waitForQrSignIn(question, never);
    expect(contacts).toEqual(['unreachable']);
  });
});

test('the operator’s time is kept by a clock that nobody sets; until it has told it, our own counts', async () => {
  const clock = new FakeClock(1_767_225_600_000);
  const other = new OperatorClient({
    ...{ baseUrl: 'http://x.test', cabinetId: 'C', sign: () => '', clock, randomNonce: () => '' },
    transport: { send: () => Promise.resolve(answer), reset: () => undefined },
  });
  expect(other.operatorNowMs()).toBe(clock.nowMs());
  expect(other.operatorTimeOf(clock.nowMs() - 1_000)).toBe(clock.nowMs() - 1_000);
  says(200, { ok: true, nowMs: 1_800_000_000_000 });
  await other.health();
  await clock.advance(5_000);
  clock.jumpWall(-3_600_000);
  expect(other.operatorNowMs()).toBe(1_800_000_005_000);
  expect(other.operatorTimeOf(clock.nowMs() - 1_000)).toBe(1_800_000_004_000);
  // One that does not tell changes nothing.
  says(200, { ok: true });
  expect((await other.health()).ok).toBe(true);
  expect(other.operatorNowMs()).toBe(1_800_000_005_000);
});

test('the shopper’s page is where the operator says, where that is an address; one from before says none', async () => {
  const clock = new FakeClock(1_767_225_600_000);
  const other = new OperatorClient({
    ...{ baseUrl: 'http://x.test', cabinetId: 'C', sign: () => '', clock, randomNonce: () => '' },
    transport: { send: () => Promise.resolve(answer), reset: () => undefined },
  });
  const page = 'https://m.example/m/';
  expect(other.phonePage).toBeNull();
  for (const [said, known] of [
    [page, page],
    [undefined, null],
    [page, page],
    ['javascript:alert(1)/', null],
    [`https://${'m'.repeat(60)}.example/`, null],
  ] as const) {
    says(200, { ok: true, phonePage: said });
    expect((await other.health()).ok).toBe(true);
    expect(other.phonePage).toBe(known);
  }
});

test('for what must be fresh it is sure only while our own clock agrees that nobody slept', async () => {
  const clock = new FakeClock(1_767_225_600_000);
  const other = new OperatorClient({
    ...{ baseUrl: 'http://x.test', cabinetId: 'C', sign: () => '', clock, randomNonce: () => '' },
    transport: { send: () => Promise.resolve(answer), reset: () => undefined },
    timeFloorMs: 1_799_000_000_000,
  });
  expect(other.sureNowMs()).toBeNull();
  says(200, { ok: true, nowMs: 1_800_000_000_000 });
  await other.health();
  await clock.advance(86_400_000);
  clock.jumpWall(60_000);
  expect(other.sureNowMs()).toBe(1_800_086_400_000);
  // Asleep: the monotonic clock stood still, and a code of yesterday would look fresh.
  clock.jumpWall(1);
  expect(other.sureNowMs()).toBeNull();
  says(200, { ok: true, nowMs: 1_800_090_000_000 });
  await other.health();
  expect(other.sureNowMs()).toBe(1_800_090_000_000);
});

test('it is never before what the operator had told in the last run: 1970 is no time', async () => {
  const clock = new FakeClock(0);
  const timeFloorMs = 1_767_225_600_000;
  await clock.advance(500);
  const other = new OperatorClient({
    ...{
      baseUrl: 'http://x.test',
      cabinetId: 'C',
      sign: () => '',
      clock,
      randomNonce: () => '',
      timeFloorMs,
    },
    transport: { send: () => Promise.resolve(answer), reset: () => undefined },
  });
  expect(other.operatorNowMs()).toBe(timeFloorMs);
  expect(other.toldNowMs()).toBeNull();
  await clock.advance(60_000);
  expect(other.operatorNowMs()).toBe(timeFloorMs + 60_000);
  expect(other.operatorTimeOf(clock.nowMs())).toBe(timeFloorMs + 60_000);
  // The cabinet's own clock is set: it was off for a while, and is later than what was known.
  clock.jumpWall(timeFloorMs + 3_600_000);
  expect(other.operatorNowMs()).toBe(clock.nowMs());
  // What the operator says counts, also when it had told a later time before.
  says(200, { ok: true, nowMs: timeFloorMs - 86_400_000 });
  await other.health();
  expect(other.operatorNowMs()).toBe(timeFloorMs - 86_400_000);
});

test('a clock that is off: the refusal tells the time; this request and all later ones go with it', async () => {
  const clock = new FakeClock(1_000_000_000_000);
  const operatorMs = 1_767_225_600_000;
  const signedAtMs: number[] = [];
  const other = new OperatorClient({
    ...{ baseUrl: 'http://x.test', cabinetId: 'C', sign: () => '', clock, randomNonce: () => '' },
    transport: {
      send: ({ headers }) => {
        const atMs = Number(headers['kaimen-timestamp']);
        signedAtMs.push(atMs);
        if (Math.abs(atMs - operatorMs) < 60_000) says(200, { ok: true });
        else says(401, { ...apiError('unauthenticated'), nowMs: operatorMs });
        return Promise.resolve(answer);
      },
      reset: () => undefined,
    },
  });
  expect((await other.health()).ok).toBe(true);
  await clock.advance(1_000);
  expect((await other.health()).ok).toBe(true);
  expect(signedAtMs).toEqual([1_000_000_000_000, operatorMs, operatorMs + 1_000]);
});

test('a refusal that tells no time, or the time that was used, is not repeated', async () => {
  says(401, apiError('unauthenticated'));
  expect(await client.health()).toMatchObject({ ok: false, error: { code: 'operator.unauthenticated' } });
  says(401, { ...apiError('unauthenticated'), nowMs: 1_767_225_600_000 });
  expect(await client.health()).toMatchObject({ ok: false, error: { code: 'operator.unauthenticated' } });
  expect(seen.length).toBe(2);
});

test('what a listener throws does not reach the caller of the client', async () => {
  const clock = new FakeClock();
  says(200, { ok: true });
  const other = new OperatorClient({
    baseUrl: 'http://x.test',
    cabinetId: 'C',
    sign: () => '',
    clock,
    randomNonce: () => '',
    transport: { send: () => Promise.resolve(answer), reset: () => undefined },
  });
  other.onReachability(() => {
    throw new Error('a bug elsewhere');
  });
  expect((await other.health()).ok).toBe(true);
  await expect(clock.advance(1)).rejects.toThrow('a bug elsewhere');
});
