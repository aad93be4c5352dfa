import { createHash, randomBytes, sign, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse, HttpTransport } from '../../main/operator/http-transport.ts';
import { OperatorClient } from '../../main/operator/operator-client.ts';
import { OperatorKeys } from '../../main/operator/operator-keys.ts';
import type { OperatorKeys as KnownKeys } from '../../main/platform/secrets.ts';
import { issueEnrolToken } from '../../operator/fleet/enrolment.ts';
import { answerHeader, answerTextToSign, parseAnswerHeader } from '../../shared/api/answer-signing.ts';
import { chainHeader } from '../../shared/api/chain-header.ts';
import { apiVersionHeader, bodyDigestHeader, signatureHeaders } from '../../shared/api/signing.ts';
import { makeChargeId } from '../../shared/ids.ts';
import { publicKeyFromRaw } from '../../shared/node/ed25519.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import {
  chargeBody,
  makeCabinet,
  newChargeId,
  newVisitId,
  signedHeaders,
} from '../../testkit/operator/cabinet.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../../testkit/operator/storages.ts';
import { MemoryServer } from './memory-network.ts';

type Changed = (answer: HttpResponse) => HttpResponse | Promise<HttpResponse>;

/** A cabinet's client, and what it remembers and tells, behind somebody who may change what comes back. */
class AttackedClient {
  readonly cabinet: TestCabinet;
  readonly client: OperatorClient;
  readonly told: string[] = [];
  known: KnownKeys | null = null;
  change: Changed = (answer) => answer;
  changeAsked: (request: HttpRequest) => HttpRequest = (request) => request;
  /** Ends of the record of charges that the operator has, as far as this cabinet believes. */
  readonly acknowledged: number[] = [];

  constructor(options: { operator: OperatorHarness; server: MemoryServer; id?: string; baseUrl?: string }) {
    const { operator, server, id = 'CAB-9', baseUrl = 'https://operator.test' } = options;
    this.cabinet = makeCabinet(id);
    const { privateKey } = this.cabinet;
    const { clock } = operator;
    const transport: HttpTransport = {
      send: async (request) =>
        ok(await this.change((await server.exchange(this.changeAsked(request)).answer)!)),
      reset: () => undefined,
    };
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const kiosk = this;
    this.client = new OperatorClient({
      ...{ baseUrl, cabinetId: id, clock, transport },
      sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
      randomNonce: () => randomBytes(16).toString('base64url'),
      chain: {
        statement: () => ({ seq: 7, seal: 'a'.repeat(64), told: null }),
        acknowledged: (seq) => this.acknowledged.push(seq),
      },
      keys: new OperatorKeys({
        secrets: {
          get operatorKeys() {
            return kiosk.known;
          },
          rememberOperatorKeys: (keys) => {
            kiosk.known = keys;
            return ok();
          },
        },
        monotonicMs: () => clock.monotonicMs(),
        tellStaff: (detail) => this.told.push(detail),
        logger: silentLogger,
      }),
    });
  }

  async enrol(operator: OperatorHarness, answerKey?: string): Promise<boolean> {
    const { cabinetId, publicKey } = this.cabinet;
    const token = await issueEnrolToken(operator.db, operator.clock, systemRandom, cabinetId, answerKey);
    return (await this.client.enrol({ cabinetId, token, publicKey })).ok;
  }
}

let store: TestStorage;
let operator: OperatorHarness;
let server: MemoryServer;
let kiosk: AttackedClient;
beforeAll(async () => {
  store = await storagesUnderTest()[0]!.open();
}, openTimeoutMs);
afterAll(() => store.close());
beforeEach(async () => {
  await store.empty();
  operator = await OperatorHarness.make(store.storage.db);
  server = new MemoryServer(operator.app);
  kiosk = new AttackedClient({ operator, server });
  expect(await kiosk.enrol(operator)).toBe(true);
});
afterEach(() => operator.close());

const json = (answer: HttpResponse, body: unknown): HttpResponse => ({
  ...answer,
  status: 200,
  body: Buffer.from(JSON.stringify(body)),
});
const without = (answer: HttpResponse): HttpResponse => {
  const headers = Object.entries(answer.headers).filter(([name]) => name !== answerHeader);
  return { ...answer, headers: Object.fromEntries(headers) };
};
/** The request with one header changed; null: without it. */
const asking =
  (name: string, value: string | null) =>
  (request: HttpRequest): HttpRequest => {
    const others = Object.entries(request.headers).filter(([one]) => one !== name);
    return { ...request, headers: Object.fromEntries(value === null ? others : [...others, [name, value]]) };
  };
