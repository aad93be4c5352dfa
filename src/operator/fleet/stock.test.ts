import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import type { StockDifference, StockReport } from '../../shared/model/stock.schema.ts';
import { makeCabinet, signedHeaders } from '../../testkit/operator/cabinet.ts';
import { ConsolePeople } from '../../testkit/operator/console-browser.ts';
import type { Answer, OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { defaultPolicy } from '../limits.ts';
import { stockDifference } from '../storage/schema.ts';
import { differencesOfCabinetMax, readCabinetStock } from './stock.ts';

const path = '/v1/stock-report';
const difference = (i: number, over: Partial<StockDifference> = {}): StockDifference => ({
  ...{ id: `${i}`.padStart(22, 'a'), atMs: 1_000 + i, sinceMs: 10, sku: 'cola-can', expected: 3, counted: 2 },
  ...{ between: ['visit-1', 'service:4410'], betweenCount: 2, ...over },
});
const report = (over: Partial<StockReport> = {}): StockReport => ({
  ...{ countedAtMs: 1_000, lines: [{ sku: 'cola-can', count: 2, lane: null }], differences: [] },
  ...{ lots: [], planVersion: null, moves: [], ...over },
});
const put = (operator: OperatorHarness, body: unknown, cabinet = operator.cabinet): Promise<Answer> =>
  operator.send('PUT', path, body, cabinet);
function putAt(operator: OperatorHarness, offMs: number, said: StockReport): Promise<Answer> {
  const body = JSON.stringify(said);
  const timestampMs = operator.clock.nowMs() + offMs;
  const headers = signedHeaders(operator.cabinet, { method: 'PUT', path, body, timestampMs });
  return operator.raw({ method: 'PUT', url: path, headers, payload: body });
}

onStorage('what lies in a cabinet', (harness) => {
  const name = { zh: '可乐', en: 'Cola' };
  const shown = (cabinetId = harness().cabinet.cabinetId) =>
    readCabinetStock({ db: harness().db, clock: harness().clock, policy: defaultPolicy }, cabinetId, (sku) =>
      sku === 'cola-can' ? name : null,
    );

  it('is what it said last; a difference counts once, however often it is told', async () => {
    expect((await put(harness(), report({ differences: [difference(1)] }))).status).toBe(204);
    await harness().clock.advance(1);
    const next = {
      lines: [{ sku: 'cola-can', count: 1, lane: 3 }],
      differences: [difference(1), difference(2)],
    };
    expect((await put(harness(), report(next))).status).toBe(204);
    const { report: said, differences } = await shown();
    expect(said).toMatchObject({ countedAtMs: 1_000, lines: [{ sku: 'cola-can', count: 1, lane: 3 }] });
    expect(said?.lines[0]?.name).toEqual(name);
    expect(differences.map(({ atMs }) => atMs)).toEqual([1_002, 1_001]);
    expect(differences[0]).toMatchObject({
      expected: 3,
      counted: 2,
      between: [
        { who: 'visit-1', chargeId: null },
        { who: 'service:4410', chargeId: null },
      ],
    });
  });

  it('is not what arrives late; one from the future does not stay', async () => {
    expect((await put(harness(), report())).status).toBe(204);
    expect((await putAt(harness(), -1_000, report({ lines: [] }))).status).toBe(409);
    expect((await shown()).report?.lines).toHaveLength(1);
    expect((await putAt(harness(), clockSkewMaxMs - 1_000, report({ lines: [] }))).status).toBe(204);
    expect((await put(harness(), report())).status).toBe(409);
  });

  it('is nobody’s but that cabinet’s: another one says nothing of it', async () => {
    const other = makeCabinet('CAB-2');
    await harness().enrol(other);
    await put(harness(), report({ differences: [difference(1)] }));
    expect((await put(harness(), report({ lines: [], differences: [difference(1)] }), other)).status).toBe(
      204,
    );
    expect((await shown()).report?.lines).toHaveLength(1);
    expect((await shown('CAB-2')).differences).toHaveLength(1);
    expect(await shown('CAB-3')).toEqual({
      cabinetId: 'CAB-3',
      report: null,
      plan: null,
      // Of no plan, too: two may draw up the first one.
      planVersion: expect.any(String) as string,
      refill: [],
      differences: [],
    });
  });

  it('is refused when it is none', async () => {
    const bad: unknown[] = [
      {},
      report({ lines: [{ sku: 'cola can', count: 1, lane: null }] }),
      report({ lines: [{ sku: 'cola-can', count: -1, lane: null }] }),
      report({ differences: [difference(1, { id: 'x' })] }),
      report({ differences: [difference(1, { between: Array.from({ length: 21 }, () => 'v') })] }),
      report({ differences: Array.from({ length: 101 }, (_, i) => difference(i)) }),
      { ...report(), countedAtMs: '1' },
      // Nobody could look at these afterwards: no calendar has the moment, no database the name.
      { ...report(), countedAtMs: 9e15 },
      report({ differences: [difference(1, { atMs: 9e15 })] }),
      report({ differences: [difference(1, { sinceMs: 9e15 })] }),
      report({ differences: [difference(1, { betweenCount: 2 ** 31 })] }),
      report({ differences: [difference(1, { between: ['a\u0000b'] })] }),
    ];
    for (const body of bad) expect((await put(harness(), body)).status).toBe(400);
    expect((await shown()).report).toBeNull();
  });

  it('is past its day by the calendar of the operator’s time zone, in the early morning too', async () => {
    // 00:30 of the next day in Shanghai, 16:30 of this one in Greenwich.
    const at = new Date(harness().clock.nowMs());
    at.setUTCHours(16, 30, 0, 0);
    if (at.getTime() < harness().clock.nowMs()) at.setUTCDate(at.getUTCDate() + 1);
    await harness().clock.advance(at.getTime() - harness().clock.nowMs());
    const bestBefore = at.toISOString().slice(0, 10);
    expect((await put(harness(), report({ lots: [{ sku: 'cola-can', bestBefore, count: 2 }] }))).status).toBe(
      204,
    );
    expect((await shown()).refill).toMatchObject([{ sku: 'cola-can', takeOut: 2 }]);
  });

  it('of very many differences the newest stay, and a spreadsheet has them all', async () => {
    const { db, cabinet, clock } = harness();
    const rows = Array.from({ length: differencesOfCabinetMax }, (_, i) => {
      const { id, between, ...rest } = difference(i);
      const ids = { cabinetId: cabinet.cabinetId, differenceId: id, between: JSON.stringify(between) };
      return { ...ids, ...rest, receivedAtMs: clock.nowMs() };
    });
    await db.insert(stockDifference).values(rows);
    expect((await put(harness(), report({ differences: [difference(50_000)] }))).status).toBe(204);
    const isHere = eq(stockDifference.cabinetId, cabinet.cabinetId);
    expect(await db.$count(stockDifference, isHere)).toBe(differencesOfCabinetMax);
    const { browser } = await new ConsolePeople(harness()).first();
    const told = await browser.call('stock', undefined, { cabinetId: cabinet.cabinetId });
    expect(told).toMatchObject({ ok: true, value: { differences: { length: 200 } } });
    const csv = await browser.raw('GET', `/api/stock-differences.csv?cabinetId=${cabinet.cabinetId}`);
    const lines = csv.body.trim().split('\r\n');
    // And how many there are.
    expect(lines).toHaveLength(1 + differencesOfCabinetMax + 1);
    expect(lines.at(-1)).toContain(String(differencesOfCabinetMax));
    expect(lines[1]).toContain(',3,2,-1,2,visit-1 service:4410');
  });
});
