import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minor } from '../../shared/money.ts';
import { chargeStates, reasonCodes } from '../../shared/model/charge.ts';
import type { ChargeState } from '../../shared/model/charge.ts';
import { resolutionActors } from '../../shared/model/resolution.ts';
import { applyChargeEvent, newCharge, nextStep, terminalStates } from './charge-life.ts';
import type { ChargeEvent, ChargeLife } from './charge-life.ts';

const total = minor(1250);
/** With what was held. */
const named = minor(1500);
const reasonArb = fc.constantFrom(...reasonCodes);
const minorArb = fc.integer({ min: 0, max: 2000 }).map(minor);

const eventArb: fc.Arbitrary<ChargeEvent> = fc.oneof(
  fc.record({ type: fc.constant('finalise' as const), totalMinor: minorArb }),
  fc.constant<ChargeEvent>({ type: 'enqueue' }),
  fc.constant<ChargeEvent>({ type: 'void', why: 'nothing_taken' }),
  fc.constant<ChargeEvent>({ type: 'submit' }),
  fc.record({
    type: fc.constant('reply' as const),
    state: fc.constantFrom(
      'accepted' as const,
      'paid' as const,
      'collecting' as const,
      'needs_attention' as const,
    ),
    totalMinor: minorArb,
    reason: fc.option(reasonArb),
    namedMinor: fc.option(fc.constant(named), { nil: undefined }),
  }),
  fc.record({ type: fc.constant('defer' as const), reason: reasonArb }),
  fc.record({ type: fc.constant('doubt' as const), reason: reasonArb }),
  fc.constant<ChargeEvent>({ type: 'unknown_there' }),
  fc.record({
    type: fc.constant('reject' as const),
    reason: fc.constantFrom('system.rejected' as const, 'system.conflict' as const),
  }),
  fc.constant<ChargeEvent>({ type: 'recover' }),
  fc.record({
    type: fc.constant('resolved' as const),
    how: fc.constantFrom('debited', 'lines_released', 'written_off', 'of_tomorrow'),
    by: fc.constantFrom(...resolutionActors),
    atMs: fc.integer({ min: 0, max: 5 }),
    state: fc.constantFrom('accepted' as const, 'paid' as const, 'needs_attention' as const),
    totalMinor: minorArb,
    reason: fc.option(reasonArb),
    namedMinor: fc.constant(named),
  }),
);

function must(charge: ChargeLife, ...events: ChargeEvent[]): ChargeLife {
  let now = charge;
  for (const event of events) {
    const next = applyChargeEvent(now, event);
    if (!next.ok) throw new Error(next.error.message);
    now = next.value;
  }
  return now;
}

const finalise: ChargeEvent = { type: 'finalise', totalMinor: total };
const reply = (state: 'accepted' | 'paid' | 'collecting' | 'needs_attention', totalMinor = total) =>
  ({ type: 'reply', state, totalMinor, reason: null }) as const;
const resolved = (
  how: string,
  atMs: number,
  state: 'accepted' | 'paid' | 'collecting' | 'needs_attention',
  totalMinor: number,
): ChargeEvent & { type: 'resolved' } => ({
  ...{ type: 'resolved', how, by: 'support', atMs, state },
  ...{ totalMinor: minor(totalMinor), reason: null, namedMinor: named },
});
const submitted = must(newCharge, finalise, { type: 'enqueue' }, { type: 'submit' });

describe('the usual ways', () => {
  test('straight to paid', () => {
    expect(must(submitted, reply('accepted'), reply('paid'))).toEqual({
      state: 'paid',
      totalMinor: 1250,
      billedMinor: 1250,
      reason: null,
      resolution: null,
    });
  });

  test('a time-out is asked about before anything is sent again', () => {
    const doubt = must(submitted, { type: 'doubt', reason: 'network.timeout' });
    expect(doubt.state).toBe('in_doubt');
    expect(nextStep(doubt)).toBe('query');
    expect(applyChargeEvent(doubt, { type: 'submit' }).ok).toBe(false);
    const again = must(doubt, { type: 'unknown_there' });
    expect(again.state).toBe('queued');
    expect(again.totalMinor).toBe(total);
    expect(must(doubt, reply('paid')).state).toBe('paid');
  });

  test('the end of the program in the middle of sending is doubt', () => {
    expect(must(submitted, { type: 'recover' })).toMatchObject({
      state: 'in_doubt',
      reason: 'network.timeout',
    });
  });

  test('a declined debit is collected later, and "accepted" does not take it back', () => {
    const collecting = must(submitted, {
      type: 'reply',
      state: 'collecting',
      totalMinor: total,
      reason: 'account.insufficient_funds',
    });
    expect(collecting).toMatchObject({ state: 'collecting', reason: 'account.insufficient_funds' });
    expect(must(collecting, reply('accepted'))).toMatchObject({
      state: 'collecting',
      reason: 'account.insufficient_funds',
    });
    expect(must(collecting, reply('paid'))).toMatchObject({ state: 'paid', reason: null });
  });

  test('a lower bill is taken, a higher one goes to a human', () => {
    const lower = must(submitted, reply('accepted', minor(1000)));
    expect(lower).toMatchObject({ state: 'accepted', totalMinor: 1250, billedMinor: 1000 });
    for (const amount of [1001, 1250, 1251]) {
      expect(must(lower, reply('paid', minor(amount)))).toMatchObject({
        state: 'needs_attention',
        reason: 'system.conflict',
        billedMinor: 1000,
      });
    }
  });

  test('only nothing can be voided once it is finalised', () => {
    expect(must(newCharge, { type: 'void', why: 'not_opened' }).state).toBe('voided');
    expect(applyChargeEvent(must(newCharge, finalise), { type: 'void', why: 'not_opened' }).ok).toBe(false);
    const zero = must(newCharge, { type: 'finalise', totalMinor: minor(0) });
    expect(must(zero, { type: 'void', why: 'nothing_taken' }).state).toBe('voided');
  });

  test('an operator that lost it gets the same charge again', () => {
    const lost = must(submitted, reply('accepted'), { type: 'unknown_there' });
    expect(lost).toMatchObject({ state: 'queued', reason: 'system.operator_error', totalMinor: 1250 });
  });
});

