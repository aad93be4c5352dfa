import { expect, it } from 'vitest';
import { chargeBody, makeCabinet, newChargeId } from '../../testkit/operator/cabinet.ts';
import { onEachStorage } from '../../testkit/operator/suite.ts';

onEachStorage('a decision about a charge whose bytes are refused', (harness) => {
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
