import { describe, expect, test } from 'vitest';
import { causeOf, chargeStates, reasonCodes } from '../../shared/model/charge.ts';
import { reasonFacts, receiptStatusOf } from './reasons.ts';

test('every reason says who acts next, and by its cause', () => {
  for (const code of reasonCodes) {
    const facts = reasonFacts(code);
    expect(facts.cause).toBe(causeOf(code));
    expect(facts.wordsKey).toBe(`reason.${code}`);
    if (facts.cause === 'network') expect(facts.nextActor).toBe('system');
    // Only a shopper can mend an account; nobody asks a shopper to mend our recognition or our network.
    expect(facts.nextActor === 'shopper').toBe(facts.cause === 'account');
  }
});

describe('what the receipt says', () => {
  test('never "paid" unless it is', () => {
    for (const state of chargeStates) {
      for (const reason of [null, ...reasonCodes]) {
        expect(receiptStatusOf(state, reason) === 'paid').toBe(state === 'paid');
        expect(receiptStatusOf(state, reason) === 'nothing').toBe(state === 'voided');
      }
    }
  });
  test('a first attempt is on its way, a failed one follows', () => {
    expect(receiptStatusOf('submitting', null)).toBe('sending');
    expect(receiptStatusOf('queued', 'network.unreachable')).toBe('follows');
    expect(receiptStatusOf('in_doubt', 'network.timeout')).toBe('follows');
    expect(receiptStatusOf('collecting', 'account.declined')).toBe('collecting');
    expect(receiptStatusOf('needs_attention', 'system.conflict')).toBe('review');
  });
});
