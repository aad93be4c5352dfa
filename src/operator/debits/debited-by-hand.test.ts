import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/**
 * The provider has debited 13.00 and the adapter misreads how much. The shopper has reported goods while that was open. A
 * human looks it up at the provider, as told to, and says what was debited.
 */
onStorage('what a human says was debited, after a "paid" that nobody could read', (harness) => {
  it.each([
    ['nothing was reported', [], 'before'],
    ['one line was reported before the answer', ['B2'], 'before'],
    ['all was reported before the answer', ['A1', 'B2'], 'before'],
    ['one line was reported after the answer', ['B2'], 'after'],
  ] as const)('%s', async (_, skus, when) => {
    await harness().close();
    const paid = () => Promise.resolve({ kind: 'paid', amountMinor: 13.5 } as const);
    const unknown = () => Promise.resolve({ kind: 'unknown', message: 'timeout' } as const);
    const read = { isBack: false };
    const operator = harness().restarted({
      wrapProvider: (inner) =>
        alteredProvider(inner, {
          debit: async (request) => {
            await inner.debit(request);
            return unknown();
          },
          query: () => (read.isBack ? paid() : unknown()),
        }),
    });
    const visit = await operator.visit();
    const report = async () => {
      if (skus.length === 0) return;
      const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
      const body = { disputeId, skus, atMs: operator.clock.nowMs() };
      const sent = await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
      expect(sent.status).toBeLessThan(300);
    };
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(2_000, 100);
    if (when === 'before') await report();
    read.isBack = true;
    await operator.pass(10 * 60_000, 2_000);
    if (when === 'after') await report();
    const { state } = await operator.chargeRow(visit.chargeId);
    expect(state).toBe('needs_attention');
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    const response = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${visit.chargeId}/resolve`,
      payload: { by: 'anna', decision: 'debited', amountMinor: 1300, cabinetId: 'CAB-1' },
    });
    const row = await operator.chargeRow(visit.chargeId);
    const said = { ...row, status: response?.statusCode };
    await operator.close();
    const disputedMinor = skus.length === 0 ? 0 : skus.length === 1 ? 600 : 1300;
    expect(said).toMatchObject({ status: 200, state: 'paid', paidMinor: 1300, debitedMinor: 1300 });
    expect(said).toMatchObject({ disputedMinor, refundDueMinor: disputedMinor });
  });
});
