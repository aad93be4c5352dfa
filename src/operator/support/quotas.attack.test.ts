import { randomBytes } from 'node:crypto';
import { count, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody, line, makeCabinet, newChargeId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { alarm, charge, chargeEvent, dispute, disputeLine, incident } from '../storage/schema.ts';
import {
  alarmsOfKindMax,
  awaitingDisputesMax,
  chargesWithoutVisitMax,
  chargesWithoutVisitRetryS,
  conflictsOfChargeMax,
  incidentsOfKindMax,
} from '../limits.ts';

const dayMs = 24 * 3_600_000;

onStorage('a cabinet that has gone wrong', (harness) => {
  const report = async (cabinet = harness().cabinet): Promise<{ status: number; chargeId: string }> => {
    const nowMs = harness().clock.nowMs();
    const chargeId = newChargeId(nowMs);
    const body = {
      disputeId: makeDisputeId(nowMs, randomBytes(idRandomByteCount)),
      skus: ['A1'],
      atMs: nowMs,
    };
    const { status } = await harness().send('POST', `/v1/charges/${chargeId}/disputes`, body, cabinet);
    return { status, chargeId };
  };

  it('can dispute only so many charges that are not here, and others not fewer', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const visit = await operator.visit();
    const statuses: number[] = [];
    for (let i = 0; i < awaitingDisputesMax + 20; i++) statuses.push((await report()).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(awaitingDisputesMax);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const [kept] = await operator.db.select({ n: count() }).from(dispute);
    expect(kept?.n).toBe(awaitingDisputesMax);
    expect((await report(other)).status).toBe(200);
    // One of a charge that is here is taken all the same.
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    const body = { disputeId: makeDisputeId(1, randomBytes(idRandomByteCount)), skus: ['A1'], atMs: 1 };
    expect((await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body)).status).toBe(200);
    operator.clock.jumpWall(dayMs + 1);
    expect((await report()).status).toBe(200);
  });

  it('makes room for the next dispute with each charge that arrives', async () => {
    const operator = harness();
    const visit = await operator.visit();
    const disputeOf = (chargeId: string) =>
      operator.send('POST', `/v1/charges/${chargeId}/disputes`, {
        disputeId: makeDisputeId(1, randomBytes(idRandomByteCount)),
        skus: ['A1'],
        atMs: 1,
      });
    expect((await disputeOf(visit.chargeId)).status).toBe(200);
    for (let i = 1; i < awaitingDisputesMax; i++) await report();
    expect((await report()).status).toBe(429);
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    expect((await report()).status).toBe(200);
  });

  it.each([true, false])(
    'reports a line of a charge (here: %s) again and again: it is kept once',
    async (isHere) => {
      const operator = harness();
      const visit = await operator.visit();
      const put = () =>
        operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
      if (isHere) expect((await put()).body).toMatchObject({ state: 'paid' });
      for (let i = 0; i < awaitingDisputesMax + 10; i++) {
        const atMs = operator.clock.nowMs();
        const disputeId = makeDisputeId(atMs, randomBytes(idRandomByteCount));
        const body = { disputeId, skus: ['A1'], atMs };
        const answer = await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
        expect(answer).toMatchObject({ status: 200, body: { disputeId } });
      }
      const [kept] = await operator.db.select({ n: count() }).from(dispute);
      const [lines] = await operator.db.select({ n: count() }).from(disputeLine);
      const isDisputed = eq(chargeEvent.kind, 'disputed');
      const [events] = await operator.db.select({ n: count() }).from(chargeEvent).where(isDisputed);
      expect([kept?.n, lines?.n, events?.n]).toEqual([1, 1, isHere ? 1 : 0]);
    },
  );

  it('sends other bytes by one number without end: only the first of them are with the charge', async () => {
    const operator = harness();
    const visit = await operator.visit();
    const put = async (price: number): Promise<number> => {
      const body = chargeBody(visit, { lines: [line('A1', price, 1)] });
      return (await operator.send('PUT', `/v1/charges/${visit.chargeId}`, body)).status;
    };
    expect(await put(350)).toBe(200);
    for (let i = 1; i <= conflictsOfChargeMax + 5; i++) expect(await put(350 + i)).toBe(409);
    const isConflict = eq(chargeEvent.kind, 'conflict');
    const [events] = await operator.db.select({ n: count() }).from(chargeEvent).where(isConflict);
    expect(events?.n).toBe(conflictsOfChargeMax);
  });

  it.each(['of no visit', 'of one visit'])(
    'can send so many charges %s in a day; more have to wait',
    async (kind) => {
      const operator = harness();
      const other = makeCabinet('CAB-2');
      await operator.enrol(other);
      const [shared, allowed] = [await operator.visit(), await operator.visit('M1002')];
      const send = async (cabinet = operator.cabinet) => {
        const nowMs = operator.clock.nowMs();
        const of = { cabinetId: cabinet.cabinetId, chargeId: newChargeId(nowMs) };
        const visit = { ...shared, ...of, ...(kind === 'of no visit' ? { memberId: 'M1002' } : {}) };
        const path = `/v1/charges/${visit.chargeId}`;
        return { visit, answer: await operator.send('PUT', path, chargeBody(visit), cabinet) };
      };
      if (kind === 'of one visit') expect((await send()).answer.body).toMatchObject({ state: 'paid' });
      const first = await send();
      expect(first.answer.body).toMatchObject({ state: 'needs_attention' });
      const row = await operator.chargeRow(first.visit.chargeId);
      const more = Array.from({ length: chargesWithoutVisitMax - 1 }, () => ({
        ...row,
        chargeId: newChargeId(operator.clock.nowMs()),
      }));
      await operator.db.insert(charge).values(more);

      const late = await send();
      expect(late.answer.status).toBe(429);
      expect(late.answer.headers['retry-after']).toBe(String(chargesWithoutVisitRetryS));
      expect(late.answer.body).toMatchObject({ error: 'unavailable', othersMayCome: true });
      // What is here is answered as before, what has a visit is taken, and another cabinet has room of its own.
      const put = (visit: typeof shared) =>
        operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
      expect((await put(first.visit)).status).toBe(200);
      expect((await put(allowed)).status).toBe(200);
      expect((await send(other)).answer.status).toBe(200);
      // An honest cabinet has sent them because our database was put back: the rest is taken the day after.
      operator.clock.jumpWall(dayMs + 1);
      expect((await put(late.visit)).body).toMatchObject({ state: 'needs_attention' });
    },
  );

  it('fills no list that humans read: beyond so many a day one line says that there are more', async () => {
    const operator = harness();
    for (let i = 0; i < incidentsOfKindMax + 5; i++) {
      const nowMs = operator.clock.nowMs();
      const visit = { ...(await operator.visit()), memberId: 'M1002', chargeId: newChargeId(nowMs) };
      const put = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
      expect(put.body).toMatchObject({ state: 'needs_attention' });
    }
    const listed = await operator.db
      .select()
      .from(incident)
      .where(eq(incident.kind, 'charge_without_visit'))
      .orderBy(incident.id);
    expect(listed).toHaveLength(incidentsOfKindMax);
    expect(listed.at(-1)?.detail).toMatch(/more of this kind/);
    operator.clock.jumpWall(dayMs + 1);
    const visit = { ...(await operator.visit()), memberId: 'M1002' };
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    expect(await operator.incidentKinds()).toHaveLength(incidentsOfKindMax + 1);
  });

  it('can put so many alarms of a kind on the list in a day; more are answered, and hide no other kind', async () => {
    const operator = harness();
    const send = async (kind: string, atMs: number): Promise<number> =>
      (await operator.send('POST', '/v1/alarms', { kind, visitId: null, atMs, detail: 'words' })).status;
    for (let i = 0; i < alarmsOfKindMax + 5; i++) expect(await send('device_fault', i)).toBe(204);
    const listed = () => operator.db.select().from(alarm).orderBy(alarm.id);
    const rows = await listed();
    expect(rows).toHaveLength(alarmsOfKindMax);
    expect(rows.at(-1)?.detail).toMatch(/^"words; more of this kind/);
    expect(rows.at(-2)?.detail).toBe('"words"');
    expect(await send('door_open_without_visit', 1)).toBe(204);
    expect(await listed()).toHaveLength(alarmsOfKindMax + 1);
    operator.clock.jumpWall(dayMs + 1);
    expect(await send('device_fault', alarmsOfKindMax + 5)).toBe(204);
    expect(await listed()).toHaveLength(alarmsOfKindMax + 2);
  });

  it('a device that comes and goes all day hides neither what is about money, nor a visit, nor duress', async () => {
    const operator = harness();
    const { visitId } = await operator.visit();
    let atMs = 0;
    const send = (detail: string, about: string | null = null) =>
      operator.send('POST', '/v1/alarms', { kind: 'device_fault', visitId: about, atMs: atMs++, detail });
    for (let i = 0; i < alarmsOfKindMax + 5; i++) await send('reader: away');
    await send('charge_billed_too_high: KM1, 1 minor units');
    await send('dispute_given_up: D1');
    await send('goods_vanished', visitId);
    await send('service_duress: 4410');
    await send('chargeless');
    const rows = await operator.db.select().from(alarm).orderBy(alarm.id);
    expect(rows.slice(alarmsOfKindMax).map(({ detail }) => JSON.parse(detail) as string)).toEqual([
      'charge_billed_too_high: KM1, 1 minor units',
      'dispute_given_up: D1',
      'goods_vanished',
      'service_duress: 4410',
    ]);
  });
});
