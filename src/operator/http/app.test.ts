import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { apiErrorSchema } from '../../shared/api/operator.ts';
import { apiRoutes, smallBodyMaxBytes } from '../../shared/api/routes.ts';
import { alarm } from '../storage/schema.ts';
import { newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { OperatorHarness } from '../../testkit/operator/harness.ts';
import type { TestStorage } from '../../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../../testkit/operator/storages.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

onStorage('the API', (harness) => {
  it('serves the catalogue with an ETag', async () => {
    const first = await harness().send('GET', '/v1/catalog');
    const products = sampleCatalog.products.map(({ sku }) => ({ sku }));
    expect(first).toMatchObject({ status: 200, body: { version: 'test-1', products } });
    const etag = String(first.headers['etag']);
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const conditional = async (value: string) =>
      (await harness().send('GET', '/v1/catalog', undefined, harness().cabinet, { 'if-none-match': value }))
        .status;
    expect(await conditional(etag)).toBe(304);
    expect(await conditional(`W/${etag}, "other"`)).toBe(304);
    expect(await conditional('"other"')).toBe(200);
  });

  it('keeps alarms, each once, with any text', async () => {
    const visitId = newVisitId(1);
    const body = { kind: 'door_left_open', visitId, atMs: 5, detail: '\u0000\ud800 门' };
    for (let i = 0; i < 2; i++) expect((await harness().send('POST', '/v1/alarms', body)).status).toBe(204);
    expect((await harness().send('POST', '/v1/alarms', { ...body, atMs: 6, visitId: null })).status).toBe(
      204,
    );
    const rows = await harness().db.select().from(alarm);
    expect(rows.map((row) => [row.cabinetId, row.visitId, JSON.parse(row.detail) as unknown])).toEqual([
      ['CAB-1', visitId, body.detail],
      ['CAB-1', null, body.detail],
    ]);
  });

  it.each([
    ['an unknown kind', { kind: 'ghost', visitId: null, atMs: 1, detail: '' }],
    ['a time beyond all numbers', '{"kind":"device_fault","visitId":null,"atMs":1e300,"detail":""}'],
    ['a long text', { kind: 'device_fault', visitId: null, atMs: 1, detail: 'x'.repeat(301) }],
    ['an array', []],
    ['a broken character', '"\ud800"'],
  ])('answers 400 to an alarm with %s', async (_name, body) => {
    expect(await harness().send('POST', '/v1/alarms', body)).toMatchObject({
      status: 400,
      body: { error: 'bad_request' },
    });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/v2/health'],
    ['DELETE', '/v1/charges/KM1'],
    ['POST', '/v1/health'],
    ['GET', '/v1/cabinets/enrol'],
    ['GET', '/dev/members'],
    ['GET', `/v1/charges/${'A'.repeat(65)}`],
    ['GET', '/v1/charges/a/b'],
  ] as const)('answers 404 to %s %s', async (method, url) => {
    const answer = await harness().raw({ method, url });
    expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
  });

  it('answers 400 to a path that is none, and to an id that is none', async () => {
    expect(await harness().raw({ method: 'GET', url: '/v1/charges/%zz' })).toMatchObject({
      status: 400,
      body: { error: 'bad_request' },
    });
    expect(await harness().send('GET', '/v1/charges/KM1')).toMatchObject({
      status: 400,
      body: { error: 'bad_request' },
    });
  });

  it('answers 413 to bodies beyond the bound, before it looks at anything else', async () => {
    const small = 'x'.repeat(smallBodyMaxBytes + 1);
    for (const url of ['/v1/cabinets/enrol', '/v1/visits/authorise', '/v1/alarms'])
      expect(await harness().raw({ method: 'POST', url, payload: small })).toMatchObject({
        status: 413,
        body: { error: 'too_large' },
      });
    const url = `/v1/charges/${newChargeId(1)}`;
    const large = 'x'.repeat(apiRoutes.putCharge.bodyMaxBytes + 1);
    expect(await harness().raw({ method: 'PUT', url, payload: large })).toMatchObject({
      status: 413,
      body: { error: 'too_large' },
    });
    const fits = await harness().send('PUT', url, 'x'.repeat(apiRoutes.putCharge.bodyMaxBytes));
    expect(fits).toMatchObject({ status: 400, body: { error: 'bad_request' } });
  });

  it('takes a body of any content type, as its bytes are what is signed', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=latin1' };
    const body = { kind: 'device_fault', visitId: null, atMs: 1, detail: '' };
    expect((await harness().send('POST', '/v1/alarms', body, harness().cabinet, headers)).status).toBe(204);
  });

  it('answers a storm of random requests with typed bodies', async () => {
    const methods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'] as const;
    const paths = [
      '/v1/charges/',
      '/v1/health',
      '/v1/alarms',
      '/v1/visits/authorise',
      '/%00',
      '/v1/charges/..%2f..',
      '//',
      '/?%',
    ];
    for (let i = 0; i < 200; i++) {
      const payload = Buffer.from(Array.from({ length: i % 40 }, (_, k) => (i * 31 + k * 17) % 256));
      const [method, url] = [methods[i % methods.length]!, paths[i % paths.length]!];
      const answer = await harness().raw({
        method,
        url,
        ...(method === 'GET' || method === 'HEAD' ? {} : { payload }),
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      if (method !== 'HEAD') expect(apiErrorSchema.safeParse(answer.body).success).toBe(true);
    }
    expect((await harness().send('GET', '/v1/health')).status).toBe(200);
  });
});

onStorage('what is not HTTP', (harness) => {
  it.each([
    ['garbage', '\u0000\u0001garbage\r\n\r\n', 400],
    ['headers without end', `GET /v1/health HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 413],
    [
      'an expectation',
      'GET /v1/health HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\nconnection: close\r\n\r\n',
      400,
    ],
    ['no host', 'GET /v1/health HTTP/1.1\r\nconnection: close\r\n\r\n', 401],
    ['a request that never ends', 'PUT /v1/alarms HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{', 408],
    ['a length that is none', 'PUT /v1/alarms HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n', 400],
  ])('gets a typed answer: %s', async (_name, bytes, status) => {
    await harness().app.listen({ port: 0, host: '127.0.0.1' });
    const [address] = harness().app.addresses() as AddressInfo[];
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(address!.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => {
        resolve(received);
      });
      socket.on('error', reject);
    });
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body: unknown = JSON.parse(/\{.*\}/.exec(text)?.[0] ?? '');
    expect(apiErrorSchema.safeParse(body).success).toBe(true);
    expect((await harness().send('GET', '/v1/health')).status).toBe(200);
  });
});

describe.each(storagesUnderTest())('without its database ($name)', ({ openOwn }) => {
  let store: TestStorage;
  let harness: OperatorHarness;
  beforeAll(async () => {
    store = await openOwn();
  }, openTimeoutMs);
  beforeEach(async () => {
    harness = await OperatorHarness.make(store.storage.db);
    await store.close();
  });
  afterAll(() => harness.close());

  it('the API says unavailable, and does not fall over', async () => {
    for (const [method, path] of [
      ['GET', '/v1/health'],
      ['GET', '/v1/catalog'],
      ['GET', `/v1/charges/${newChargeId(1)}`],
    ] as const)
      expect(await harness.send(method, path)).toMatchObject({ status: 503, body: { error: 'unavailable' } });
    await harness.pass(30_000, 5_000);
    expect((await harness.send('GET', '/v1/health')).status).toBe(503);
  });
});
