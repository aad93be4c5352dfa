import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEachStorage } from '../../../testkit/operator/suite.ts';
import { StoredAccounts } from '../provider-accounts.ts';
import { StoredOrders } from '../provider-orders.ts';
import { knownOrderSchema } from './known-order.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { book, faults } = rig.server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());

onEachStorage('WeChat Pay Score, with what it remembers in the database', (harness) => {
  const adapter = () => {
    const { db } = harness();
    const orders = new StoredOrders(db, rig.clock, 'wechat', knownOrderSchema);
    const accounts = new StoredAccounts(db, rig.clock, 'wechat');
    return { accounts, provider: rig.adapter({}, { orders, accounts }) };
  };

  it('two at once debit an order once; it is closed, debited anew and refunded after restarts', async () => {
    const order = rig.newOrder();
    const { accounts, provider } = adapter();
    const account = rig.openidOf(order.memberId);
    await accounts.put({ memberId: order.memberId, account, agreement: 'valid' });
    await provider.open({ ...order, maxMinor: 5_000 });
    expect(await adapter().provider.close(order.orderId)).toEqual({ kind: 'closed' });
    faults.next('complete', { kind: 'answer_lost' });
    const debits = [adapter(), adapter(), adapter()].map((one) => one.provider.debit(order));
    const kinds = (await Promise.all(debits)).map(({ kind }) => kind);
    for (const kind of kinds) expect(['paid', 'unknown']).toContain(kind);
    expect(book.debitCount(order.orderId)).toBe(1);
    expect(await adapter().provider.query(order.orderId)).toEqual({ kind: 'paid', amountMinor: 1_050 });
    const { orderId } = order;
    const refund = { orderId, refundId: `R-${orderId}`, amountMinor: 50, currency: 'CNY', reason: '少收' };
    expect(await adapter().provider.refund(refund)).toEqual({ kind: 'pending' });
    expect(book.movedMinor(orderId)).toBe(1_000);
  });
});
