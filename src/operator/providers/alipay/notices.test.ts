import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NoticeOutcome } from '../provider.ts';
import { messages } from './codes.ts';
import { advanceAfterMs } from './test-server/credit-book.ts';
import { Rig } from './test-server/rig.ts';
import { makeKeyPair, signedForm } from './test-server/wire.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;

const receive = (body: string, adapter = rig.adapter()) =>
  adapter.receive({ headers: {}, body: Buffer.from(body) });

/** Where the operator would listen: what arrives is read by a new adapter each time. */
const received: NoticeOutcome[] = [];
const operator = createServer((request, response) => {
  void text(request)
    .then((body) => receive(body))
    .then((outcome) => {
      received.push(outcome);
      const { status, contentType, body } = rig.adapter().answerTo(outcome.kind !== 'refused');
      response.writeHead(status, { 'content-type': contentType }).end(body);
    });
});

beforeAll(async () => {
  const listening = new Promise((resolve) => operator.listen(0, '127.0.0.1', () => resolve(undefined)));
  await Promise.all([rig.start(), listening]);
  const { port } = operator.address() as AddressInfo;
  rig.config = { ...rig.config, notifyUrl: `http://127.0.0.1:${port}/notice` };
});
afterAll(async () => {
  operator.closeAllConnections();
  await Promise.all([rig.stop(), new Promise((resolve) => operator.close(resolve))]);
});
beforeEach(async () => {
  faults.clear();
  await server.deliver();
  received.length = 0;
});

const paidOutcome = (orderId: string) => ({
  kind: 'order',
  orderId,
  outcome: { kind: 'paid', amountMinor: 1_050 },
});
const debited = async () => {
  const order = rig.newOrder();
  await rig.adapter().debit(order);
  return order.orderId;
};

describe('notices of debits', () => {
  it('arrive where the debit says, are taken and answered, as often as they come and in any order', async () => {
    const [first, second] = [await debited(), await debited()];
    expect(await server.deliver({ times: 3, isReversed: true })).toEqual(Array(6).fill('success'));
    expect(received).toEqual([second, second, second, first, first, first].map(paidOutcome));
  });

  it('days later, also the very same text once more', async () => {
    const orderId = await debited();
    const notice = server.tradeNotice(orderId);
    expect(await receive(notice)).toEqual(paidOutcome(orderId));
    rig.clock.pass(5 * 86_400_000);
    expect(await receive(notice)).toEqual(paidOutcome(orderId));
  });

  it('of what was collected later, and of what Alipay has paid in advance', async () => {
    const order = rig.newOrder();
    faults.poor.add(rig.agree(order.memberId));
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'collecting' });
    expect(await server.deliver()).toEqual([]);
    const waiting = await receive(server.tradeNotice(order.orderId));
    expect(waiting).toMatchObject({ outcome: { kind: 'collecting', amountMinor: 1_050 } });
    rig.clock.pass(advanceAfterMs);
    book.collect();
    expect(await server.deliver()).toEqual(['success']);
    expect(received).toEqual([paidOutcome(order.orderId)]);
  });

  it('that are overtaken by a later one say what was true, and nothing is undone by them', async () => {
    const orderId = await debited();
    const outcome = await receive(server.tradeNotice(orderId, { trade_status: 'WAIT_BUYER_PAY' }));
    // A reason to ask, and nothing else.
    expect(outcome).toMatchObject({ orderId, outcome: { kind: 'collecting' } });
    expect(await rig.adapter().query(orderId)).toEqual({ kind: 'paid', amountMinor: 1_050 });
  });

  it('of an order that was closed once, under its next number', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    await rig.adapter().close(order.orderId);
    await rig.adapter().debit(order);
    expect(await receive(server.tradeNotice(`${order.orderId}-0001`))).toEqual(paidOutcome(order.orderId));
  });

  it('signed with any of the keys, and of an order that we have no record of', async () => {
    const orderId = await debited();
    for (const signer of [0, 1])
      expect(await receive(server.tradeNotice(orderId, {}, signer))).toEqual(paidOutcome(orderId));
    expect(await receive(server.tradeNotice(orderId), new Rig().adapter(rig.config))).toEqual(
      paidOutcome(orderId),
    );
  });

  it.each([
    ['another amount', { total_amount: '99.50' }],
    ['no amount', { total_amount: '10.505' }],
    ['a state that is not known', { trade_status: 'PAID' }],
    ['another credit order', { out_trade_no: 'ZMCB99000000000000000000009999' }],
    ['closed, not by us', { trade_status: 'TRADE_CLOSED' }],
  ])('that do not fit are never paid: %s', async (_, fields) => {
    const orderId = await debited();
    // What was paid is not on record: only then "closed" says nothing.
    await rig.orders.change(orderId, (known) => ({ ...(known ?? never()), paid: null }));
    const outcome = await receive(server.tradeNotice(orderId, fields));
    expect(outcome).toMatchObject({ kind: 'order', orderId, outcome: { kind: 'unknown' } });
  });

  it('of a refund say that it was debited, and of one in full too', async () => {
    const orderId = await debited();
    const refund = { orderId, currency: 'CNY', reason: '商品有问题' };
    await rig.adapter().refund({ ...refund, refundId: 'R-1', amountMinor: 50 });
    expect(await receive(server.tradeNotice(orderId, { refund_fee: '0.50' }))).toEqual(paidOutcome(orderId));
    await rig.adapter().refund({ ...refund, refundId: 'R-2', amountMinor: 1_000 });
    expect(await receive(server.tradeNotice(orderId))).toEqual(paidOutcome(orderId));
  });
});

