import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { apiErrorSchema, chargeReplySchema, purchasesReplySchema } from '../shared/api/operator.ts';
import type { RunningOperator } from './start.ts';
import { startOperator } from './start.ts';
import type { TestCabinet } from '../testkit/operator/cabinet.ts';
import {
  chargeBody,
  makeCabinet,
  newChargeId,
  newVisitId,
  signedHeaders,
} from '../testkit/operator/cabinet.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { Rig } from './providers/wechat/test-server/rig.ts';
import { providerAccount, visitOrder } from './storage/schema.ts';
import { openStorage } from './storage/storage.ts';
import { sampleCatalog } from '../testkit/operator/harness.ts';
import type { TestStorage } from '../testkit/operator/storages.ts';
import { storagesUnderTest, testDatabaseTimeouts } from '../testkit/operator/storages.ts';
import { pgliteTemplate } from '../testkit/operator/templates.ts';
import { until } from '../testkit/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'kaimen-operator-'));
const catalogFile = join(folder, 'catalog.json');
writeFileSync(catalogFile, JSON.stringify(sampleCatalog));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const devChargesSchema = z.array(
  z.object({
    chargeId: z.string(),
    state: z.string(),
    receivedCount: z.number(),
    debitCount: z.number(),
    totalMinor: z.number(),
  }),
);

