import { expect, it } from 'vitest';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { chargeBody, line } from '../../testkit/operator/cabinet.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { newestPurchase, toldOf } from '../../testkit/operator/told.ts';
import { resolveCharge } from '../support/resolve-charge.ts';

const heldChange = () => ({
  heldLines: [line('C3', 200, 1)],
  review: ['recognition.reader_lost' as const],
  confirmedByShopper: false,
});

/** The first debit is answered with "rejected": held, in doubt. A human lowers it; only then the provider says how it went. */
onStorage('lowered by a human while the first debit is in doubt', (harness) => {
  /** Of 13.00, and 2.00 that were held; `releasedMinor`: what was decided before, and asked for. */
  async function lowered(isDebited: boolean, releasedMinor: number | null, amountMinor: number) {
    await harness().close();
    let isFirst = true;
    let isAway = true;
    const operator = harness().restarted({
      wrapProvider: (inner) =>
        alteredProvider(inner, {
          debit: async (request) => {
            if (!isFirst) return inner.debit(request);
            isFirst = false;
            if (isDebited) await inner.debit(request);
            return { kind: 'rejected', message: 'order number used' };
          },
          query: (orderId) =>
            isAway ? Promise.resolve({ kind: 'unknown', message: 'timeout' }) : inner.query(orderId),
        }),
    });
    const { chargeId, ...visit } = await operator.visit();
    const decide = async (minor: number) => {
      const decision = { by: 'anna', decision: 'debit', amountMinor: minor } as const;
      expect(await resolveCharge(operator, chargeId, decision)).toMatchObject({ ok: true });
      operator.worker.wake();
    };
    const isHeld = releasedMinor !== null;
    const body = chargeBody({ ...visit, chargeId }, isHeld ? heldChange() : {});
    await operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, body), 50);
    if (isHeld) await decide(releasedMinor);
    await operator.pass(30_000, 1_000);
    expect(await operator.chargeRow(chargeId)).toMatchObject({ state: 'needs_attention', inDoubt: true });
    await decide(amountMinor);
    isAway = false;
    await operator.untilState(chargeId, 'paid', 40 * 60_000, 2_000);
    const { paidMinor, refundDueMinor, review } = await operator.chargeRow(chargeId);
    const { amountMinor: toldMinor, resolved, when } = toldOf(await newestPurchase(operator));
    await operator.close();
    return { paidMinor, refundDueMinor, review, toldMinor, how: resolved?.how, when };
  }

  it('not debited: it was lowered', async () => {
    expect(await lowered(false, null, 600)).toEqual({
      ...{ paidMinor: 600, refundDueMinor: 0, review: false, toldMinor: 600, how: 'adjusted', when: null },
    });
  });

  it.each([
    ['less than was billed', null, 600, 1300],
    ['what was billed, without what was held', 1500, 1300, 1500],
  ] as const)(
    'to %s, and debited in full: the rest goes back, and people hear of it',
    async (_, releasedMinor, amountMinor, paidMinor) => {
      expect(await lowered(true, releasedMinor, amountMinor)).toEqual({
        ...{ paidMinor, refundDueMinor: paidMinor - amountMinor, review: true },
        ...{ toldMinor: paidMinor, how: 'refunded_in_part', when: 'working_days' },
      });
    },
  );
});
