import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/**
 * A debit is on its way (the provider is slow, its answer was given up); then the database's clock is set forward by an
 * hour. "Not found" is then taken for "never", though it was sent seconds ago.
 */
onStorage('the clock is set forward while a debit is on its way', (harness) => {
  /** So far, so long after the debit was given up, which lands after so long. Without a jump: the control. */
  const jumps = [
    { jumpMs: 0, afterMs: 0, delayMs: 40_000 },
    { jumpMs: 3_600_000, afterMs: 0, delayMs: 40_000 },
    // Nearly all of the settling period, in the middle of it.
    { jumpMs: 595_000, afterMs: 300_000, delayMs: 8 * 60_000 },
  ];
  const late = async (
    { jumpMs, afterMs, delayMs }: (typeof jumps)[number],
    skus: string[],
    onceForEachNumber: boolean,
  ) => {
    await harness().close();
    const operator = harness().restarted({
      onceForEachNumber,
      wrapProvider: (inner) => alteredProvider(inner, { close: null }),
    });
    operator.provider.set({ mode: 'delay', delayMs, reason: 'account.declined' });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    if (skus.length > 0) {
      const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
      const body = { disputeId, skus, atMs: operator.clock.nowMs() };
      await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
    }
    await operator.pass(10_500, 100);
    operator.provider.set({ mode: 'ok', delayMs: 0, reason: 'account.declined' });
    await operator.pass(afterMs, 1_000);
    operator.clock.jumpWall(jumpMs);
    await operator.pass(40 * 60_000, 2_000);
    const row = await operator.chargeRow(visit.chargeId);
    const debitCount = await operator.debitCount(visit.chargeId);
    const incidents = await operator.incidentKinds();
    await operator.close();
    return { state: row.state, inDoubt: row.inDoubt, paidMinor: row.paidMinor, debitCount, incidents };
  };

  it.each(jumps)(
    'by $jumpMs ms; all of it was disputed: that it was debited all the same is found',
    async (jump) => {
      const end = await late(jump, ['A1', 'B2'], true);
      expect(end).toMatchObject({ debitCount: 1, state: 'paid', paidMinor: 1300, incidents: ['refund_due'] });
    },
  );

  it.each(jumps)('by $jumpMs ms; a provider that does not compare numbers debits once', async (jump) => {
    const end = await late(jump, [], false);
    expect(end).toMatchObject({ debitCount: 1, state: 'paid', paidMinor: 1300 });
  });
});
