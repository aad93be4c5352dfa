import { expect, it } from 'vitest';
import { chargeBody } from '../testing/cabinet.ts';
import { leaseCharge, recordOutcome, renewLease } from './debit-store.ts';
import { debitLeaseMs } from '../limits.ts';
import { applyDebitEvent } from './debit-life.ts';
import { lifeOf } from './debit-store.ts';
import { onEachStorage } from '../testing/suite.ts';

/** Instance A stalls with its debit out; B leases anew and is declined; then the answer to A arrives: paid. */
onEachStorage('a "paid" that arrives after the doubt has ended', (harness) => {
  it('moves money once at a provider that does not know a number again', async () => {
    const first = harness();
    const visit = await first.visit();
    first.provider.set({ mode: 'down', delayMs: 0, reason: 'account.declined' });
    await first.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await first.during(first.operator.stop());
    const h = first.restarted({ onceForEachNumber: false });
    await h.during(h.operator.stop());
    first.clock.jumpWall(10 * 60_000);
    const a = await leaseCharge(h.db, h.clock, visit.chargeId);
    const aDebits = (await renewLease(h.db, h.clock, a!))!;
    h.clock.jumpWall(debitLeaseMs + 1);
    const b = await leaseCharge(h.db, h.clock, visit.chargeId);
    expect((await h.provider.query(visit.chargeId)).kind).toBe('not_found');
    const bDebits = (await renewLease(h.db, h.clock, b!))!;
    h.provider.set({ mode: 'decline', delayMs: 0, reason: 'account.declined' });
    await recordOutcome(h.db, h.clock, 0.5, bDebits, await h.provider.debit(bDebits.request));
    h.provider.set({ mode: 'ok', delayMs: 0, reason: 'account.declined' });
    const moved = await h.provider.debit(aDebits.request);
    expect(moved.kind).toBe('paid');
    await recordOutcome(h.db, h.clock, 0.5, aDebits, moved);
    expect(await h.debitCount(visit.chargeId)).toBe(1);
    h.clock.jumpWall(24 * 3_600_000);
    const again = h.restarted({ onceForEachNumber: false });
    await again.untilState(visit.chargeId, 'paid', 600_000, 1000);
    await again.close();
    expect(await h.debitCount(visit.chargeId)).toBe(1);
  });

  it('is not forgotten when the shopper disputes it all meanwhile: a human has to pay it back', async () => {
    const h = harness();
    const visit = await h.visit();
    h.provider.set({ mode: 'down', delayMs: 0, reason: 'account.declined' });
    await h.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await h.during(h.operator.stop());
    h.clock.jumpWall(10 * 60_000);
    const a = (await leaseCharge(h.db, h.clock, visit.chargeId))!;
    h.clock.jumpWall(debitLeaseMs + 1);
    const b = (await leaseCharge(h.db, h.clock, visit.chargeId))!;
    await recordOutcome(h.db, h.clock, 0.5, b, { kind: 'declined', reason: 'account.declined' });
    await recordOutcome(h.db, h.clock, 0.5, a, { kind: 'paid', amountMinor: 1300 });
    const life = lifeOf(await h.chargeRow(visit.chargeId));
    const disputed = applyDebitEvent(life, { type: 'disputed', disputeId: 'D', disputedMinor: 1300 });
    expect(disputed.ok && disputed.value.incidents.map((i) => i.kind)).toEqual(['refund_due']);
  });
});
