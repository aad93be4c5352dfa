import { expect, it } from 'vitest';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/**
 * A debit is on its way though it was answered "rejected" (no proof that nothing is debited): held, in doubt. The database's
 * clock is set forward by an hour, and support has it debited before the worker has looked at it again.
 */
onStorage('support decides just after the clock was set forward', (harness) => {
  const end = async ({ jumpMs, waitMs }: { jumpMs: number; waitMs: number }) => {
    await harness().close();
    let isFirst = true;
    const operator = harness().restarted({
      onceForEachNumber: false,
      wrapProvider: (inner) =>
        alteredProvider(inner, {
          close: null,
          debit: async (request) => {
            if (!isFirst) return inner.debit(request);
            isFirst = false;
            operator.clock.after(8 * 60_000, () => void inner.debit(request));
            return { kind: 'rejected', message: 'try later' };
          },
        }),
    });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(90_000, 1_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({
      state: 'needs_attention',
      inDoubt: true,
    });
    operator.clock.jumpWall(jumpMs);
    await operator.pass(waitMs, 1_000);
    const response = await operator.operator.developmentApi?.inject({
      method: 'POST',
      url: `/dev/charges/${visit.chargeId}/resolve`,
      payload: { by: 'anna', decision: 'debit', amountMinor: 1300, cabinetId: 'CAB-1' },
    });
    expect(response?.statusCode).toBe(200);
    await operator.pass(40 * 60_000, 2_000);
    const { state, inDoubt, paidMinor } = await operator.chargeRow(visit.chargeId);
    const debitCount = await operator.debitCount(visit.chargeId);
    await operator.close();
    return { state, inDoubt, paidMinor, debitCount };
  };
  const once = { state: 'paid', inDoubt: false, paidMinor: 1300, debitCount: 1 };

  it.each([
    ['control: no jump', { jumpMs: 0, waitMs: 0 }],
    ['control: the worker has looked in between', { jumpMs: 3_600_000, waitMs: 10_000 }],
    ['at once', { jumpMs: 3_600_000, waitMs: 0 }],
  ])('%s', async (_, when) => {
    expect(await end(when)).toEqual(once);
  });
});
