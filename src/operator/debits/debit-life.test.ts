import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DebitEvent, DebitLife } from './debit-life.ts';
import { applyDebitEvent, ceilingMinorOf, dueMinorOf } from './debit-life.ts';

const accepted: DebitLife = {
  state: 'accepted',
  reason: null,
  review: false,
  totalMinor: 1300,
  heldMinor: 200,
  disputedMinor: 0,
  approvedMinor: null,
  inDoubt: false,
  askedMinor: null,
  paidMinor: null,
  refundDueMinor: 0,
  leaseCount: 0,
  declineCount: 0,
  unreachableCount: 0,
};
const leased: DebitLife = { ...accepted, inDoubt: true, askedMinor: 1300, leaseCount: 1 };
const collecting: DebitLife = {
  ...accepted,
  state: 'collecting',
  reason: 'account.declined',
  askedMinor: 1300,
  leaseCount: 1,
  declineCount: 1,
};
const collectingLeased: DebitLife = { ...collecting, inDoubt: true };
const paid: DebitLife = { ...accepted, state: 'paid', askedMinor: 1300, paidMinor: 1300, leaseCount: 1 };
const held: DebitLife = { ...accepted, state: 'needs_attention', reason: 'system.rejected', review: true };
const underpaid: DebitLife = { ...held, askedMinor: 1300, paidMinor: 1, leaseCount: 1 };
const states = { accepted, leased, collecting, collectingLeased, paid, held, underpaid };

const answered = (outcome: (DebitEvent & { type: 'answer' })['outcome'], leaseCount = 1): DebitEvent => ({
  type: 'answer',
  leaseCount,
  outcome,
});
const resolved = (decision: 'debit' | 'waive' | 'settled', amountMinor: number): DebitEvent => ({
  type: 'resolved',
  by: 'anna',
  decision,
  amountMinor,
});
const events = {
  lease: { type: 'lease', purpose: 'due' },
  payment: { type: 'lease', purpose: 'payment' },
  renew: { type: 'renew', leaseCount: 1 },
  renewStale: { type: 'renew', leaseCount: 0 },
  paid: answered({ kind: 'paid', amountMinor: 1300 }),
  paidStale: answered({ kind: 'paid', amountMinor: 1300 }, 0),
  paidLess: answered({ kind: 'paid', amountMinor: 1 }),
  declined: answered({ kind: 'declined', reason: 'account.expired_card' }),
  declinedStale: answered({ kind: 'declined', reason: 'account.expired_card' }, 0),
  unknown: answered({ kind: 'unknown', message: 'lost' }),
  rejected: answered({ kind: 'rejected', message: 'other amount' }),
  nothingDue: answered({ kind: 'nothing_due' }),
  disputed: { type: 'disputed', disputeId: 'KD1', disputedMinor: 700 },
  disputedAll: { type: 'disputed', disputeId: 'KD1', disputedMinor: 1300 },
  resolvedDebit: resolved('debit', 1500),
  resolvedWaive: resolved('waive', 0),
  resolvedSettled: resolved('settled', 500),
} satisfies Record<string, DebitEvent>;

/** What each state becomes of each event: the state, `?` where it is in doubt, the next attempt; or the failure's name. */
function outcomeOf(life: DebitLife, event: DebitEvent): string {
  const result = applyDebitEvent(life, event);
  if (!result.ok) return result.error.code.replace('debit.', '');
  const { life: after, next, incidents } = result.value;
  const told = incidents.map(({ kind }) => ` ${kind}`).join('');
  return `${after.state}${after.inDoubt ? '?' : ''} ${next}${told}`;
}

test('every state meets every event', () => {
  const table = Object.entries(states).map(([name, life]) => [
    name,
    Object.fromEntries(Object.entries(events).map(([event, value]) => [event, outcomeOf(life, value)])),
  ]);
  const no = 'illegal';
  const open = {
    lease: 'accepted? after_lease',
    payment: no,
    renew: no,
    renewStale: no,
    // Money that moved is never refused, however late its answer is.
    paid: 'paid never',
    paidStale: 'paid never',
    paidLess: 'needs_attention never underpaid',
    declined: no,
    declinedStale: no,
    unknown: no,
    rejected: no,
    nothingDue: no,
    disputed: 'accepted keep',
    disputedAll: 'needs_attention never',
    resolvedDebit: no,
    resolvedWaive: no,
    resolvedSettled: no,
  };
  const out = {
    ...open,
    renew: 'accepted? keep',
    renewStale: 'stale',
    paid: 'paid never',
    paidStale: 'paid never',
    paidLess: 'needs_attention never underpaid',
    declined: 'collecting after_decline',
    declinedStale: 'stale',
    unknown: 'accepted? after_no_answer',
    rejected: 'needs_attention never provider_rejected',
    nothingDue: 'needs_attention never',
    disputed: 'accepted? keep',
    disputedAll: 'accepted? keep',
  };
  const closed = {
    ...open,
    lease: no,
    paid: no,
    paidStale: no,
    paidLess: no,
    disputed: 'paid keep refund_due',
    disputedAll: 'paid keep refund_due',
  };
  expect(Object.fromEntries(table)).toEqual({
    accepted: open,
    leased: out,
    collecting: {
      ...open,
      lease: 'collecting? after_lease',
      payment: 'collecting? after_lease',
      disputed: 'collecting keep',
    },
    collectingLeased: {
      ...out,
      lease: 'collecting? after_lease',
      renew: 'collecting? keep',
      unknown: 'collecting? after_no_answer',
      disputed: 'collecting? keep',
      disputedAll: 'collecting? keep',
    },
    paid: closed,
    held: {
      ...closed,
      disputed: 'needs_attention keep',
      disputedAll: 'needs_attention keep',
      resolvedDebit: 'accepted now',
      resolvedWaive: 'paid never',
      resolvedSettled: 'paid never',
    },
    underpaid: {
      ...closed,
      disputed: 'needs_attention keep',
      disputedAll: 'needs_attention keep refund_due',
      resolvedWaive: 'amount',
      resolvedSettled: 'paid never',
    },
  });
});

