import { asc, eq } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { claimCharge } from './debit-store.ts';
import {
  claimLeaseMs,
  debitConcurrencyMax,
  debitWaitMs,
  declinedRetry,
  providerTimeoutMs,
} from './limits.ts';
import type { DebitOutcome, Provider } from './provider.ts';
import { declineReasonSchema } from './provider.ts';
import { providerAttempt } from './storage/schema.ts';
import { chargeBody } from './testing/cabinet.ts';
import type { Rig, Visit } from './testing/rig.ts';
import { onEachStorage } from './testing/suite.ts';

const settings = (mode: 'ok' | 'decline' | 'delay' | 'timeout_after_charge' | 'down', delayMs = 0) =>
  ({ mode, delayMs, reason: 'account.declined' }) as const;

const put = (r: Rig, visit: Visit) => r.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
const stateOf = async (r: Rig, visit: Visit) => (await r.chargeRow(visit.chargeId)).state;
const attempts = async (r: Rig, visit: Visit) => {
  const mine = eq(providerAttempt.chargeId, visit.chargeId);
  const rows = await r.db.select().from(providerAttempt).where(mine).orderBy(asc(providerAttempt.id));
  return rows.map((row) => `${row.kind} ${row.outcome ?? 'unfinished'}`);
};

onEachStorage('debits', (rig) => {
  it.each(declineReasonSchema.options)(
    'collect after %s and debit once when the account is good again',
    async (reason) => {
      const r = rig();
      r.provider.set({ mode: 'decline', reason, delayMs: 0 });
      const visit = await r.visit();
      expect((await put(r, visit)).body).toMatchObject({ state: 'collecting', reason });
      r.provider.set(settings('ok'));
      expect((await put(r, visit)).body).toMatchObject({ state: 'collecting', reason }); // a repeat asks nobody
      await r.pass(declinedRetry.firstMs / 2 - 1_000, 1_000);
      expect(await stateOf(r, visit)).toBe('collecting');
      await r.untilState(visit.chargeId, 'paid', declinedRetry.firstMs, 1_000);
      expect((await r.chargeRow(visit.chargeId)).reason).toBeNull();
      expect(await r.debitCount(visit.chargeId)).toBe(1);
      expect(await attempts(r, visit)).toEqual(['charge declined', 'charge paid']);
    },
  );

  it('wait longer after each decline', async () => {
    const r = rig();
    r.provider.set(settings('decline'));
    const visit = await r.visit();
    await put(r, visit);
    const gapsMs: number[] = [];
    for (let i = 0; i < 5; i++) {
      const dueMs = (await r.chargeRow(visit.chargeId)).nextAttemptAtMs ?? 0;
      gapsMs.push(dueMs - r.clock.nowMs());
      r.clock.jumpWall(dueMs - r.clock.nowMs());
      await r.worker.attempt(visit.chargeId);
    }
    expect(gapsMs).toEqual([45_000, 90_000, 180_000, 360_000, 720_000]); // 3/4 of 1, 2, 4 … min: random is 0.5
  });

  it('answer accepted when the provider takes longer than the bound, and end paid', async () => {
    const r = rig();
    r.provider.set(settings('delay', debitWaitMs + 2_000));
    const visit = await r.visit();
    const startMs = r.clock.monotonicMs();
    expect((await r.during(put(r, visit))).body).toMatchObject({ state: 'accepted', reason: null });
    expect(r.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(debitWaitMs);
    await r.untilState(visit.chargeId, 'paid', 10_000);
    expect(await r.debitCount(visit.chargeId)).toBe(1);
  });

  it('that are debited while the answer is lost are found by query, not repeated', async () => {
    const r = rig();
    r.provider.set(settings('timeout_after_charge'));
    const visit = await r.visit();
    expect((await put(r, visit)).body).toMatchObject({ state: 'accepted', reason: 'system.provider_error' });
    expect(await r.debitCount(visit.chargeId)).toBe(1);
    await r.untilState(visit.chargeId, 'paid', 10_000);
    expect(await attempts(r, visit)).toEqual(['charge unknown', 'query paid']);
  });

  it('wait for a provider that is down and then happen once', async () => {
    const r = rig();
    r.provider.set(settings('down'));
    const visit = await r.visit();
    expect((await put(r, visit)).body).toMatchObject({ state: 'accepted', reason: 'system.provider_error' });
    await r.pass(20_000);
    expect(await stateOf(r, visit)).toBe('accepted');
    expect(await r.debitCount(visit.chargeId)).toBe(0);
    r.provider.set(settings('ok'));
    await r.untilState(visit.chargeId, 'paid', 120_000, 1_000);
    expect((await attempts(r, visit)).slice(-2)).toEqual(['query not_found', 'charge paid']);
  });

  it('that the provider never answers are in doubt after the bound', async () => {
    const r = rig();
    r.provider.set(settings('delay', 10 * providerTimeoutMs));
    const visit = await r.visit();
    await r.during(put(r, visit), 50);
    const toldOff = async () => (await r.chargeRow(visit.chargeId)).reason === 'system.provider_error';
    await r.until(toldOff, providerTimeoutMs + 2_000);
    expect(await r.chargeRow(visit.chargeId)).toMatchObject({ state: 'accepted', inDoubt: true });
    r.provider.set(settings('ok'));
    await r.untilState(visit.chargeId, 'paid', 30_000);
    // The first request, still on its way, arrives in the end: the same number, so no second debit.
    await r.pass(10 * providerTimeoutMs, 5_000);
    expect(await r.debitCount(visit.chargeId)).toBe(1);
  });

  it('under way at most so many at a time, and all in the end', async () => {
    const r = rig();
    const visits: Visit[] = [];
    for (let i = 0; i < debitConcurrencyMax + 4; i++) visits.push(await r.visit());
    r.provider.set(settings('delay', 2_000));
    const answers = await r.during(Promise.all(visits.map((visit) => put(r, visit))));
    expect(answers.map((a) => (a.body as { state: string }).state)).toEqual(visits.map(() => 'accepted'));
    const running = (await Promise.all(visits.map((visit) => attempts(r, visit)))).flat();
    expect(running).toHaveLength(debitConcurrencyMax);
    for (const visit of visits) await r.untilState(visit.chargeId, 'paid', 60_000);
    expect(await Promise.all(visits.map((visit) => r.debitCount(visit.chargeId)))).toEqual(
      visits.map(() => 1),
    );
  });
});

onEachStorage('a crash of the operator', (rig) => {
  it('between the debit and its answer: the next start queries', async () => {
    const r = rig();
    let asked = 0;
    const dying: Provider = {
      charge: async (request) => {
        await r.provider.charge(request);
        asked += 1;
        return new Promise<DebitOutcome>(() => {});
      },
      query: (id) => r.provider.query(id),
      payUrl: () => null,
    };
    const first = r.restarted({ wrap: () => dying });
    const visit = await r.visit();
    await first.during(put(first, visit));
    expect(asked).toBe(1);
    const second = r.restarted({ onceForEachNumber: false });
    await second.untilState(visit.chargeId, 'paid', claimLeaseMs + 30_000);
    expect(await r.debitCount(visit.chargeId)).toBe(1);
    expect((await attempts(r, visit)).at(-1)).toBe('query paid');
    await second.close();
  });

  it('between the claim and the ask: the next start queries, then debits', async () => {
    const r = rig();
    const visit = await r.visit();
    r.provider.set(settings('down'));
    await put(r, visit);
    await r.worker.stop();
    r.clock.jumpWall(60_000);
    expect(await claimCharge(r.db, r.clock, visit.chargeId)).toMatchObject({ wasInDoubt: true });
    expect(await claimCharge(r.db, r.clock, visit.chargeId)).toBeNull(); // nobody else gets it now
    const second = r.restarted({ onceForEachNumber: false });
    await second.pass(claimLeaseMs - 5_000);
    expect(await stateOf(r, visit)).toBe('accepted');
    await second.untilState(visit.chargeId, 'paid', 60_000);
    expect(await r.debitCount(visit.chargeId)).toBe(1);
    await second.close();
  });

  it('is no matter for two instances on one database: each charge has one debit', async () => {
    const r = rig();
    const second = r.restarted({ onceForEachNumber: false });
    const visits = [await r.visit(), await r.visit('M1002'), await r.visit(), await r.visit('M1002')];
    for (const visit of visits) await Promise.all([put(r, visit), put(second, visit)]);
    for (const visit of visits) await r.untilState(visit.chargeId, 'paid', 60_000);
    expect(await Promise.all(visits.map((visit) => r.debitCount(visit.chargeId)))).toEqual([1, 1, 1, 1]);
    await second.close();
  });
});

onEachStorage('an adapter', (rig) => {
  const withProvider = async (charge: Provider['charge']) => {
    const r = rig();
    const other = r.restarted({
      wrap: (inner) => ({ charge, query: (id) => inner.query(id), payUrl: () => null }),
    });
    const visit = await r.visit();
    const answer = await put(other, visit);
    await other.close();
    return { answer, visit };
  };

  it('that throws makes the charge in doubt', async () => {
    const thrower: Provider['charge'] = () => {
      throw new Error('a bug in the adapter \u0000');
    };
    const { answer, visit } = await withProvider(thrower);
    expect(answer.body).toMatchObject({ state: 'accepted', reason: 'system.provider_error' });
    expect((await rig().chargeRow(visit.chargeId)).inDoubt).toBe(true);
  });

  it('that rejects the request leaves it to a human', async () => {
    const { answer, visit } = await withProvider(() =>
      Promise.resolve({ kind: 'rejected', message: 'other amount\u0000' }),
    );
    expect(answer.body).toMatchObject({ state: 'needs_attention', reason: 'system.provider_error' });
    await rig().pass(60_000, 5_000);
    expect(await stateOf(rig(), visit)).toBe('needs_attention');
    expect(await rig().incidentKinds()).toEqual(['provider_rejected']);
  });
});

onEachStorage('the fake provider', (rig) => {
  const order = { chargeId: 'KM1' as never, memberId: 'M1', amountMinor: 100, currency: 'CNY' };
  it('rejects the same number with another amount, and debits nothing for it', async () => {
    const { provider } = rig();
    expect(await provider.charge(order)).toEqual({ kind: 'paid', amountMinor: 100 });
    expect(await provider.charge(order)).toEqual({ kind: 'paid', amountMinor: 100 });
    expect(await provider.charge({ ...order, amountMinor: 200 })).toMatchObject({ kind: 'rejected' });
    expect(await rig().debitCount('KM1')).toBe(1);
  });

  it('can be told to debit on every call, so that tests would see it', async () => {
    const { provider } = rig().restarted({ onceForEachNumber: false });
    await provider.charge(order);
    await provider.charge(order);
    expect(await rig().debitCount('KM1')).toBe(2);
  });
});
