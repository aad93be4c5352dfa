import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const put = (operator: OperatorHarness, visit: Visit) =>
  operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
const dispute = (operator: OperatorHarness, visit: Visit, skus: string[]) => {
  const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
  const body = { disputeId, skus, atMs: operator.clock.nowMs() };
  return operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
};
const lateMs = 13_000;

/** A debit of 1300 whose answer is given up, which the provider does not know yet, and which lands at 13 s. */
onStorage('a debit that lands after it was given up', (harness) => {
  const late = async (skus: string[]) => {
    const operator = harness().restarted({ onceForEachNumber: false });
    operator.provider.set({ mode: 'delay', delayMs: lateMs, reason: 'account.declined' });
    const visit = await operator.visit();
    await operator.during(put(operator, visit), 50);
    await dispute(operator, visit, skus);
    await operator.pass(lateMs - 1_000, 100);
    operator.provider.set({ mode: 'ok', delayMs: 0, reason: 'account.declined' });
    await operator.pass(20 * 60_000, 1_000);
    const row = await operator.chargeRow(visit.chargeId);
    const debitCount = await operator.debitCount(visit.chargeId);
    await operator.close();
    return { row, debitCount, incidents: await operator.incidentKinds() };
  };

  it('is found, booked with its own sum, and what was disputed is due to be paid back', async () => {
    const { row, debitCount, incidents } = await late(['A1']);
    expect(debitCount).toBe(1);
    expect(row).toMatchObject({ state: 'paid', paidMinor: 1300, refundDueMinor: 700 });
    expect(incidents).toEqual(['refund_due']);
  });

  it('is found, too, when all of it was disputed meanwhile', async () => {
    const { row, debitCount, incidents } = await late(['A1', 'B2']);
    expect(debitCount).toBe(1);
    expect(row).toMatchObject({ state: 'paid', paidMinor: 1300, refundDueMinor: 1300 });
    expect(incidents).toEqual(['refund_due']);
  });
});
