import { randomBytes } from 'node:crypto';
import { isNull } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody, makeCabinet, newChargeId } from '../../testkit/operator/cabinet.ts';
import type { Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { incident } from '../storage/schema.ts';

onStorage('a decision about a charge whose bytes are refused', (harness) => {
  const resolve = async (chargeId: string, decision: string, amountMinor: number) => {
    const response = await harness().operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${chargeId}/resolve`,
      payload: { by: 'anna', decision, amountMinor, cabinetId: 'CAB-1' },
    });
    return { status: response?.statusCode, body: response?.json<unknown>() };
  };

  it.each([
    ['no member id of ours', { memberId: 'not a member' }, 400],
    ['no bill at all', { totalMinor: 'much' }, 400],
    ['of the number that the cabinet had before', { cabinetId: 'CAB-OLD' }, 403],
  ] as const)('%s: is told to its cabinet, which sends it again and again', async (_, change, refused) => {
    const operator = harness();
    const visit = await operator.visit();
    const body = { ...chargeBody(visit), ...change };
    const path = `/v1/charges/${visit.chargeId}`;
    expect((await operator.send('PUT', path, body)).status).toBe(refused);
    expect(await resolve(visit.chargeId, 'settled', 1300)).toMatchObject({
      status: 200,
      body: { state: 'paid' },
    });
    for (let i = 0; i < 2; i++)
      expect(await operator.send('PUT', path, body)).toMatchObject({
        status: 200,
        body: {
          ...{ chargeId: visit.chargeId, state: 'paid', totalMinor: 1300 },
          resolved: { how: 'settled', by: 'support' },
        },
      });
    // One that is only asked about may never have been sent: it is sent, and settled when it is here.
    expect((await operator.send('GET', path)).status).toBe(404);
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    // Nobody has decided about another.
    const other = newChargeId(operator.clock.nowMs());
    const put = await operator.send('PUT', `/v1/charges/${other}`, { ...body, chargeId: other });
    expect(put.status).toBe(refused);
  });

  describe('and that its member reports', () => {
    const reported = async (amountMinor: number, order: 'before' | 'after' | 'both') => {
      const operator = harness();
      const { chargeId } = await operator.visit();
      const report = (sku: string) => {
        const atMs = operator.clock.nowMs();
        const disputeId = makeDisputeId(atMs, randomBytes(idRandomByteCount));
        const body = { disputeId, skus: [sku], atMs };
        return operator.send('POST', `/v1/charges/${chargeId}/disputes`, body);
      };
      const decide = () => resolve(chargeId, amountMinor > 0 ? 'settled' : 'waive', amountMinor);
      if (order !== 'after') await report('A1');
      // The same once more is told once.
      for (let i = 0; i < 2; i++) await decide();
      if (order !== 'before') await report('B2');
      return operator.db.select().from(incident).where(isNull(incident.resolvedAtMs));
    };
    const told = { kind: 'dispute_of_decided', cabinetId: 'CAB-1' };

    it.each([
      ['before', 'reports: 1, settled with 900 before it came'],
      ['after', 'reports: 1, settled with 900 before it came'],
      ['both', 'reports: 1, settled with 900 before it came; reports: 2, settled with 900 before it came'],
    ] as const)('%s it is decided: people are told, for it may never come', async (order, detail) => {
      expect(await reported(900, order)).toMatchObject([{ ...told, detail }]);
    });
    it('is told to nobody where nothing is to be paid', async () => {
      expect(await reported(0, 'both')).toEqual([]);
    });
  });

  describe('and that is put right', () => {
    const send = (visit: Visit) =>
      harness().send('PUT', `/v1/charges/${visit.chargeId}`, {
        ...chargeBody(visit),
        cabinetId: 'CAB-OLD',
      });
    const open = async () =>
      (await harness().db.select().from(incident).where(isNull(incident.resolvedAtMs))).map(
        ({ kind, chargeId, detail }) => ({ kind, chargeId, detail }),
      );

    it('people are told until its cabinet has heard the last: one that has taken the first asks no more', async () => {
      const visit = await harness().visit();
      const { chargeId } = visit;
      await resolve(chargeId, 'settled', 130);
      expect(await open()).toEqual([]);
      expect(await send(visit)).toMatchObject({ status: 200, body: { totalMinor: 130 } });
      // The same once more is the same.
      for (let i = 0; i < 2; i++)
        expect(await resolve(chargeId, 'settled', 1300)).toMatchObject({ status: 200 });
      const detail = expect.stringContaining('settled 130 before, settled 1300 now') as string;
      expect(await open()).toEqual([{ kind: 'decision_not_heard', chargeId, detail }]);
      // Another cabinet's bytes are not its.
      const other = makeCabinet('CAB-2');
      await harness().enrol(other);
      await harness().send('PUT', `/v1/charges/${chargeId}`, chargeBody(visit), other);
      expect((await open()).map(({ kind }) => kind)).toContain('decision_not_heard');
    });
    it('it is closed once the cabinet has heard the last, or the charge is here', async () => {
      const [again, arrived] = [await harness().visit(), await harness().visit('M1002')];
      for (const { chargeId } of [again, arrived])
        for (const amountMinor of [1300, 130]) await resolve(chargeId, 'settled', amountMinor);
      expect(await open()).toHaveLength(2);
      expect(await send(again)).toMatchObject({ status: 200, body: { totalMinor: 130 } });
      expect(await open()).toMatchObject([{ chargeId: arrived.chargeId }]);
      const path = `/v1/charges/${arrived.chargeId}`;
      const put = await harness().send('PUT', path, chargeBody(arrived));
      expect(put).toMatchObject({ body: { totalMinor: 130, resolved: { how: 'settled' } } });
      expect(await open()).toEqual([]);
    });
  });

  it('is told to nobody without a proof', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await resolve(visit.chargeId, 'settled', 1300);
    const body = { ...chargeBody(visit), memberId: 'not a member' };
    const stranger = makeCabinet('CAB-1');
    const put = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, body, stranger);
    expect(put.status).toBe(401);
  });
});
