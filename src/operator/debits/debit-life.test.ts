import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptedDebit } from '../../testkit/operator/accepted-debit.ts';
import { collection, debitLateMaxMs, unansweredMaxMs } from '../limits.ts';
import type { ChargeDecision, DebitEvent, DebitLife } from './debit-life.ts';
import { applyDebitEvent } from './debit-events.ts';
import { ceilingMinorOf, dueMinorOf, toldMinorOf } from './debit-life.ts';

const accepted: DebitLife = { ...acceptedDebit, heldMinor: 200 };
/** When the provider was asked, and how long it settles. */
const atMs = 1_000_000;
const settlingMs = 900_000;
const leased: DebitLife = { ...accepted, inDoubt: true, askedMinor: 1300, askedAtMs: atMs, leaseCount: 1 };
const collecting: DebitLife = {
  ...accepted,
  state: 'collecting',
  reason: 'account.declined',
  askedMinor: 1300,
  askedAtMs: atMs,
  leaseCount: 1,
  declineCount: 1,
  collectingSinceMs: atMs,
};
/** Only the shopper can help. */
const waiting: DebitLife = { ...collecting, reason: 'account.expired_card', waitsForShopper: true };
/** Asked for as long as it may be. */
const ended: DebitLife = { ...collecting, state: 'needs_attention', collectionEnded: true };
const collectingLeased: DebitLife = { ...collecting, inDoubt: true };
/** The provider goes on by itself. */
const byProvider: DebitLife = { ...collectingLeased, askedAtMs: null, collectedByProvider: true };
const paid: DebitLife = {
  ...accepted,
  state: 'paid',
  askedMinor: 1300,
  askedAtMs: atMs,
  debitedMinor: 1300,
  paidMinor: 1300,
  leaseCount: 1,
};
const held: DebitLife = { ...accepted, state: 'needs_attention', reason: 'system.rejected', review: true };
const underpaid: DebitLife = { ...held, askedMinor: 1300, debitedMinor: 1, paidMinor: 1, leaseCount: 1 };
/** Rejected, so that a human decides, but not known yet whether anything was debited. */
const heldInDoubt: DebitLife = { ...leased, state: 'needs_attention', reason: 'system.provider_error' };
const waived: DebitLife = { ...leased, state: 'paid', approvedMinor: 0, paidMinor: 0 };
const settled: DebitLife = { ...waived, approvedMinor: 500, paidMinor: 500 };
const states = {
  accepted,
  leased,
  collecting,
  collectingLeased,
  waiting,
  ended,
  byProvider,
  paid,
  held,
  underpaid,
  heldInDoubt,
  waived,
  settled,
};

type Answer = DebitEvent & { type: 'answer' };
const answered = (outcome: Answer['outcome'], leaseCount = 1, answeredAtMs = atMs): Answer => ({
  type: 'answer',
  atMs: answeredAtMs,
  lateMs: 0,
  leaseCount,
  outcome,
});
const resolved = (decision: ChargeDecision, amountMinor: number): DebitEvent => ({
  type: 'resolved',
  by: 'anna',
  decision,
  amountMinor,
});
const events = {
  lease: { type: 'lease', purpose: 'due', atMs: atMs + 1, lateMs: 0 },
  leaseAfterADay: { type: 'lease', purpose: 'due', atMs: atMs + unansweredMaxMs, lateMs: 0 },
  leaseAtTheEnd: { type: 'lease', purpose: 'due', atMs: atMs + collection.endsAfterMs, lateMs: 0 },
  payment: { type: 'lease', purpose: 'payment', atMs: atMs + 1, lateMs: 0 },
  account: { type: 'lease', purpose: 'account', atMs: atMs + 1, lateMs: 0 },
  paid: answered({ kind: 'paid', amountMinor: 1300 }),
  paidStale: answered({ kind: 'paid', amountMinor: 1300 }, 0),
  paidUnreadable: answered({ kind: 'paid', amountMinor: Number.NaN }),
  paidLess: answered({ kind: 'paid', amountMinor: 1 }),
  declined: answered({ kind: 'declined', reason: 'account.expired_card' }),
  declinedStale: answered({ kind: 'declined', reason: 'account.expired_card' }, 0),
  declinedForEver: answered({ kind: 'declined', reason: 'account.declined', again: 'never' }),
  collecting: answered({ kind: 'collecting', amountMinor: 1300, reason: 'account.insufficient_funds' }),
  collectingAtTheEnd: answered(
    { kind: 'collecting', amountMinor: 1300, reason: 'account.insufficient_funds' },
    1,
    atMs + collection.endsAfterMs,
  ),
  unknown: answered({ kind: 'unknown', message: 'lost' }),
  rejected: answered({ kind: 'rejected', message: 'other amount' }),
  notSent: answered({ kind: 'not_sent', message: 'refused' }),
  notYet: answered({ kind: 'not_found', atMs: atMs + 20_000, settlingMs }),
  notFound: answered({ kind: 'not_found', atMs: atMs + settlingMs, settlingMs }),
  disputed: { type: 'disputed', disputeId: 'KD1', disputedMinor: 700 },
  disputedAll: { type: 'disputed', disputeId: 'KD1', disputedMinor: 1300 },
  resolvedDebit: resolved('debit', 1500),
  resolvedWaive: resolved('waive', 0),
  resolvedSettled: resolved('settled', 500),
  resolvedDebited: resolved('debited', 1300),
  resolvedDenied: resolved('deny_dispute', 1300),
} as const satisfies Record<string, DebitEvent>;

