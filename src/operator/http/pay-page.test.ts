import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { purchasesReplySchema } from '../../shared/api/operator.ts';
import { newVisitId } from '../../testkit/operator/cabinet.ts';
import type { OperatorHarness } from '../../testkit/operator/harness.ts';
import { OwedByCard, isQuiet, scanToPay } from '../../testkit/operator/owed-by-card.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { retryAllNow } from '../debits/debit-store.ts';
import { payGuessesOfAddress } from '../limits.ts';
import { holdAfterPutBack } from '../storage/put-back.ts';
import { charge, providerOrder } from '../storage/schema.ts';

const cards = new OwedByCard();
const { book, faults, sessions } = cards.rig.server;
const memberId = 'M1001';
const minuteMs = 60_000;

beforeAll(() => cards.rig.start());
afterAll(() => cards.rig.stop());
beforeEach(() => cards.reset());

onStorage('the page to pay a debt by', (harness) => {
  const quiet = (operator: OperatorHarness) => isQuiet(operator.worker);
  const scan = (operator: OperatorHarness, chargeId: string, provider = 'stripe') =>
    scanToPay({ operator, chargeId }, { provider });
  const owing = async () => {
    const owed = await cards.owing(harness());
    expect(await owed.operator.chargeRow(owed.chargeId)).toMatchObject({
      state: 'collecting',
      inDoubt: false,
    });
    return owed;
  };
  const listOf = async (operator: OperatorHarness) => {
    const visitId = newVisitId(operator.clock.nowMs());
    const asked = { visitId, code: operator.code(memberId), purpose: 'account' };
    await operator.send('POST', '/v1/visits/authorise', asked);
    return async () => {
      const { body } = await operator.send('POST', '/v1/purchases', { visitId });
      return purchasesReplySchema.parse(body).purchases[0];
    };
  };

  it('leads to the provider; what is paid there is paid, in the list the next time that it is asked for', async () => {
    const { operator, chargeId } = await owing();
    const list = await listOf(operator);
    const payUrl = `https://pay.example/v1/pay/stripe/${chargeId}`;
    expect(await list()).toMatchObject({ state: 'collecting', reason: 'account.insufficient_funds', payUrl });
    const scanned = await scan(operator, chargeId);
    expect(scanned.status).toBe(303);
    expect(scanned.to).toMatch(/^https:\/\/checkout/);
    // Still to be paid, still the same code; the card is not asked beside it, whatever falls due.
    expect(await list()).toMatchObject({ state: 'collecting', reason: 'account.insufficient_funds', payUrl });
    expect(await scan(operator, chargeId)).toMatchObject({ status: 303, to: scanned.to });
    await retryAllNow(operator.db, operator.clock);
    operator.worker.wake();
    await quiet(operator);
    expect(book.takeCount(chargeId)).toBe(0);
    expect(sessions.pay(scanned.to)).toBe(true);
    operator.clock.jumpWall(3_000);
    await operator.pass(3_000, 1_000);
    await quiet(operator);
    expect(await list()).toMatchObject({ state: 'paid', payUrl: null });
    const scannedAgain = await scan(operator, chargeId);
    expect(scannedAgain.status).toBe(200);
    expect(scannedAgain.text).toContain('已付清');
    expect(await operator.chargeRow(chargeId)).toMatchObject({ paidMinor: 1300, refundDueMinor: 0 });
    expect(book.takeCount(chargeId)).toBe(1);
    await operator.close();
  });

  it('whoever comes back from there reads that it is paid, before any notice', async () => {
    const { operator, chargeId } = await owing();
    sessions.pay((await scan(operator, chargeId)).to);
    expect(await scan(operator, chargeId)).toMatchObject({ status: 200 });
    expect((await operator.chargeRow(chargeId)).state).toBe('paid');
    await operator.close();
  });

  it('two instances, two phones and the due debit at the same moment: taken once', async () => {
    const { operator, chargeId } = await owing();
    const other = operator.restarted({ currency: 'USD', realProviders: [cards.adapter(harness())] });
    faults.clear();
    await retryAllNow(operator.db, operator.clock);
    const all = await Promise.all([
      scan(operator, chargeId),
      scan(other, chargeId),
      operator.worker.attempt(chargeId),
      other.worker.attempt(chargeId),
      scan(operator, chargeId),
    ]);
    for (const answer of all)
      if (typeof answer === 'object' && 'to' in answer && answer.to !== '') sessions.pay(answer.to);
    for (const one of [operator, other]) await quiet(one);
    await scan(operator, chargeId);
    await quiet(operator);
    expect(book.takeCount(chargeId)).toBe(1);
    expect(await operator.chargeRow(chargeId)).toMatchObject({ state: 'paid', paidMinor: 1300 });
    expect(await operator.incidentKinds()).toEqual([]);
    await other.close();
    await operator.close();
  });

  it('says so where nobody can say yet whether it is paid, and leads nowhere', async () => {
    const { operator, chargeId } = await owing();
    faults.next('any', { kind: 'drop' }, Number.POSITIVE_INFINITY);
    expect(await scan(operator, chargeId)).toMatchObject({ status: 503, to: '' });
    await quiet(operator);
    expect(book.takeCount(chargeId)).toBe(0);
    await operator.close();
  });

  it('is there for debts of that provider alone, and not for whoever tries numbers', async () => {
    const { operator, chargeId } = await owing();
    for (const [id, provider] of [
      ['KM00000000000000000000000000', 'stripe'],
      [chargeId, 'wechat'],
      [chargeId, 'fake'],
    ] as const)
      expect(await scan(operator, id, provider)).toMatchObject({ status: 404, to: '' });
    for (let i = 0; i < payGuessesOfAddress.burst; i++) await scan(operator, 'KM0', 'stripe');
    expect((await scan(operator, chargeId)).status).toBe(429);
    await operator.close();
  });

  it('while a link is up no next try is told: there is none', async () => {
    const { operator, chargeId } = await owing();
    const list = await listOf(operator);
    expect((await list())?.nextTryAtMs).toBeGreaterThan(operator.clock.nowMs());
    await scan(operator, chargeId);
    expect(await list()).toMatchObject({ state: 'collecting', nextTryAtMs: null });
    await operator.close();
  });

  it('what is paid twice there all the same is due back, goes back, and people are told', async () => {
    const { operator, chargeId } = await owing();
    sessions.pay((await scan(operator, chargeId)).to);
    await scan(operator, chargeId);
    expect((await operator.chargeRow(chargeId)).paidMinor).toBe(1300);
    const metadata = { charge: chargeId, cabinet: 'CAB-1' };
    book.payByLink({ amount: 1300, currency: 'usd', customer: 'cus_M1001', metadata });
    const { headers, body } = cards.rig.eventOf(chargeId);
    for (let times = 0; times < 2; times++)
      await operator.operator.noticeApi.inject({
        ...{ method: 'POST', url: '/v1/notices/stripe', headers, payload: body },
      });
    expect(await operator.chargeRow(chargeId)).toMatchObject({ debitedMinor: 2600, refundDueMinor: 1300 });
    expect(await operator.incidentKinds()).toContain('refund_due');
    await operator.until(() => Promise.resolve(book.movedMinor(chargeId) === 1300), 10 * minuteMs, 1_000);
    await operator.close();
  });

  it.each([true, false])(
    'a link of which a database that was put back knows nothing is over before the card is asked (paid by it: %s)',
    async (isPaid) => {
      const owed = await owing();
      const { operator, chargeId } = owed;
      const { db, clock } = operator;
      const isOrder = eq(providerOrder.orderId, chargeId);
      const [order] = await db.select().from(providerOrder).where(isOrder);
      const before = await operator.chargeRow(chargeId);
      const { to } = await scan(operator, chargeId);
      await db.update(providerOrder).set({ known: order?.known }).where(isOrder);
      await db.update(charge).set(before).where(eq(charge.chargeId, chargeId));
      await holdAfterPutBack({ storage: { db, kind: 'pglite' }, clock, logger: silentLogger, isSaid: true });
      faults.clear();
      expect((await operator.send('GET', `/v1/charges/${chargeId}`)).status).toBe(200);
      for (let minutes = 0; minutes < 20; minutes++) await cards.pass(owed, minuteMs);
      expect(book.takeCount(chargeId)).toBe(0);
      if (isPaid) expect(sessions.pay(to)).toBe(true);
      for (let minutes = 0; minutes < 20; minutes++) await cards.pass(owed, minuteMs);
      expect(await operator.chargeRow(chargeId)).toMatchObject({ state: 'paid', paidMinor: 1300 });
      expect(sessions.pay(to)).toBe(false);
      expect(book.takeCount(chargeId)).toBe(1);
      await operator.close();
    },
  );
});
