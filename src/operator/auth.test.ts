import { count, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { apiErrorSchema } from '../shared/api/operator.ts';
import { clockSkewMaxMs, signatureHeaders } from '../shared/api/signing.ts';
import { noncePurgeEveryMs } from './limits.ts';
import { nonce as nonceTable } from './storage/schema.ts';
import type { TestCabinet } from './testing/cabinet.ts';
import { makeCabinet, signedHeaders } from './testing/cabinet.ts';
import type { Answer, Rig } from './testing/rig.ts';
import { onEachStorage } from './testing/suite.ts';

const path = '/v1/health';

function expectDenied(answer: Answer): void {
  expect(answer.status).toBe(401);
  expect(apiErrorSchema.parse(answer.body).error).toBe('unauthenticated');
}

const flip = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

onEachStorage('signed requests', (rig) => {
  const headersOf = (r: Rig, change: { nonce?: string; offMs?: number; cabinet?: TestCabinet } = {}) =>
    signedHeaders(change.cabinet ?? r.cabinet, {
      method: 'GET',
      path,
      timestampMs: r.clock.nowMs() + (change.offMs ?? 0),
      ...(change.nonce === undefined ? {} : { nonce: change.nonce }),
    });
  const get = (headers: Record<string, string>, url = path) => rig().raw({ method: 'GET', url, headers });

  it('takes a good one', async () => {
    expect(await get(headersOf(rig()))).toMatchObject({ status: 200, body: { ok: true } });
  });

  it.each(Object.values(signatureHeaders))('refuses one without, or with a broken, %s', async (name) => {
    const headers = headersOf(rig());
    expectDenied(await get(Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))));
    expectDenied(await get({ ...headers, [name]: '' }));
    expectDenied(await get({ ...headers, [name]: `${headers[name] ?? ''}!` }));
    expectDenied(await get({ ...headers, [name]: 'x'.repeat(4000) }));
    expect((await get(headers)).status).toBe(200); // none of those used the nonce up
  });

  it('refuses unknown cabinets and those that have not enrolled', async () => {
    const stranger = makeCabinet('CAB-STRANGER');
    expectDenied(await get(headersOf(rig(), { cabinet: stranger })));
  });

  it('refuses a signature of another key, or over anything else', async () => {
    const r = rig();
    const other = makeCabinet(r.cabinet.cabinetId);
    expectDenied(await get(headersOf(r, { cabinet: other })));
    const headers = headersOf(r);
    const signature = headers[signatureHeaders.signature] ?? '';
    for (const at of [0, 1, 40, 84])
      expectDenied(await get({ ...headers, [signatureHeaders.signature]: flip(signature, at) }));
    expectDenied(await get(headers, `${path}?a=1`));
    expectDenied(await get(headers, '/v1/catalog'));
    expectDenied(
      await get({ ...headers, [signatureHeaders.nonce]: flip(headers[signatureHeaders.nonce] ?? '', 3) }),
    );
    const body = { kind: 'device_fault', visitId: null, atMs: 1, detail: 'x' };
    const alarm = signedHeaders(r.cabinet, {
      ...{ method: 'POST', path: '/v1/alarms', body: JSON.stringify(body), timestampMs: r.clock.nowMs() },
    });
    const send = (payload: string) => r.raw({ method: 'POST', url: '/v1/alarms', headers: alarm, payload });
    expectDenied(await send(JSON.stringify({ ...body, detail: 'y' })));
    expect((await send(JSON.stringify(body))).status).toBe(204);
  });

  it('takes a time up to the allowed skew and refuses what is beyond, both ways', async () => {
    for (const offMs of [clockSkewMaxMs, -clockSkewMaxMs])
      expect((await get(headersOf(rig(), { offMs }))).status).toBe(200);
    for (const offMs of [clockSkewMaxMs + 1, -clockSkewMaxMs - 1])
      expectDenied(await get(headersOf(rig(), { offMs })));
  });

  it('tells its own time to a cabinet whose clock is off, and to nobody else', async () => {
    const r = rig();
    const late = await get(headersOf(r, { offMs: -86_400_000 }));
    expect(late).toMatchObject({ status: 401, body: { nowMs: r.clock.nowMs() } });
    expect((await get({})).body).not.toHaveProperty('nowMs');
  });

  it('refuses a replay for as long as its time would be taken, from this cabinet only', async () => {
    const r = rig();
    const second = makeCabinet('CAB-2');
    await r.enrol(second);
    const nonce = 'AAAAAAAAAAAAAAAAAAAAAA';
    const headers = headersOf(r, { nonce, offMs: clockSkewMaxMs });
    expect((await get(headers)).status).toBe(200);
    expectDenied(await get(headers));
    expect((await get(headersOf(r, { nonce, cabinet: second }))).status).toBe(200);
    // Its own time lies 5 min ahead: it stays acceptable for 10 min, over many purges.
    for (let i = 0; i < 10; i++) {
      r.clock.jumpWall(noncePurgeEveryMs);
      expect((await get(headersOf(r))).status).toBe(200);
      expectDenied(await get(headers));
    }
  });

  it('forgets nonces that nobody can replay any more', async () => {
    const r = rig();
    const nonce = 'BBBBBBBBBBBBBBBBBBBBBB';
    expect((await get(headersOf(r, { nonce }))).status).toBe(200);
    r.clock.jumpWall(2 * clockSkewMaxMs + noncePurgeEveryMs);
    expect((await get(headersOf(r))).status).toBe(200);
    const [left] = await r.db.select({ n: count() }).from(nonceTable).where(eq(nonceTable.nonce, nonce));
    expect(left?.n).toBe(0);
  });

  it('lets only one of many equal requests through', async () => {
    const headers = headersOf(rig());
    const answers = await Promise.all(Array.from({ length: 8 }, () => get(headers)));
    expect(answers.map((a) => a.status).sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });
});