describe('notices of credit orders', () => {
  it('are a reason to ask', async () => {
    const orderId = await debited();
    const changed = { out_order_no: orderId, order_status: 'TRADE_FINISHED' };
    expect(await receive(server.message(messages.orderChanged, changed))).toEqual(paidOutcome(orderId));
    const open = rig.newOrder();
    await rig.adapter().open({ ...open, maxMinor: 5_000 });
    const early = server.message(messages.orderChanged, { ...changed, out_order_no: open.orderId });
    expect(await receive(early)).toMatchObject({ outcome: { kind: 'not_found' } });
    faults.next('any', { kind: 'drop' });
    expect(await receive(early)).toMatchObject({ outcome: { kind: 'unknown' } });
  });
});

describe('notices of agreements', () => {
  const changed = (id: string) =>
    server.message(messages.agreementChanged, { credit_agreement_id: id, agreement_status: 'VALID' });

  it('are a reason to ask: one that is late, or sent again, opens nothing that has ended', async () => {
    const account = rig.agree('somebody');
    const notice = changed(account);
    expect(await receive(notice)).toEqual({ kind: 'agreement', account, state: 'valid' });
    book.agreements.set(account, 'INVALID');
    for (const again of [notice, changed(account)])
      expect(await receive(again)).toEqual({ kind: 'agreement', account, state: 'ended' });
  });

  it('come again when nobody says how it stands', async () => {
    faults.next('agreementQuery', { kind: 'page', status: 502 });
    expect((await receive(changed(rig.agree('somebody')))).kind).toBe('refused');
  });
});

describe('notices that are refused', () => {
  it('for another app or another merchant', async () => {
    const orderId = await debited();
    for (const fields of [{ app_id: '2021000000000000' }, { seller_id: '2088000000000000' }])
      expect((await receive(server.tradeNotice(orderId, fields))).kind).toBe('refused');
    const message = server.message(
      messages.orderChanged,
      { out_order_no: orderId },
      { app_id: '2021000000000000' },
    );
    expect((await receive(message)).kind).toBe('refused');
  });

  it('altered, unsigned, or signed by somebody else', async () => {
    const orderId = await debited();
    const notice = server.tradeNotice(orderId);
    const params = Object.fromEntries(new URLSearchParams(notice));
    const { sign, ...unsigned } = params;
    const others = [
      notice.replace('total_amount=10.50', 'total_amount=0.01'),
      notice.replace('WAIT_BUYER_PAY', 'TRADE_SUCCESS').replace('TRADE_SUCCESS', 'TRADE_FINISHED'),
      `${notice}&gmt_payment=2026-11-29`,
      new URLSearchParams(unsigned).toString(),
      new URLSearchParams({ ...params, sign_type: 'RSA' }).toString(),
      new URLSearchParams({ ...params, sign: `AAAA${sign?.slice(4) ?? ''}` }).toString(),
      signedForm(unsigned, makeKeyPair().privatePem),
      '',
      '{"trade_status":"TRADE_SUCCESS"}',
    ];
    for (const other of others) expect((await receive(other)).kind).toBe('refused');
  });

  it('of a kind that is not known, and what cannot be read', async () => {
    const unreadable = [
      server.notice({ notify_type: 'batch_trans_notify', seller_id: rig.config.sellerId }),
      server.notice({ notify_type: 'trade_status_sync', seller_id: rig.config.sellerId }),
      server.message('alipay.open.auth.changed', {}),
      server.message(messages.orderChanged, {}),
      server.message(messages.agreementChanged, { credit_agreement_id: '' }),
      server.message(messages.agreementChanged, {}, { biz_content: '{' }),
    ];
    for (const notice of unreadable) expect((await receive(notice)).kind).toBe('refused');
  });

  it('are answered so that they come again', () => {
    expect(rig.adapter().answerTo(false)).toEqual({ status: 500, contentType: 'text/plain', body: 'fail' });
    expect(rig.adapter().answerTo(true)).toEqual({ status: 200, contentType: 'text/plain', body: 'success' });
  });
});

describe('other notices', () => {
  it('of other services of this app are nothing for us', async () => {
    const orderId = await debited();
    for (const fields of [{ body: 'an order of others' }, { body: `${orderId}-0001` }])
      expect(await receive(server.tradeNotice(orderId, fields))).toEqual({ kind: 'other' });
    const message = server.message(messages.orderChanged, { out_order_no: 'an order of others' });
    expect(await receive(message)).toEqual({ kind: 'other' });
  });
});

function never(): never {
  throw new Error('the order is on record');
}
