import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onEachStorage } from '../../testkit/operator/suite.ts';

/**
 * A debit is on its way (the provider is slow, its answer was given up); then the database's clock is set forward by an
 * hour. "Not found" is then taken for "never", though it was sent seconds ago.
 */
onEachStorage('the clock is set forward while a debit is on its way', (harness) => {
  /** 0: the control. */
  const jumps = [0, 3_600_000];
  const late = async (jumpMs: number, skus: string[], onceForEachNumber: boolean) => {
    await harness().close();
    const operator = harness().restarted({
      onceForEachNumber,
      wrapProvider: (inner) => alteredProvider(inner, { close: null }),
    });
    operator.provider.set({ mode: 'delay', delayMs: 40_000, reason: 'account.declined' });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    if (skus.length > 0) {
      const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
      const body = { disputeId, skus, atMs: operator.clock.nowMs() };
      await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
    }
    await operator.pass(10_500, 100);
    operator.provider.set({ mode: 'ok', delayMs: 0, reason: 'account.declined' });
    operator.clock.jumpWall(jumpMs);
    await operator.pass(30 * 60_000, 2_000);
    const row = await operator.chargeRow(visit.chargeId);
    const debitCount = await operator.debitCount(visit.chargeId);
    const incidents = await operator.incidentKinds();
    await operator.close();
    return { state: row.state, inDoubt: row.inDoubt, paidMinor: row.paidMinor, debitCount, incidents };
  };

  it.each(jumps)(
    'by %i ms; all of it was disputed: that it was debited all the same is found',
    async (jumpMs) => {
      const end = await late(jumpMs, ['A1', 'B2'], true);
      expect(end).toMatchObject({ debitCount: 1, state: 'paid', paidMinor: 1300, incidents: ['refund_due'] });
    },
    60_000,
  );

  it.each(jumps)(
    'by %i ms; a provider that does not compare numbers debits once',
    async (jumpMs) => {
      const end = await late(jumpMs, [], false);
      expect(end).toMatchObject({ debitCount: 1, state: 'paid', paidMinor: 1300 });
    },
    60_000,
  );
});
