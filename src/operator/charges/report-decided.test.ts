import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { purchaseFacts } from '../../core/charge/purchases.ts';
import { idRandomByteCount, makeDisputeId } from '../../shared/ids.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { chargeBody, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { resolveCharge } from '../support/resolve-charge.ts';

/** What is said of a report about what is paid, before and after staff has decided about it. */
onStorage('a report that staff has decided about', (harness) => {
  /** `how`: as it reads to a cabinet for which that is no known word. */
  async function told(operator: OperatorHarness, how?: string) {
    const visitId = newVisitId(operator.clock.nowMs());
    const body = { visitId, code: operator.code(), purpose: 'account' };
    await operator.send('POST', '/v1/visits/authorise', body);
    const answer = await operator.send('POST', '/v1/purchases', { visitId });
    const [purchase] = purchasesReplySchema.parse(answer.body).purchases;
    if (purchase === undefined) throw new Error('no purchase');
    const { resolved } = purchase;
    const read = {
      ...purchase,
      resolved: resolved === null ? null : { ...resolved, how: how ?? resolved.how },
    };
    return toldMoneyOf({ ...read, ...purchaseFacts(read, true) });
  }

  async function report(operator: OperatorHarness, { chargeId }: Visit, skus: readonly string[]) {
    const disputeId = makeDisputeId(operator.clock.nowMs(), randomBytes(idRandomByteCount));
    const body = { disputeId, skus, atMs: operator.clock.nowMs() };
    await operator.send('POST', `/v1/charges/${chargeId}/disputes`, body);
  }

  const untilPaid = async (operator: OperatorHarness, visit: Visit) => {
    await operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit));
    await operator.untilState(visit.chargeId, 'paid', 10_000);
  };

  /** To ask for no more; what is to be paid back stays so. */
  async function leaveAsPaid(operator: OperatorHarness, { chargeId }: Visit, amountMinor: number) {
    await operator.pass(60_000);
    const decision = { by: 'anna', decision: 'waive', amountMinor } as const;
    expect(await resolveCharge(operator, chargeId, decision)).toMatchObject({ ok: true });
    expect(await operator.chargeRow(chargeId)).toMatchObject({ review: false, contestedMinor: 0 });
  }

  it.each([
    ['before it was paid', ['A1'], 600, { how: 'written_off' }, { status: 'paid', report: 'decided' }],
    [
      ...(['after it was paid', ['A1'], 1300, { how: 'refunded_in_part' }] as const),
      { status: 'paid', report: 'refundedInPart' },
    ],
    [
      ...(['after it was paid, all of it', ['A1', 'B2'], 1300, { how: 'refunded' }] as const),
      { status: 'refunded', report: 'refunded' },
    ],
  ] as const)(
    'reported %s: it is not "being checked" for ever',
    async (when, skus, paidMinor, resolved, is) => {
      const operator = harness();
      const visit = await operator.visit();
      if (when.startsWith('before')) await report(operator, visit, skus);
      await untilPaid(operator, visit);
      if (when.startsWith('after')) await report(operator, visit, skus);
      expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ paidMinor, review: true });
      expect(await told(operator)).toMatchObject({ isReportOpen: true, when: 'working_days' });
      await leaveAsPaid(operator, visit, paidMinor);
      operator.clock.jumpWall(30 * 86_400_000);
      expect(await told(operator)).toMatchObject({ isReportOpen: false, when: null, resolved, ...is });
    },
  );

  it('one that is denied is told as denied, also to a cabinet that has no word for it', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await untilPaid(operator, visit);
    await report(operator, visit, ['A1']);
    const decision = { by: 'anna', decision: 'deny_dispute', amountMinor: 1300, reason: 'seen' } as const;
    expect(await resolveCharge(operator, visit.chargeId, decision)).toMatchObject({ ok: true });
    const denied = await told(operator);
    expect(denied).toMatchObject({ status: 'paid', isReportOpen: false, report: 'denied', when: null });
    expect(denied).toMatchObject({ resolved: { how: 'dispute_denied', by: 'support' } });
    // Kept as said, and shown as what it does not know.
    const other = { ...denied, resolved: null };
    expect(await told(operator, 'a word of tomorrow')).toMatchObject({
      ...other,
      ...{ report: 'checked', resolved: { how: 'other', by: 'support' } },
    });
    await report(operator, visit, ['B2']);
    expect(await told(operator)).toMatchObject({ isReportOpen: true, report: 'afterPaid' });
  });

  it('a report after the decision is being checked, until there is another one', async () => {
    const operator = harness();
    const visit = await operator.visit();
    await untilPaid(operator, visit);
    await leaveAsPaid(operator, visit, 1300);
    await report(operator, visit, ['A1']);
    expect(await told(operator)).toMatchObject({ isReportOpen: true, report: 'afterPaid' });
    await leaveAsPaid(operator, visit, 1300);
    expect(await told(operator)).toMatchObject({ isReportOpen: false, report: 'refundedInPart' });
    await report(operator, visit, ['B2']);
    expect(await told(operator)).toMatchObject({ isReportOpen: true, report: 'afterPaid' });
    await leaveAsPaid(operator, visit, 1300);
    expect(await told(operator)).toMatchObject({ status: 'refunded', report: 'refunded', when: null });
  });
});
