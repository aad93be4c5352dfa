import { randomBytes, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse, HttpTransport } from '../../main/operator/http-transport.ts';
import { OperatorClient } from '../../main/operator/operator-client.ts';
import { OperatorKeys } from '../../main/operator/operator-keys.ts';
import type { OperatorKeys as KnownKeys } from '../../main/platform/secrets.ts';
import { issueEnrolToken } from '../../operator/fleet/enrolment.ts';
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
  const transport: HttpTransport = {
    send: async (request) => ok(await onTheWay(request, pass)),
    reset: () => undefined,
  };
  const { clock } = operator;
  client = new OperatorClient({
    ...{ baseUrl: 'https://operator.test', cabinetId: cabinet.cabinetId, clock, transport },
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
