import { afterAll, beforeAll, expect, it } from 'vitest';
import { onStorage } from '../../../testkit/operator/suite.ts';
import { StoredAccounts } from '../provider-accounts.ts';
import { StoredOrders } from '../provider-orders.ts';
import { knownOrderSchema } from './known-order.ts';
import { Rig } from './test-server/rig.ts';
import { wechatTime } from './wechat-time.ts';

const rig = new Rig();
const { book, faults } = rig.server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());

onStorage('WeChat Pay Score, with what it remembers in the database', (harness) => {
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

  it('that a service was ended comes late, after it was opened anew: it is open', async () => {
    await harness().close();
    const { accounts, provider } = adapter();
    const operator = harness().restarted({ realProviders: [provider] });
    const { mchid, appid, serviceId } = rig.config;
    await accounts.put({ memberId: 'M1001', account: 'openid-1', agreement: 'valid' });
    const of = { mchid, appid, service_id: serviceId, openid: 'openid-1' };
    const beganMs = rig.clock.nowMs();
    const notify = async (status: string, afterS?: number) => {
      const time = afterS === undefined ? {} : { openorclose_time: wechatTime(beganMs + afterS * 1_000) };
      const { headers, body } = rig.server.notice(`PAYSCORE.${status}`, {
        ...{ ...of, user_service_status: status, ...time },
      });
      const answer = await operator.operator.noticeApi.inject({
        ...{ method: 'POST', url: '/v1/notices/wechat', headers, payload: body },
      });
      expect(answer.statusCode).toBe(200);
      return (await accounts.find('M1001'))?.agreement;
    };
    rig.clock.pass(3_600_000);
    expect(await notify('USER_OPEN_SERVICE', 900)).toBe('valid');
    expect(await notify('USER_CLOSE_SERVICE', 600)).toBe('valid');
    expect(await notify('USER_CLOSE_SERVICE', 1_200)).toBe('ended');
    // Without a time what comes last counts.
    expect(await notify('USER_OPEN_SERVICE')).toBe('valid');
    expect(await notify('USER_CLOSE_SERVICE')).toBe('ended');
    await operator.close();
  });
});
