import { expect, it } from 'vitest';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';
import { signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { type OrderBody, changeOrder, failedReports, orderFor, pauseUpdates } from './update-orders.ts';
import { putOrder, updateSummary, withdrawRelease } from './update-orders.ts';

const body: OrderBody = {
  issuedAtMs: 1,
  expiresAtMs: 2,
  release: '1.0.0',
  percent: 10,
  windows: [],
  isPaused: false,
  withdrawn: [],
  isPinEnded: false,
};
const report: UpdateReport = {
  running: '1.0.0',
  wanted: '1.1.0',
  state: 'failed',
  detail: 'disk: full',
  failures: 2,
};

onStorage('updates of the fleet', (harness) => {
  const ask = (operator: OperatorHarness, headers: Record<string, string> = {}) => {
    const path = '/v1/update-order';
    const signed = signedHeaders(operator.cabinet, {
      method: 'GET',
      path,
      timestampMs: operator.clock.nowMs(),
    });
    return operator.raw({ method: 'GET', url: path, headers: { ...signed, ...headers } });
  };

  it('nothing was ordered: 404; then what was ordered last, and 304 while it is that', async () => {
    const operator = harness();
    expect((await ask(operator)).status).toBe(404);
    await putOrder(operator.db, null, body);
    await putOrder(operator.db, null, { ...body, percent: 50 });
    const told = await ask(operator);
    expect(told).toMatchObject({ status: 200, body: { version: 2, release: '1.0.0', percent: 50 } });
    expect(told.body).not.toHaveProperty('isPinEnded');
    const again = await ask(operator, { 'if-none-match': String(told.headers['etag']) });
    expect(again.status).toBe(304);
    await putOrder(operator.db, null, { ...body, isPaused: true });
    expect((await ask(operator, { 'if-none-match': String(told.headers['etag']) })).status).toBe(200);
  });

  it('one that is pinned has its own, by the newest number, and follows the fleet again when that ends', async () => {
    const { db } = harness();
    await putOrder(db, null, body);
    await putOrder(db, 'CAB-1', { ...body, release: '0.9.0' });
    expect(await orderFor(db, 'CAB-1')).toMatchObject({ version: 2, release: '0.9.0' });
    expect(await orderFor(db, 'CAB-2')).toMatchObject({ version: 2, release: '1.0.0' });
    await putOrder(db, null, { ...body, release: null, withdrawn: ['0.9.0'] });
    expect(await orderFor(db, 'CAB-1')).toMatchObject({ version: 3, release: '0.9.0', withdrawn: ['0.9.0'] });
    await putOrder(db, 'CAB-1', { ...body, isPinEnded: true });
    expect(await orderFor(db, 'CAB-1')).toMatchObject({ version: 4, release: null });
  });

  it('a pause holds what a cabinet alone was told before it, and nothing that it is told during it', async () => {
    const { db, clock } = harness();
    const parts = { db, clock };
    const told = async (cabinetId: string) => (await orderFor(db, cabinetId))?.isPaused;
    await changeOrder(parts, 'CAB-1', { release: '1.1.0' });
    await clock.advance(1_000);
    await pauseUpdates(parts, true);
    expect([await told('CAB-1'), await told('CAB-2')]).toEqual([true, true]);
    await clock.advance(1_000);
    await changeOrder(parts, 'CAB-2', { release: '1.1.1' });
    await withdrawRelease(parts, '0.5.0');
    expect([await told('CAB-1'), await told('CAB-2')]).toEqual([true, false]);
    await pauseUpdates(parts, false);
    expect([await told('CAB-1'), await told('CAB-3')]).toEqual([false, false]);
  });

  it('a pause of before is one from the beginning', async () => {
    const { db } = harness();
    await putOrder(db, 'CAB-1', body);
    await putOrder(db, null, { ...body, isPaused: true });
    expect(await orderFor(db, 'CAB-1')).toMatchObject({ release: '1.0.0', isPaused: true });
  });

  it('keeps the newest word of a cabinet, and shows who failed', async () => {
    const operator = harness();
    const { db, clock } = operator;
    expect((await operator.send('PUT', '/v1/update-report', report)).status).toBe(204);
    expect(await updateSummary(db)).toEqual([
      { running: '1.0.0', wanted: '1.1.0', state: 'failed', failures: 2, cabinets: 1 },
    ]);
    expect(await failedReports(db)).toMatchObject([{ cabinetId: 'CAB-1', detail: 'disk: full' }]);
    const path = '/v1/update-report';
    const late = JSON.stringify({ ...report, running: '0.1.0' });
    const timestampMs = clock.nowMs() - clockSkewMaxMs / 2;
    const headers = signedHeaders(operator.cabinet, { method: 'PUT', path, body: late, timestampMs });
    expect((await operator.raw({ method: 'PUT', url: path, headers, payload: late })).status).toBe(409);
    await clock.advance(1_000);
    const well = { ...report, running: '1.1.0', state: 'idle', detail: 'up_to_date', failures: 0 };
    expect((await operator.send('PUT', path, well)).status).toBe(204);
    expect(await updateSummary(db)).toMatchObject([{ running: '1.1.0', state: 'idle' }]);
    expect(await failedReports(db)).toEqual([]);
  });

  it.each([
    [{ ...report, state: 'dancing' }],
    [{ ...report, failures: -1 }],
    [{ ...report, detail: 'x'.repeat(201) }],
    [{ ...report, wanted: 'newest' }],
  ])('%j is no report', async (wrong) => {
    expect((await harness().send('PUT', '/v1/update-report', wrong)).status).toBe(400);
  });
});
