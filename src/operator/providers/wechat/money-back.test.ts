import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RefundRequest } from '../provider.ts';
import { refundErrorCodes } from './codes.ts';
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
const collecting = (amountMinor: number) => ({ kind: 'collecting', amountMinor, reason: 'account.declined' });

async function collected() {
  const order = rig.newOrder();
  faults.poor.add(rig.openidOf(order.memberId));
  await rig.adapter().debit(order);
  return order;
}

describe('lower', () => {
  it('collects less, and less again, but never more', async () => {
    const order = await collected();
    const adapter = rig.adapter();
    expect(await adapter.lower({ ...order, amountMinor: 700 })).toEqual(collecting(700));
    expect(await adapter.lower({ ...order, amountMinor: 700 })).toEqual(collecting(700));
    expect(await adapter.lower({ ...order, amountMinor: 900 })).toEqual(collecting(700));
    expect(await adapter.lower({ ...order, amountMinor: 0 })).toEqual(collecting(700));
    expect(await rig.adapter().lower({ ...order, amountMinor: 350 })).toEqual(collecting(350));
    faults.clear();
    expect(await adapter.query(order.orderId)).toEqual(paid(350));
    expect(await adapter.lower({ ...order, amountMinor: 100 })).toEqual(paid(350));
    expect(book.movedMinor(order.orderId)).toBe(350);
  });

  it('what is not collected is not lowered', async () => {
    const order = rig.newOrder();
    const adapter = rig.adapter();
    server.asked.length = 0;
    expect(await adapter.lower(order)).toEqual({ kind: 'not_found' });
    await adapter.open({ ...order, maxMinor: 5_000 });
    expect(await adapter.lower(order)).toEqual({ kind: 'not_found' });
    expect(server.asked).not.toContain('modify');
  });

  it('a lost answer: it collects the one sum or the other, and says which', async () => {
    for (const [fault, sum] of [
      ['drop', 1_050],
      ['answer_lost', 700],
    ] as const) {
      const order = await collected();
      faults.next('modify', { kind: fault });
      expect(await rig.adapter().lower({ ...order, amountMinor: 700 })).toEqual(collecting(sum));
      expect(await rig.adapter().lower({ ...order, amountMinor: 700 })).toEqual(collecting(700));
    }
  });

  it('paid while it was being lowered: what was paid counts', async () => {
    const order = await collected();
    faults.next('modify', { kind: 'code', code: 'ORDER_DONE' });
    const lowered = rig.adapter().lower({ ...order, amountMinor: 700 });
    faults.poor.clear();
    expect([paid(1_050), collecting(1_050)]).toContainEqual(await lowered);
    expect(await rig.adapter().query(order.orderId)).toEqual(paid(1_050));
  });
});

