import { expect, it } from 'vitest';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { debitLeaseMs } from '../limits.ts';
import { applyDebitEvent } from './debit-events.ts';
import { leaseCharge, lifeOf, recordOutcome } from './debit-store.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** Instance A stalls with its debit out; B finds nothing under the number; then what A has sent arrives: paid. */
onStorage('a "paid" that arrives late', (harness) => {
  const stalled = async () => {
    const first = harness();
    const visit = await first.visit();
    first.provider.set({ mode: 'down', delayMs: 0, reason: 'account.declined' });
    await first.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await first.during(first.operator.stop());
    const h = first.restarted({ onceForEachNumber: false });
    await h.during(h.operator.stop());
    first.clock.jumpWall(10 * 60_000);
    const a = (await leaseCharge(h.db, h.clock, visit.chargeId))!;
    expect(a.wasInDoubt).toBe(false);
    h.clock.jumpWall(debitLeaseMs + 1);
    const b = (await leaseCharge(h.db, h.clock, visit.chargeId))!;
    expect(b.wasInDoubt).toBe(true);
    expect((await h.provider.query(visit.chargeId)).kind).toBe('not_found');
    return { h, visit, a, b };
  };
  const notFound = (h: OperatorHarness) =>
    ({ kind: 'not_found', atMs: h.clock.nowMs(), settlingMs: h.provider.settlingMs }) as const;

  it('moves money once at a provider that does not know a number again', async () => {
    const { h, visit, a, b } = await stalled();
    await recordOutcome(h.db, h.clock, 0.5, b, notFound(h));
    expect(await h.chargeRow(visit.chargeId)).toMatchObject({ state: 'accepted', inDoubt: true });
    const moved = await h.provider.debit(a.request);
    expect(moved.kind).toBe('paid');
    h.clock.jumpWall(24 * 3_600_000);
    const again = h.restarted({ onceForEachNumber: false });
    await again.untilState(visit.chargeId, 'paid', 600_000, 1000);
    await again.close();
    expect(await h.debitCount(visit.chargeId)).toBe(1);
  });

  it('is taken by a charge that was declined meanwhile', async () => {
    const { h, visit, a, b } = await stalled();
    await recordOutcome(h.db, h.clock, 0.5, b, { kind: 'declined', reason: 'account.declined' });
    await recordOutcome(h.db, h.clock, 0.5, a, await h.provider.debit(a.request));
    expect(await h.chargeRow(visit.chargeId)).toMatchObject({ state: 'paid', paidMinor: 1300 });
    h.clock.jumpWall(24 * 3_600_000);
    const again = h.restarted({ onceForEachNumber: false });
    await again.pass(60_000, 5_000);
    await again.close();
    expect(await h.debitCount(visit.chargeId)).toBe(1);
  });

  it('is not forgotten when the shopper disputes it all meanwhile: a human has to pay it back', async () => {
    const { h, visit, a, b } = await stalled();
    await recordOutcome(h.db, h.clock, 0.5, b, { kind: 'declined', reason: 'account.declined' });
    await recordOutcome(h.db, h.clock, 0.5, a, { kind: 'paid', amountMinor: 1300 });
    const life = lifeOf(await h.chargeRow(visit.chargeId));
    const disputed = applyDebitEvent(life, { type: 'disputed', disputeId: 'D', disputedMinor: 1300 });
    expect(disputed.ok && disputed.value.life.refundDueMinor).toBe(1300);
  });

  it('is booked after a human has waived the charge: what was taken is due to be paid back', async () => {
    const { h, visit, a, b } = await stalled();
    await recordOutcome(h.db, h.clock, 0.5, b, { kind: 'rejected', message: 'x' });
    const request = { by: 'anna', decision: 'waive', amountMinor: 0 } as const;
    expect(await resolveCharge(h, visit.chargeId, request)).toMatchObject({ ok: true });
    await recordOutcome(h.db, h.clock, 0.5, a, { kind: 'paid', amountMinor: 1300 });
    const row = await h.chargeRow(visit.chargeId);
    expect(row).toMatchObject({ state: 'paid', debitedMinor: 1300, paidMinor: 1300, refundDueMinor: 1300 });
    expect(row.review).toBe(true);
    expect(await h.incidentKinds()).toEqual(['provider_rejected', 'late_paid', 'refund_due']);
  });

  it('is found by asking, also when the charge was waived while it was in doubt', async () => {
    const { h, visit, a, b } = await stalled();
    await recordOutcome(h.db, h.clock, 0.5, b, { kind: 'rejected', message: 'x' });
    await resolveCharge(h, visit.chargeId, { by: 'anna', decision: 'settled', amountMinor: 1300 });
    await h.provider.debit(a.request);
    const again = h.restarted({ onceForEachNumber: false });
    await again.until(async () => !(await h.chargeRow(visit.chargeId)).inDoubt, 600_000, 1000);
    await again.close();
    const taken = { debitedMinor: 1300, paidMinor: 2600, refundDueMinor: 1300 };
    expect(await h.chargeRow(visit.chargeId)).toMatchObject({ state: 'paid', ...taken });
  });
});
