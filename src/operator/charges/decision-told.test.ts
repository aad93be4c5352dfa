import { expect, test } from 'vitest';
import { purchaseFacts } from '../../core/charge/purchases.ts';
import { chargeLineSchema } from '../../shared/model/charge.schema.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { minor } from '../../shared/money.ts';
import { newChargeId } from '../../testkit/operator/cabinet.ts';
import { acceptedDebit as accepted } from '../../testkit/operator/accepted-debit.ts';
import type { ChargeDecision, DebitEvent, DebitLife } from '../debits/debit-life.ts';
import { applyDebitEvent } from '../debits/debit-events.ts';
import { toldMinorOf } from '../debits/debit-life.ts';

/**
 * What a member is told after each decision about each charge: 7.00 (A1) and 6.00 (B2) are billed, and where it is said
 * so 2.00 more are held.
 */
const line = (sku: string, amountMinor: number) =>
  chargeLineSchema.parse({
    ...{ sku, name: { zh: sku, en: sku }, unitPriceMinor: amountMinor, count: 1, amountMinor },
  });
const lines = [line('A1', 700), line('B2', 600)];
const atMs = 1_000_000;

const lease: DebitEvent = { type: 'lease', purpose: 'due', atMs, lateMs: 0 };
const answer = (outcome: (DebitEvent & { type: 'answer' })['outcome']): DebitEvent => ({
  ...{ type: 'answer', leaseCount: 1, atMs, lateMs: 0, outcome },
});
const paid = (amountMinor: number) => answer({ kind: 'paid', amountMinor });
const reported = (disputedMinor: number): DebitEvent => ({
  ...{ type: 'disputed', disputeId: 'KD1', disputedMinor },
});
const decided = (decision: ChargeDecision, amountMinor: number): DebitEvent => ({
  ...{ type: 'resolved', by: 'anna', decision, amountMinor, reason: 'looked at' },
});

function after(life: DebitLife, ...events: readonly DebitEvent[]): DebitLife {
  return events.reduce((now, event) => {
    const next = applyDebitEvent(now, event);
    if (!next.ok) throw new Error(next.error.message);
    return next.value.life;
  }, life);
}

const needsAttention = {
  ...accepted,
  ...{ state: 'needs_attention', reason: 'recognition.reader_lost', review: true },
} as const satisfies DebitLife;
const held: DebitLife = { ...needsAttention, heldMinor: 200 };
const states = {
  held,
  heldNothingApart: needsAttention,
  allReported: after(accepted, reported(1300)),
  inDoubt: after(accepted, lease, answer({ kind: 'rejected', message: 'used' })),
  underpaid: after(accepted, lease, paid(500)),
  paid: after(accepted, lease, paid(1300)),
  paidThenReported: after(accepted, lease, paid(1300), reported(700)),
  paidThenAllReported: after(accepted, lease, paid(1300), reported(1300)),
  reportedThenPaid: after(accepted, reported(700), lease, paid(600)),
  reportedBeforeAndAfter: after(accepted, reported(700), lease, paid(600), reported(1300)),
  lookedUp: after(needsAttention, decided('debited', 1300)),
  settled: after(needsAttention, decided('settled', 1300)),
  waived: after(needsAttention, decided('waive', 0)),
  waivedThenDebited: after(
    accepted,
    ...[lease, answer({ kind: 'rejected', message: 'used' }), decided('waive', 0), paid(1300)],
  ),
} satisfies Record<string, DebitLife>;

const reportedSkus = new Map([
  [0, []],
  [700, ['A1']],
  [1300, ['A1', 'B2']],
]);

function told(life: DebitLife): string {
  const disputed = reportedSkus.get(life.disputedMinor) ?? [];
  const purchase = {
    ...{ chargeId: newChargeId(atMs), cabinetId: 'CAB-1', atMs, currency: 'CNY' as const, lines, disputed },
    heldLines: life.heldMinor > 0 ? [line('C3', life.heldMinor)] : [],
    ...{ totalMinor: minor(life.totalMinor), billedMinor: minor(toldMinorOf(life)), state: life.state },
    reason: life.state === 'collecting' && life.inDoubt ? ('system.provider_error' as const) : life.reason,
    ...{ nextTryAtMs: null, payUrl: null, inReview: life.review },
    resolved: life.resolution === null ? null : { ...life.resolution, atMs },
  };
  const money = toldMoneyOf({ ...purchase, ...purchaseFacts(purchase, true) });
  const { status, amountMinor, resolved, report, when } = money;
  return [status, amountMinor, resolved?.how ?? '-', report ?? '-', when ?? '-'].join(' ');
}

