import { expect, it } from 'vitest';
import { systemRandom } from '../../shared/node/system-random.ts';
import { issueEnrolToken } from './enrolment.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

onStorage('enrolment', (harness) => {
  const send = (cabinet: TestCabinet, token: string) =>
    harness().raw({
      method: 'POST',
      url: '/v1/cabinets/enrol',
      payload: { cabinetId: cabinet.cabinetId, token, publicKey: cabinet.publicKey },
    });
  const health = async (cabinet: TestCabinet) =>
    (await harness().send('GET', '/v1/health', undefined, cabinet)).status;

  it('binds the first key, takes its repeat, refuses another key and says so to a human', async () => {
    const cabinet = makeCabinet('CAB-NEW');
    const token = await issueEnrolToken(harness().db, harness().clock, systemRandom, 'CAB-NEW');
    expect(await health(cabinet)).toBe(401);
    expect((await send(cabinet, token)).status).toBe(204);
    expect((await send(cabinet, token)).status).toBe(204);
    expect(await health(cabinet)).toBe(200);
    const thief = makeCabinet('CAB-NEW');
    expect(await send(thief, token)).toMatchObject({ status: 403, body: { error: 'forbidden' } });
    expect(await health(thief)).toBe(401);
    expect(await health(cabinet)).toBe(200);
    expect(await harness().incidentKinds()).toEqual(['enrol_with_other_key']);
  });

  it('gives one of two keys that race for a token the cabinet', async () => {
    const token = await issueEnrolToken(harness().db, harness().clock, systemRandom, 'CAB-NEW');
    const racers = Array.from({ length: 5 }, () => makeCabinet('CAB-NEW'));
    const statuses = (await Promise.all(racers.map((cabinet) => send(cabinet, token)))).map((a) => a.status);
    expect([...statuses].sort()).toEqual([204, 403, 403, 403, 403]);
    const reached = await Promise.all(racers.map(health));
    expect(reached.map((status) => (status === 200 ? 204 : 403))).toEqual(statuses);
  });

  it('refuses a wrong token and a cabinet that nobody announced', async () => {
    const cabinet = makeCabinet('CAB-NEW');
    const token = await issueEnrolToken(harness().db, harness().clock, systemRandom, 'CAB-NEW');
    expect((await send(cabinet, `${token}x`)).status).toBe(403);
    expect((await send(makeCabinet('CAB-OTHER'), token)).status).toBe(403);
    expect(await health(cabinet)).toBe(401);
  });

  it('replaces the key with a new token only, and only when it is used', async () => {
    const before = harness().cabinet;
    const after = makeCabinet(before.cabinetId);
    const token = await issueEnrolToken(harness().db, harness().clock, systemRandom, before.cabinetId);
    expect(await health(before)).toBe(200);
    expect((await send(after, token)).status).toBe(204);
    expect(await health(before)).toBe(401);
    expect(await health(after)).toBe(200);
  });

  it.each([
    ['no body', undefined],
    ['a key that is too short', { cabinetId: 'CAB-1', token: 'x'.repeat(32), publicKey: 'AAAA' }],
    [
      'a key in another spelling',
      { cabinetId: 'CAB-1', token: 'x'.repeat(32), publicKey: `${'A'.repeat(42)}B` },
    ],
    ['a short token', { cabinetId: 'CAB-1', token: 'x', publicKey: 'A'.repeat(43) }],
    ['an odd cabinet id', { cabinetId: 'cab 1', token: 'x'.repeat(32), publicKey: 'A'.repeat(43) }],
  ])('answers 400 to %s', async (_name, payload) => {
    const answer = await harness().raw({
      method: 'POST',
      url: '/v1/cabinets/enrol',
      ...(payload && { payload }),
    });
    expect(answer).toMatchObject({ status: 400, body: { error: 'bad_request' } });
  });
});