describe('refund', () => {
  const refundOf = (orderId: string, fields: Partial<RefundRequest> = {}): RefundRequest => ({
    orderId,
    refundId: `R-${orderId}`.slice(0, 32),
    amountMinor: 350,
    currency: 'CNY',
    reason: '商品有问题',
    ...fields,
  });
  const debited = async () => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    return order.orderId;
  };

  it('goes back once, however often it is asked for', async () => {
    const orderId = await debited();
    for (let i = 0; i < 3; i++)
      expect(await rig.adapter().refund(refundOf(orderId))).toEqual({ kind: 'pending' });
    book.setRefund(refundOf(orderId).refundId, 'SUCCESS');
    expect(await rig.adapter().refund(refundOf(orderId))).toEqual({ kind: 'refunded' });
    expect(book.movedMinor(orderId)).toBe(700);
  });

  it('goes back of an order that was closed once and debited under its next number', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    await rig.adapter().close(order.orderId);
    await rig.adapter().debit(order);
    expect(await rig.adapter().refund(refundOf(order.orderId))).toEqual({ kind: 'pending' });
    expect(book.movedMinor(order.orderId)).toBe(700);
  });

  it.each(['CLOSED', 'ABNORMAL'] as const)('%s waits for a human', async (state) => {
    const orderId = await debited();
    await rig.adapter().refund(refundOf(orderId));
    book.setRefund(refundOf(orderId).refundId, state);
    expect(await rig.adapter().refund(refundOf(orderId))).toMatchObject({ kind: 'rejected' });
  });

  it('rejects nothing paid, more than paid, another currency, another sum under its number', async () => {
    const order = rig.newOrder();
    const adapter = rig.adapter();
    const rejected = { kind: 'rejected' };
    expect(await adapter.refund(refundOf(order.orderId))).toMatchObject(rejected);
    await adapter.debit(order);
    expect(await adapter.refund(refundOf(order.orderId, { amountMinor: 1_051 }))).toMatchObject(rejected);
    expect(await adapter.refund(refundOf(order.orderId, { currency: 'USD' }))).toMatchObject(rejected);
    expect(await adapter.refund(refundOf(order.orderId))).toEqual({ kind: 'pending' });
    expect(await adapter.refund(refundOf(order.orderId, { amountMinor: 300 }))).toMatchObject(rejected);
    const rest = refundOf(order.orderId, { refundId: 'R-REST', amountMinor: 701 });
    expect(await adapter.refund(rest)).toMatchObject(rejected);
    expect(book.movedMinor(order.orderId)).toBe(700);
  });

  it.each([
    [{ kind: 'drop' }, 'unknown'],
    [{ kind: 'answer_lost' }, 'unknown'],
    [{ kind: 'maintenance' }, 'unknown'],
    [{ kind: 'altered' }, 'unknown'],
    [{ kind: 'code', code: 'SYSTEM_ERROR' }, 'unknown'],
    [{ kind: 'code_after', code: 'INVALID_REQUEST' }, 'pending'],
    [{ kind: 'code', code: 'FREQUENCY_LIMITED' }, 'not_sent'],
    [{ kind: 'answer_with', fields: { out_refund_no: 'R-OTHER' } }, 'unknown'],
    [{ kind: 'answer_with', fields: { transaction_id: 'other' } }, 'unknown'],
    [{ kind: 'answer_with', fields: { amount: { refund: 1, currency: 'CNY' } } }, 'unknown'],
    [{ kind: 'answer_with', fields: { amount: { refund: 350, currency: 'USD' } } }, 'unknown'],
  ] as const)('%j is %s, and goes back once', async (fault, kind) => {
    const orderId = await debited();
    faults.next('refund', fault);
    expect((await rig.adapter().refund(refundOf(orderId))).kind).toBe(kind);
    expect(await rig.adapter().refund(refundOf(orderId))).toEqual({ kind: 'pending' });
    expect(book.movedMinor(orderId)).toBe(700);
  });

  it.each(Object.keys(refundErrorCodes) as (keyof typeof refundErrorCodes)[])('%s', async (code) => {
    const orderId = await debited();
    faults.next('refund', { kind: 'code', code });
    const kind = code === 'MCH_NOT_EXISTS' ? 'not_sent' : 'rejected';
    expect((await rig.adapter().refund(refundOf(orderId))).kind).toBe(kind);
    expect(book.movedMinor(orderId)).toBe(1_050);
  });

  it('is not asked for while nobody says what was paid', async () => {
    const orderId = await debited();
    faults.next('query', { kind: 'drop' });
    expect((await rig.adapter().refund(refundOf(orderId))).kind).toBe('unknown');
    faults.next('query', { kind: 'answer_with', fields: { collection: paidElsewhere } });
    expect((await rig.adapter().refund(refundOf(orderId))).kind).toBe('rejected');
    expect(book.movedMinor(orderId)).toBe(1_050);
  });

  it('a refund that was taken, or not, and of which nobody says how it stands', async () => {
    const orderId = await debited();
    faults.next('refund', { kind: 'code_after', code: 'INVALID_REQUEST' });
    faults.next('refund_query', { kind: 'drop' });
    expect((await rig.adapter().refund(refundOf(orderId))).kind).toBe('unknown');
    expect(await rig.adapter().refund(refundOf(orderId))).toEqual({ kind: 'pending' });
  });

  it.each([
    ['a state that is not known', { status: 'RETURNED' }, 'unknown'],
    ['no sum', { amount: null }, 'unknown'],
    ['another number', { out_refund_no: 'R-OTHER' }, 'unknown'],
    ['another transaction', { transaction_id: 'other' }, 'rejected'],
    ['another sum', { amount: { refund: 1, currency: 'CNY' } }, 'rejected'],
  ])(
    'looked for, and answered with %s: only what is for certain another refund is rejected',
    async (...row) => {
      const [, fields, kind] = row;
      const orderId = await debited();
      await rig.adapter().refund(refundOf(orderId));
      faults.next('refund_query', { kind: 'answer_with', fields });
      expect((await rig.adapter().findRefund(refundOf(orderId))).kind).toBe(kind);
      expect(await rig.adapter().findRefund(refundOf(orderId))).toEqual({ kind: 'pending' });
    },
  );
});

const paidElsewhere = {
  state: 'USER_PAID',
  total_amount: 1_050,
  paid_amount: 1_050,
  details: [{ paid_type: 'MCH' }],
};