function decide(life: DebitLife, decision: ChargeDecision, amountMinor: number): string {
  const next = applyDebitEvent(life, decided(decision, amountMinor));
  if (!next.ok) return next.error.code;
  const owed = next.value.life.refundDueMinor;
  return `${told(next.value.life)}${owed > 0 ? ` back ${owed}` : ''}`;
}

/** Status, amount, how it was put right, what becomes of the report, when the next thing happens; and what is due back. */
test('before anybody decides', () => {
  const rows = Object.entries(states).map(([name, life]) => [name, told(life)]);
  expect(Object.fromEntries(rows)).toEqual({
    held: 'review 1300 - - working_days',
    heldNothingApart: 'review 1300 - - working_days',
    allReported: 'review 0 - beforePaid working_days',
    inDoubt: 'review 1300 - - working_days',
    underpaid: 'review 500 - - working_days',
    paid: 'paid 1300 - - -',
    paidThenReported: 'paid 1300 - afterPaid working_days',
    paidThenAllReported: 'paid 1300 - afterPaid working_days',
    reportedThenPaid: 'paid 600 - notDebited working_days',
    reportedBeforeAndAfter: 'paid 600 - afterPaid working_days',
    lookedUp: 'paid 1300 debited - -',
    settled: 'settled 1300 settled - -',
    waived: 'nothing 0 written_off - -',
    waivedThenDebited: 'refunded 1300 refunded - -',
  });
});

/** Each decision about each charge; where a charge is not named the decision is refused. */
test.each<[ChargeDecision, number, Partial<Record<keyof typeof states, string>>]>([
  [
    'debit',
    600,
    {
      held: 'sending 600 adjusted - on_its_own_soon',
      heldNothingApart: 'sending 600 adjusted - on_its_own_soon',
      inDoubt: 'sending 1300 other - on_its_own_soon',
    },
  ],
  [
    'debit',
    1300,
    {
      held: 'sending 1300 lines_dropped - on_its_own_soon',
      heldNothingApart: 'sending 1300 other - on_its_own_soon',
      inDoubt: 'sending 1300 other - on_its_own_soon',
    },
  ],
  [
    'debit',
    1500,
    {
      held: 'sending 1500 lines_released - on_its_own_soon',
    },
  ],
  [
    'waive',
    0,
    {
      held: 'nothing 0 written_off - -',
      heldNothingApart: 'nothing 0 written_off - -',
      allReported: 'nothing 0 written_off decided -',
      inDoubt: 'nothing 0 written_off - -',
      underpaid: 'refunded 500 refunded - - back 500',
      paid: 'refunded 1300 refunded - - back 1300',
      paidThenReported: 'refunded 1300 refunded refunded - back 1300',
      paidThenAllReported: 'refunded 1300 refunded refunded - back 1300',
      reportedThenPaid: 'refunded 600 refunded refunded - back 600',
      reportedBeforeAndAfter: 'refunded 600 refunded refunded - back 600',
      lookedUp: 'refunded 1300 refunded - - back 1300',
      settled: 'refunded 1300 refunded - - back 1300',
      waived: 'nothing 0 written_off - -',
      waivedThenDebited: 'refunded 1300 refunded - - back 1300',
    },
  ],
  [
    'waive',
    500,
    {
      underpaid: 'paid 500 written_off - -',
      paid: 'paid 1300 refunded_in_part - - back 800',
      paidThenReported: 'paid 1300 refunded_in_part refundedInPart - back 800',
      paidThenAllReported: 'refunded 1300 refunded refunded - back 1300',
      reportedThenPaid: 'paid 600 refunded_in_part decided - back 100',
      reportedBeforeAndAfter: 'refunded 600 refunded refunded - back 600',
      lookedUp: 'paid 1300 refunded_in_part - - back 800',
      settled: 'paid 1300 refunded_in_part - - back 800',
      waivedThenDebited: 'refunded 1300 refunded - - back 1300',
    },
  ],
  [
    'waive',
    600,
    {
      paid: 'paid 1300 refunded_in_part - - back 700',
      paidThenReported: 'paid 1300 refunded_in_part refundedInPart - back 700',
      paidThenAllReported: 'refunded 1300 refunded refunded - back 1300',
      reportedThenPaid: 'paid 600 written_off decided -',
      reportedBeforeAndAfter: 'refunded 600 refunded refunded - back 600',
      lookedUp: 'paid 1300 refunded_in_part - - back 700',
      settled: 'paid 1300 refunded_in_part - - back 700',
      waivedThenDebited: 'refunded 1300 refunded - - back 1300',
    },
  ],
  [
    'waive',
    1300,
    {
      paid: 'paid 1300 debited - -',
      paidThenReported: 'paid 1300 refunded_in_part refundedInPart - back 700',
      paidThenAllReported: 'refunded 1300 refunded refunded - back 1300',
      lookedUp: 'paid 1300 debited - -',
      settled: 'settled 1300 settled - -',
      waivedThenDebited: 'refunded 1300 refunded - - back 1300',
    },
  ],
  [
    'settled',
    500,
    {
      held: 'settled 500 settled - -',
      heldNothingApart: 'settled 500 settled - -',
      inDoubt: 'settled 500 settled - -',
      underpaid: 'paid 500 written_off - -',
    },
  ],
  [
    'settled',
    1300,
    {
      held: 'settled 1300 settled - -',
      heldNothingApart: 'settled 1300 settled - -',
      inDoubt: 'settled 1300 settled - -',
      underpaid: 'settled 1300 settled - -',
    },
  ],
  [
    'debited',
    1300,
    {
      held: 'paid 1300 debited - -',
      heldNothingApart: 'paid 1300 debited - -',
      allReported: 'paid 1300 debited afterPaid working_days back 1300',
      inDoubt: 'paid 1300 debited - -',
      underpaid: 'paid 1300 debited - -',
      reportedThenPaid: 'paid 1300 debited afterPaid working_days back 700',
      reportedBeforeAndAfter: 'paid 1300 debited afterPaid working_days back 1300',
      settled: 'paid 1300 refunded_in_part - working_days back 1300',
      waived: 'refunded 1300 refunded - - back 1300',
    },
  ],
  [
    'deny_dispute',
    600,
    {
      paidThenAllReported: 'paid 1300 refunded_in_part refundedInPart - back 700',
      reportedBeforeAndAfter: 'paid 600 dispute_denied denied -',
    },
  ],
  [
    'deny_dispute',
    1300,
    {
      paidThenReported: 'paid 1300 dispute_denied denied -',
      paidThenAllReported: 'paid 1300 dispute_denied denied -',
    },
  ],
])('%s %i', (decision, amountMinor, expected) => {
  const rows = Object.entries(states).map(([name, life]) => [name, decide(life, decision, amountMinor)]);
  expect(Object.fromEntries(rows.filter(([, row]) => row?.startsWith('debit.') === false))).toEqual(expected);
});

