import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NoticeOutcome } from '../provider.ts';
import { Rig } from './test-server/rig.ts';
import type { Signed } from './test-server/wire.ts';

const rig = new Rig();
const { server } = rig;
const { faults } = server;

/** Where the operator would listen: what arrives is read by a new adapter each time. */
const received: NoticeOutcome[] = [];
const operator = createServer((request, response) => {
  void buffer(request).then(async (body) => {
    const adapter = rig.adapter();
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    );
    const outcome = await adapter.receive({ headers, body });
    received.push(outcome);
    const answer = adapter.answerTo(outcome.kind !== 'refused');
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
  });
});

beforeAll(async () => {
  await rig.start();
  await new Promise<void>((resolve) => operator.listen(0, '127.0.0.1', resolve));
  const notifyUrl = `http://127.0.0.1:${(operator.address() as AddressInfo).port}/notice`;
  rig.config = { ...rig.config, notifyUrl };
});
afterAll(async () => {
  await rig.stop();
  operator.closeAllConnections();
  await new Promise((resolve) => operator.close(resolve));
});
beforeEach(async () => {
  faults.clear();
  await server.deliver();
  received.length = 0;
});

const receive = ({ headers, body }: Signed) => rig.adapter().receive({ headers, body: Buffer.from(body) });
const paidOutcome = (orderId: string) => ({
  kind: 'order',
  orderId,
  outcome: { kind: 'paid', amountMinor: 1_050 },
});
const debited = async () => {
  const order = rig.newOrder();
  await rig.adapter().debit(order);
  return order;
};

describe('notices of payment', () => {
  it('arrive where the order says, are taken and answered, as often as they come and in any order', async () => {
    const [first, second] = [await debited(), await debited()];
    expect(await server.deliver({ times: 3, isReversed: true })).toEqual(Array(6).fill(200));
    const expected = [second, second, second, first, first, first].map(({ orderId }) => paidOutcome(orderId));
    expect(received).toEqual(expected);
  });

  it('days later, signed anew', async () => {
    const { orderId } = await debited();
    rig.clock.pass(5 * 86_400_000);
    expect(await receive(server.paid(orderId))).toEqual(paidOutcome(orderId));
  });

  it('of what was collected later', async () => {
    const order = rig.newOrder();
    faults.debitAfterMs = 3_600_000;
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'collecting' });
    expect(await server.deliver()).toEqual([]);
    rig.clock.pass(3_600_000);
    server.book.collect();
    expect(await server.deliver()).toEqual([200]);
    expect(received).toEqual([paidOutcome(order.orderId)]);
  });

  it('of an order that was closed once, under its next number', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    await rig.adapter().close(order.orderId);
    await rig.adapter().debit(order);
    expect(await receive(server.paid(`${order.orderId}*1`))).toEqual(paidOutcome(order.orderId));
  });

  it('signed with any of the keys', async () => {
    const { orderId } = await debited();
    for (const keyId of Object.keys(rig.config.platformKeys)) {
      const signed = server.notice('PAYSCORE.USER_PAID', server.book.show(orderId), { keyId });
      expect(await receive(signed)).toEqual(paidOutcome(orderId));
    }
  });

  it('of an order that we have no record of: what WeChat says counts', async () => {
    const { orderId } = await debited();
    const lost = new Rig();
    const adapter = lost.adapter({ ...rig.config, baseUrl: lost.config.baseUrl });
    lost.clock.pass(rig.clock.nowMs() - lost.clock.nowMs());
    const { headers, body } = server.paid(orderId);
    expect(await adapter.receive({ headers, body: Buffer.from(body) })).toEqual(paidOutcome(orderId));
  });

  it.each([
    ['another amount', { total_amount: 1 }],
    ['an amount we never asked for', { total_amount: 2, collection: paidCollection(2) }],
    ['not paid', { state: 'DOING', state_description: 'MCH_COMPLETE', collection: null }],
    ['not even completed', { state: 'DOING', state_description: 'USER_CONFIRM', collection: null }],
    ['another person', { openid: 'openid-of-somebody' }],
  ])('that do not fit are never paid: %s', async (_, fields) => {
    const { orderId } = await debited();
    const outcome = await receive(server.paid(orderId, fields));
    expect(outcome).toMatchObject({ kind: 'order', orderId, outcome: { kind: 'unknown' } });
  });
});

