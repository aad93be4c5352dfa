import type { SQL } from 'drizzle-orm';
import { eq, ne, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { silentLogger } from '../../shared/util/logger.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody, line, makeCabinet } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { debitConcurrencyMax, settlingMs } from '../limits.ts';
import { FakeProvider } from '../providers/fake-provider.ts';
import type { Provider } from '../providers/provider.ts';
import { ProviderRegistry } from '../providers/registry.ts';
import { charge, debitAttempt, member } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { DebitWorker } from './debit-worker.ts';

/** Charges that were taken and wait to be debited: nobody debits here any more. */
async function waitingCharges(operator: OperatorHarness, count: number): Promise<string[]> {
  await operator.during(operator.worker.stop());
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const cabinet = makeCabinet(`SHOP-${number}`);
    await operator.enrol(cabinet);
    const account = { provider: 'fake', standing: 'active' as const, owedElsewhereMinor: 0, note: '' };
    await operator.db.insert(member).values({ memberId: `M2${number}`, display: '*', ...account });
    const body = chargeBody(await operator.visit(`M2${number}`, cabinet), { lines: [line('A1', 350, 1)] });
    await operator.send('PUT', `/v1/charges/${body.chargeId}`, body, cabinet);
    ids.push(body.chargeId);
  }
  return ids;
}

/** A worker beside the harness's, with a provider that debits on each call; `db`: what it writes through. */
function workerOn(
  operator: OperatorHarness,
  db: Db = operator.db,
  providers: readonly Provider[] = [
    new FakeProvider({ db: operator.db, clock: operator.clock, onceForEachNumber: false }),
  ],
): DebitWorker {
  const { clock } = operator;
  return new DebitWorker({
    ...{ db, clock, providers: new ProviderRegistry(providers), random: () => 0.5 },
    ...{ timeZone: 'UTC', logger: silentLogger },
  });
}

/** The same database, of which the answer to the n-th write by a name (storage/named-writes.ts) is lost once it is done. */
function losingAnswer(db: Db, which: number): Db {
  let writes = 0;
  const named = (...parts: Parameters<Db['with']>) => ({
    select: (columns: Record<string, SQL>) => ({
      from: (from: SQL) => ({
        prepare: (name: string) => ({
          execute: async (): Promise<unknown> => {
            const isLost = ++writes === which;
            const done = await db
              .with(...parts)
              .select(columns)
              .from(from)
              .prepare(name)
              .execute();
            if (isLost) throw new Error('the connection is gone');
            return done;
          },
        }),
      }),
    }),
  });
  return Object.create(db, { with: { value: named } }) as Db;
}

onStorage('debits that are made together', (harness) => {
  const debits = (ids: readonly string[]) => Promise.all(ids.map((id) => harness().debitCount(id)));
  const states = async (ids: readonly string[]) =>
    (await Promise.all(ids.map((id) => harness().chargeRow(id)))).map(({ state }) => state);

  it('are each on record with their attempt, and its end', async () => {
    const operator = harness();
    const ids = await waitingCharges(operator, 5);
    const worker = workerOn(operator);
    worker.start();
    await operator.pass(2_000);
    expect(await debits(ids)).toEqual([1, 1, 1, 1, 1]);
    for (const id of ids) {
      const attempts = await operator.db.select().from(debitAttempt).where(eq(debitAttempt.chargeId, id));
      expect(attempts).toMatchObject([
        { call: 'debit', state: 'paid', orderId: id, provider: 'fake', count: 1 },
      ]);
      expect(attempts[0]!.endedAtMs).not.toBeNull();
    }
    await operator.during(worker.stop());
  });

  it('are made once by several workers that look at the same time', async () => {
    const operator = harness();
    const ids = await waitingCharges(operator, 6);
    const workers = [workerOn(operator), workerOn(operator), workerOn(operator)];
    for (const worker of workers) worker.start();
    const all = ids.flatMap((id) => workers.map((worker) => worker.attempt(id)));
    await operator.during(Promise.all(all));
    await operator.pass(2_000);
    expect(await states(ids)).toEqual(ids.map(() => 'paid'));
    expect(await debits(ids)).toEqual(ids.map(() => 1));
    for (const worker of workers) await operator.during(worker.stop());
  });

  it('wait for no other provider, however many of one that answers nobody are due before them', async () => {
    const operator = harness();
    const ids = await waitingCharges(operator, debitConcurrencyMax + 4);
    const last = ids.at(-1) ?? '';
    await operator.db.update(charge).set({ provider: 'silent' }).where(ne(charge.chargeId, last));
    await operator.db.update(charge).set({ nextAttemptAtMs: 1 }).where(ne(charge.chargeId, last));
    const silence = () => new Promise<never>(() => undefined);
    const fake = new FakeProvider({ db: operator.db, clock: operator.clock, onceForEachNumber: false });
    const silent = alteredProvider(fake, { name: 'silent', debit: silence, query: silence });
    const worker = workerOn(operator, operator.db, [fake, silent]);
    worker.start();
    await operator.pass(2_000);
    expect((await operator.chargeRow(last)).state).toBe('paid');
    expect(worker.runningCount).toBe(debitConcurrencyMax);
    await operator.during(worker.stop());
  });

  it('cost nothing to each other when one of them cannot be begun', async () => {
    const operator = harness();
    const ids = await waitingCharges(operator, 4);
    const [broken, ...others] = ids as [string, ...string[]];
    const isNot = `check (charge_id <> '${broken}')`;
    await operator.db.execute(sql.raw(`alter table debit_attempt add constraint not_this_one ${isNot}`));
    try {
      const worker = workerOn(operator);
      worker.start();
      await operator.pass(2_000);
      expect(await states(others)).toEqual(['paid', 'paid', 'paid']);
      expect(await debits(ids)).toEqual([0, 1, 1, 1]);
      await operator.during(worker.stop());
    } finally {
      await operator.db.execute(sql.raw('alter table debit_attempt drop constraint not_this_one'));
    }
  });

  it.each([
    ['the beginning', 1],
    ['the end', 2],
  ])('are made once when the answer to the commit of %s is lost', async (_name, which) => {
    const operator = harness();
    const ids = await waitingCharges(operator, 3);
    const worker = workerOn(operator, losingAnswer(operator.db, which));
    worker.start();
    await operator.pass(2_000);
    // What was leased and never asked for is in doubt, and is asked for once that has settled.
    const isLeased = which === 1;
    expect(await debits(ids)).toEqual(isLeased ? [0, 0, 0] : [1, 1, 1]);
    if (isLeased) await operator.pass(settlingMs + 120_000, 5_000);
    expect(await states(ids)).toEqual(['paid', 'paid', 'paid']);
    expect(await debits(ids)).toEqual([1, 1, 1]);
    await operator.during(worker.stop());
  });
});
