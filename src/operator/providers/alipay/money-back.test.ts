import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RefundRequest } from '../provider.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { book, faults } = rig.server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
});

const refunded = { kind: 'refunded' };

describe('refund', () => {
  const refundOf = (orderId: string, fields: Partial<RefundRequest> = {}): RefundRequest => ({
    ...{ orderId, refundId: `R-${orderId}`, amountMinor: 350, currency: 'CNY', reason: '商品有问题' },
    ...fields,
  });
  const debited = async () => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    return order.orderId;
  };

  it('goes back once, however often it is asked for', async () => {
    const orderId = await debited();
    for (let i = 0; i < 3; i++) expect(await rig.adapter().refund(refundOf(orderId))).toEqual(refunded);
    expect(book.movedMinor(orderId)).toBe(700);
  });

  it('goes back in parts until all of it is back, and the order stays one that was debited', async () => {
    const orderId = await debited();
    for (const [refundId, amountMinor] of [
      ['R-1', 29],
      ['R-2', 1_000],
      ['R-3', 21],
    ] as const)
      expect(await rig.adapter().refund(refundOf(orderId, { refundId, amountMinor }))).toEqual(refunded);
    expect(book.movedMinor(orderId)).toBe(0);
    expect(await rig.adapter().query(orderId)).toEqual({ kind: 'paid', amountMinor: 1_050 });
    expect(await rig.adapter().close(orderId)).toEqual({ kind: 'paid', amountMinor: 1_050 });
    expect(await rig.adapter().refund(refundOf(orderId, { refundId: 'R-4' }))).toMatchObject({
      kind: 'rejected',
    });
  });

  it('goes back of an order that was closed once and debited under its next number', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    await rig.adapter().close(order.orderId);
    await rig.adapter().debit(order);
    expect(await rig.adapter().refund(refundOf(order.orderId))).toEqual(refunded);
    expect(book.movedMinor(order.orderId)).toBe(700);
  });

  it('rejects nothing paid, more than paid, another currency, another sum under its number', async () => {
    const order = rig.newOrder();
    const { orderId } = order;
    const rejected = { kind: 'rejected' };
    const refund = (fields: Partial<RefundRequest> = {}) => rig.adapter().refund(refundOf(orderId, fields));
    expect(await refund()).toMatchObject(rejected);
    await rig.adapter().debit(order);
    expect(await refund({ amountMinor: 1_051 })).toMatchObject(rejected);
    expect(await refund({ amountMinor: 0 })).toMatchObject(rejected);
    expect(await refund({ currency: 'USD' })).toMatchObject(rejected);
    expect(await refund()).toEqual(refunded);
    expect(await refund({ amountMinor: 300 })).toMatchObject(rejected);
    expect(await refund({ refundId: 'R-REST', amountMinor: 701 })).toMatchObject(rejected);
    expect(book.movedMinor(orderId)).toBe(700);
  });

  it('that was taken and is not shown yet is on its way', async () => {
    const orderId = await debited();
    faults.areRefundsHidden = true;
    expect(await rig.adapter().refund(refundOf(orderId))).toEqual({ kind: 'pending' });
    faults.clear();
    expect(await rig.adapter().refund(refundOf(orderId))).toEqual(refunded);
    expect(book.movedMinor(orderId)).toBe(700);
  });

  it.each([
    ['refund', { kind: 'drop' }, 'unknown'],
    ['refund', { kind: 'answer_lost' }, 'refunded'],
    ['refund', { kind: 'page', status: 200 }, 'unknown'],
    ['refund', { kind: 'page', status: 429 }, 'unknown'],
    ['refund', { kind: 'altered' }, 'refunded'],
    ['refund', { kind: 'code', code: '20000' }, 'unknown'],
    ['refund', { kind: 'code', code: '40004', subCode: 'ACQ.SYSTEM_ERROR' }, 'unknown'],
    ['refund', { kind: 'code_after', code: '40004', subCode: 'ACQ.SYSTEM_ERROR' }, 'refunded'],
    ['refund', { kind: 'code_after', code: '40004', subCode: 'ACQ.TRADE_STATUS_ERROR' }, 'refunded'],
    ['refund', { kind: 'code', code: '40004', subCode: 'ACQ.SELLER_BALANCE_NOT_ENOUGH' }, 'rejected'],
    ['refund', { kind: 'code', code: '40004', subCode: 'ACQ.TRADE_NOT_EXIST' }, 'unknown'],
    ['refund', { kind: 'code', code: '40005', subCode: 'isv.app-call-limited' }, 'not_sent'],
    ['refund', { kind: 'code', code: '40006', subCode: 'isv.insufficient-isv-permissions' }, 'not_sent'],
    ['refundQuery', { kind: 'drop' }, 'pending'],
    ['refundQuery', { kind: 'unsigned' }, 'pending'],
    ['refundQuery', { kind: 'answer_with', fields: { out_request_no: 'R-OTHER' } }, 'unknown'],
    ['refundQuery', { kind: 'answer_with', fields: { trade_no: 'other' } }, 'unknown'],
    ['refundQuery', { kind: 'answer_with', fields: { refund_amount: '3.5000' } }, 'rejected'],
    ['refundQuery', { kind: 'answer_with', fields: { refund_amount: 3.5 } }, 'unknown'],
    ['refundQuery', { kind: 'answer_with', fields: { refund_status: 'REFUND_PROCESSING' } }, 'pending'],
  ] as const)('%s %j is %s, and goes back once', async (act, fault, kind) => {
    const orderId = await debited();
    faults.next(act, fault);
    expect((await rig.adapter().refund(refundOf(orderId))).kind).toBe(kind);
    expect(await rig.adapter().refund(refundOf(orderId))).toEqual(refunded);
    expect(book.movedMinor(orderId)).toBe(700);
  });

  it('is not asked for while nobody says what was paid', async () => {
    const orderId = await debited();
    await rig.orders.change(orderId, (known) => {
      if (known === null) throw new Error('the order is on record');
      return { ...known, paid: null };
    });
    faults.next('tradeQuery', { kind: 'drop' });
    expect((await rig.adapter().refund(refundOf(orderId))).kind).toBe('unknown');
    expect(book.movedMinor(orderId)).toBe(1_050);
    expect(await rig.adapter().refund(refundOf(orderId))).toEqual(refunded);
  });
});
