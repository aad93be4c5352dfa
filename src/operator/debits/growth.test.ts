import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onEachStorage } from '../../testkit/operator/suite.ts';
import { chargeEvent, debitAttempt } from '../storage/schema.ts';

const dayMs = 86_400_000;

onEachStorage('a provider that is away for a day', (harness) => {
  it.each(['down', 'timeout_after_charge', 'decline'] as const)('(%s) fills no table', async (mode) => {
    const operator = harness();
    operator.provider.set({ mode, delayMs: 0, reason: 'account.insufficient_funds' });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(dayMs, 300_000);
    const events = await operator.db
      .select()
      .from(chargeEvent)
      .where(eq(chargeEvent.chargeId, visit.chargeId));
    const attempts = await operator.db.select().from(debitAttempt);
    // A decline is news each time, and is tried again after six hours at most.
    expect(events.length).toBeLessThan(mode === 'decline' ? 30 : 6);
    expect(attempts.length).toBeLessThan(mode === 'decline' ? 15 : 4);
  });
});
