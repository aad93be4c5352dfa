import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { chargeBody } from '../../../testkit/operator/cabinet.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import { member } from '../../storage/schema.ts';
import { StoredAccounts } from '../provider-accounts.ts';
import { providerContract } from '../provider-contract.ts';
import { StoredOrders } from '../provider-orders.ts';
import { alipayRecordSchema } from './known-order.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
});

onStorage('Alipay, with what it remembers in the database', (harness) => {
  const storedOrders = () => new StoredOrders(harness().db, rig.clock, 'alipay', alipayRecordSchema);
  const adapter = () => {
    const accounts = new StoredAccounts(harness().db, rig.clock, 'alipay');
    return { accounts, provider: rig.adapter({}, { orders: storedOrders(), accounts }) };
  };

  providerContract('Alipay in the database', () => ({
    provider: rig.adapter({}, { orders: storedOrders() }),
    newOrder: () => rig.newOrder(),
    setMood: (mood) => {
      faults.clear();
      if (mood === 'decline') faults.isRisky = true;
      if (mood === 'down') faults.next('any', { kind: 'drop' }, Number.POSITIVE_INFINITY);
    },
  }));

  it('two at once debit an order once; it is closed, debited anew and refunded after restarts', async () => {
    const order = rig.newOrder();
    const { memberId, orderId } = order;
    const { accounts, provider } = adapter();
    await accounts.put({ memberId, account: rig.agree(memberId), agreement: 'valid' });
    await provider.open({ ...order, maxMinor: 5_000 });
    expect(await adapter().provider.close(orderId)).toEqual({ kind: 'closed' });
    faults.next('pay', { kind: 'answer_lost' });
    const debits = await Promise.all([1, 2, 3].map(() => adapter().provider.debit(order)));
    for (const { kind } of debits) expect(['paid', 'unknown']).toContain(kind);
    expect(book.debitCount(orderId)).toBe(1);
    expect(await adapter().provider.query(orderId)).toEqual({ kind: 'paid', amountMinor: 1_050 });
    const refund = { orderId, refundId: `R-${orderId}`, amountMinor: 50, currency: 'CNY', reason: '少收' };
    expect(await adapter().provider.refund(refund)).toEqual({ kind: 'refunded' });
    expect(book.movedMinor(orderId)).toBe(1_000);
  });

  /** The whole operator with a charge of a member who pays by Alipay, and nothing answered yet. */
  const charged = async () => {
    await harness().close();
    const { accounts, provider } = adapter();
    const operator = harness().restarted({ realProviders: [provider] });
    const account = rig.agree('M1001');
    await accounts.put({ memberId: 'M1001', account, agreement: 'valid' });
    await operator.db.update(member).set({ provider: 'alipay' }).where(eq(member.memberId, 'M1001'));
    const visit = await operator.visit();
    const { chargeId } = visit;
    const put = operator.during(operator.send('PUT', `/v1/charges/${chargeId}`, chargeBody(visit)));
    const row = () => operator.chargeRow(chargeId);
    /** The worker has answered whatever is due within `ms`, which pass in steps shorter than its bound of a call. */
    const work = async (ms: number) => {
      for (let leftMs = ms; leftMs > 0; leftMs -= 4_000) {
        await operator.worker.attempt(chargeId);
        rig.clock.pass(4_000);
        await operator.clock.advance(Math.min(4_000, leftMs));
      }
      await operator.worker.attempt(chargeId);
    };
    await put;
    await operator.worker.attempt(chargeId);
    return { operator, chargeId, account, row, work };
  };

  it('the debit worker has a charge debited once, though the answer was lost', async () => {
    faults.next('pay', { kind: 'answer_lost' });
    faults.next('tradeQuery', { kind: 'drop' });
    const { operator, chargeId, row, work } = await charged();
    expect(await row()).toMatchObject({ inDoubt: true, paidMinor: null });
    await work(20_000);
    expect(await row()).toMatchObject({ state: 'paid', paidMinor: 1_300, inDoubt: false });
    expect(book.debitCount(chargeId)).toBe(1);
    expect(await operator.incidentKinds()).toEqual([]);
    await operator.close();
  });

  it('the debit worker follows what Alipay collects by itself, until it is paid', async () => {
    faults.poor.add(rig.agree('M1001'));
    const { operator, chargeId, row, work } = await charged();
    expect(await row()).toMatchObject({ state: 'collecting', paidMinor: null });
    await work(120_000);
    expect(book.debitCount(chargeId)).toBe(0);
    faults.poor.clear();
    await work(240_000);
    expect(await row()).toMatchObject({ state: 'paid', paidMinor: 1_300 });
    expect(book.debitCount(chargeId)).toBe(1);
    expect(book.numbersOf(chargeId)).toEqual([chargeId]);
    await operator.close();
  });

  it('the debit worker takes what never arrived as such only after the settling time', async () => {
    faults.next('pay', { kind: 'drop' });
    const { operator, chargeId, row, work } = await charged();
    await work(600_000);
    expect(await row()).toMatchObject({ inDoubt: true, paidMinor: null });
    await work(600_000);
    expect(await row()).toMatchObject({ state: 'paid', paidMinor: 1_300 });
    expect(book.debitCount(chargeId)).toBe(1);
    await operator.close();
  });

  it('a notice of Alipay ends the doubt at once, and only once', async () => {
    faults.next('pay', { kind: 'answer_lost' });
    faults.next('tradeQuery', { kind: 'drop' }, 3);
    const { operator, chargeId, row } = await charged();
    const payload = server.tradeNotice(chargeId);
    for (let i = 0; i < 2; i++) {
      const answer = await operator.operator.noticeApi.inject({
        ...{ method: 'POST', url: '/v1/notices/alipay', payload },
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      });
      expect([answer.statusCode, answer.body]).toEqual([200, 'success']);
    }
    expect(await row()).toMatchObject({ state: 'paid', paidMinor: 1_300, inDoubt: false });
    expect(await operator.incidentKinds()).toEqual([]);
    await operator.close();
  });
});
