import { asc, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { recordAttemptStart } from './debit-attempts.ts';
import { leaseCharge } from './debit-store.ts';
import {
  collection,
  debitLeaseMs,
  debitConcurrencyMax,
  debitWaitMs,
  providerTimeoutMs,
  settlingMs,
} from '../limits.ts';
import type { DebitOutcome, Provider } from '../providers/provider.ts';
import { debitAttempt } from '../storage/schema.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

const settings = (mode: 'ok' | 'decline' | 'delay' | 'timeout_after_charge' | 'down', delayMs = 0) =>
  ({ mode, delayMs, reason: 'account.declined' }) as const;

const put = (operator: OperatorHarness, visit: Visit) =>
  operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
const stateOf = async (operator: OperatorHarness, visit: Visit) =>
  (await operator.chargeRow(visit.chargeId)).state;
const attempts = async (operator: OperatorHarness, visit: Visit) => {
  const condition = eq(debitAttempt.chargeId, visit.chargeId);
  const rows = await operator.db.select().from(debitAttempt).where(condition).orderBy(asc(debitAttempt.id));
  return rows.map((row) => `${row.call} ${row.state}`);
};

onStorage('debits', (harness) => {
  it.each(['account.insufficient_funds', 'account.declined'] as const)(
    'collect after %s and debit once when the account is good again',
    async (reason) => {
      const operator = harness();
      operator.provider.set({ mode: 'decline', reason, delayMs: 0 });
      const visit = await operator.visit();
      expect((await put(operator, visit)).body).toMatchObject({ state: 'collecting', reason });
      operator.provider.set(settings('ok'));
      expect((await put(operator, visit)).body).toMatchObject({ state: 'collecting', reason }); // a repeat asks nobody
      await operator.pass(collection.firstRepeatMs - 1_000, 60_000);
      expect(await stateOf(operator, visit)).toBe('collecting');
      await operator.untilState(visit.chargeId, 'paid', collection.spreadMs, 60_000);
      expect((await operator.chargeRow(visit.chargeId)).reason).toBeNull();
      expect(await operator.debitCount(visit.chargeId)).toBe(1);
      expect(await attempts(operator, visit)).toEqual(['debit declined', 'debit paid']);
    },
  );

  it('are not put off by a clock that was a year ahead for a moment', async () => {
    const operator = harness();
    const yearMs = 365 * 86_400_000;
    operator.clock.jumpWall(yearMs);
    operator.provider.set(settings('decline'));
    const visit = await operator.visit();
    await put(operator, visit);
    operator.clock.jumpWall(-yearMs);
    operator.provider.set(settings('ok'));
    await operator.untilState(visit.chargeId, 'paid', 10_000, 1_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('answer accepted when the provider takes longer than the bound, and end paid', async () => {
    const operator = harness();
    operator.provider.set(settings('delay', debitWaitMs + 2_000));
    const visit = await operator.visit();
    const startMs = operator.clock.monotonicMs();
    expect((await operator.during(put(operator, visit))).body).toMatchObject({
      state: 'accepted',
      reason: null,
    });
    expect(operator.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(debitWaitMs);
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('that are debited while the answer is lost are found by query, not repeated', async () => {
    const operator = harness();
    operator.provider.set(settings('timeout_after_charge'));
    const visit = await operator.visit();
    expect((await put(operator, visit)).body).toMatchObject({
      state: 'accepted',
      reason: 'system.provider_error',
    });
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    expect(await attempts(operator, visit)).toEqual(['debit unknown', 'query paid']);
  });

  it('wait for a provider that is down and then happen once', async () => {
    const operator = harness();
    operator.provider.set(settings('down'));
    const visit = await operator.visit();
    expect((await put(operator, visit)).body).toMatchObject({
      state: 'accepted',
      reason: 'system.provider_error',
    });
    await operator.pass(20_000);
    expect(await stateOf(operator, visit)).toBe('accepted');
    expect(await operator.debitCount(visit.chargeId)).toBe(0);
    operator.provider.set(settings('ok'));
    await operator.untilState(visit.chargeId, 'paid', 120_000, 1_000);
    // It was never reached, so there is nothing to ask about; and the same again is counted, not written down each time.
    expect(await attempts(operator, visit)).toEqual(['debit not_sent', 'debit paid']);
  });

  it('that the provider never answers are in doubt after the bound', async () => {
    const operator = harness();
    operator.provider.set(settings('delay', 10 * providerTimeoutMs));
    const visit = await operator.visit();
    await operator.during(put(operator, visit), 50);
    const toldOff = async () => (await operator.chargeRow(visit.chargeId)).reason === 'system.provider_error';
    await operator.until(toldOff, providerTimeoutMs + 2_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'accepted', inDoubt: true });
    operator.provider.set(settings('ok'));
    await operator.untilState(visit.chargeId, 'paid', 10 * providerTimeoutMs + 5 * 60_000, 1_000);
    // The first request, still on its way, arrives in the end: the same number, so no second debit.
    await operator.pass(10 * providerTimeoutMs, 5_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it('under way at most so many at a time, and all in the end', async () => {
    let [running, most] = [0, 0];
    const counted = (inner: Provider): Provider =>
      alteredProvider(inner, {
        debit: async (request) => {
          most = Math.max(most, ++running);
          return inner.debit(request).finally(() => running--);
        },
      });
    const operator = harness().restarted({ wrapProvider: counted });
    const visits: Visit[] = [];
    for (let i = 0; i < debitConcurrencyMax + 4; i++) visits.push(await operator.visit());
    operator.provider.set(settings('delay', 2_000));
    const puts = Promise.all(visits.map((visit) => put(operator, visit)));
    // The clock stands until there is no more room: a slow database would let the first end before the last begin.
    while (running < debitConcurrencyMax) await operator.pass(0);
    const answers = await operator.during(puts);
    expect(answers.map((a) => (a.body as { state: string }).state)).toEqual(visits.map(() => 'accepted'));
    for (const visit of visits) await operator.untilState(visit.chargeId, 'paid', 60_000);
    expect(await Promise.all(visits.map((visit) => operator.debitCount(visit.chargeId)))).toEqual(
      visits.map(() => 1),
    );
    expect(most).toBe(debitConcurrencyMax);
  });
});

onStorage('a crash of the operator', (harness) => {
  /** A charge that is due, and nobody who debits it: its first try has found the provider away. */
  const dueAndAlone = async () => {
    const operator = harness();
    const visit = await operator.visit();
    operator.provider.set(settings('down'));
    await put(operator, visit);
    await operator.worker.stop();
    operator.clock.jumpWall(60_000);
    return { operator, visit };
  };

  it('between the debit and its answer: the next start queries', async () => {
    const operator = harness();
    let asked = 0;
    const dying = alteredProvider(operator.provider, {
      debit: async (request) => {
        await operator.provider.debit(request);
        asked += 1;
        return new Promise<DebitOutcome>(() => {});
      },
      payUrl: () => null,
    });
    const first = operator.restarted({ wrapProvider: () => dying });
    const visit = await operator.visit();
    await first.during(put(first, visit));
    expect(asked).toBe(1);
    const second = operator.restarted({ onceForEachNumber: false });
    await second.untilState(visit.chargeId, 'paid', debitLeaseMs + 30_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    expect((await attempts(operator, visit)).at(-1)).toBe('query paid');
    await second.close();
  });

  it('between the claim and the ask: the next start asks until the number has settled, then debits', async () => {
    const { operator, visit } = await dueAndAlone();
    expect(await leaseCharge(operator.db, operator.clock, visit.chargeId)).toMatchObject({
      wasInDoubt: false,
    });
    expect(await leaseCharge(operator.db, operator.clock, visit.chargeId)).toBeNull(); // nobody else gets it now
    const second = operator.restarted({ onceForEachNumber: false });
    await second.pass(debitLeaseMs - 5_000);
    expect(await stateOf(operator, visit)).toBe('accepted');
    operator.provider.set(settings('ok'));
    await second.pass(settlingMs - 2 * debitLeaseMs, 5_000);
    expect(await stateOf(operator, visit)).toBe('accepted');
    await second.untilState(visit.chargeId, 'paid', settlingMs, 1_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    const calls = ['debit not_sent', 'query not_found', 'close closed', 'debit paid'];
    expect(await attempts(operator, visit)).toEqual(calls);
    await second.close();
  });

  it('that stood still for longer than its lease asks the provider for nothing on it any more', async () => {
    const { operator, visit } = await dueAndAlone();
    const first = await leaseCharge(operator.db, operator.clock, visit.chargeId);
    operator.clock.jumpWall(debitLeaseMs + 1_000);
    const second = await leaseCharge(operator.db, operator.clock, visit.chargeId);
    assert(first !== null && second !== null, 'the first lease is over');
    expect(await recordAttemptStart(operator.db, operator.clock, first, 'debit')).toBeNull();
    expect(await recordAttemptStart(operator.db, operator.clock, second, 'query')).toMatchObject({
      call: 'query',
    });
  });

  it('is no matter for two instances on one database: each charge has one debit', async () => {
    const operator = harness();
    const second = operator.restarted({ onceForEachNumber: false });
    const visits = [
      await operator.visit(),
      await operator.visit('M1002'),
      await operator.visit(),
      await operator.visit('M1002'),
    ];
    for (const visit of visits) await Promise.all([put(operator, visit), put(second, visit)]);
    for (const visit of visits) await operator.untilState(visit.chargeId, 'paid', 60_000);
    expect(await Promise.all(visits.map((visit) => operator.debitCount(visit.chargeId)))).toEqual([
      1, 1, 1, 1,
    ]);
    await second.close();
  });
});

onStorage('an adapter', (harness) => {
  const withProvider = async (debit: Provider['debit']) => {
    const operator = harness();
    const other = operator.restarted({
      wrapProvider: (inner) => alteredProvider(inner, { debit, payUrl: () => null }),
    });
    const visit = await operator.visit();
    const answer = await put(other, visit);
    await other.close();
    return { answer, visit };
  };

  it('that throws makes the charge in doubt', async () => {
    const thrower: Provider['debit'] = () => {
      throw new Error('a bug in the adapter \u0000');
    };
    const { answer, visit } = await withProvider(thrower);
    expect(answer.body).toMatchObject({ state: 'accepted', reason: 'system.provider_error' });
    expect((await harness().chargeRow(visit.chargeId)).inDoubt).toBe(true);
  });

  it('that rejects what was debited before is asked, and it is paid', async () => {
    const { answer, visit } = await withProvider(async (request) => {
      await harness().provider.debit(request);
      return { kind: 'rejected', message: 'this number is used up' };
    });
    expect(answer.body).toMatchObject({ state: 'paid', totalMinor: 1300 });
    expect(await harness().incidentKinds()).toEqual([]);
    expect(await harness().debitCount(visit.chargeId)).toBe(1);
  });

  it('that rejects the request leaves it to a human', async () => {
    const { answer, visit } = await withProvider(() =>
      Promise.resolve({ kind: 'rejected', message: 'other amount\u0000' }),
    );
    expect(answer.body).toMatchObject({ state: 'needs_attention', reason: 'system.provider_error' });
    const isSettled = async () => !(await harness().chargeRow(visit.chargeId)).inDoubt;
    await harness().until(isSettled, 2 * settlingMs, 5_000);
    const row = await harness().chargeRow(visit.chargeId);
    expect(row).toMatchObject({ state: 'needs_attention', nextAttemptAtMs: null });
    expect(await harness().incidentKinds()).toEqual(['provider_rejected']);
  });
});