const askIn = (client: OperatorClient, code: string) =>
  client.authorise({ visitId: newVisitId(operator.clock.nowMs()), code, purpose: 'visit' });
const unproven = { ok: false, error: { code: 'network.unproven' } };
const allowed = {
  decision: 'allowed',
  member: { memberId: 'M1001', display: '王*' },
  visitMaxMinor: 20_000,
};

/** A charge as its cabinet sends it, of a member who was let in. */
async function letInAndBill(): Promise<{ chargeId: ReturnType<typeof newChargeId>; body: string }> {
  const { cabinetId } = kiosk.cabinet;
  const nowMs = operator.clock.nowMs();
  const visitId = newVisitId(nowMs);
  expect(await kiosk.client.authorise({ visitId, code: operator.code(), purpose: 'visit' })).toMatchObject({
    value: { decision: 'allowed' },
  });
  const ids = { chargeId: newChargeId(nowMs), visitId, cabinetId, memberId: 'M1001' };
  return { chargeId: ids.chargeId, body: JSON.stringify(chargeBody(ids)) };
}

describe('whoever stands between cabinet and operator', () => {
  const swaps: readonly [string, Changed][] = [
    ['answers "allowed" of his own', (answer) => json(answer, allowed)],
    ['answers "allowed" without a signature', (answer) => json(without(answer), allowed)],
  ];
  test.each(swaps)('opens no door: %s', async (_name, change) => {
    kiosk.change = change;
    expect(await askIn(kiosk.client, 'KM1.nobody')).toMatchObject(unproven);
    expect(kiosk.told).toEqual([expect.stringContaining('operator_answer_unproven')]);
    // Once he has gone it goes on.
    kiosk.change = (answer) => answer;
    expect(await askIn(kiosk.client, operator.code())).toMatchObject({ value: { decision: 'allowed' } });
  });

  test('changes no byte of an answer, nor drops its signature', async () => {
    const { chargeId, body } = await letInAndBill();
    for (let at = 0; at < 40; at++) {
      kiosk.change = (answer) => {
        const changed = Buffer.from(answer.body);
        const i = Math.floor((at * changed.length) / 40);
        changed[i] = changed[i]! ^ 1;
        return { ...answer, body: changed };
      };
      expect(await kiosk.client.putCharge(chargeId, body, null)).toMatchObject(unproven);
    }
    kiosk.change = without;
    expect(await kiosk.client.putCharge(chargeId, body, null)).toMatchObject(unproven);
    expect(await kiosk.client.health()).toMatchObject(unproven);
    expect(await kiosk.client.catalog(null)).toMatchObject(unproven);
    kiosk.change = (answer) => answer;
    expect(await kiosk.client.putCharge(chargeId, body, null)).toMatchObject({ ok: true });
    // Staff was told once, not at each.
    expect(kiosk.told).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 409, 413])('says no operator’s no: %i', async (status) => {
    const { chargeId, body } = await letInAndBill();
    const words = { 400: 'bad_request', 404: 'unknown_charge', 409: 'conflict', 413: 'too_large' };
    const error = (words as Record<number, string>)[status] ?? 'forbidden';
    kiosk.change = (answer) => ({ ...json(answer, { error, message: '' }), status });
    expect(await kiosk.client.putCharge(chargeId, body, null)).toMatchObject(unproven);
    expect(await kiosk.client.getCharge(chargeId)).toMatchObject(unproven);
  });

  test('does not tell the time', async () => {
    const nowMs = operator.clock.nowMs() + 86_400_000;
    kiosk.change = (answer) => ({
      ...json(answer, { error: 'unauthenticated', message: '', nowMs }),
      status: 401,
    });
    expect(await kiosk.client.health()).toMatchObject(unproven);
    expect(kiosk.client.toldNowMs()).toBeNull();
  });

  test('replays no answer: not to another request, nor to the same one asked again, nor late', async () => {
    const kept: HttpResponse[] = [];
    kiosk.change = (answer) => {
      kept.push(answer);
      return answer;
    };
    const visitId = newVisitId(operator.clock.nowMs());
    const request = { visitId, code: operator.code(), purpose: 'visit' } as const;
    expect(await kiosk.client.authorise(request)).toMatchObject({ value: { decision: 'allowed' } });
    kiosk.change = () => kept[0]!;
    expect(await kiosk.client.authorise(request)).toMatchObject(unproven);
    expect(await askIn(kiosk.client, 'KM1.nobody')).toMatchObject(unproven);
    expect(await kiosk.client.getCharge(makeChargeId(0, new Uint8Array(10)))).toMatchObject(unproven);
    await operator.pass(3_600_000, 600_000);
    expect(await kiosk.client.authorise(request)).toMatchObject(unproven);
  });

  test('swaps no answers between cabinets', async () => {
    const other = new AttackedClient({ operator, server, id: 'CAB-8' });
    expect(await other.enrol(operator)).toBe(true);
    const kept: HttpResponse[] = [];
    other.change = (answer) => {
      kept.push(answer);
      return answer;
    };
    expect(await askIn(other.client, operator.code())).toMatchObject({ value: { decision: 'allowed' } });
    kiosk.change = () => kept[0]!;
    expect(await askIn(kiosk.client, 'KM1.nobody')).toMatchObject(unproven);
  });

  test('leaves no catalogue of yesterday standing', async () => {
    const first = await kiosk.client.catalog(null);
    expect(first).toMatchObject({ value: { changed: true } });
    const stale = '"of yesterday"';
    // He asks with the tag of today in the cabinet's place, and gets a genuine "not changed".
    const asked = new AttackedClient({ operator, server, id: 'CAB-6' });
    expect(await asked.enrol(operator)).toBe(true);
    const genuine = await asked.client.catalog(stale);
    expect(genuine).toMatchObject({ value: { changed: true } });
    asked.change = (answer) => ({ ...answer, status: 304, body: Buffer.alloc(0) });
    expect(await asked.client.catalog(stale)).toMatchObject(unproven);
    asked.change = (answer) => ({ ...answer, headers: { ...answer.headers, etag: stale } });
    expect(await asked.client.catalog(null)).toMatchObject(unproven);
  });

  test.each([
    ['takes away where the record of charges ends', asking(chainHeader, null)],
    ['tells another end of it', asking(chainHeader, `8.${'b'.repeat(64)}.0.-.${'A'.repeat(86)}`)],
    ['makes the cabinet one of before', asking(apiVersionHeader, null)],
    ['makes it another version', asking(apiVersionHeader, '1')],
    ['takes away the digest of the body', asking(bodyDigestHeader, null)],
  ])('changes no header of a question: %s', async (_name, change) => {
    const { chargeId, body } = await letInAndBill();
    kiosk.changeAsked = change;
    expect(await kiosk.client.health()).toMatchObject(unproven);
    expect(await kiosk.client.putCharge(chargeId, body, null)).toMatchObject(unproven);
    expect(kiosk.acknowledged).toEqual([]);
    kiosk.changeAsked = (request) => request;
    expect(await kiosk.client.putCharge(chargeId, body, null)).toMatchObject({ ok: true });
    expect(kiosk.acknowledged).toEqual([7]);
  });

  test.each([null, '"another"'])('asks for no other catalogue than the cabinet does: %s', async (etag) => {
    kiosk.changeAsked = asking('if-none-match', etag);
    expect(await kiosk.client.catalog('"of-today"')).toMatchObject(unproven);
  });

  test.each([apiVersionHeader, 'content-type', 'location', 'etag', 'retry-after'])(
    'changes no header of an answer: %s',
    async (name) => {
      kiosk.change = (answer) => ({ ...answer, headers: { ...answer.headers, [name]: '3' } });
      expect(await kiosk.client.health()).toMatchObject(unproven);
      expect(await kiosk.client.catalog(null)).toMatchObject(unproven);
    },
  );

  test('a cabinet from before has its answers signed as ever: without the other headers', async () => {
    const { cabinet } = kiosk;
    const path = '/v1/catalog';
    const headers = signedHeaders(cabinet, { method: 'GET', path, timestampMs: operator.clock.nowMs() });
    const answer = await operator.app.inject({ method: 'GET', url: path, headers });
    const { statement, signature } = parseAnswerHeader(String(answer.headers[answerHeader]))!;
    const asked = {
      ...{ method: 'GET', path, cabinetId: cabinet.cabinetId },
      nonce: headers[signatureHeaders.nonce]!,
      bodySha256Hex: headers[bodyDigestHeader]!,
    };
    const bodySha256Hex = createHash('sha256').update(answer.rawPayload).digest('hex');
    const answered = { status: 200, etag: String(answer.headers['etag']), retryAfter: null, bodySha256Hex };
    const key = publicKeyFromRaw(statement.key)!;
    const text = Buffer.from(answerTextToSign(asked, answered, statement));
    expect(verify(null, text, key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('gets no signature for a copy of a cabinet’s request without its proof', async () => {
    const seen: Record<string, string>[] = [];
    const path = `/v1/charges/${newChargeId(0)}`;
    for (const headers of [{}, { 'content-length': '7' }, { 'transfer-encoding': 'chunked' }]) {
      const answer = await operator.raw({
        method: 'PUT',
        url: path,
        headers: {
          ...headers,
          'kaimen-cabinet': 'CAB-9',
          'kaimen-nonce': randomBytes(16).toString('base64url'),
          'kaimen-timestamp': String(operator.clock.nowMs()),
          'kaimen-signature': 'A'.repeat(86),
        },
        payload: '{"no":',
      });
      if (answer.headers[answerHeader] !== undefined) seen.push({ status: String(answer.status) });
    }
    expect(seen.filter(({ status }) => status !== '401')).toEqual([]);
  });
});

describe('the operator’s key', () => {
  test('is believed from the enrolment on, without a word to staff', () => {
    expect(kiosk.known).toMatchObject({
      present: expect.stringMatching(/^[\w-]{43}$/) as string,
      former: null,
    });
    expect(kiosk.told).toEqual([]);
  });

  test('that the enrolment token names is the only one that enrols', async () => {
    const genuine = kiosk.known!.present;
    const named = new AttackedClient({ operator, server, id: 'CAB-5' });
    expect(await named.enrol(operator, 'Z'.repeat(42) + 'A')).toBe(false);
    named.change = without;
    expect(await named.enrol(operator, genuine)).toBe(false);
    expect(named.known).toBeNull();
    named.change = (answer) => answer;
    expect(await named.enrol(operator, genuine)).toBe(true);
    expect(named.known?.present).toBe(genuine);
  });

  test('is learned over https by a cabinet from before, which tells staff; over plain http it is not', async () => {
    for (const [baseUrl, isLearned] of [
      ['https://operator.test', true],
      ['http://127.0.0.1:1', false],
    ] as const) {
      const before = new AttackedClient({ operator, server, id: 'CAB-4', baseUrl });
      await operator.enrol(before.cabinet);
      // Nothing but the health call: whatever else is answered is not looked at for a key.
      expect((await before.client.catalog(null)).ok).toBe(true);
      expect(before.known).toBeNull();
      expect((await before.client.health()).ok).toBe(true);
      expect(before.known !== null).toBe(isLearned);
      expect(before.told.length).toBe(isLearned ? 1 : 0);
      before.change = without;
      expect((await before.client.health()).ok).toBe(!isLearned);
    }
  });

  test('of an operator that does not sign yet is none, and the cabinet works with it', async () => {
    const before = new AttackedClient({ operator, server, id: 'CAB-3' });
    before.change = without;
    expect(await before.enrol(operator)).toBe(true);
    expect((await before.client.health()).ok).toBe(true);
    expect(await askIn(before.client, operator.code())).toMatchObject({ value: { decision: 'allowed' } });
    expect(before.known).toBeNull();
  });

  test('may be another after staff has enrolled the cabinet anew', async () => {
    kiosk.known = { present: 'Z'.repeat(42) + 'A', next: null, former: null };
    expect(await kiosk.client.health()).toMatchObject(unproven);
    expect(await kiosk.enrol(operator)).toBe(true);
    expect((await kiosk.client.health()).ok).toBe(true);
  });

  test('of a restarted operator is the same', async () => {
    const restarted = operator.restarted();
    const answer = await restarted.raw({
      method: 'GET',
      url: '/v1/health',
      headers: { 'kaimen-cabinet': 'CAB-9', 'kaimen-nonce': 'A'.repeat(22) },
    });
    expect(answer.headers[answerHeader]).toContain(`.${kiosk.known!.present}.`);
    await restarted.close();
  });
});
