import { expect, test } from 'vitest';
import { causeOf, reasonCodes } from '../../shared/model/charge.ts';
import { reasonFacts } from './reasons.ts';

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
