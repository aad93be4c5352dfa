import { eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { providerTimeoutMs } from '../limits.ts';
import { chargeEvent, debitAttempt } from '../storage/schema.ts';

const hourMs = 3_600_000;

onStorage('a provider that is away for hours', (harness) => {
  it.each([
    ['down', 4],
    ['timeout_after_charge', 4],
    ['decline', 8],
  ] as const)('(%s) fills no table', async (mode, hours) => {
    const operator = harness();
    operator.provider.set({ mode, delayMs: 0, reason: 'account.insufficient_funds' });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    // No call is leapt over: one that outlives its lease would be told as lost.
    await operator.pass(hours * hourMs, providerTimeoutMs);
    const events = await operator.db
      .select()
      .from(chargeEvent)
      .where(eq(chargeEvent.chargeId, visit.chargeId));
    const attempts = await operator.db.select().from(debitAttempt);
    // A decline is news each time, and is tried again after six hours at most.
    expect(events.length).toBeLessThan(mode === 'decline' ? 20 : 6);
    expect(attempts.length).toBeLessThan(mode === 'decline' ? 10 : 4);
  });
});
