import { expect, it } from 'vitest';
import type { Clock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { FakeProvider } from '../providers/fake-provider.ts';
import { ProviderRegistry } from '../providers/registry.ts';
import { DatabaseClock } from '../storage/database-clock.ts';
import { DebitWorker } from './debit-worker.ts';

/** The worker of another host, whose own clock is ahead by so much. Time on the database is the harness's. */
async function workerAhead(operator: OperatorHarness, aheadMs: number): Promise<DebitWorker> {
  const { db, clock: databases } = operator;
  const host: Clock = {
    nowMs: () => databases.nowMs() + aheadMs,
    monotonicMs: () => databases.monotonicMs() + 7,
    after: (delayMs, fn) => databases.after(delayMs, fn),
  };
  const clock = new DatabaseClock({
    host,
    databaseNowMs: () => Promise.resolve(databases.nowMs()),
    logger: silentLogger,
  });
  await clock.start();
  const providers = new ProviderRegistry([new FakeProvider({ db, clock, onceForEachNumber: false })]);
  return new DebitWorker({
    db,
    clock,
    providers,
    random: () => systemRandom.unit(),
    timeZone: 'UTC',
    logger: silentLogger,
  });
}

onStorage('two workers whose hosts disagree about the time', (harness) => {
  it.each([10, 40, -10])('by %i minutes do not take each other’s leases', async (minutes) => {
    const operator = harness();
    // Long under way, and within its bound.
    operator.provider.set({ mode: 'delay', delayMs: 8_000, reason: 'account.declined' });
    const visit = await operator.visit();
    const put = operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await operator.until(() => Promise.resolve(operator.worker.runningCount > 0), 1_000, 1);
    const other = await workerAhead(operator, minutes * 60_000);
    other.start();
    await operator.untilState(visit.chargeId, 'paid', 20_000);
    await operator.during(other.stop());
    await operator.during(put);
    expect((await operator.chargeRow(visit.chargeId)).leaseCount).toBe(1);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('and what one has left behind the other takes up in time', async () => {
    const operator = harness();
    operator.provider.set({ mode: 'down', delayMs: 0, reason: 'account.declined' });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)));
    await operator.close();
    const other = await workerAhead(operator, -10 * 60_000);
    other.start();
    await operator.untilState(visit.chargeId, 'paid', 60_000);
    await operator.during(other.stop());
  });
});