describe('notices that are refused', () => {
  it('another merchant', async () => {
    const { orderId } = await debited();
    const outcome = await receive(server.paid(orderId, { mchid: '1900000110' }));
    expect(outcome).toEqual({ kind: 'refused', message: 'notice refused: for another merchant' });
    expect(await receive(server.notice('REFUND.SUCCESS', { mchid: '1900000110' }))).toMatchObject({
      kind: 'refused',
    });
  });

  it('each byte that was altered, and another time-stamp', async () => {
    const { orderId } = await debited();
    const { headers, body } = server.paid(orderId);
    const bytes = Buffer.from(body);
    for (let i = 0; i < bytes.length; i += 7) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(i) ^ 0x80, i);
      expect((await rig.adapter().receive({ headers, body: altered })).kind).toBe('refused');
    }
    const later = String(Number(headers['wechatpay-timestamp']) + 1);
    const replayed = { headers: { ...headers, 'wechatpay-timestamp': later }, body };
    expect((await receive(replayed)).kind).toBe('refused');
  });

  it('one that is sent again unchanged after more than five minutes', async () => {
    const { orderId } = await debited();
    const signed = server.paid(orderId);
    expect(await receive(signed)).toEqual(paidOutcome(orderId));
    rig.clock.pass(301_000);
    expect((await receive(signed)).kind).toBe('refused');
  });

  it('a kind that is not known, and what cannot be read', async () => {
    const { mchid } = rig.config;
    expect((await receive(server.notice('COUPON.USE', { mchid }))).kind).toBe('refused');
    expect((await receive(server.notice('PAYSCORE.USER_PAID', { mchid }))).kind).toBe('refused');
    expect((await receive(server.notice('PAYSCORE.USER_OPEN_SERVICE', { mchid }))).kind).toBe('refused');
    expect((await receive(server.notice('PAYSCORE.USER_PAID', {}))).kind).toBe('refused');
  });

  it('is answered so that it comes again', () => {
    expect(rig.adapter().answerTo(false).status).toBe(500);
    expect(rig.adapter().answerTo(true)).toMatchObject({ status: 200, contentType: 'application/json' });
  });
});

describe('other notices', () => {
  const service = () => {
    const { mchid, appid, serviceId } = rig.config;
    return { mchid, appid, service_id: serviceId };
  };

  it.each([
    ['PAYSCORE.USER_OPEN_SERVICE', 'valid'],
    ['PAYSCORE.USER_CLOSE_SERVICE', 'ended'],
  ])('%s: an account is %s', async (eventType, state) => {
    const notice = server.notice(eventType, { ...service(), openid: 'openid-1' });
    expect(await receive(notice)).toEqual({ kind: 'agreement', account: 'openid-1', state });
  });

  it('of another service or order of this merchant are nothing for us', async () => {
    const { orderId } = await debited();
    const other = { service_id: 'other' };
    expect(await receive(server.paid(orderId, other))).toEqual({ kind: 'other' });
    expect(await receive(server.paid(orderId, { out_order_no: 'of|others' }))).toEqual({ kind: 'other' });
    const opened = { ...service(), ...other, openid: 'openid-1' };
    expect(await receive(server.notice('PAYSCORE.USER_OPEN_SERVICE', opened))).toEqual({ kind: 'other' });
  });

  it('of a refund, and of an order that was confirmed, however late, say nothing of a debit', async () => {
    const { orderId } = await debited();
    const { mchid } = rig.config;
    for (const state of ['SUCCESS', 'ABNORMAL', 'CLOSED'])
      expect(await receive(server.notice(`REFUND.${state}`, { mchid }, { originalType: 'refund' }))).toEqual({
        kind: 'other',
      });
    const confirmed = { ...server.book.show(orderId), state: 'DOING', state_description: 'USER_CONFIRM' };
    expect(await receive(server.notice('PAYSCORE.USER_CONFIRM', confirmed))).toEqual({ kind: 'other' });
  });
});

function paidCollection(amount: number) {
  return { state: 'USER_PAID', total_amount: amount, paying_amount: 0, paid_amount: amount };
}
