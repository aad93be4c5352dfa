import { asc, isNull } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { capacityLevel } from '../../core/identity/face-capacity.ts';
import { faceCountMax } from '../../shared/api/operator.ts';
import { clockSkewMaxMs } from '../../shared/api/signing.ts';
import { readFaceCounts } from './face-counts.ts';
import { smallBodyMaxBytes } from '../../shared/api/routes.ts';
import { faceCount, incident } from '../storage/schema.ts';
import { resolveIncident } from '../support/incidents.ts';
import type { TestCabinet } from '../../testkit/operator/cabinet.ts';
import { makeCabinet, signedHeaders } from '../../testkit/operator/cabinet.ts';
import type { Answer, OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const path = '/v1/face-count';
const put = (operator: OperatorHarness, enrolled: unknown, cabinet = operator.cabinet) =>
  operator.send('PUT', path, { enrolled }, cabinet);
/** Signed at another time than now. */
function putAt(
  operator: OperatorHarness,
  offMs: number,
  enrolled: number,
  cabinet = operator.cabinet,
): Promise<Answer> {
  const body = JSON.stringify({ enrolled });
  const timestampMs = operator.clock.nowMs() + offMs;
  const headers = signedHeaders(cabinet, { method: 'PUT', path, body, timestampMs });
  return operator.raw({ method: 'PUT', url: path, headers, payload: body });
}
async function another(operator: OperatorHarness, cabinetId: string): Promise<TestCabinet> {
  const cabinet = makeCabinet(cabinetId);
  await operator.enrol(cabinet);
  return cabinet;
}
/** Staff has looked at what is on the list, and closes it. */
async function closeAll({ db, clock }: OperatorHarness): Promise<void> {
  for (const { id } of await db.select().from(incident).where(isNull(incident.resolvedAtMs)))
    await resolveIncident({ db, clock }, id, { actor: 'a', resolution: 'looked at' });
}
const sum = async (operator: OperatorHarness) => (await readFaceCounts(operator.db)).sum;

it('the bound on one report is where a vault is full', () => {
  expect([capacityLevel(faceCountMax - 1), capacityLevel(faceCountMax)]).toEqual(['alarm', 'full']);
});

onStorage('how many people the fleet has', (harness) => {
  it('is the sum of what its cabinets said last, nobody included', async () => {
    const operator = harness();
    expect(await readFaceCounts(operator.db)).toEqual({ sum: 0, cabinets: [] });
    const other = await another(operator, 'CAB-2');
    expect((await put(operator, 12)).status).toBe(204);
    expect((await put(operator, 30, other)).status).toBe(204);
    await operator.clock.advance(1);
    expect((await put(operator, 11)).status).toBe(204);
    const times = { signedAtMs: operator.clock.nowMs(), receivedAtMs: operator.clock.nowMs() };
    expect(await readFaceCounts(operator.db)).toEqual({
      sum: 41,
      cabinets: [
        { cabinetId: 'CAB-1', enrolled: 11, ...times },
        {
          cabinetId: 'CAB-2',
          enrolled: 30,
          signedAtMs: times.signedAtMs - 1,
          receivedAtMs: times.receivedAtMs - 1,
        },
      ],
    });
    // The same again, in the same moment or later, is the same.
    for (let i = 0; i < 3; i++) expect((await put(operator, 11)).status).toBe(204);
    await operator.clock.advance(1);
    expect((await put(operator, 11)).status).toBe(204);
    expect(await sum(operator)).toBe(41);
    expect((await put(operator, 0, other)).status).toBe(204);
    expect((await put(operator, 0)).status).toBe(204);
    expect(await sum(operator)).toBe(0);
    expect(await operator.incidentKinds()).toEqual([]);
  });

  it('is not changed by what is no count', async () => {
    const operator = harness();
    await put(operator, 5);
    const odd = [-1, 1.5, faceCountMax + 1, 1e300, '7', null, [1], {}, true, undefined];
    for (const enrolled of odd)
      expect(await put(operator, enrolled), JSON.stringify(enrolled)).toMatchObject({
        status: 400,
        body: { error: 'bad_request' },
      });
    for (const body of ['', 'x', '[]', '7', '{"enrolled":NaN}', '{"enrolled":1e999}'])
      expect((await operator.send('PUT', path, body)).status, body).toBe(400);
    expect((await operator.send('PUT', path, 'x'.repeat(smallBodyMaxBytes + 1))).status).toBe(413);
    expect((await operator.send('POST', path, { enrolled: 1 })).status).toBe(404);
    expect(await sum(operator)).toBe(5);
    expect((await put(operator, faceCountMax)).status).toBe(204);
  });

  it('keeps nothing but the number, whatever else is sent', async () => {
    const operator = harness();
    expect((await operator.send('PUT', path, { enrolled: 3, members: ['M1001'] })).status).toBe(204);
    const rows = await operator.db.select().from(faceCount);
    expect(Object.keys(rows[0] ?? {})).toEqual(['cabinetId', 'enrolled', 'signedAtMs', 'receivedAtMs']);
  });

  it('hears each cabinet about itself only: no other key, no stranger, nothing changed on the way', async () => {
    const operator = harness();
    await put(operator, 5);
    const impostor = makeCabinet(operator.cabinet.cabinetId);
    for (const cabinet of [impostor, makeCabinet('CAB-STRANGER')])
      expect(await put(operator, 9, cabinet)).toMatchObject({
        status: 401,
        body: { error: 'unauthenticated' },
      });
    expect((await operator.raw({ method: 'PUT', url: path, payload: '{"enrolled":9}' })).status).toBe(401);
    const headers = signedHeaders(operator.cabinet, {
      ...{ method: 'PUT', path, body: '{"enrolled":6}', timestampMs: operator.clock.nowMs() },
    });
    const changed = { method: 'PUT', url: path, headers, payload: '{"enrolled":9}' } as const;
    expect((await operator.raw(changed)).status).toBe(401);
    const other = await another(operator, 'CAB-2');
    await operator.send('PUT', path, { enrolled: 7, cabinetId: 'CAB-1' }, other);
    expect((await readFaceCounts(operator.db)).cabinets.map((c) => [c.cabinetId, c.enrolled])).toEqual([
      ['CAB-1', 5],
      ['CAB-2', 7],
    ]);
  });

  it('is not set back by a report that comes late, or twice', async () => {
    const operator = harness();
    const body = '{"enrolled":4}';
    const headers = signedHeaders(operator.cabinet, {
      ...{ method: 'PUT', path, body, timestampMs: operator.clock.nowMs() },
    });
    const early = { method: 'PUT', url: path, headers, payload: body } as const;
    expect((await operator.raw(early)).status).toBe(204);
    await operator.clock.advance(1_000);
    await put(operator, 5);
    expect(await putAt(operator, -1, 6)).toMatchObject({ status: 409, body: { error: 'conflict' } });
    expect((await operator.raw(early)).status).toBe(401);
    // Even long after its nonce is forgotten.
    await operator.clock.advance(24 * 3_600_000);
    expect((await operator.raw(early)).status).toBe(401);
    expect(await sum(operator)).toBe(5);
    expect(await operator.incidentKinds()).toEqual([]);
  });

  it('hears a cabinet again whose time went back, and after our own clock was wrong', async () => {
    const operator = harness();
    expect((await putAt(operator, clockSkewMaxMs, 5)).status).toBe(204);
    expect((await put(operator, 6)).status).toBe(409);
    await operator.clock.advance(clockSkewMaxMs);
    expect((await put(operator, 7)).status).toBe(204);
    operator.clock.jumpWall(365 * 86_400_000);
    expect((await put(operator, 8)).status).toBe(204);
    operator.clock.jumpWall(-365 * 86_400_000);
    expect((await put(operator, 9)).status).toBe(204);
    expect((await putAt(operator, -1, 10)).status).toBe(409);
    expect(await sum(operator)).toBe(9);
  });

  it('at 80,000 and at 100,000 goes to a human once each, and once they are closed anew', async () => {
    const operator = harness();
    const other = await another(operator, 'CAB-2');
    await put(operator, 79_999);
    expect(await operator.incidentKinds()).toEqual([]);
    await put(operator, 1, other);
    expect(await operator.incidentKinds()).toEqual(['faces_near_limit']);
    for (const enrolled of [1, 2, 20_000]) await put(operator, enrolled, other);
    expect(await operator.incidentKinds()).toEqual(['faces_near_limit']);
    for (const enrolled of [20_001, 20_001, 50_000]) await put(operator, enrolled, other);
    expect(await operator.incidentKinds()).toEqual(['faces_near_limit', 'faces_at_limit']);
    const rows = await operator.db.select().from(incident).orderBy(asc(incident.id));
    expect(rows.map(({ cabinetId, chargeId, detail }) => [cabinetId, chargeId, detail])).toEqual([
      ['CAB-2', null, '80000 people in the fleet, 79999 before'],
      ['CAB-2', null, '100000 people in the fleet, 99999 before'],
    ]);
    // A fleet that stands at its limit, loses a face and gains another one is no news.
    for (let i = 0; i < 30; i++) await put(operator, i % 2 === 0 ? 49_999 : 50_000, other);
    for (const enrolled of [0, faceCountMax, 79_999]) await put(operator, enrolled);
    expect(await operator.incidentKinds()).toHaveLength(2);
    await closeAll(operator);
    // Between the two levels and up again: the upper one only.
    await put(operator, 10_000, other);
    await put(operator, 30_000, other);
    expect((await operator.incidentKinds()).slice(2)).toEqual(['faces_at_limit']);
    // Below both, and up in one leap.
    await closeAll(operator);
    await put(operator, 0);
    await put(operator, 79_999);
    expect((await operator.incidentKinds()).slice(3)).toEqual(['faces_near_limit', 'faces_at_limit']);
    // What is refused passes nothing.
    await closeAll(operator);
    await put(operator, 0);
    expect((await putAt(operator, -1, 79_999)).status).toBe(409);
    expect(await operator.incidentKinds()).toHaveLength(5);
  });

  it('is told once also when all report in the same moment, and through a restart', async () => {
    const operator = harness();
    const cabinets = await Promise.all(['A', 'B', 'C', 'D', 'E', 'F'].map((id) => another(operator, id)));
    for (let round = 1; round <= 3; round++) {
      const answers = await Promise.all(cabinets.map((cabinet) => put(operator, 17_000, cabinet)));
      expect(answers.map(({ status }) => status)).toEqual(cabinets.map(() => 204));
      const kinds = await operator.incidentKinds();
      expect(kinds.filter((kind) => kind === 'faces_near_limit')).toHaveLength(round);
      expect(kinds.filter((kind) => kind === 'faces_at_limit')).toHaveLength(round);
      const later = operator.restarted();
      for (const cabinet of cabinets) await put(later, 17_000, cabinet);
      await later.close();
      expect(await operator.incidentKinds()).toHaveLength(2 * round);
      await Promise.all(cabinets.map((cabinet) => put(operator, 0, cabinet)));
      expect(await sum(operator)).toBe(0);
      await closeAll(operator);
    }
  });

  it('is no way to fill the list of people, nor to hide what others pass once somebody has looked', async () => {
    const operator = harness();
    const other = await another(operator, 'CAB-2');
    await put(operator, 60_000, other);
    for (let i = 0; i < 40; i++) {
      await operator.clock.advance(100);
      expect((await put(operator, i % 2 === 0 ? faceCountMax : 0)).status).toBe(204);
    }
    expect(await operator.incidentKinds()).toEqual(['faces_near_limit', 'faces_at_limit']);
    await closeAll(operator);
    await put(operator, 80_000, other);
    expect((await operator.incidentKinds()).slice(2)).toEqual(['faces_near_limit']);
  });

  it('of two reports of one cabinet in the same moment keeps the one that was signed later', async () => {
    const operator = harness();
    for (let round = 0; round < 10; round++) {
      await operator.clock.advance(1_000);
      const order = [3, 1, 4, 2, 5].map((i) => putAt(operator, i, i));
      const statuses = (await Promise.all(order)).map(({ status }) => status);
      expect(statuses[4]).toBe(204);
      expect(statuses.every((status) => status === 204 || status === 409)).toBe(true);
      expect(await sum(operator)).toBe(5);
    }
  });
});