describe('put right while it waited for a human', () => {
  const waiting = must(submitted, {
    ...reply('needs_attention'),
    reason: 'recognition.differs_from_confirmed',
  });

  test.each([
    ['it is debited as billed', resolved('debited', 1, 'accepted', 1250), 'accepted', 1250],
    [
      'what was held is released: never above what the screen named',
      resolved('lines_released', 1, 'paid', 1500),
      'paid',
      1500,
    ],
    ['it is lowered', resolved('adjusted', 1, 'accepted', 900), 'accepted', 900],
    ['it is written off', resolved('written_off', 1, 'paid', 0), 'paid', 0],
    ['in a way that this version does not know', resolved('of_tomorrow', 1, 'paid', 0), 'paid', 0],
  ] as const)('%s', (_, event, state, billedMinor) => {
    expect(nextStep(waiting)).toBe('query');
    expect(must(waiting, event)).toEqual({
      ...{ state, totalMinor: total, billedMinor, reason: null },
      resolution: { how: event.how, by: 'support', atMs: 1 },
    });
  });

  test('more than the screen named is no decision: a human again', () => {
    expect(must(waiting, resolved('lines_released', 1, 'paid', 1501))).toMatchObject({
      ...{ state: 'needs_attention', reason: 'system.conflict', billedMinor: 1250, resolution: null },
    });
  });

  test('the same decision told again is none, nor is an older one; another one is', () => {
    const lowered = must(waiting, resolved('adjusted', 5, 'accepted', 900));
    expect(applyChargeEvent(lowered, resolved('adjusted', 5, 'accepted', 1500)).ok).toBe(false);
    // Of before: the operator's database was put back.
    expect(applyChargeEvent(lowered, resolved('lines_released', 4, 'accepted', 1500)).ok).toBe(false);
    for (const atMs of [5, 6])
      expect(must(lowered, resolved('lines_released', atMs, 'accepted', 1500))).toMatchObject({
        ...{ state: 'accepted', billedMinor: 1500 },
        resolution: { how: 'lines_released', by: 'support', atMs },
      });
    expect(must(lowered, reply('paid', minor(900)))).toMatchObject({ state: 'paid', billedMinor: 900 });
    expect(must(lowered, reply('paid', minor(901)))).toMatchObject({
      state: 'needs_attention',
      billedMinor: 900,
    });
  });

  test('told under the decision on record, the amount may rise to what the screen named, and out of a conflict', () => {
    const inDoubt = must(waiting, resolved('lines_released', 5, 'accepted', 1250));
    const under = (amount: number) => ({ ...reply('paid', minor(amount)), namedMinor: named });
    const conflict = must(inDoubt, reply('paid', minor(1500)));
    expect(conflict).toMatchObject({ state: 'needs_attention', reason: 'system.conflict' });
    for (const before of [inDoubt, conflict]) {
      expect(must(before, under(1500))).toMatchObject({ state: 'paid', billedMinor: 1500, reason: null });
      expect(must(before, under(1501))).toMatchObject({
        state: 'needs_attention',
        reason: 'system.conflict',
      });
    }
    // Nothing was decided here: the word alone raises nothing.
    expect(must(waiting, under(1251))).toMatchObject({ state: 'needs_attention', billedMinor: 1250 });
  });

  test('an operator from before says only how it stands now', () => {
    expect(must(waiting, reply('paid', minor(900)))).toMatchObject({
      state: 'paid',
      billedMinor: 900,
      resolution: null,
    });
    expect(must(waiting, reply('needs_attention'))).toMatchObject({ state: 'needs_attention' });
  });

  test('out of a bill that does not fit ours leads only a decision', () => {
    const conflict = must(submitted, { type: 'reject', reason: 'system.conflict' });
    expect(nextStep(conflict)).toBe('query');
    for (const event of [reply('paid'), { type: 'unknown_there' }] as const)
      expect(must(conflict, event)).toEqual(conflict);
    expect(must(conflict, resolved('settled', 1, 'paid', 600))).toMatchObject({
      state: 'paid',
      billedMinor: 600,
    });
  });

  test('that a question was not answered says nothing; an operator that lost it gets it again', () => {
    expect(must(waiting, { type: 'defer', reason: 'network.unreachable' })).toEqual(waiting);
    expect(must(waiting, { type: 'doubt', reason: 'network.timeout' })).toEqual(waiting);
    expect(must(waiting, { type: 'unknown_there' })).toMatchObject({ state: 'queued', billedMinor: 1250 });
  });
});

