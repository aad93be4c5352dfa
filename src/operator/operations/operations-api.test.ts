import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { FakeClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody, makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { DebitWorker } from '../debits/debit-worker.ts';
import { backlogReadEveryMs, defaultPolicy, readyCheckMaxMs, workerAliveMaxMs } from '../limits.ts';
import { ProviderRegistry } from '../providers/registry.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident } from '../support/incidents.ts';
import { buildOperationsApi } from './operations-api.ts';

interface Told {
  readonly status: number;
  readonly text: string;
}

/** The operations API of a harness. `db`: another one than the harness's. */
function operationsOf(operator: OperatorHarness, { db = operator.db, isClosing = false } = {}) {
  const { clock, worker } = operator;
  const { metrics } = operator.operator;
  const logger = silentLogger;
  const ofService = { worker, metrics, policy: defaultPolicy, isClosing: () => isClosing };
  const app = buildOperationsApi({ db, clock, logger, ...ofService });
  return async (path: string): Promise<Told> => {
    const { statusCode, body } = await app.inject({ method: 'GET', url: path });
    return { status: statusCode, text: body };
  };
}

/** A database that never answers. */
const silentDb = { execute: () => new Promise<never>(() => undefined) } as unknown as Db;
/** A database that is away. */
const lostDb = {
  execute: () => Promise.reject(new Error('gone')),
  select: () => {
    throw new Error('gone');
  },
} as unknown as Db;

/** The value of one line of the text; null: there is none. */
function valueOf({ text }: Told, name: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

onStorage('the operations API', (harness) => {
  it('is alive and ready, and not ready any more when the service is ending or the worker has stopped', async () => {
    const operator = harness();
    const get = operationsOf(operator);
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    const ready = await get('/readyz');
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.text)).toEqual({
      ready: true,
      database: true,
      migrations: true,
      worker: true,
      open: true,
    });
    const ending = await operationsOf(operator, { isClosing: true })('/readyz');
    expect(ending.status).toBe(503);
    expect(JSON.parse(ending.text)).toMatchObject({ ready: false, open: false, worker: true });
    await operator.close();
    const stopped = await get('/readyz');
    expect(stopped.status).toBe(503);
    expect(JSON.parse(stopped.text)).toMatchObject({ ready: false, worker: false, database: true });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
  });

  it('is alive without its database, not ready, and says so in its metrics', async () => {
    const operator = harness();
    const get = operationsOf(operator, { db: lostDb });
    expect((await get('/healthz')).status).toBe(200);
    const ready = await get('/readyz');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toMatchObject({ database: false, migrations: false });
    const metrics = await get('/metrics');
    expect(metrics.status).toBe(200);
    expect(valueOf(metrics, 'kaimen_database_up')).toBe(0);
    expect(valueOf(metrics, 'kaimen_charges_waiting{what="debit"}')).toBe(null);
    const waiting = operationsOf(operator, { db: silentDb })('/readyz');
    await operator.pass(readyCheckMaxMs);
    expect((await waiting).status).toBe(503);
  });

  it('is not ready on tables that are older than the program', async () => {
    const operator = harness();
    const rows = [{ version: 3 }];
    const db = { execute: () => Promise.resolve({ rows }) } as unknown as Db;
    const { status, text } = await operationsOf(operator, { db })('/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ database: true, migrations: false });
  });

  it('counts charges, calls to the provider and requests', async () => {
    const operator = harness();
    const get = operationsOf(operator);
    const visit = await operator.visit();
    const path = `/v1/charges/${visit.chargeId}`;
    for (let i = 0; i < 2; i++) await operator.during(operator.send('PUT', path, chargeBody(visit)));
    await operator.untilState(visit.chargeId, 'paid', 5_000);
    await operator.raw({ method: 'GET', url: '/no/such/path/M1001' });
    const metrics = await get('/metrics');
    expect(valueOf(metrics, 'kaimen_charges_accepted_total{state="accepted"}')).toBe(1);
    const debits = 'kaimen_provider_call_seconds_count{provider="fake",call="debit",outcome="paid"}';
    expect(valueOf(metrics, debits)).toBe(1);
    const put = 'method="PUT",route="/v1/charges/:chargeId",status="200"';
    expect(valueOf(metrics, `kaimen_http_request_seconds_count{server="cabinets",${put}}`)).toBe(2);
    const lost = 'method="GET",route="none",status="404"';
    expect(valueOf(metrics, `kaimen_http_request_seconds_count{server="cabinets",${lost}}`)).toBe(1);
    for (const secret of [visit.memberId, visit.chargeId, visit.visitId, visit.cabinetId])
      expect(metrics.text).not.toContain(secret);
  });

  it('tells what waits and for how long, of closed kinds, asking the database seldom', async () => {
    const operator = harness();
    const { db, clock } = operator;
    const get = operationsOf(operator);
    operator.provider.set({ mode: 'decline', reason: 'account.insufficient_funds', delayMs: 0 });
    const visit = await operator.visit();
    const put = operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await operator.during(put);
    await operator.untilState(visit.chargeId, 'collecting', 5_000);
    await addIncident(db, clock, 'underpaid', 'CAB-1', visit.chargeId, 'x');
    const row = await operator.chargeRow(visit.chargeId);
    await operator.pass(20_000);
    const first = await get('/metrics');
    expect(valueOf(first, 'kaimen_charges_waiting{what="collecting"}')).toBe(1);
    const oldestS = valueOf(first, 'kaimen_charges_waiting_oldest_seconds{what="collecting"}');
    expect(oldestS).toBe((clock.nowMs() - row.firstAtMs) / 1_000);
    for (const what of ['debit', 'doubt', 'people'])
      expect(valueOf(first, `kaimen_charges_waiting{what="${what}"}`)).toBe(0);
    expect(valueOf(first, 'kaimen_incidents_open{kind="underpaid"}')).toBe(1);
    // A kind of a program that is newer.
    await db.execute(
      sql`insert into incident (at_ms, kind, cabinet_id, detail) values (1, 'of_the_future', '', '')`,
    );
    expect(valueOf(await get('/metrics'), 'kaimen_incidents_open{kind="other"}')).toBe(null);
    await operator.enrol(makeCabinet('CAB-2'));
    await operator.pass(backlogReadEveryMs);
    const later = await get('/metrics');
    expect(valueOf(later, 'kaimen_incidents_open{kind="other"}')).toBe(1);
    // By all members at both cabinets, and by one who goes to both.
    expect(valueOf(later, 'kaimen_offline_risk_minor{of="fleet"}')).toBe(400_000);
    expect(valueOf(later, 'kaimen_offline_risk_minor{of="member"}')).toBe(12_000);
    const { fleetMinor } = defaultPolicy.offlineRiskMax;
    expect(valueOf(later, 'kaimen_offline_risk_max_minor{of="fleet"}')).toBe(fleetMinor);
  });

  it('serves the document of the API, and nothing else', async () => {
    const get = operationsOf(harness());
    const { status, text } = await get('/openapi.json');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.0' });
    expect((await get('/v1/health')).status).toBe(404);
  });
});

it('a worker that does not go round any more is not alive', async () => {
  const clock = new FakeClock();
  const never = new Promise<never>(() => undefined);
  const due = { from: () => due, where: () => due, orderBy: () => due, limit: () => never };
  const worker = new DebitWorker({
    timeZone: 'UTC',
    ...{ db: { select: () => due } as unknown as Db, clock, logger: silentLogger },
    providers: new ProviderRegistry([]),
    random: () => 0.5,
  });
  expect(worker.isAlive).toBe(false);
  worker.start();
  await clock.advance(workerAliveMaxMs);
  expect(worker.isAlive).toBe(true);
  await clock.advance(1);
  expect(worker.isAlive).toBe(false);
});
