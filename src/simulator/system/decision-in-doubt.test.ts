import { expect, test } from 'vitest';
import type { ChargeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { ok } from '../../shared/result.ts';
import { replyFor } from '../../operator/charges/charge-reply.ts';
import { applyDebitEvent } from '../../operator/debits/debit-events.ts';
import type { DebitEvent, DebitLife } from '../../operator/debits/debit-life.ts';
import { applyChargeEvent, newCharge, nextStep } from '../../core/charge/charge-life.ts';
import type { ChargeEvent, ChargeLife } from '../../core/charge/charge-life.ts';
import { acceptedDebit } from '../../testkit/operator/accepted-debit.ts';
import { chargeEventFor } from '../../core/charge/delivery.ts';

/** An honest operator (debit-life, replyFor, the time of a decision as in debit-store) and its cabinet. */
class Both {
  nowMs = 1_000_000;
  resolvedAtMs: number | null = null;
  debit: DebitLife = { ...acceptedDebit, review: true, totalMinor: 1000, heldMinor: 500 };
  cabinet: ChargeLife = newCharge;
  constructor() {
    const sent: ChargeEvent[] = [
      { type: 'finalise', totalMinor: minor(1000) },
      { type: 'enqueue' },
      { type: 'submit' },
    ];
    for (const event of sent) this.#cabinet(event);
    this.ask();
  }
  #cabinet(event: ChargeEvent): void {
    const next = applyChargeEvent(this.cabinet, event);
    if (next.ok) this.cabinet = next.value;
  }
  operator(event: DebitEvent): boolean {
    const done = applyDebitEvent(this.debit, event);
    if (!done.ok) return false;
    const { life } = done.value;
    this.nowMs += 1000;
    if (life.resolution !== this.debit.resolution)
      this.resolvedAtMs = Math.max(this.nowMs, (this.resolvedAtMs ?? -1) + 1);
    this.debit = life;
    return true;
  }
  answer(outcome: Extract<DebitEvent, { type: 'answer' }>['outcome']): boolean {
    return this.operator({
      type: 'answer',
      atMs: this.nowMs,
      lateMs: 0,
      leaseCount: this.debit.leaseCount,
      outcome,
    });
  }
  ask(): void {
    if (nextStep(this.cabinet) !== 'query' && this.cabinet.state !== 'submitting') return;
    const { resolution, ...life } = this.debit;
    const row = {
      ...life,
      chargeId: 'KM' as ChargeId,
      resolvedHow: resolution?.how ?? null,
      resolvedBy: resolution?.by ?? null,
      resolvedAtMs: this.resolvedAtMs,
    } as never;
    const known = { resolution: this.cabinet.resolution, namedMinor: minor(1500) };
    this.#cabinet(chargeEventFor('query', ok(replyFor(row)), known));
  }
  lease(): boolean {
    return this.operator({ type: 'lease', purpose: 'due', atMs: this.nowMs, lateMs: 0 });
  }
  decide(amountMinor: number): boolean {
    return this.operator({ type: 'resolved', by: 'ann', decision: 'debit', amountMinor });
  }
}

const settled = { kind: 'not_found', atMs: 1e12, settlingMs: 1 } as const;

test('held goods that are released while an earlier attempt is in doubt are no conflict for ever', () => {
  const both = new Both();
  expect(both.lease()).toBe(true);
  expect(both.answer({ kind: 'rejected', message: 'no' })).toBe(true);
  both.ask();
  expect(both.decide(1500)).toBe(true);
  // Asked meanwhile: what may be out is 1000.
  both.ask();
  expect(both.answer(settled)).toBe(true);
  expect(both.lease()).toBe(true);
  both.ask();
  expect(both.answer({ kind: 'paid', amountMinor: 1500 })).toBe(true);
  both.ask();
  expect([both.debit.state, both.debit.paidMinor]).toEqual(['paid', 1500]);
  expect(both.cabinet).toMatchObject({ state: 'paid', billedMinor: 1500 });
});

test('a decision that failed at the provider before the cabinet asked is no conflict', () => {
  const both = new Both();
  both.lease();
  both.answer({ kind: 'rejected', message: 'no' });
  both.ask();
  both.decide(1500);
  both.answer(settled);
  both.lease();
  both.answer({ kind: 'rejected', message: 'no' });
  both.ask();
  expect(both.cabinet.reason).not.toBe('system.conflict');
});

test('settled in another way, then debited after all: the cabinet comes to an end, too', () => {
  const both = new Both();
  both.lease();
  both.answer({ kind: 'rejected', message: 'no' });
  both.ask();
  both.operator({ type: 'resolved', by: 'ann', decision: 'settled', amountMinor: 1500 });
  both.answer({ kind: 'paid', amountMinor: 1000 });
  both.ask();
  expect([both.debit.state, both.debit.paidMinor, both.debit.refundDueMinor]).toEqual(['paid', 2500, 1000]);
  expect(both.cabinet.state).toBe('paid');
});

test('debited after all for more than was told by now: that is told as a decision of the provider', () => {
  const both = new Both();
  expect(both.lease()).toBe(true);
  expect(both.answer(settled)).toBe(true);
  expect(both.operator({ type: 'disputed', disputeId: 'd', disputedMinor: 300 })).toBe(true);
  both.ask();
  expect(both.cabinet.billedMinor).toBe(700);
  expect(both.answer({ kind: 'paid', amountMinor: 1000 })).toBe(true);
  both.ask();
  expect([both.debit.state, both.debit.refundDueMinor]).toEqual(['paid', 300]);
  expect(both.cabinet).toMatchObject({ state: 'paid', billedMinor: 1000, resolution: { by: 'provider' } });
});

test('a cabinet that an earlier version has put into conflict comes out of it by the same decision', () => {
  const both = new Both();
  both.lease();
  both.answer({ kind: 'rejected', message: 'no' });
  both.ask();
  both.decide(1500);
  both.ask();
  both.answer(settled);
  both.cabinet = { ...both.cabinet, state: 'needs_attention', reason: 'system.conflict' };
  both.ask();
  expect(both.cabinet).toMatchObject({ state: 'accepted', billedMinor: 1500 });
});
