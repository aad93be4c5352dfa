import { eq, sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { newestPurchase, toldOf } from '../../testkit/operator/told.ts';
import type { QueryOutcome } from '../providers/provider.ts';
import { unansweredMaxMs, unsentTellEvery } from '../limits.ts';
import { charge } from '../storage/schema.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import type { ChargeDecision } from './debit-life.ts';

const unknown = { kind: 'unknown', message: 'HTTP 500' } as const;

/** 13.00 are debited, the answer is lost, and the provider does not say anything about this order any more. */
onStorage('a debit in doubt about which the provider says nothing', (harness) => {
  const provider = { says: unknown as QueryOutcome };

  async function inDoubt(): Promise<{ operator: OperatorHarness; visit: Visit }> {
    await harness().close();
    provider.says = unknown;
    const operator = harness().restarted({
      wrapProvider: (inner) =>
        alteredProvider(inner, {
          debit: async (request) => {
            await inner.debit(request);
            return unknown;
          },
          query: () => Promise.resolve(provider.says),
          close: () => Promise.resolve(unknown),
        }),
    });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(3 * 60_000, 5_000);
    return { operator, visit };
  }

  /** As if it had been asked about for so long. */
  async function askedSince(operator: OperatorHarness, { chargeId }: Visit, ms: number): Promise<void> {
    await operator.db
      .update(charge)
      .set({ askedAtMs: sql`${charge.askedAtMs} - ${ms}` })
      .where(eq(charge.chargeId, chargeId));
    await operator.pass(2 * 60_000, 5_000);
  }

  const decide = async (
    operator: OperatorHarness,
    { chargeId }: Visit,
    decision: ChargeDecision,
    amountMinor: number,
  ) => (await resolveCharge(operator, chargeId, { by: 'anna', decision, amountMinor })).ok;

  it('waits for people after a day, who are told once; it is queried on', async () => {
    const { operator, visit } = await inDoubt();
    await askedSince(operator, visit, unansweredMaxMs - 10 * 60_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'accepted', inDoubt: true });
    expect(await operator.incidentKinds()).toEqual([]);
    await askedSince(operator, visit, 10 * 60_000);
    await operator.pass(10 * 60_000, 5_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({
      ...{ state: 'needs_attention', reason: 'system.provider_error', review: true, inDoubt: true },
    });
    expect(await operator.incidentKinds()).toEqual(['debit_unanswered']);
    expect(toldOf(await newestPurchase(operator))).toMatchObject({
      ...{ status: 'review', mayBeCharged: true, when: 'working_days' },
    });
    provider.says = { kind: 'paid', amountMinor: 1300 };
    await operator.untilState(visit.chargeId, 'paid', 3 * 60_000, 5_000);
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    await operator.close();
  });

  it.each<[ChargeDecision, number, boolean]>([
    ['debited', 1300, true],
    ['settled', 1300, false],
    ['waive', 0, false],
    ['debit', 1300, false],
  ])('%s %i by people, before the day has passed: %s', async (decision, amountMinor, isTaken) => {
    const { operator, visit } = await inDoubt();
    expect(await decide(operator, visit, decision, amountMinor)).toBe(isTaken);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject(
      isTaken ? { state: 'paid', debitedMinor: 1300 } : { state: 'accepted', resolvedHow: null },
    );
    await operator.close();
  });

  it.each([
    ['nothing else is decided', [], 0],
    ['the rest is settled in another way', [['settled', 1300]], 700],
    ['the rest is let go', [['waive', 600]], 700],
  ] as const)(
    'too little is said by hand, and %s: what the provider says later counts',
    async (_, decisions, refundDueMinor) => {
      const { operator, visit } = await inDoubt();
      for (const [decision, amountMinor] of [['debited', 600] as const, ...decisions])
        expect(await decide(operator, visit, decision, amountMinor)).toBe(true);
      await operator.pass(3 * 60_000, 5_000);
      provider.says = { kind: 'paid', amountMinor: 1300 };
      await operator.until(
        async () => (await operator.chargeRow(visit.chargeId)).debitedMinor === 1300,
        3 * 60_000,
        5_000,
      );
      const found = await operator.chargeRow(visit.chargeId);
      expect(found).toMatchObject({ state: 'paid', inDoubt: false, refundDueMinor });
      expect((await operator.incidentKinds()).includes('refund_due')).toBe(refundDueMinor > 0);
      await operator.close();
    },
  );
});

onStorage('a debit that cannot be sent', (harness) => {
  it('people are told after about a day, and it goes on by itself', async () => {
    const operator = harness();
    operator.provider.set({ mode: 'down', delayMs: 0, reason: 'account.declined' });
    const visit = await operator.visit();
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(60_000, 5_000);
    expect(await operator.incidentKinds()).toEqual([]);
    // As if it had been tried for so long.
    await operator.db.update(charge).set({ unreachableCount: unsentTellEvery - 2 });
    await operator.until(
      async () => (await operator.chargeRow(visit.chargeId)).unreachableCount > unsentTellEvery,
      30 * 60_000,
      5_000,
    );
    expect(await operator.incidentKinds()).toEqual(['debit_unanswered']);
    operator.provider.set({ mode: 'ok', delayMs: 0, reason: 'account.declined' });
    await operator.untilState(visit.chargeId, 'paid', 10 * 60_000, 5_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ review: false });
  });
});
