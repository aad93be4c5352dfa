import { expect, it } from 'vitest';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** An adapter that reads an amount wrong (another unit, a missing field, no whole number). */
onStorage('a provider that says "paid" with an amount that is none', (harness) => {
  it.each([2 ** 31, 13.5, Number.NaN])('%d: a human is told', async (amountMinor) => {
    const paid = () => Promise.resolve({ kind: 'paid', amountMinor } as const);
    await harness().close();
    const operator = harness().restarted({
      wrapProvider: (inner) => alteredProvider(inner, { debit: paid, query: paid }),
    });
    const visit = await operator.visit();
    const put = operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await operator.during(put, 50);
    await operator.pass(60 * 60_000, 10_000);
    const { state, review } = await operator.chargeRow(visit.chargeId);
    const incidents = await operator.incidentKinds();
    await operator.close();
    expect({ state, review, told: incidents.length > 0 }).toMatchObject({
      state: 'needs_attention',
      told: true,
    });
  });
});
