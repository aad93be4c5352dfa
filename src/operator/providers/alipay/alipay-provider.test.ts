import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { providerContract } from '../provider-contract.ts';
import { newRecord, orderOf, outOrderNo } from './known-order.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
});

const paid = (amountMinor: number) => ({ kind: 'paid', amountMinor });
const declined = (reason: string) => ({ kind: 'declined', reason });

providerContract('Alipay', () => ({
  provider: rig.adapter(),
  newOrder: () => rig.newOrder(),
  setMood: (mood) => {
    faults.clear();
    if (mood === 'decline') faults.isRisky = true;
    if (mood === 'down') faults.next('any', { kind: 'drop' }, Number.POSITIVE_INFINITY);
  },
}));

describe('the usual way', () => {
  it('orders before the door, debits after it, and is paid once', async () => {
    const order = rig.newOrder();
    const adapter = rig.adapter();
    server.asked.length = 0;
    server.contents.length = 0;
    for (let i = 0; i < 2; i++)
      expect(await adapter.open({ ...order, maxMinor: 5_000 })).toEqual({ kind: 'open' });
    expect(server.asked).toEqual(['order']);
    expect(await adapter.query(order.orderId)).toEqual({ kind: 'not_found' });
    rig.clock.pass(60_000);
    server.asked.length = 0;
    expect(await adapter.debit(order)).toEqual(paid(1_050));
    expect(server.asked).toEqual(['pay', 'tradeQuery']);
    const pay = JSON.parse(server.contents.find(({ act }) => act === 'pay')?.content ?? '') as object;
    const creditOrderNo = (await rig.orders.find(order.orderId))?.creditOrderNo;
    expect(pay).toMatchObject({
      out_trade_no: creditOrderNo,
      auth_code: creditOrderNo,
      total_amount: '10.50',
      subject: '智能货柜 可乐等3件商品',
      body: order.orderId,
      extend_params: { creditTradeScene: 'CREDIT_PAY_UNCERTAIN_FEE' },
    });
    expect(book.debitCount(order.orderId)).toBe(1);
    expect(book.movedMinor(order.orderId)).toBe(1_050);
  });

  it('names what was taken without what a subject must not have', async () => {
    const names = ['A&B = 1/2', '长'.repeat(80), ''];
    for (const name of names) {
      const order = rig.newOrder({ lines: [{ name, count: 7, amountMinor: 1_050 }] });
      expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    }
    expect(await rig.adapter().debit(rig.newOrder({ lines: [] }))).toEqual(paid(1_050));
  });

  it('an order that nothing was taken from is ended, and goes on under the next number', async () => {
    const order = rig.newOrder();
    const adapter = rig.adapter();
    await adapter.open({ ...order, maxMinor: 5_000 });
    for (let i = 0; i < 2; i++) expect(await adapter.close(order.orderId)).toEqual({ kind: 'closed' });
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await adapter.debit(order)).toEqual(paid(1_050));
    expect(book.numbersOf(order.orderId)).toEqual([order.orderId, `${order.orderId}-0001`]);
    expect(await adapter.query(order.orderId)).toEqual(paid(1_050));
  });

  it('with a category where the contract names one', async () => {
    server.contents.length = 0;
    await rig.adapter({ categoryId: 'VENDING' }).open({ ...rig.newOrder(), maxMinor: 1 });
    expect(server.contents[0]?.content).toContain('"category_id":"VENDING"');
  });

  it.each([
    [{ currency: 'USD' }, 'CNY alone'],
    [{ amountMinor: 0 }, 'not an amount'],
    [{ amountMinor: 10.5 }, 'not an amount'],
    [{ amountMinor: -1 }, 'not an amount'],
    [{ amountMinor: 10_000_000_001 }, 'not an amount'],
    [{ orderId: 'short' }, 'no (further) number'],
    [{ orderId: 'with a blank' }, 'no (further) number'],
  ])('rejects %j', async (fields, reason) => {
    const order = rig.newOrder(fields);
    const asks = [rig.adapter().debit(order), rig.adapter().open({ ...order, maxMinor: order.amountMinor })];
    for (const outcome of await Promise.all(asks)) {
      expect(outcome.kind).toBe('rejected');
      expect(JSON.stringify(outcome)).toContain(reason);
    }
    expect(book.movedMinor(order.orderId)).toBe(0);
  });

  it('never asks another person for an order', async () => {
    const [order, { memberId }] = [rig.newOrder(), rig.newOrder()];
    const opened = { ...order, maxMinor: 5_000 };
    await rig.adapter().open(opened);
    const mixed = [rig.adapter().debit({ ...order, memberId }), rig.adapter().open({ ...opened, memberId })];
    for (const { kind } of await Promise.all(mixed)) expect(kind).toBe('rejected');
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    expect(book.movements.at(-1)?.agreementId).toBe(rig.agree(order.memberId));
  });
});

describe('agreements', () => {
  const needsConsent = declined('account.authentication_required');

  it('that are not valid are asked for nothing', async () => {
    const order = rig.newOrder();
    server.asked.length = 0;
    for (const agreement of ['void', 'ended'] as const) {
      rig.accounts.put(order.memberId, rig.agree(order.memberId), agreement);
      expect(await rig.adapter().debit(order)).toEqual(needsConsent);
      expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual(needsConsent);
    }
    expect(await rig.adapter().debit({ ...rig.newOrder(), memberId: 'nobody' })).toEqual(needsConsent);
    expect(server.asked).toEqual([]);
  });

  it('whose notice never came are asked about', async () => {
    const order = rig.newOrder();
    const id = rig.agree(order.memberId);
    rig.accounts.put(order.memberId, id, 'asked');
    book.agreements.set(id, 'UNSIGNED');
    expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual(needsConsent);
    book.agreements.set(id, 'VALID');
    faults.next('agreementQuery', { kind: 'drop' });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'not_sent' });
    expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual({ kind: 'open' });
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
  });

  it('that ended without a notice are told from people whom 芝麻 does not trust, whatever its codes', async () => {
    const order = rig.newOrder();
    book.agreements.set(rig.agree(order.memberId), 'INVALID');
    expect(await rig.adapter().debit(order)).toEqual(needsConsent);
    rig.agree(order.memberId);
    faults.isRisky = true;
    expect(await rig.adapter().debit(order)).toEqual(declined('account.declined'));
    faults.next('agreementQuery', { kind: 'answer_with', fields: { credit_agreement_id: 'ZMOP-OTHER' } });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'not_sent' });
    expect(await rig.paidOnce(order, false)).toBe(true);
  });
});

describe('numbers', () => {
  it('are those of one order, and back', () => {
    for (const orderId of ['12345678', 'a-b_c-00', 'KM01KB7ZJ4Q00000000000000001', 'x'.repeat(32)])
      for (const generation of [0, 1, 9, 99]) {
        const number = outOrderNo(orderId, generation) ?? '';
        expect(number).toMatch(/^[0-9A-Za-z_-]{8,64}$/);
        expect(orderOf(number)).toEqual({ orderId, generation });
      }
    expect(outOrderNo('12345678', 100)).toBeNull();
    for (const number of ['1234567', 'a'.repeat(33), `${'a'.repeat(30)}-001`, `${'a'.repeat(40)}-01`])
      expect(orderOf(number)).toBeNull();
  });

  it('are not made for ever', async () => {
    const order = rig.newOrder();
    await rig.orders.change(order.orderId, () => newRecord(order.memberId, 100));
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'rejected' });
    expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'not_found' });
  });
});
