import { expect, it } from 'vitest';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/**
 * The provider has debited 13.00, its answer says that the number is used: held, in doubt. Support decides
 * meanwhile (the shopper has paid in cash, or is let off). Then the provider says "paid" with an amount that nobody can
 * read. A human looks it up there, as the incident says, and says what was debited.
 */
onStorage('an unreadable "paid" of what was decided meanwhile', (harness) => {
  const after = async (decision: 'settled' | 'waive' | null, decidedMinor: number) => {
    await harness().close();
    const unknown = () => Promise.resolve({ kind: 'unknown', message: 'timeout' } as const);
    const says = { now: 'nothing' as 'nothing' | 'paid' };
    const operator = harness().restarted({
      wrapProvider: (inner) =>
        alteredProvider(inner, {
          debit: async (request) => {
            // Refused as used before: it was debited.
            await inner.debit(request);
            return { kind: 'rejected', message: 'order number used' };
          },
          query: () =>
            says.now === 'paid' ? Promise.resolve({ kind: 'paid', amountMinor: 13.5 } as const) : unknown(),
        }),
    });
    const visit = await operator.visit();
    const resolve = (decision: string, amountMinor: number) =>
      operator.operator.developmentApi?.inject({
        method: 'POST',
        url: `/dev/charges/${visit.chargeId}/resolve`,
        payload: { by: 'anna', decision, amountMinor, cabinetId: 'CAB-1' },
      });
    await operator.during(operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit)), 50);
    await operator.pass(60_000, 1_000);
    const held = await operator.chargeRow(visit.chargeId);
    expect(held).toMatchObject({ state: 'needs_attention', inDoubt: true });
    if (decision !== null) expect((await resolve(decision, decidedMinor))?.statusCode).toBe(200);
    says.now = 'paid';
    await operator.pass(10 * 60_000, 2_000);
    expect(await operator.incidentKinds()).toContain('paid_unreadable');
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
    const response = await resolve('debited', 1300);
    const row = await operator.chargeRow(visit.chargeId);
    const incidents = await operator.incidentKinds();
    await operator.close();
    return { ...row, status: response?.statusCode, said: response?.body, incidents };
  };

  it('control: nobody has decided', async () => {
    expect(await after(null, 0)).toMatchObject({ status: 200, debitedMinor: 1300, paidMinor: 1300 });
  });

  it.each([
    ['settled', 1300, 2600],
    ['waive', 0, 1300],
  ] as const)(
    '%s with %d: what was debited all the same is booked, and is to be paid back',
    async (how, minor, paid) => {
      expect(await after(how, minor)).toMatchObject({
        status: 200,
        debitedMinor: 1300,
        paidMinor: paid,
        refundDueMinor: 1300,
        incidents: expect.arrayContaining(['refund_due']) as unknown,
      });
    },
  );
});
