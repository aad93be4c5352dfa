import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeChargeId } from '../../shared/ids.ts';
import { minor } from '../../shared/money.ts';
import { fail, ok } from '../../shared/result.ts';
import { applyChargeEvent } from './charge-life.ts';
import type { ChargeLife } from './charge-life.ts';
import {
  chargeEventFor,
  pollDelayMs,
  retryAfterMaxMs,
  retryCapMs,
  retryDelayMs,
  retryFirstMs,
  retryFloorMs,
  sentBeforeOf,
  waitingQueriesMax,
  waitingCapMs,
  waitingDelayMs,
  waitingFirstMs,
  waitingSlowMs,
} from './delivery.ts';
import type { OperatorErrorCode } from './delivery.ts';

const chargeId = makeChargeId(0, new Uint8Array(10));
const at = (state: ChargeLife['state']): ChargeLife => ({
  state,
  totalMinor: minor(500),
  billedMinor: null,
  reason: null,
  resolution: null,
});
const nothingDecided = { resolution: null, namedMinor: minor(700) };

function after(state: ChargeLife['state'], step: 'send' | 'query', code: OperatorErrorCode): ChargeLife {
  const next = applyChargeEvent(at(state), chargeEventFor(step, fail(code, 'test'), nothingDecided));
  if (!next.ok) throw new Error(next.error.message);
  return next.value;
}

describe('what an attempt means for the charge', () => {
  const afterPut: Record<OperatorErrorCode, [string, string]> = {
    'network.unreachable': ['queued', 'network.unreachable'],
    'network.timeout': ['in_doubt', 'network.timeout'],
    'network.portal': ['in_doubt', 'network.unreachable'],
    'network.unproven': ['in_doubt', 'network.unreachable'],
    'operator.unauthenticated': ['queued', 'system.operator_error'],
    'operator.refused': ['needs_attention', 'system.rejected'],
    'operator.conflict': ['needs_attention', 'system.conflict'],
    'operator.unknown_charge': ['queued', 'system.operator_error'],
    'operator.not_served': ['queued', 'system.operator_error'],
    'operator.busy': ['queued', 'system.operator_error'],
    'operator.unavailable': ['in_doubt', 'system.operator_error'],
    'operator.garbage': ['in_doubt', 'system.operator_error'],
  };
  for (const [code, [state, reason]] of Object.entries(afterPut)) {
    test(`PUT, ${code}: ${state}`, () => {
      expect(after('submitting', 'send', code as OperatorErrorCode)).toMatchObject({ state, reason });
    });
  }

  test('a question that fails decides nothing: only "unknown charge" sends it again', () => {
    for (const code of Object.keys(afterPut) as OperatorErrorCode[]) {
      const state = code === 'operator.unknown_charge' ? 'queued' : 'in_doubt';
      expect(after('in_doubt', 'query', code).state, code).toBe(state);
      if (code !== 'operator.unknown_charge') {
        expect(after('accepted', 'query', code)).toEqual(at('accepted'));
        expect(after('collecting', 'query', code)).toEqual(at('collecting'));
      }
    }
  });

  test('an answer is the operator speaking', () => {
    const answer = { chargeId, state: 'paid' as const, reason: null, totalMinor: minor(500), resolved: null };
    expect(chargeEventFor('send', ok(answer), nothingDecided)).toEqual({
      type: 'reply',
      state: 'paid',
      reason: null,
      totalMinor: 500,
    });
  });

  test('a decision is told once; after that the answer says only how the charge stands', () => {
    const resolved = { how: 'of_tomorrow', by: 'support', atMs: 7 } as const;
    const answer = { chargeId, state: 'accepted' as const, reason: null, totalMinor: minor(600), resolved };
    const event = chargeEventFor('query', ok(answer), nothingDecided);
    expect(event).toEqual({
      ...{ type: 'resolved', state: 'accepted', reason: null, totalMinor: 600, namedMinor: 700 },
      ...resolved,
    });
    const decided = applyChargeEvent({ ...at('needs_attention'), billedMinor: minor(500) }, event);
    if (!decided.ok) throw new Error(decided.error.message);
    const again = chargeEventFor('query', ok(answer), { ...nothingDecided, ...decided.value });
    expect(again).toMatchObject({ type: 'reply', namedMinor: 700 });
    // An older one, as after the operator's database was put back; and an operator from before, which says nothing of it.
    const other = { ...answer, resolved: { ...resolved, atMs: 6 } };
    const told = (reply: typeof other | typeof silent) =>
      chargeEventFor('query', ok(reply), { ...nothingDecided, ...decided.value });
    const silent = { ...answer, resolved: null };
    for (const reply of [other, silent])
      expect(told(reply)).toEqual({ type: 'reply', state: 'accepted', reason: null, totalMinor: 600 });
  });
});