/** What each state becomes of each event: the state, `?` where it is in doubt, the next attempt; or the failure's name. */
function outcomeOf(life: DebitLife, event: DebitEvent): string {
  const result = applyDebitEvent(life, event);
  if (!result.ok) return result.error.code.replace('debit.', '');
  const { life: after, next, incidents } = result.value;
  const isMoreDue = after.refundDueMinor > life.refundDueMinor;
  const told = [...incidents.map(({ kind }) => ` ${kind}`), isMoreDue ? ' refund_due' : ''].join('');
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
    leaseAfterADay: 'accepted? after_lease',
    leaseAtTheEnd: 'accepted? after_lease',
    payment: no,
    account: no,
    // Money that moved is never refused, however late its answer is.
    paid: 'paid never',
    paidStale: 'paid never',
    paidUnreadable: 'needs_attention never paid_unreadable',
    paidLess: 'needs_attention never underpaid',
    declined: no,
    declinedStale: no,
    declinedForEver: no,
    collecting: no,
    collectingAtTheEnd: no,
    unknown: no,
    rejected: no,
    notSent: no,
    notYet: no,
    notFound: no,
    disputed: 'accepted keep',
    disputedAll: 'needs_attention never',
    resolvedDebit: no,
    resolvedWaive: no,
    resolvedSettled: no,
    resolvedDebited: no,
    resolvedDenied: no,
  };
  const out = {
    ...open,
    leaseAfterADay: 'needs_attention? after_lease debit_unanswered',
    leaseAtTheEnd: 'needs_attention? after_lease debit_unanswered',
    declined: 'collecting after_decline',
    declinedStale: 'stale',
    declinedForEver: 'collecting after_decline',
    collecting: 'collecting? after_decline',
    // Its collection begins with this.
    collectingAtTheEnd: 'collecting? after_decline',
    unknown: 'accepted? after_no_answer',
    // The number may have been used up by an earlier request: the doubt stays.
    rejected: 'needs_attention? after_no_answer provider_rejected',
    notSent: 'accepted after_no_answer',
    notYet: 'accepted? 1080000',
    notFound: 'accepted now',
    disputed: 'accepted? keep',
    disputedAll: 'accepted? keep',
    // That it was debited is a fact; what it comes to in the end the provider says.
    resolvedDebited: 'paid? keep',
  };
  const outInCollection = {
    ...out,
    lease: 'collecting? after_lease',
    // The provider goes on, and people are told.
    collectingAtTheEnd: 'needs_attention? after_decline collection_ended',
    unknown: 'collecting? after_no_answer',
    notSent: 'collecting after_no_answer',
    notYet: 'collecting? 1080000',
    notFound: 'collecting now',
    disputed: 'collecting? keep',
    disputedAll: 'collecting? keep',
  };
  const closed = {
    ...open,
    lease: no,
    leaseAfterADay: no,
    leaseAtTheEnd: no,
    paid: 'paid never late_paid',
    paidStale: 'paid never late_paid',
    paidLess: 'needs_attention never late_paid underpaid',
  };
  /** Settled by a human with nothing or little, while a debit was in doubt. */
  const settledInDoubt = {
    ...closed,
    lease: 'paid? after_lease',
    leaseAfterADay: 'paid? after_lease',
    leaseAtTheEnd: 'paid? after_lease',
    paid: 'paid never late_paid refund_due',
    paidStale: 'paid never late_paid refund_due',
    paidUnreadable: 'paid never paid_unreadable',
    paidLess: 'paid never late_paid refund_due',
    declined: 'paid never',
    declinedStale: 'stale',
    declinedForEver: 'paid never',
    collecting: 'paid? after_decline',
    collectingAtTheEnd: 'paid? after_decline',
    unknown: 'paid? after_no_answer',
    rejected: 'paid? after_no_answer provider_rejected',
    notSent: 'paid never',
    notYet: 'paid? 1080000',
    notFound: 'paid never',
    disputed: 'paid? keep',
    disputedAll: 'paid? keep',
    resolvedDebited: 'paid? keep refund_due',
  };
  const inCollection = {
    ...open,
    lease: 'collecting? after_lease',
    leaseAfterADay: 'collecting? after_lease',
    leaseAtTheEnd: 'needs_attention never collection_ended',
    resolvedDebited: 'paid never',
    payment: 'collecting? after_lease',
    account: 'collecting? after_lease',
    disputed: 'collecting keep',
  };
  expect(Object.fromEntries(table)).toEqual({
    accepted: open,
    leased: out,
    collecting: inCollection,
    waiting: {
      ...inCollection,
      // Nobody asks by itself.
      lease: 'collecting after_decline',
      leaseAfterADay: 'collecting after_decline',
    },
    ended: {
      ...closed,
      // The member still owes it, and can pay it.
      payment: 'needs_attention? after_lease',
      account: 'collecting? after_lease',
      paid: 'paid never',
      paidStale: 'paid never',
      paidLess: 'needs_attention never underpaid',
      disputed: 'needs_attention keep',
      disputedAll: 'needs_attention never',
      // It was declined for certain.
      resolvedDebit: 'accepted now',
      resolvedWaive: 'paid never',
      resolvedSettled: 'paid never',
      resolvedDebited: 'paid never',
    },
    collectingLeased: outInCollection,
    byProvider: {
      ...outInCollection,
      // It has answered all the while.
      leaseAfterADay: 'collecting? after_lease',
      leaseAtTheEnd: 'collecting? after_lease',
      notYet: 'collecting? 1035000',
      notFound: 'collecting? 1915000',
      // It is told to collect less before it collects.
      disputed: 'collecting? now',
    },
    paid: {
      ...closed,
      paid: 'paid never',
      paidStale: 'paid never',
      paidUnreadable: 'paid never paid_unreadable',
      paidLess: 'paid never',
      disputed: 'paid keep refund_due',
      disputedAll: 'paid keep refund_due',
      // What was debited is not let go.
      resolvedWaive: 'paid never refund_due',
      // So much was known.
      resolvedDebited: 'amount',
    },
    held: {
      ...closed,
      disputed: 'needs_attention keep',
      disputedAll: 'needs_attention keep',
      resolvedDebit: 'accepted now',
      resolvedWaive: 'paid never',
      resolvedSettled: 'paid never',
      resolvedDebited: 'paid never',
    },
    underpaid: {
      ...closed,
      paidLess: 'needs_attention never',
      disputed: 'needs_attention keep',
      disputedAll: 'needs_attention keep refund_due',
      resolvedWaive: 'paid never refund_due',
      resolvedSettled: 'paid never',
      resolvedDebited: 'paid never',
    },
    heldInDoubt: {
      ...closed,
      lease: 'needs_attention? after_lease',
      leaseAfterADay: 'needs_attention? after_lease',
      leaseAtTheEnd: 'needs_attention? after_lease',
      declined: 'needs_attention never',
      declinedStale: 'stale',
      declinedForEver: 'needs_attention never',
      collecting: 'needs_attention? after_decline',
      collectingAtTheEnd: 'needs_attention? after_decline',
      unknown: 'needs_attention? after_no_answer',
      rejected: 'needs_attention? after_no_answer provider_rejected',
      notSent: 'needs_attention never',
      notYet: 'needs_attention? 1080000',
      notFound: 'needs_attention never',
      disputed: 'needs_attention? keep',
      disputedAll: 'needs_attention? keep',
      resolvedDebit: 'accepted? now',
      resolvedWaive: 'paid? keep',
      resolvedSettled: 'paid? keep',
      resolvedDebited: 'paid? keep',
    },
    waived: { ...settledInDoubt, resolvedWaive: 'paid? keep' },
    settled: {
      ...settledInDoubt,
      disputed: 'paid? keep refund_due',
      disputedAll: 'paid? keep refund_due',
      resolvedWaive: 'paid? keep refund_due',
    },
  });
});