test('what was debited is not written off: either it stays, or it is due back', () => {
  for (const life of Object.values(states))
    for (const amountMinor of [0, 500, 600, 1300]) {
      const next = applyDebitEvent(life, decided('waive', amountMinor));
      if (!next.ok) continue;
      const { paidMinor, refundDueMinor, resolution, totalMinor } = next.value.life;
      expect(refundDueMinor).toBeGreaterThanOrEqual((paidMinor ?? 0) - amountMinor);
      if (resolution?.how === 'written_off') expect(paidMinor).toBeLessThan(totalMinor);
    }
});

test.each<[string, readonly DebitEvent[], string]>([
  ['debited', [lease, paid(1300)], 'paid 1300 debited - -'],
  [
    'declined',
    [lease, answer({ kind: 'declined', reason: 'account.declined' })],
    'collecting 1300 other - when_shopper_acts',
  ],
])('what is to be debited as billed, and then was %s', (_, events, expected) => {
  expect(told(after(needsAttention, decided('debit', 1300), ...events))).toBe(expected);
});

test('a report after one that was denied is looked at anew, and what was denied is not paid back with it', () => {
  const denied = after(states.paidThenReported, decided('deny_dispute', 1300));
  const again = after(denied, reported(1300));
  expect(again).toMatchObject({ refundDueMinor: 600, contestedMinor: 600, review: true });
  expect(told(again)).toBe('paid 1300 dispute_denied afterPaid working_days');
  expect(decide(again, 'deny_dispute', 1300)).toBe('paid 1300 dispute_denied denied -');
  expect(decide(again, 'waive', 1300)).toBe('paid 1300 refunded_in_part refundedInPart - back 600');
  // A refund that was promised is not taken back by denying what was reported later.
  const promised = after(states.paidThenReported, decided('waive', 1300), reported(1300));
  expect(decide(promised, 'deny_dispute', 1300)).toBe('debit.amount');
  expect(decide(promised, 'deny_dispute', 600)).toBe('paid 1300 refunded_in_part refundedInPart - back 700');
});
