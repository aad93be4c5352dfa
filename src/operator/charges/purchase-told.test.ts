import { expect, it } from 'vitest';
import { chargeReplySchema, purchasesReplySchema } from '../../shared/api/operator.ts';
import { purchaseFacts } from '../../core/charge/purchases.ts';
import type { DebitOutcome } from '../providers/provider.ts';
import { alteredProvider } from '../../testkit/operator/altered-provider.ts';
import { toldMoneyOf } from '../../shared/model/told-money.ts';
import { chargeBody, line, newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness, Visit } from '../../testkit/operator/harness.ts';
import { onStorage } from '../../testkit/operator/suite.ts';

/** What a cabinet says of a purchase, as the operator tells it. */
onStorage('what is said of a purchase', (harness) => {
  const put = (operator: OperatorHarness, visit: Visit, change = {}) =>
    operator.send('PUT', `/v1/charges/${visit.chargeId}`, chargeBody(visit, change));
  async function told(operator: OperatorHarness) {
    const visitId = newVisitId(operator.clock.nowMs());
    const body = { visitId, code: operator.code(), purpose: 'account' };
    await operator.send('POST', '/v1/visits/authorise', body);
    const answer = await operator.send('POST', '/v1/purchases', { visitId });
    const [purchase] = purchasesReplySchema.parse(answer.body).purchases;
    if (purchase === undefined) throw new Error('no purchase');
    return { purchase, told: toldMoneyOf({ ...purchase, ...purchaseFacts(purchase, true) }) };
  }

  it('declined, then an attempt in doubt: nobody is asked to pay what may just have been debited', async () => {
    const operator = harness();
    operator.provider.takePaymentsAt('http://pay/');
    const visit = await operator.visit();
    const reason = 'account.insufficient_funds';
    operator.provider.set({ mode: 'decline', reason, delayMs: 0 });
    await put(operator, visit);
    await operator.untilState(visit.chargeId, 'collecting', 10_000);
    expect((await told(operator)).told).toMatchObject({ status: 'collecting', reason, mayPay: true });
    // The provider debits at the second attempt, and its answer does not come.
    operator.provider.set({ mode: 'timeout_after_charge', reason, delayMs: 0 });
    const { nextAttemptAtMs } = await operator.chargeRow(visit.chargeId);
    operator.clock.jumpWall((nextAttemptAtMs ?? 0) - operator.clock.nowMs() + 1_000);
    await operator.until(async () => (await operator.debitCount(visit.chargeId)) === 1, 120_000);
    // Then it is away for a while, so that nobody can ask.
    operator.provider.set({ mode: 'down', reason, delayMs: 0 });
    await operator.pass(30_000);
    expect(await operator.chargeRow(visit.chargeId)).toMatchObject({ state: 'collecting', inDoubt: true });
    const now = await told(operator);
    expect(now.purchase).toMatchObject({ state: 'collecting', payUrl: null, nextTryAtMs: null });
    const follows = { status: 'follows', reason: 'system.provider_error', when: 'on_its_own_soon' };
    expect(now.told).toMatchObject({ ...follows, mayPay: false });
    // And so on the receipt, and on what the cabinet has on record.
    const { body } = await operator.send('GET', `/v1/charges/${visit.chargeId}`);
    expect(chargeReplySchema.parse(body)).toMatchObject({
      state: 'collecting',
      reason: 'system.provider_error',
    });
    operator.provider.set({ mode: 'ok', reason, delayMs: 0 });
    await operator.untilState(visit.chargeId, 'paid', 600_000);
    expect((await told(operator)).told).toMatchObject({ status: 'paid', reason: null, when: null });
    expect(await operator.debitCount(visit.chargeId)).toBe(1);
  });

  it.each<[string, DebitOutcome, object]>([
    ['debited, nobody can say how much', { kind: 'paid', amountMinor: 13.5 }, { mayBeCharged: true }],
    ['refused, perhaps after it was debited', { kind: 'rejected', message: 'no' }, { mayBeCharged: true }],
    ['debited, but too little', { kind: 'paid', amountMinor: 500 }, { reason: 'system.conflict' }],
  ])('%s: staff looks, and nobody says that nothing was charged', async (_, outcome, is) => {
    const debit = () => Promise.resolve(outcome);
    await harness().close();
    const operator = harness().restarted({ wrapProvider: (inner) => alteredProvider(inner, { debit }) });
    const visit = await operator.visit();
    await put(operator, visit);
    await operator.untilState(visit.chargeId, 'needs_attention', 10_000);
    expect((await told(operator)).told).toMatchObject({ status: 'review', when: 'working_days', ...is });
    await operator.close();
  });

  it('paid, and a part is being checked: who looks at it, and when', async () => {
    const operator = harness();
    const visit = await operator.visit();
    const heldLines = [line('C3', 200, 1)];
    await put(operator, visit, { heldLines, review: ['recognition.differs_from_confirmed'] });
    await operator.untilState(visit.chargeId, 'paid', 10_000);
    expect((await told(operator)).told).toMatchObject({ status: 'paid', held: 'held', when: 'working_days' });
  });
});
