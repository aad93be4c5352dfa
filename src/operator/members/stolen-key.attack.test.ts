import { expect, it } from 'vitest';
import { chargeBody, line, newChargeId, newVisitId } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

onStorage('whoever has stolen a cabinet’s key', (harness) => {
  it('debits nobody by face after one look into "my data"', async () => {
    const operator = harness();
    const myData = newVisitId(operator.clock.nowMs());
    const asked = { visitId: myData, code: operator.code(), purpose: 'account' };
    expect((await operator.send('POST', '/v1/visits/authorise', asked)).body).toMatchObject({
      decision: 'allowed',
    });
    for (let i = 0; i < 25; i++) {
      const nowMs = operator.clock.nowMs();
      const visit = { visitId: newVisitId(nowMs), chargeId: newChargeId(nowMs) };
      const byFace = { visitId: visit.visitId, faceOf: 'M1001' };
      await operator.send('POST', '/v1/visits/authorise', byFace);
      const body = chargeBody(
        { ...visit, cabinetId: 'CAB-1', memberId: 'M1001' },
        { lines: [line('A1', 350, 1)] },
      );
      await operator.send('PUT', `/v1/charges/${visit.chargeId}`, body);
      expect((await operator.chargeRow(visit.chargeId)).state).toBe('needs_attention');
      expect(await operator.debitCount(visit.chargeId)).toBe(0);
    }
  });
});