test('what is said of having sent it: that the operator or its people had it, or how long ago nobody answered', () => {
  const nobody = { withPeople: null };
  expect(sentBeforeOf(null, null, null, 9_000)).toBeNull();
  expect(sentBeforeOf(null, 2_000, null, 9_000)).toEqual({ agoMs: 7_000, ...nobody });
  // The clock was set back since.
  expect(sentBeforeOf(null, 2_000, null, 1_000)).toEqual({ agoMs: null, ...nobody });
  const withPeople = { stage: 'waiting', billedMinor: 500 } as const;
  for (const unansweredMs of [null, 2_000]) {
    expect(sentBeforeOf(minor(500), unansweredMs, null, 9_000)).toEqual({ agoMs: null, ...nobody });
    for (const billedMinor of [null, minor(500)])
      expect(sentBeforeOf(billedMinor, unansweredMs, withPeople, 9_000)).toEqual({ agoMs: null, withPeople });
  }
});

describe('asking what a human has decided', () => {
  test('slower and slower, jittered, and then once in a long while, without end', () => {
    const sumMs = (random01: number): number => {
      let sum = 0;
      for (let queries = 0; queries < waitingQueriesMax; queries++) {
        const delayMs = waitingDelayMs(queries, random01);
        expect(delayMs).toBeGreaterThanOrEqual(waitingFirstMs / 2);
        expect(delayMs).toBeLessThanOrEqual(waitingCapMs);
        sum += delayMs;
      }
      return sum;
    };
    const dayMs = 24 * 3_600_000;
    expect(sumMs(0)).toBeGreaterThan(28 * dayMs);
    expect(sumMs(0.999_999)).toBeLessThan(62 * dayMs);
    for (const queries of [waitingQueriesMax, 10 * waitingQueriesMax]) {
      expect(waitingDelayMs(queries, 0)).toBe(waitingSlowMs / 2);
      expect(waitingDelayMs(queries, 0.999_999)).toBeGreaterThan(0.99 * waitingSlowMs);
      expect(waitingDelayMs(queries, 0.999_999)).toBeLessThanOrEqual(waitingSlowMs);
    }
    expect(waitingDelayMs(0, 0, retryAfterMaxMs)).toBe(retryAfterMaxMs);
  });
});

describe('waiting', () => {
  test('the bound doubles from 200 ms to 5 min', () => {
    const almostOne = 1 - Number.EPSILON;
    expect(retryDelayMs(0, almostOne)).toBe(retryFirstMs - 1);
    expect(retryDelayMs(1, almostOne)).toBe(2 * retryFirstMs - 1);
    expect(retryDelayMs(10, almostOne)).toBe(1024 * retryFirstMs - 1);
    expect(retryDelayMs(11, almostOne)).toBe(retryCapMs - 1);
    expect(retryDelayMs(1e9, almostOne)).toBe(retryCapMs - 1);
  });

  test('full jitter: a uniform draw between the floor and the bound', () => {
    const draws = Array.from({ length: 1000 }, (_, i) => retryDelayMs(5, i / 1000));
    const bound = 32 * retryFirstMs;
    expect(Math.min(...draws)).toBe(retryFloorMs);
    expect(draws.reduce((a, b) => a + b) / 1000).toBeCloseTo(bound / 2, -2);
  });

  test('always between the floor and the cap, Retry-After a lower bound that is not believed without end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 0, max: 1e9 }),
        (attempt, random01, retryAfterMs) => {
          for (const delayMs of [
            retryDelayMs(attempt, random01, retryAfterMs),
            pollDelayMs(attempt, random01, retryAfterMs),
          ]) {
            expect(delayMs).toBeGreaterThanOrEqual(Math.min(retryAfterMs, retryAfterMaxMs));
            expect(delayMs).toBeGreaterThanOrEqual(retryFloorMs);
            expect(delayMs).toBeLessThanOrEqual(Math.max(retryCapMs, retryAfterMaxMs));
            expect(Number.isSafeInteger(delayMs)).toBe(true);
          }
        },
      ),
    );
  });
});