/** Which states each event may lead from: written out by hand, so that a changed rule shows up here. */
const legalFrom: Record<ChargeEvent['type'], readonly ChargeState[]> = {
  finalise: ['open'],
  enqueue: ['finalised'],
  void: ['open'],
  submit: ['queued'],
  reply: ['submitting', 'in_doubt', 'accepted', 'collecting', 'needs_attention'],
  resolved: ['submitting', 'in_doubt', 'accepted', 'collecting', 'needs_attention'],
  defer: ['submitting', 'in_doubt', 'accepted', 'collecting', 'needs_attention'],
  doubt: ['submitting', 'in_doubt', 'accepted', 'collecting', 'needs_attention'],
  unknown_there: ['in_doubt', 'accepted', 'collecting', 'needs_attention'],
  reject: ['submitting'],
  recover: ['submitting'],
};
const oneOfEach: readonly ChargeEvent[] = [
  finalise,
  { type: 'enqueue' },
  { type: 'void', why: 'cancelled' },
  { type: 'submit' },
  reply('paid'),
  resolved('written_off', 1, 'paid', 0),
  { type: 'defer', reason: 'network.unreachable' },
  { type: 'doubt', reason: 'network.timeout' },
  { type: 'unknown_there' },
  { type: 'reject', reason: 'system.rejected' },
  { type: 'recover' },
];

describe('every pair of state and event', () => {
  for (const state of chargeStates) {
    test(state, () => {
      const charge: ChargeLife = {
        state,
        totalMinor: state === 'open' ? null : total,
        billedMinor: null,
        reason: null,
        resolution: null,
      };
      for (const event of oneOfEach) {
        const result = applyChargeEvent(charge, event);
        expect(result.ok, `${event.type} in ${state}`).toBe(legalFrom[event.type].includes(state));
        if (!result.ok) expect(result.error.code).toBe('charge.illegal');
      }
    });
  }
});

describe('any order of events', () => {
  test('keeps the promises about money', () => {
    let paidCount = 0;
    let resolvedCount = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(newCharge, submitted),
        fc.array(eventArb, { maxLength: 60 }),
        (start, events) => {
          let charge = start;
          let timesPaid = 0;
          for (const event of events) {
            const next = applyChargeEvent(charge, event);
            if (!next.ok) continue;
            const after = next.value;
            // What was confirmed never changes; what is billed never rises, not even to what was confirmed.
            if (charge.totalMinor !== null) expect(after.totalMinor).toBe(charge.totalMinor);
            const isResolved = after.resolution !== charge.resolution;
            const isUnderDecision =
              charge.resolution !== null && event.type === 'reply' && event.namedMinor !== undefined;
            if (charge.billedMinor !== null && !isResolved && !isUnderDecision)
              expect(after.billedMinor).toBeLessThanOrEqual(charge.billedMinor);
            // Only a decision goes beyond what was billed, and never beyond what the screen named.
            const isRaised = (after.billedMinor ?? 0) > (after.totalMinor ?? 0);
            if (isRaised) expect(after.resolution).not.toBeNull();
            if (after.billedMinor !== null)
              expect(after.billedMinor).toBeLessThanOrEqual(Math.max(named, after.totalMinor!));
            if (isResolved) {
              expect(event.type).toBe('resolved');
              expect(after.resolution).not.toEqual(charge.resolution);
              resolvedCount++;
            }
            expect(terminalStates).not.toContain(charge.state);
            // Never sent while in doubt.
            if (after.state === 'submitting') expect(nextStep(charge)).toBe('send');
            if (after.state === 'paid') timesPaid++;
            if (after.state !== 'open' && after.state !== 'voided') expect(after.totalMinor).not.toBeNull();
            charge = after;
          }
          expect(timesPaid).toBeLessThanOrEqual(1);
          paidCount += timesPaid;
        },
      ),
      { numRuns: 3000, seed: 20260101 },
    );
    expect(paidCount, 'the run must reach "paid" for the promise to mean something').toBeGreaterThan(20);
    expect(resolvedCount, 'and a decision').toBeGreaterThan(20);
  });

  test('nothing leaves a terminal state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...terminalStates), eventArb, (state, event) => {
        const charge: ChargeLife = {
          state,
          totalMinor: total,
          billedMinor: total,
          reason: null,
          resolution: null,
        };
        expect(applyChargeEvent(charge, event).ok).toBe(false);
      }),
    );
  });
});
