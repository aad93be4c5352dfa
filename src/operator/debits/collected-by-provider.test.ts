import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { sleep } from '../../shared/clock.ts';
import { chargeBody, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { lookWaitMs, workerPollMaxMs } from '../limits.ts';
import type { DebitRequest, Provider, QueryOutcome } from '../providers/provider.ts';

/** What the member reads of their purchases, asked for again each time. */
async function purchasesOf(operator: OperatorHarness) {
  const visitId = newVisitId(operator.clock.nowMs());
  const body = { visitId, code: operator.code('M1001'), purpose: 'account' };
  await operator.send('POST', '/v1/visits/authorise', body);
  return async () => {
    const asked = operator.send('POST', '/v1/purchases', { visitId });
    return purchasesReplySchema.parse((await operator.during(asked)).body).purchases;
  };
}

/** A provider that goes on asking a poor account by itself, as WeChat Pay Score does, until the member has money. */
onStorage('a provider that collects by itself', (harness) => {
  const poor = async (lower: 'can' | 'cannot') => {
    await harness().close();
    const debits: DebitRequest[] = [];
    let outcome: QueryOutcome = { kind: 'not_found' };
    let [queryCount, queryTakesMs] = [0, 0];
    const lowered: Provider['lower'] = (request) => {
      outcome = {
        kind: 'collecting',
        amountMinor: request.amountMinor,
        reason: 'account.insufficient_funds',
      };
      return Promise.resolve(outcome);
    };
    const operator = harness().restarted({
      wrapProvider: (inner) =>
        alteredProvider(inner, {
          debit: (request) => {
            debits.push(request);
            outcome = {
              kind: 'collecting',
              amountMinor: request.amountMinor,
              reason: 'account.insufficient_funds',
            };
            return Promise.resolve(outcome);
          },
          query: async () => {
            queryCount++;
            const asOfNow = outcome;
            if (queryTakesMs > 0) await sleep(operator.clock, queryTakesMs);
            return asOfNow;
          },
          close: null,
          lower: lower === 'can' ? lowered : null,
        }),
    });
    const visit = await operator.visit();
    const path = `/v1/charges/${visit.chargeId}`;
    await operator.during(operator.send('PUT', path, chargeBody(visit)));
    const told = async () => (await operator.send('GET', path)).body;
    const pay = (amountMinor: number) => {
      outcome = { kind: 'paid', amountMinor };
    };
    const slow = (ms: number) => {
      queryTakesMs = ms;
    };
    return { operator, visit, debits, told, pay, slow, queries: () => queryCount };
  };

  it('is asked once, then queried for days; the shopper reads why, and nobody is called', async () => {
    const { operator, visit, debits, told, pay } = await poor('cannot');
    expect(debits).toMatchObject([{ amountMinor: 1300, cabinetId: operator.cabinet.cabinetId }]);
    const lines = debits[0]?.lines ?? [];
    expect(lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(1300);
    await operator.pass(3 * 86_400_000, 600_000);
    expect(await told()).toMatchObject({
      state: 'collecting',
      reason: 'account.insufficient_funds',
      totalMinor: 1300,
    });
    expect(await operator.incidentKinds()).toEqual([]);
    pay(1300);
    await operator.untilState(visit.chargeId, 'paid', 7 * 3_600_000, 600_000);
    expect(debits.length).toBe(1);
    expect(await told()).toMatchObject({ state: 'paid', totalMinor: 1300 });
    await operator.close();
  });

  it('is looked at while its member has it on screen: paid elsewhere, it is told; nothing waits longer', async () => {
    const { operator, visit, debits, pay, queries } = await poor('cannot');
    const ask = await purchasesOf(operator);
    const before = await operator.chargeRow(visit.chargeId);
    for (let i = 0; i < 5; i++) {
      expect(await ask()).toMatchObject([{ state: 'collecting', reason: 'account.insufficient_funds' }]);
      await operator.pass(3_000);
    }
    const asked = queries();
    expect(asked).toBeGreaterThanOrEqual(5);
    const { declineCount, nextAttemptAtMs } = await operator.chargeRow(visit.chargeId);
    expect({ declineCount, nextAttemptAtMs }).toEqual({
      declineCount: before.declineCount,
      nextAttemptAtMs: before.nextAttemptAtMs,
    });
    // In the provider's own app, and no notice comes.
    pay(1300);
    expect(await ask()).toMatchObject([{ state: 'paid', reason: null, billedMinor: 1300 }]);
    expect(await ask()).toMatchObject([{ state: 'paid' }]);
    expect(queries()).toBe(asked + 1);
    expect(debits.length).toBe(1);
    await operator.close();
  });

  it('is asked once for all who ask at the same moment, and booked once beside the planned query', async () => {
    const { operator, visit, debits, pay, slow, queries } = await poor('cannot');
    const ask = await purchasesOf(operator);
    const other = await purchasesOf(operator);
    const before = queries();
    slow(200);
    pay(1300);
    operator.clock.jumpWall(60_000);
    const { chargeId } = visit;
    const all = [ask(), other(), ask(), operator.during(operator.worker.attempt(chargeId))];
    await Promise.all(all);
    expect(queries() - before).toBeLessThanOrEqual(2);
    const row = await operator.chargeRow(chargeId);
    expect(row).toMatchObject({ state: 'paid', paidMinor: 1300, debitedMinor: 1300, refundDueMinor: 0 });
    expect(await operator.incidentKinds()).toEqual([]);
    expect(debits.length).toBe(1);
    await operator.close();
  });

  it('does not keep anybody waiting for a list, however long it takes', async () => {
    const { operator, pay, slow } = await poor('cannot');
    const ask = await purchasesOf(operator);
    slow(8_000);
    pay(1300);
    const beganMs = operator.clock.monotonicMs();
    expect(await ask()).toMatchObject([{ state: 'collecting' }]);
    expect(operator.clock.monotonicMs() - beganMs).toBeLessThanOrEqual(lookWaitMs + 100);
    await operator.pass(8_000);
    expect(await ask()).toMatchObject([{ state: 'paid' }]);
    await operator.close();
  });

  it('is told to collect less when a line is reported', async () => {
    const { operator, visit, debits, told, pay } = await poor('can');
    const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
    const body = { disputeId, skus: ['A1'], atMs: operator.clock.nowMs() };
    await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
    await operator.pass(7 * 3_600_000, 600_000);
    const { askedMinor } = await operator.chargeRow(visit.chargeId);
    expect(askedMinor).toBeLessThan(1300);
    expect(await told()).toMatchObject({ state: 'collecting', totalMinor: askedMinor });
    pay(askedMinor ?? 0);
    await operator.untilState(visit.chargeId, 'paid', 7 * 3_600_000, 600_000);
    expect(debits.length).toBe(1);
    expect(await operator.incidentKinds()).not.toContain('refund_due');
    await operator.close();
  });

  it('is told so at once, however seldom it is asked by then: nothing that is reported is collected', async () => {
    const { operator, visit, told } = await poor('can');
    await operator.pass(3 * 86_400_000, 600_000);
    const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
    const body = { disputeId, skus: ['A1'], atMs: operator.clock.nowMs() };
    await operator.send('POST', `/v1/charges/${visit.chargeId}/disputes`, body);
    await operator.pass(workerPollMaxMs, 1_000);
    const { askedMinor, disputedMinor } = await operator.chargeRow(visit.chargeId);
    expect(askedMinor).toBe(1300 - disputedMinor);
    expect(await told()).toMatchObject({ state: 'collecting', totalMinor: askedMinor });
    await operator.close();
  });
});
