import { expect, it } from 'vitest';
import { chargeBody, makeCabinet, newChargeId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

onStorage('another cabinet', (harness) => {
  it('cannot charge a visit of this one, nor hold the charge of it', async () => {
    const operator = harness();
    const other = makeCabinet('CAB-2');
    await operator.enrol(other);
    const visit = await operator.visit();
    const forged = {
      ...visit,
      cabinetId: other.cabinetId,
      chargeId: newChargeId(operator.clock.nowMs()),
    };
    const answer = await operator.send('PUT', `/v1/charges/${forged.chargeId}`, chargeBody(forged), other);
    expect(answer.body).toMatchObject({ state: 'needs_attention', reason: 'system.rejected' });
    const own = await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    expect(own).toMatchObject({ status: 200, body: { reason: null } });
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    await operator.pass(20_000, 5_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    expect(await operator.debitCount(forged.chargeId)).toBe(0);
    // A second charge of the cabinet's own visit is still held.
    const second = { ...visit, chargeId: newChargeId(operator.clock.nowMs()) };
    const held = await operator.send('PUT', `/v1/charges/${second.chargeId}`, chargeBody(second));
    expect(held.body).toMatchObject({ state: 'needs_attention', reason: 'system.conflict' });
  });
});
