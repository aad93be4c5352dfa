import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { providerContract } from '../provider-contract.ts';
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

providerContract('WeChat Pay Score', () => ({
  provider: rig.adapter(),
  newOrder: () => rig.newOrder(),
  setMood: (mood) => {
    faults.clear();
    if (mood === 'decline') faults.riskRefusal = '综合评估未通过';
    if (mood === 'down') faults.next('any', { kind: 'drop' }, Number.POSITIVE_INFINITY);
  },
}));

describe('the usual way', () => {
  it('opens before the door, completes after it, and is paid once', async () => {
    const order = rig.newOrder();
    const adapter = rig.adapter();
    expect(await adapter.open({ ...order, maxMinor: 5_000 })).toEqual({ kind: 'open' });
    expect(await adapter.open({ ...order, maxMinor: 5_000 })).toEqual({ kind: 'open' });
    expect(await adapter.query(order.orderId)).toEqual({ kind: 'not_found' });
    rig.clock.pass(60_000);
    server.asked.length = 0;
    const closedAtMs = rig.clock.nowMs() - 5_000;
    expect(await adapter.debit({ ...order, closedAtMs })).toEqual(paid(1_050));
    expect(server.asked).toEqual(['complete', 'query']);
    expect(book.debitCount(order.orderId)).toBe(1);
    expect(book.movedMinor(order.orderId)).toBe(1_050);
  });

  it('an order that nothing was taken from is closed, and asks for nothing', async () => {
    const order = rig.newOrder();
    const adapter = rig.adapter();
    await adapter.open({ ...order, maxMinor: 5_000 });
    expect(await adapter.close(order.orderId)).toEqual({ kind: 'closed' });
    expect(book.show(order.orderId)).toMatchObject({ state: 'REVOKED' });
    expect(await adapter.close(order.orderId)).toEqual({ kind: 'closed' });
    expect(book.movedMinor(order.orderId)).toBe(0);
    // Its number is used up at WeChat; the order goes on under the next one.
    expect(await adapter.debit(order)).toEqual(paid(1_050));
    expect(book.show(`${order.orderId}*1`)).toMatchObject({ state: 'DONE' });
    expect(await adapter.query(order.orderId)).toEqual(paid(1_050));
  });

  it('takes times that do not fit: a cabinet ahead or behind, a door that was just shut', async () => {
    for (const offMs of [-86_400_000, 0, 86_400_000]) {
      const order = rig.newOrder({ closedAtMs: rig.clock.nowMs() + offMs });
      expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    }
  });

  it.each([
    [{ currency: 'USD' }, 'CNY alone'],
    [{ amountMinor: 0 }, 'not an amount'],
    [{ amountMinor: 10.5 }, 'not an amount'],
    [{ amountMinor: -1 }, 'not an amount'],
  ])('rejects %j', async (fields, message) => {
    const order = rig.newOrder(fields);
    const rejected = { kind: 'rejected', message: expect.stringContaining(message) as string };
    expect(await rig.adapter().debit(order)).toEqual(rejected);
    expect(await rig.adapter().open({ ...order, maxMinor: order.amountMinor })).toEqual(rejected);
    expect(book.movedMinor(order.orderId)).toBe(0);
  });

  it('never asks another person for an order', async () => {
    const order = rig.newOrder();
    const other = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    const mixed = { ...order, memberId: other.memberId };
    expect(await rig.adapter().debit(mixed)).toMatchObject({ kind: 'rejected' });
    expect(await rig.adapter().open({ ...mixed, maxMinor: 5_000 })).toMatchObject({ kind: 'rejected' });
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    expect(book.movements.at(-1)?.openid).toBe(rig.openidOf(order.memberId));
  });

  it('asks nobody whose service is not open', async () => {
    const order = rig.newOrder();
    const declined = { kind: 'declined', reason: 'account.authentication_required' };
    for (const agreement of ['asked', 'void', 'ended'] as const) {
      rig.accounts.put(order.memberId, rig.openidOf(order.memberId), agreement);
      expect(await rig.adapter().debit(order)).toEqual(declined);
      expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual(declined);
    }
    expect(await rig.adapter().debit({ ...rig.newOrder(), memberId: 'nobody' })).toEqual(declined);
    rig.accounts.put(order.memberId, rig.openidOf(order.memberId));
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it.each([
    ['综合评估未通过', 'account.declined'],
    ['用户未开启服务', 'account.authentication_required'],
  ])('is declined with a reason: %s', async (message, reason) => {
    const order = rig.newOrder();
    faults.riskRefusal = message;
    expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual({ kind: 'declined', reason });
    expect(await rig.adapter().debit(order)).toEqual({ kind: 'declined', reason });
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('an order that waits for a confirmation is none', async () => {
    const order = rig.newOrder();
    faults.next('create', {
      kind: 'answer_with',
      fields: { state: 'CREATED', state_description: undefined },
    });
    const declined = { kind: 'declined', reason: 'account.authentication_required' };
    expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual(declined);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });
});