const after = (life: DebitLife, ...list: DebitEvent[]): DebitLife =>
  list.reduce((now, event) => {
    const next = applyDebitEvent(now, event);
    if (!next.ok) throw new Error(next.error.message);
    return next.value.life;
  }, life);

describe('a debit', () => {
  test('is not given up for time in which nobody looked: the clock may have been set forward', () => {
    const hourMs = 3_600_000;
    const lease = (nowMs: number, lateMs: number) =>
      ({ type: 'lease', purpose: 'due', atMs: nowMs, lateMs }) as const;
    const late = (life: DebitLife, lateMs: number) =>
      after(life, { ...answered({ kind: 'unknown', message: '' }, life.leaseCount), lateMs });
    // Set forward before the query that was planned, and while the debit itself was under way.
    expect(after(late(leased, 0), lease(atMs + hourMs, hourMs)).askedAtMs).toBe(atMs + hourMs);
    expect(late(leased, hourMs).askedAtMs).toBe(atMs + hourMs);
    // A moment late is no jump.
    expect(after(late(leased, 0), lease(atMs + 20_000, debitLateMaxMs)).askedAtMs).toBe(atMs);
  });

  test('that its provider collects by itself stays in doubt, for whatever time, and is said once', () => {
    const said = answered({ kind: 'collecting', amountMinor: 1300, reason: 'account.insufficient_funds' });
    let life = after(accepted, events.lease, said);
    const collected = {
      state: 'collecting',
      reason: 'account.insufficient_funds',
      inDoubt: true,
      askedMinor: 1300,
    };
    for (let day = 1; day < 5; day++) {
      expect(life).toMatchObject({
        ...collected,
        collectedByProvider: true,
        declineCount: 0,
        unreachableCount: day - 1,
      });
      const nowMs = atMs + day * unansweredMaxMs;
      life = after(life, { type: 'lease', purpose: 'due', atMs: nowMs, lateMs: 0 });
      const again = applyDebitEvent(life, { ...said, leaseCount: life.leaseCount });
      expect(again).toMatchObject({ ok: true, value: { history: [], incidents: [] } });
      life = after(life, { ...said, leaseCount: life.leaseCount });
    }
    // The member cannot pay beside it, and what it ends with counts.
    expect(applyDebitEvent(life, events.payment).ok).toBe(false);
    expect(after(life, events.paid)).toMatchObject({
      state: 'paid',
      paidMinor: 1300,
      collectedByProvider: false,
    });
    const ended = after(life, { ...events.declined, leaseCount: life.leaseCount });
    expect(ended).toMatchObject({ state: 'collecting', inDoubt: false, collectedByProvider: false });
    // With less, when it was told to.
    const lowered = answered(
      { kind: 'collecting', amountMinor: 600, reason: 'account.declined' },
      life.leaseCount,
    );
    expect(after(life, lowered)).toMatchObject({ askedMinor: 600, reason: 'account.declined' });
    const wrong = answered(
      { kind: 'collecting', amountMinor: Number.NaN, reason: 'account.declined' },
      life.leaseCount,
    );
    expect(after(life, wrong)).toMatchObject({ state: 'needs_attention', reason: 'system.provider_error' });
  });

  test('counts declines whatever their reason, and waits anew for a provider that has answered', () => {
    const reasons = ['account.declined', 'account.insufficient_funds', 'account.declined'] as const;
    let life = accepted;
    for (const [i, reason] of reasons.entries()) {
      life = after(life, events.lease, answered({ kind: 'unknown', message: '' }, life.leaseCount + 1));
      life = after(life, events.lease, answered({ kind: 'declined', reason }, life.leaseCount + 1));
      expect(life).toMatchObject({ declineCount: i + 1, unreachableCount: 0, reason });
    }
  });

  test('knows what is to be paid back in all', () => {
    expect(after(paid, events.disputed).refundDueMinor).toBe(700);
    expect(after(paid, events.disputed, events.disputedAll).refundDueMinor).toBe(1300);
  });

  test('tells a refund by its word: of the whole, of a part, or none', () => {
    const leave = resolved('waive', 1300);
    // Held goods are not asked for, and all that was billed is paid.
    expect(after(paid, leave).resolution).toMatchObject({ how: 'lines_dropped' });
    expect(after(paid, events.disputed, leave).resolution).toMatchObject({ how: 'refunded_in_part' });
    expect(after(paid, events.disputedAll, leave).resolution).toMatchObject({ how: 'refunded' });
    // Decided twice: the refund stays what it was.
    expect(after(paid, events.disputed, leave, leave).resolution).toMatchObject({ how: 'refunded_in_part' });
    // Too little was debited, and all of it was reported.
    const underpaid = after(leased, events.paidLess);
    const part = underpaid.paidMinor ?? 0;
    expect(after(underpaid, resolved('waive', part)).resolution).toMatchObject({ how: 'written_off' });
    expect(after(underpaid, events.disputedAll, resolved('waive', part)).resolution).toMatchObject({
      how: 'refunded',
    });
  });

  test('tells of more than was found out before as something new, so that its cabinet believes it', () => {
    const found = after(heldInDoubt, resolved('debited', 700));
    expect([toldMinorOf(found), found.resolution]).toEqual([700, null]);
    const more = after(found, answered({ kind: 'paid', amountMinor: 900 }));
    expect([more.state, toldMinorOf(more)]).toEqual(['needs_attention', 900]);
    expect(more.resolution).toEqual({ how: 'debited', by: 'provider' });
    const byHand = after(found, resolved('debited', 900));
    expect([toldMinorOf(byHand), byHand.resolution]).toEqual([900, { how: 'debited', by: 'support' }]);
  });

  test('tells a report that is denied as denied, though more was debited than the screen named', () => {
    const nothingHeld = { ...leased, heldMinor: 0 };
    const over = after(nothingHeld, answered({ kind: 'paid', amountMinor: 2_000 }), events.disputed);
    const denied = after(over, resolved('deny_dispute', 1300));
    expect(denied).toMatchObject({ refundDueMinor: 700, resolution: { how: 'dispute_denied' } });
    expect(after(over, resolved('deny_dispute', 1000)).resolution).toMatchObject({ how: 'refunded_in_part' });
  });

  test('is not paid back once a report is denied, and only what was paid can be', () => {
    const deny = resolved('deny_dispute', 1300);
    const denied = after(paid, events.disputed, deny);
    expect(denied).toMatchObject({ state: 'paid', review: false, refundDueMinor: 0, contestedMinor: 0 });
    expect(denied.resolution).toEqual({ how: 'dispute_denied', by: 'support' });
    const refusals = [
      [denied, 'debit.illegal'],
      [paid, 'debit.illegal'],
      // It was reported before, and never debited; it was decided about; nothing has moved yet.
      [
        after(accepted, events.disputed, events.lease, answered({ kind: 'paid', amountMinor: 600 })),
        'debit.illegal',
      ],
      [after(paid, events.disputed, resolved('waive', 1300)), 'debit.illegal'],
      [after(accepted, events.disputedAll), 'debit.illegal'],
    ] as const;
    for (const [life, code] of refusals)
      expect(applyDebitEvent(life, deny)).toMatchObject({ error: { code } });
    for (const amountMinor of [-1, 600, 1301])
      expect(
        applyDebitEvent(after(paid, events.disputed), resolved('deny_dispute', amountMinor)),
      ).toMatchObject({ error: { code: 'debit.amount' } });
  });

  test('of a database that was put back is asked for by nobody before its cabinet has spoken', () => {
    const waits = { ...collecting, awaitsCabinet: true };
    expect(outcomeOf(waits, events.payment)).toBe('illegal');
    expect(outcomeOf(waits, events.account)).toBe('illegal');
    const spoke = (known: string | null): DebitEvent => ({ type: 'cabinet_spoke', atMs: atMs + 5, known });
    // The provider is queried, and then it goes on; or people decide, of whom a decision is lost.
    expect(outcomeOf(waits, spoke(null))).toBe(`collecting? ${atMs + 5}`);
    expect(after(waits, spoke(null))).toMatchObject({
      awaitsCabinet: false,
      askedMinor: 1300,
      askedAtMs: null,
    });
    expect(outcomeOf(waits, spoke('decided'))).toBe(`needs_attention? ${atMs + 5} decision_lost`);
    expect(outcomeOf(collecting, spoke('decided'))).toBe(`needs_attention? ${atMs + 5} decision_lost`);
    expect(outcomeOf(collecting, spoke(null))).toBe('illegal');
    // It was waited for long enough.
    expect(outcomeOf(waits, events.lease)).toBe(`needs_attention? ${atMs + 1} decision_lost`);
    expect(after(waits, events.paid)).toMatchObject({ state: 'paid', awaitsCabinet: false });
    // What people decide ends the wait; it may have been debited since all the same.
    const byPeople = after({ ...held, awaitsCabinet: true }, resolved('debit', 600));
    expect(byPeople).toMatchObject({ awaitsCabinet: false, inDoubt: true, askedMinor: 600, askedAtMs: null });
  });

  test('that a human decides on is looked up first when it was asked for before', () => {
    expect(after(held, events.resolvedDebit)).toMatchObject({ inDoubt: false, approvedMinor: 1500 });
    const asked = after(leased, events.rejected);
    const notFound = { kind: 'not_found', atMs: atMs + settlingMs } as const;
    expect(after(asked, resolved('debit', 600))).toMatchObject({ inDoubt: true, askedMinor: 1300 });
    const again = after(asked, resolved('debit', 600), answered({ ...notFound, settlingMs }), events.lease);
    expect(again.askedMinor).toBe(600);
  });

  test('never goes beyond what the screen named, less what is disputed', () => {
    for (const amountMinor of [0, -1, 1501])
      expect(applyDebitEvent(held, resolved('debit', amountMinor))).toMatchObject({
        error: { code: 'debit.amount' },
      });
    const lowered = after(held, events.resolvedDebit, events.disputed);
    expect(dueMinorOf(lowered)).toBe(800);
  });

  const isPaid = (
    event: DebitEvent,
  ): event is DebitEvent & { type: 'answer'; outcome: { kind: 'paid'; amountMinor: number } } =>
    event.type === 'answer' && event.outcome.kind === 'paid' && !Number.isNaN(event.outcome.amountMinor);
  /** A human says that the provider has. */
  const isFound = (event: DebitEvent): event is DebitEvent & { type: 'resolved' } =>
    event.type === 'resolved' && event.decision === 'debited';
  const eventArbitrary: fc.Arbitrary<DebitEvent> = fc.oneof(
    fc.constantFrom(...Object.values(events)),
    fc.integer({ min: 1, max: 1600 }).map((amountMinor) => answered({ kind: 'paid', amountMinor }, 0)),
    fc.record({
      type: fc.constant('disputed' as const),
      disputeId: fc.constant('KD2'),
      disputedMinor: fc.integer({ min: 0, max: 1400 }),
    }),
    fc.record({
      type: fc.constant('resolved' as const),
      by: fc.constant('anna'),
      decision: fc.constantFrom<ChargeDecision>('debit', 'waive', 'settled', 'debited', 'deny_dispute'),
      amountMinor: fc.integer({ min: -1, max: 1700 }),
    }),
    fc.record({
      type: fc.constant('cabinet_spoke' as const),
      atMs: fc.constant(atMs + 2),
      known: fc.constantFrom(null, 'people had decided'),
    }),
  );

  test('keeps its promises over any history', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(eventArbitrary, { maxLength: 40 }), (awaitsCabinet, history) => {
        let life: DebitLife = { ...accepted, awaitsCabinet };
        let takenMinor = 0;
        for (const event of history) {
          const fitting =
            'leaseCount' in event && event.leaseCount === 1
              ? { ...event, leaseCount: life.leaseCount }
              : event;
          const next = applyDebitEvent(life, fitting);
          if (!next.ok) continue;
          const now = next.value.life;
          expect(now.disputedMinor).toBeGreaterThanOrEqual(life.disputedMinor);
          // A dispute moves what is due to what nobody has decided about, and only a human takes it from there.
          expect(now.contestedMinor).toBeLessThanOrEqual(now.disputedMinor);
          if (event.type === 'disputed')
            expect(dueMinorOf(now) + now.contestedMinor).toBe(dueMinorOf(life) + life.contestedMinor);
          else if (event.type === 'resolved' && !isFound(event)) expect(now.contestedMinor).toBe(0);
          // That money has moved is a fact, and no decision about what was reported.
          else expect(now.contestedMinor).toBe(life.contestedMinor);
          // Only a human who settles it says that what was paid is right after all.
          if (event.type !== 'resolved')
            expect(now.refundDueMinor).toBeGreaterThanOrEqual(life.refundDueMinor);
          expect(now.leaseCount).toBeGreaterThanOrEqual(life.leaseCount);
          expect(dueMinorOf(now)).toBeLessThanOrEqual(ceilingMinorOf(accepted));
          if (life.state === 'paid') expect(now.state).toBe('paid');
          // Only the provider, or the time that it takes, ends a doubt.
          if (life.inDoubt && event.type === 'resolved') expect(now.inDoubt).toBe(true);
          const isAccount = event.type === 'lease' && event.purpose === 'account' && life.collectionEnded;
          if (life.state === 'needs_attention' && now.state !== life.state)
            expect(event.type === 'resolved' || isPaid(event) || isAccount).toBe(true);
          // What waits for the shopper, or has ended, is asked for by nobody else.
          const isByItself = event.type === 'lease' && event.purpose === 'due';
          if (life.awaitsCabinet) expect(now.leaseCount).toBe(life.leaseCount);
          else if (isByItself && (life.waitsForShopper || life.collectionEnded))
            expect(now.inDoubt).toBe(life.inDoubt);
          if (now.collectionEnded) expect(now.state).toBe('needs_attention');
          if (now.state === 'collecting' && now.declineCount >= collection.declinesMax && !now.inDoubt)
            expect(now.waitsForShopper || now.declineCount === life.declineCount).toBe(true);
          if (now.state === 'paid') expect(now).toMatchObject({ collectingSinceMs: null, remindedCount: 0 });
          // What the provider has taken is known, and whatever is beyond what is due a human was told to pay back.
          if (isPaid(event)) takenMinor = Math.max(takenMinor, event.outcome.amountMinor);
          if (isFound(event)) takenMinor = Math.max(takenMinor, event.amountMinor);
          expect(now.debitedMinor ?? 0).toBe(takenMinor);
          expect(now.paidMinor ?? 0).toBeGreaterThanOrEqual(takenMinor);
          expect(now.refundDueMinor).toBe(Math.max(0, (now.paidMinor ?? 0) - dueMinorOf(now)));
          if (!isPaid(event) && event.type !== 'resolved') expect(now.paidMinor).toBe(life.paidMinor);
          if (now.state === 'paid') expect(now.paidMinor).not.toBeNull();
          if (now.inDoubt) expect(now.askedMinor).not.toBeNull();
          life = now;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