describe.each(storagesUnderTest())('the running service on $name', ({ name, open }) => {
  let store: TestStorage;
  let operator: RunningOperator;
  let cabinet: TestCabinet;
  beforeAll(async () => {
    store = await open();
    await store.empty();
    const started = await startOperator({
      dev: true,
      catalogFile,
      databaseUrl: store.url ?? undefined,
      startFrom: await pgliteTemplate(),
      databaseTimeouts: testDatabaseTimeouts,
    });
    if (!started.ok) throw new Error(started.error.message);
    operator = started.value;
    cabinet = makeCabinet('CAB-1');
    const { token } = z.object({ token: z.string() }).parse(await dev('enrol-token', { cabinetId: 'CAB-1' }));
    const body = JSON.stringify({ cabinetId: 'CAB-1', token, publicKey: cabinet.publicKey });
    expect((await fetch(`${operator.api}/v1/cabinets/enrol`, { method: 'POST', body })).status).toBe(204);
  });
  afterAll(async () => {
    await operator.close();
    await store.close();
  });
  beforeEach(async () => {
    await dev('faults', { mode: 'none' });
    await dev('provider', { mode: 'ok' });
  });

  const dev = async (path: string, body?: unknown): Promise<unknown> => {
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const response = await fetch(`${operator.dev ?? ''}/dev/${path}`, body === undefined ? {} : post);
    return response.json();
  };
  const api = async (
    method: string,
    path: string,
    json?: unknown,
    signal?: AbortSignal,
  ): Promise<Response> => {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const headers = signedHeaders(cabinet, {
      method,
      path,
      timestampMs: Date.now(),
      ...(body === undefined ? {} : { body }),
    });
    return fetch(operator.api + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: signal ?? null,
    });
  };
  const visit = async () => {
    const { code } = z.object({ code: z.string() }).parse(await dev('member-codes', { memberId: 'M1001' }));
    const ids = { visitId: newVisitId(Date.now()), chargeId: newChargeId(Date.now()) };
    const reply = await api('POST', '/v1/visits/authorise', { visitId: ids.visitId, code });
    expect(await reply.json()).toMatchObject({ decision: 'allowed', member: { display: '王*' } });
    return chargeBody({ ...ids, cabinetId: 'CAB-1', memberId: 'M1001' });
  };
  const devCharge = async (chargeId: string) =>
    devChargesSchema.parse(await dev(`charges?chargeId=${chargeId}`))[0];
  /** However long the debit takes: on a busy machine the answer to a charge does not wait for it. */
  const chargeOnceIt = (chargeId: string, state: 'paid' | 'collecting') =>
    until(`the charge is ${state}`, async () => {
      const charge = await devCharge(chargeId);
      return charge?.state === state && charge;
    });

  it('says where it is and on what', () => {
    expect(operator).toMatchObject({ storage: name });
    for (const url of [operator.api, operator.dev]) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(operator.api).not.toBe(operator.dev);
  });

  it('tells whoever runs it that it is ready, and what it counts', async () => {
    const ready = await fetch(`${operator.metrics}/readyz`);
    expect(await ready.json()).toMatchObject({ ready: true });
    const text = await (await fetch(`${operator.metrics}/metrics`)).text();
    // Of the process, too.
    for (const name of ['kaimen_database_up 1', 'process_resident_memory_bytes '])
      expect(text).toContain(`\n${name}`);
    expect((await fetch(`${operator.api}/metrics`)).status).toBe(404);
  });

  it('sells: code, visit, charge, paid, and shows it', async () => {
    const body = await visit();
    const reply = await api('PUT', `/v1/charges/${body.chargeId}`, body);
    expect(chargeReplySchema.parse(await reply.json())).toMatchObject({ totalMinor: 1300 });
    expect(await chargeOnceIt(body.chargeId, 'paid')).toMatchObject({
      receivedCount: 1,
      debitCount: 1,
      totalMinor: 1300,
    });
    const events = z
      .array(z.object({ kind: z.string() }))
      .parse(await dev(`charges/${body.chargeId}/events`));
    expect(events.map((e) => e.kind)).toEqual(['received', 'debit_leased', 'paid']);
  });

  it.each([
    ['500', 500, 'internal'],
    ['409', 409, 'conflict'],
  ] as const)('can be made to answer %s', async (mode, status, error) => {
    await dev('faults', { mode });
    const response = await api('GET', '/v1/health');
    expect(response.status).toBe(status);
    expect(apiErrorSchema.parse(await response.json()).error).toBe(error);
  });

  it('can be made to answer garbage, nothing, late, or to break the connection', async () => {
    await dev('faults', { mode: 'garbage' });
    const garbage = await api('GET', '/v1/health');
    expect(garbage.status).toBe(200);
    await expect(garbage.json()).rejects.toThrow(SyntaxError);
    await dev('faults', { mode: 'hang' });
    await expect(api('GET', '/v1/health', undefined, AbortSignal.timeout(300))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    await dev('faults', { mode: 'drop' });
    await expect(api('GET', '/v1/health')).rejects.toThrow('fetch failed');
    await dev('faults', { mode: 'delay', delayMs: 200 });
    const startMs = performance.now();
    expect((await api('GET', '/v1/health')).status).toBe(200);
    expect(performance.now() - startMs).toBeGreaterThan(195);
  });

  it('limits a fault to a path and a number of requests', async () => {
    await dev('faults', { mode: '500', path: '/v1/catalog', count: 2 });
    const statuses = [];
    for (const path of ['/v1/health', '/v1/catalog', '/v1/catalog', '/v1/catalog'])
      statuses.push((await api('GET', path)).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it.each(['drop', '500', 'garbage', 'hang'] as const)(
    'can take a charge and lose the answer (%s)',
    async (mode) => {
      const body = await visit();
      await dev('faults', { mode, when: 'after', count: 1 });
      const path = `/v1/charges/${body.chargeId}`;
      const ending = new AbortController();
      const sending = api('PUT', path, body, ending.signal).then(
        async (response) =>
          response.status === 200 &&
          chargeReplySchema.safeParse(await response.json().catch(() => null)).success,
        () => false,
      );
      await chargeOnceIt(body.chargeId, 'paid');
      if (mode === 'hang') ending.abort();
      expect(await sending).toBe(false);
      expect(await (await api('GET', path)).json()).toMatchObject({ state: 'paid' });
      expect((await api('PUT', path, body)).status).toBe(200);
      expect(await devCharge(body.chargeId)).toMatchObject({ receivedCount: 2, debitCount: 1 });
    },
  );

  it('plays the provider, and retries at once when told to', async () => {
    await dev('provider', { mode: 'decline', reason: 'account.expired_card' });
    const body = await visit();
    const path = `/v1/charges/${body.chargeId}`;
    await api('PUT', path, body);
    await chargeOnceIt(body.chargeId, 'collecting');
    expect(await (await api('GET', path)).json()).toMatchObject({
      state: 'collecting',
      reason: 'account.expired_card',
    });
    await dev('provider', { mode: 'ok', retryNow: true });
    await chargeOnceIt(body.chargeId, 'paid');
  });

  it('lets a member see a purchase that is being collected, and pay it where it says', async () => {
    await dev('provider', { mode: 'decline' });
    const body = await visit();
    await api('PUT', `/v1/charges/${body.chargeId}`, body);
    await chargeOnceIt(body.chargeId, 'collecting');
    const visitId = newVisitId(Date.now());
    const { code } = z
      .object({ code: z.string() })
      .parse(await dev('member-codes', { memberId: body.memberId }));
    await api('POST', '/v1/visits/authorise', { visitId, code, purpose: 'account' });
    const seen = async () => {
      const reply = await api('POST', '/v1/purchases', { visitId });
      const { purchases } = purchasesReplySchema.parse(await reply.json());
      return purchases.find(({ chargeId }) => chargeId === body.chargeId);
    };
    const purchase = await seen();
    expect(purchase).toMatchObject({ state: 'collecting' });
    const paid = await fetch(purchase?.payUrl ?? '', { method: 'POST' });
    expect(await paid.json()).toEqual({ paid: true });
    expect(await seen()).toMatchObject({ state: 'paid', payUrl: null });
    expect(await devCharge(body.chargeId)).toMatchObject({ debitCount: 1 });
  });

  it('shows how many people each cabinet and the fleet have', async () => {
    expect(await dev('face-counts')).toEqual({ sum: 0, cabinets: [] });
    expect((await api('PUT', '/v1/face-count', { enrolled: 80_000 })).status).toBe(204);
    expect(await dev('face-counts')).toMatchObject({
      sum: 80_000,
      cabinets: [{ cabinetId: 'CAB-1', enrolled: 80_000 }],
    });
    expect(await dev('incidents')).toMatchObject([{ kind: 'faces_near_limit', cabinetId: 'CAB-1' }]);
  });

  it('has four members to play with, and makes codes that have expired', async () => {
    const members = z
      .array(z.object({ memberId: z.string(), display: z.string(), note: z.string() }))
      .parse(await dev('members'));
    expect(members.map((m) => m.note)).toEqual([
      'in good standing',
      'in good standing',
      'suspended',
      'has unpaid charges',
    ]);
    const { code } = z
      .object({ code: z.string() })
      .parse(await dev('member-codes', { memberId: 'M1001', expiresInS: -60 }));
    const reply = await api('POST', '/v1/visits/authorise', { visitId: newVisitId(1), code });
    expect(await reply.json()).toEqual({ decision: 'refused', reason: 'account.code_expired' });
  });

  it.each([
    ['member-codes', { memberId: '王' }],
    ['provider', { mode: 'sulk' }],
    ['faults', { mode: 'hang', count: -1 }],
    ['enrol-token', { cabinetId: 'no blanks please' }],
    ['enrol-token', [1]],
    ['charges?limit=0', undefined],
    ['nothing', undefined],
  ])('answers bad development calls with a typed body: %s', async (path, body) => {
    expect(apiErrorSchema.parse(await dev(path, body)).error).toMatch(/bad_request|not_found/);
  });

  it('does not serve the development API on the main port', async () => {
    expect((await fetch(`${operator.api}/dev/members`)).status).toBe(404);
  });
});

describe('starting', { timeout: 300_000 }, () => {
  it('fails with a reason', async () => {
    expect(await startOperator({ catalogFile: join(folder, 'none') })).toMatchObject({
      error: { code: 'catalog_unreadable' },
    });
    const first = await startOperator({ catalogFile, startFrom: await pgliteTemplate() });
    if (!first.ok) throw new Error(first.error.message);
    expect(first.value.dev).toBeNull();
    const port = Number(new URL(first.value.api).port);
    expect(await startOperator({ catalogFile, port, startFrom: await pgliteTemplate() })).toMatchObject({
      ok: false,
      error: { code: 'cannot_listen' },
    });
    await first.value.close();
  });

  it('not without a merchant at which something is open', async () => {
    const dataDir = join(folder, 'merchants');
    const opened = await openStorage({ dataDir, startFrom: await pgliteTemplate(), logger: silentLogger });
    if (!opened.ok) throw new Error(opened.error.message);
    const ids = { orderId: 'KM1', cabinetId: 'CAB-1', visitId: 'V1', memberId: 'M1' };
    const times = { openedAtMs: 1, dueAtMs: 1, failureCount: 0, leaseCount: 0 };
    await opened.value.db
      .insert(visitOrder)
      .values({ ...ids, ...times, provider: 'wechat:gone', state: 'open' });
    await opened.value.close();
    expect(await startOperator({ catalogFile, dataDir })).toMatchObject({
      ok: false,
      error: {
        code: 'merchant_missing',
        message: expect.stringContaining('wechat:gone: 1 orders') as string,
      },
    });
  });

  it('not with another merchant behind an id that charges or members have', async () => {
    const dataDir = join(folder, 'changed');
    const providersFile = join(folder, 'providers.json');
    const start = async (mchid: string, startFrom?: Blob) => {
      const { config } = new Rig({ mchid });
      writeFileSync(providersFile, JSON.stringify({ wechat: config }), { mode: 0o600 });
      const started = await startOperator({
        catalogFile,
        dataDir,
        providersFile,
        ...(startFrom && { startFrom }),
      });
      if (started.ok) await started.value.close();
      return started.ok ? 'started' : started.error;
    };
    // Nobody has agreed with it yet: its number was a slip.
    expect(await start('1900000100', await pgliteTemplate())).toBe('started');
    expect(await start('1900000109')).toBe('started');
    const opened = await openStorage({ dataDir, logger: silentLogger });
    if (!opened.ok) throw new Error(opened.error.message);
    const account = { memberId: 'M1001', account: 'openid', agreement: 'valid', changedAtMs: 1 } as const;
    await opened.value.db.insert(providerAccount).values({ ...account, provider: 'wechat' });
    await opened.value.close();
    expect(await start('1900000110')).toMatchObject({
      code: 'merchant_changed',
      message: expect.stringContaining('wechat was merchant 1900000109') as string,
    });
    expect(await start('1900000109')).toBe('started');
  });

  it('closes while a request hangs', async () => {
    const started = await startOperator({ catalogFile, dev: true, startFrom: await pgliteTemplate() });
    if (!started.ok) throw new Error(started.error.message);
    const { api, dev, close } = started.value;
    const headers = { 'content-type': 'application/json' };
    await fetch(`${dev ?? ''}/dev/faults`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ mode: 'hang' }),
    });
    const hanging = fetch(`${api}/v1/health`);
    const ended = expect(hanging).rejects.toThrow('fetch failed');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await close();
    await ended;
  });
});
