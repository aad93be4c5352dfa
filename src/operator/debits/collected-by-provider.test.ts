import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onEachStorage } from '../../testkit/operator/suite.ts';
import type { DebitRequest, Provider, QueryOutcome } from '../providers/provider.ts';

/** A provider that goes on asking a poor account by itself, as WeChat Pay Score does, until the member has money. */
onEachStorage('a provider that collects by itself', (harness) => {
  const poor = async (lower: 'can' | 'cannot') => {
    await harness().close();
    const debits: DebitRequest[] = [];
    let outcome: QueryOutcome = { kind: 'not_found' };
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
          query: () => Promise.resolve(outcome),
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
    return { operator, visit, debits, told, pay };
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
});
