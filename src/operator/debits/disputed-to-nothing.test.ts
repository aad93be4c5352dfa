import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { expect, it, test } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { fakeOrder } from '../storage/schema.ts';
import { debitLeaseMs } from '../limits.ts';
import { leaseCharge, recordOutcome } from './debit-store.ts';
import { acceptedDebit } from '../../testkit/operator/accepted-debit.ts';
import type { DebitLife } from './debit-life.ts';
import { applyDebitEvent } from './debit-events.ts';
import { dueMinorOf } from './debit-life.ts';

onStorage('all is disputed while the debit is out, and the debit never left', (harness) => {
  it('waits for a human and asks nobody for nothing', async () => {
    const first = harness();
    const visit = await first.visit();
    first.provider.set({ mode: 'down', delayMs: 0, reason: 'account.declined' });
    await first.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await first.during(first.operator.stop());
    first.clock.jumpWall(10 * 60_000);
    const h = first.restarted();
    await h.during(h.worker.stop());
    const lease = (await leaseCharge(h.db, h.clock, visit.chargeId))!;
    const disputeId = makeDisputeId(h.clock.nowMs(), randomBytes(idRandomByteCount));
    const body = { disputeId, skus: ['A1', 'B2'], atMs: h.clock.nowMs() };
    expect((await h.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body)).status).toBe(200);
    await recordOutcome(h.db, h.clock, 0.5, lease, { kind: 'not_sent', message: 'connection refused' });
    h.clock.jumpWall(debitLeaseMs + 600_000);
    const again = h.restarted();
    await again.pass(10_000, 500);
    await again.close();
    const orders = await h.db.select().from(fakeOrder).where(eq(fakeOrder.chargeId, visit.chargeId));
    expect(orders.map(({ amountMinor, debitCount }) => ({ amountMinor, debitCount }))).toEqual([]);
    expect(await h.chargeRow(visit.chargeId)).toMatchObject({
      state: 'needs_attention',
      reason: 'recognition.line_reported',
    });
  });
});

test('taken is what is due and what is to be paid back, also when a human settles after a refund was told', () => {
  const base: DebitLife = {
    ...acceptedDebit,
    state: 'needs_attention',
    reason: 'system.provider_error',
    review: true,
    heldMinor: 1000,
    inDoubt: true,
    askedMinor: 1300,
    askedAtMs: 1,
    leaseCount: 1,
  };
  let life = base;
  const apply = (event: Parameters<typeof applyDebitEvent>[1]) => {
    const done = applyDebitEvent(life, event);
    expect(done.ok ? '' : done.error.message).toBe('');
    if (done.ok) life = done.value.life;
  };
  apply({ type: 'resolved', by: 'anna', decision: 'debit', amountMinor: 1500 });
  apply({ type: 'lease', purpose: 'due', atMs: 2, lateMs: 0 });
  // Underpaid: a human.
  apply({ type: 'answer', leaseCount: 2, atMs: 2, lateMs: 0, outcome: { kind: 'paid', amountMinor: 1300 } });
  apply({ type: 'disputed', disputeId: 'KD1', disputedMinor: 700 }); // due 800: refund_due 500
  expect(life).toMatchObject({ state: 'needs_attention', paidMinor: 1300, refundDueMinor: 500 });
  apply({ type: 'resolved', by: 'anna', decision: 'settled', amountMinor: 1300 });
  expect(life.paidMinor).toBe(dueMinorOf(life) + life.refundDueMinor);
});