describe('a debit', () => {
  const after = (life: DebitLife, ...list: DebitEvent[]): DebitLife =>
    list.reduce((now, event) => {
      const next = applyDebitEvent(now, event);
      if (!next.ok) throw new Error(next.error.message);
      return next.value.life;
    }, life);

  test('counts declines whatever their reason, and waits anew for a provider that has answered', () => {
    const reasons = ['account.declined', 'account.insufficient_funds', 'account.declined'] as const;
    let life = accepted;
    for (const [i, reason] of reasons.entries()) {
      life = after(life, events.lease, answered({ kind: 'unknown', message: '' }, life.leaseCount + 1));
      life = after(life, events.lease, answered({ kind: 'declined', reason }, life.leaseCount + 1));
      expect(life).toMatchObject({ declineCount: i + 1, unreachableCount: 0, reason });
    }
  });

  test('says once what is to be paid back', () => {
    const first = applyDebitEvent(paid, events.disputed);
    expect(first).toMatchObject({
      value: { incidents: [{ detail: 'pay back 700: debited 1300, due 600' }] },
    });
    const second = applyDebitEvent(after(paid, events.disputed), events.disputedAll);
    expect(second).toMatchObject({ value: { incidents: [{ detail: 'pay back 600: debited 1300, due 0' }] } });
  });

  test('that a human decides on is looked up first when it was asked for before', () => {
    expect(after(held, events.resolvedDebit)).toMatchObject({ inDoubt: false, approvedMinor: 1500 });
    const asked = after(leased, events.rejected);
    expect(after(asked, resolved('debit', 600))).toMatchObject({ inDoubt: true, askedMinor: 1300 });
    const renewed = after(asked, resolved('debit', 600), events.lease, { type: 'renew', leaseCount: 2 });
    expect(renewed.askedMinor).toBe(600);
  });

  test('never goes beyond what the screen named, less what is disputed', () => {
    for (const amountMinor of [0, -1, 1501])
      expect(applyDebitEvent(held, resolved('debit', amountMinor))).toMatchObject({
        error: { code: 'debit.amount' },
      });
    const lowered = after(held, events.resolvedDebit, events.disputed);
    expect(dueMinorOf(lowered)).toBe(800);
  });

  const eventArbitrary: fc.Arbitrary<DebitEvent> = fc.oneof(
    fc.constantFrom(...Object.values(events)),
    fc.record({
      type: fc.constant('disputed' as const),
      disputeId: fc.constant('KD2'),
      disputedMinor: fc.integer({ min: 0, max: 1400 }),
    }),
    fc.record({
      type: fc.constant('resolved' as const),
      by: fc.constant('anna'),
      decision: fc.constantFrom('debit' as const, 'waive' as const, 'settled' as const),
      amountMinor: fc.integer({ min: -1, max: 1700 }),
    }),
  );

  test('keeps its promises over any history', () => {
    fc.assert(
      fc.property(fc.array(eventArbitrary, { maxLength: 40 }), (history) => {
        let life = accepted;
        for (const event of history) {
          const fitting =
            'leaseCount' in event && event.leaseCount === 1
              ? { ...event, leaseCount: life.leaseCount }
              : event;
          const next = applyDebitEvent(life, fitting);
          if (!next.ok) continue;
          const now = next.value.life;
          expect(now.disputedMinor).toBeGreaterThanOrEqual(life.disputedMinor);
          expect(now.refundDueMinor).toBeGreaterThanOrEqual(life.refundDueMinor);
          expect(now.leaseCount).toBeGreaterThanOrEqual(life.leaseCount);
          expect(dueMinorOf(now)).toBeLessThanOrEqual(ceilingMinorOf(accepted));
          if (life.state === 'paid') expect(now.state).toBe('paid');
          if (life.state === 'needs_attention' && now.state !== life.state)
            expect(event.type).toBe('resolved');
          if (now.state === 'paid') expect(now.paidMinor).not.toBeNull();
          if (now.inDoubt) expect(now.askedMinor).not.toBeNull();
          life = now;
        }
      }),
    );
  });
});
