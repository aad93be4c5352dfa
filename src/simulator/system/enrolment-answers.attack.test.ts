import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse, HttpTransport } from '../../main/operator/http-transport.ts';
import { OperatorClient } from '../../main/operator/operator-client.ts';
import { OperatorKeys } from '../../main/operator/operator-keys.ts';
import type { OperatorKeys as KnownKeys } from '../../main/platform/secrets.ts';
import { issueEnrolToken } from '../../operator/fleet/enrolment.ts';
import { answerHeader, answerHeaderOf, answerTextToSign } from '../../shared/api/answer-signing.ts';
import { bodyDigestHeader, signatureHeaders } from '../../shared/api/signing.ts';
import { rawPublicKey } from '../../shared/node/ed25519.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../../testkit/operator/storages.ts';
import { MemoryServer } from './memory-network.ts';

let store: TestStorage;
let operator: OperatorHarness;
let known: KnownKeys | null;
let client: OperatorClient;
let isEnrolled: boolean;
/** What whoever is on the way does with question and answer. */
let onTheWay: (
  request: HttpRequest,
  pass: (r: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>;
const cabinet = makeCabinet('CAB-9');
const day = 86_400_000;

beforeAll(async () => {
  store = await storagesUnderTest()[0]!.open();
}, openTimeoutMs);
afterAll(() => store.close());
afterEach(() => operator.close());

const tokenNaming = (answerKey?: string) =>
  issueEnrolToken(operator.db, operator.clock, systemRandom, cabinet.cabinetId, answerKey);
const enrol = (token: string) =>
  client.enrol({ cabinetId: cabinet.cabinetId, token, publicKey: cabinet.publicKey });

beforeEach(async () => {
  await store.empty();
  operator = await OperatorHarness.make(store.storage.db);
  const server = new MemoryServer(operator.app);
  const pass = async (request: HttpRequest) => (await server.exchange(request).answer)!;
  onTheWay = (request) => pass(request);
  known = null;
  isEnrolled = false;
  const transport: HttpTransport = {
    send: async (request) => ok(await onTheWay(request, pass)),
    reset: () => undefined,
  };
  const { clock } = operator;
  client = new OperatorClient({
    ...{ baseUrl: 'https://operator.test', cabinetId: cabinet.cabinetId, clock, transport },
    isEnrolled: () => isEnrolled,
    sign: (text) => sign(null, Buffer.from(text), cabinet.privateKey).toString('base64url'),
    randomNonce: () => randomBytes(16).toString('base64url'),
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
});

const unsigned401 = (nowMs: number): HttpResponse => ({
  status: 401,
  headers: {},
  body: Buffer.from(JSON.stringify({ error: 'unauthenticated', message: 'the clock is too far off', nowMs })),
});

test('a cabinet that knows the operator’s key takes no time from an unsigned answer to an enrolment', async () => {
  expect((await enrol(await tokenNaming())).ok).toBe(true);
  expect((await client.health()).ok).toBe(true);
  const before = client.operatorNowMs();
  onTheWay = () => Promise.resolve(unsigned401(before + 400 * day));
  await enrol(await tokenNaming());
  expect(client.operatorNowMs() - before).toBeLessThan(day);
});

test('a token that names the key: no time is taken from whoever does not sign with it', async () => {
  const before = client.operatorNowMs();
  onTheWay = () => Promise.resolve(unsigned401(before + 400 * day));
  await enrol(await tokenNaming('A'.repeat(43)));
  expect(client.operatorNowMs() - before).toBeLessThan(day);
});

test('a cabinet that has known a key: an unsigned 204 is no answer to its enrolment', async () => {
  expect((await enrol(await tokenNaming())).ok).toBe(true);
  expect(known).not.toBeNull();
  onTheWay = () => Promise.resolve({ status: 204, headers: {}, body: Buffer.alloc(0) });
  expect((await enrol(await tokenNaming())).ok).toBe(false);
});

/** Whoever has a certificate that the cabinet trusts, and a key of his own. */
const thief = generateKeyPairSync('ed25519').privateKey;
function byThief(request: HttpRequest, status: number, json: unknown, atMs: number): HttpResponse {
  const body = Buffer.from(json === null ? '' : JSON.stringify(json));
  const statement = { atMs, key: rawPublicKey(thief), next: null, revoked: [] };
  const { method, headers } = request;
  const asked = {
    ...{ method, path: request.url.pathname, cabinetId: cabinet.cabinetId },
    nonce: headers[signatureHeaders.nonce] ?? '',
    bodySha256Hex: headers[bodyDigestHeader] ?? null,
  };
  const bodySha256Hex = createHash('sha256').update(body).digest('hex');
  const text = answerTextToSign(asked, { status, etag: null, retryAfter: null, bodySha256Hex }, statement);
  const signature = sign(null, Buffer.from(text), thief).toString('base64url');
  return { status, headers: { [answerHeader]: answerHeaderOf(statement, signature) }, body };
}

test.each(['a token that names the key', 'no token yet'])(
  'before the enrolment a stranger neither becomes the operator nor tells the time: %s',
  async (given) => {
    const before = client.operatorNowMs();
    const nowMs = before + 400 * day;
    onTheWay = (request) => {
      const isEnrolment = request.url.pathname.endsWith('/enrol');
      const refusal = { error: 'unauthenticated', message: 'the clock is too far off', nowMs };
      const [status, json] =
        request.url.pathname === '/v1/health' ? [200, { ok: true, nowMs }] : [401, refusal];
      return Promise.resolve(
        isEnrolment ? byThief(request, 204, null, nowMs) : byThief(request, status, json, nowMs),
      );
    };
    // As the app does at each start: the link is probed, the catalogue is asked for, and the token is sent.
    await client.health();
    expect((await client.catalog(null)).ok).toBe(false);
    if (given !== 'no token yet') expect((await enrol(await tokenNaming('B'.repeat(43)))).ok).toBe(false);
    expect(known).toBeNull();
    expect(client.operatorNowMs() - before).toBeLessThan(day);
    // The one that it was enrolled for is believed.
    onTheWay = (request, pass) => pass(request);
    expect((await enrol(await tokenNaming())).ok).toBe(true);
    isEnrolled = true;
    expect((await client.health()).ok).toBe(true);
    expect(known).not.toBeNull();
  },
);

test('before the enrolment a stranger names no prices and deletes no faces', async () => {
  const deleted: unknown[] = [];
  client.onFacesToDelete((faces) => deleted.push(faces));
  const catalog = await operator.send('GET', '/v1/catalog');
  const faces = [{ memberId: 'M1001', enrolmentId: null }];
  for (const sign of [true, false]) {
    onTheWay = (request) => {
      const json =
        request.url.pathname === '/v1/catalog' ? catalog.body : { ok: true, nowMs: 0, facesToDelete: faces };
      const answer = byThief(request, 200, json, operator.clock.nowMs());
      return Promise.resolve(sign ? answer : { ...answer, headers: {} });
    };
    expect((await client.catalog(null)).ok).toBe(false);
    expect((await client.health()).ok).toBe(true);
  }
  expect(deleted).toEqual([]);
  expect(known).toBeNull();
});
