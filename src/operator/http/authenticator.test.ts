import { count, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { apiErrorSchema } from '../../shared/api/operator.ts';
import { clockSkewMaxMs, signatureHeaders } from '../../shared/api/signing.ts';
import { noncePurgeEveryMs } from '../limits.ts';
import { nonce as nonceTable } from '../storage/schema.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { Answer, OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const path = '/v1/health';

function expectDenied(answer: Answer): void {
  expect(answer.status).toBe(401);
  expect(apiErrorSchema.parse(answer.body).error).toBe('unauthenticated');
}

const flip = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

onStorage('signed requests', (harness) => {
  const headersOf = (
    operator: OperatorHarness,
    change: { nonce?: string; offMs?: number; cabinet?: TestCabinet } = {},
  ) =>
    signedHeaders(change.cabinet ?? operator.cabinet, {
      method: 'GET',
      path,
      timestampMs: operator.clock.nowMs() + (change.offMs ?? 0),
      ...(change.nonce === undefined ? {} : { nonce: change.nonce }),
    });
  const get = (headers: Record<string, string>, url = path) => harness().raw({ method: 'GET', url, headers });

  it('takes a good one', async () => {
    expect(await get(headersOf(harness()))).toMatchObject({ status: 200, body: { ok: true } });
  });

  it.each(Object.values(signatureHeaders))('refuses one without, or with a broken, %s', async (name) => {
    const headers = headersOf(harness());
    expectDenied(await get(Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))));
    expectDenied(await get({ ...headers, [name]: '' }));
    expectDenied(await get({ ...headers, [name]: `${headers[name] ?? ''}!` }));
    expectDenied(await get({ ...headers, [name]: 'x'.repeat(4000) }));
    expect((await get(headers)).status).toBe(200); // none of those used the nonce up
  });

  it('refuses unknown cabinets and those that have not enrolled', async () => {
    const stranger = makeCabinet('CAB-STRANGER');
    expectDenied(await get(headersOf(harness(), { cabinet: stranger })));
  });

  it('refuses a signature of another key, or over anything else', async () => {
    const operator = harness();
    const other = makeCabinet(operator.cabinet.cabinetId);
    expectDenied(await get(headersOf(operator, { cabinet: other })));
    const headers = headersOf(operator);
    const signature = headers[signatureHeaders.signature] ?? '';
    for (const at of [0, 1, 40, 84])
      expectDenied(await get({ ...headers, [signatureHeaders.signature]: flip(signature, at) }));
    expectDenied(await get(headers, `${path}?a=1`));
    expectDenied(await get(headers, '/v1/catalog'));
    expectDenied(
      await get({ ...headers, [signatureHeaders.nonce]: flip(headers[signatureHeaders.nonce] ?? '', 3) }),
    );
    const body = { kind: 'device_fault', visitId: null, atMs: 1, detail: 'x' };
    const alarm = signedHeaders(operator.cabinet, {
      ...{
        method: 'POST',
        path: '/v1/alarms',
        body: JSON.stringify(body),
        timestampMs: operator.clock.nowMs(),
      },
    });
    const send = (payload: string) =>
      operator.raw({ method: 'POST', url: '/v1/alarms', headers: alarm, payload });
    expectDenied(await send(JSON.stringify({ ...body, detail: 'y' })));
    expect((await send(JSON.stringify(body))).status).toBe(204);
  });

  it('takes a time up to the allowed skew and refuses what is beyond, both ways', async () => {
    for (const offMs of [clockSkewMaxMs, -clockSkewMaxMs])
      expect((await get(headersOf(harness(), { offMs }))).status).toBe(200);
    for (const offMs of [clockSkewMaxMs + 1, -clockSkewMaxMs - 1])
      expectDenied(await get(headersOf(harness(), { offMs })));
  });

  it('tells its own time to a cabinet whose clock is off, and to nobody else', async () => {
    const operator = harness();
    const late = await get(headersOf(operator, { offMs: -86_400_000 }));
    expect(late).toMatchObject({ status: 401, body: { nowMs: operator.clock.nowMs() } });
    expect((await get({})).body).not.toHaveProperty('nowMs');
  });

  it('refuses a replay for as long as its time would be taken, from this cabinet only', async () => {
    const operator = harness();
    const second = makeCabinet('CAB-2');
    await operator.enrol(second);
    const nonce = 'AAAAAAAAAAAAAAAAAAAAAA';
    const headers = headersOf(operator, { nonce, offMs: clockSkewMaxMs });
    expect((await get(headers)).status).toBe(200);
    expectDenied(await get(headers));
    expect((await get(headersOf(operator, { nonce, cabinet: second }))).status).toBe(200);
    // Its own time lies 5 min ahead: it stays acceptable for 10 min, over many purges.
    for (let i = 0; i < 10; i++) {
      await operator.clock.advance(noncePurgeEveryMs);
      expect((await get(headersOf(operator))).status).toBe(200);
      expectDenied(await get(headers));
    }
  });

  it('forgets nonces that nobody can replay any more', async () => {
    const operator = harness();
    const nonce = 'BBBBBBBBBBBBBBBBBBBBBB';
    // Nor does one moment in which our clock is ahead put that off.
    operator.clock.jumpWall(365 * 86_400_000);
    expect((await get(headersOf(operator))).status).toBe(200);
    operator.clock.jumpWall(-365 * 86_400_000);
    expect((await get(headersOf(operator, { nonce }))).status).toBe(200);
    await operator.clock.advance(2 * clockSkewMaxMs + noncePurgeEveryMs);
    expect((await get(headersOf(operator))).status).toBe(200);
    const [left] = await operator.db
      .select({ n: count() })
      .from(nonceTable)
      .where(eq(nonceTable.nonce, nonce));
    expect(left?.n).toBe(0);
  });

  it('lets only one of many equal requests through', async () => {
    const headers = headersOf(harness());
    const answers = await Promise.all(Array.from({ length: 8 }, () => get(headers)));
    expect(answers.map((a) => a.status).sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });
});
