import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accountText } from './account.ts';
import type { StripeConfig } from './stripe-config.ts';
import { Rig, webhookSecret } from './test-server/rig.ts';
import type { SignedEvent } from './test-server/stripe-test-server.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  server.asked.length = 0;
});

const receive = ({ headers, body }: SignedEvent, config: Partial<StripeConfig> = {}) =>
  rig.adapter(config).receive({ headers, body: Buffer.from(body) });
const told = (orderId: string, outcome: object) => ({ kind: 'order', orderId, outcome });
const paid = { kind: 'paid', amountMinor: 1_050 };
const debited = async () => {
  const order = rig.newOrder();
  expect(await rig.adapter().debit(order)).toEqual(paid);
  return order;
};

describe('an event about an intent', () => {
  it('is a reason to ask Stripe, as often as it comes, in any order, and days late', async () => {
    const [first, second] = [await debited(), await debited()];
    for (const { orderId } of [second, first, second, first])
      expect(await receive(rig.eventOf(orderId))).toEqual(told(orderId, paid));
    rig.clock.pass(5 * 86_400_000);
    expect(await receive(rig.eventOf(first.orderId))).toEqual(told(first.orderId, paid));
    // An older one, that it was declined, comes after it was paid.
    const late = rig.eventOf(first.orderId, 'payment_intent.payment_failed', {
      status: 'requires_payment_method',
    });
    expect(await receive(late)).toEqual(told(first.orderId, paid));
  });

  it.each([
    ['another sum', { amount_received: 1, amount: 1 }],
    ['paid, which it is not', { status: 'succeeded', amount_received: 1_050 }],
  ])('says nothing by itself: %s', async (_, fields) => {
    const order = await debited();
    expect(await receive(rig.eventOf(order.orderId, undefined, fields))).toEqual(told(order.orderId, paid));
    const opened = rig.newOrder();
    await rig.adapter().open({ ...opened, maxMinor: 5_000 });
    const outcome = { kind: 'not_found' };
    expect(await receive(rig.eventOf(opened.orderId, undefined, fields))).toEqual(
      told(opened.orderId, outcome),
    );
  });

  it('that it was declined, cancelled, or is held', async () => {
    const order = rig.newOrder();
    faults.declines.set(`pm_${order.memberId.slice(1)}`, { code: 'lost_card' });
    await rig.adapter().debit(order);
    const never = { kind: 'declined', reason: 'account.declined', again: 'never' };
    const failed = rig.eventOf(order.orderId, 'payment_intent.payment_failed');
    expect(await receive(failed)).toEqual(told(order.orderId, never));
    await rig.adapter().close(order.orderId);
    const canceled = rig.eventOf(order.orderId, 'payment_intent.canceled');
    expect(await receive(canceled)).toEqual(told(order.orderId, { kind: 'not_found' }));
  });

  it('while Stripe does not answer, leaves it in doubt', async () => {
    const { orderId } = await debited();
    faults.next('retrieve', { kind: 'drop' });
    expect(await receive(rig.eventOf(orderId))).toMatchObject(told(orderId, { kind: 'unknown' }));
  });

  it('of a second payment counts beside ours, and comes again while Stripe does not answer', async () => {
    const order = await debited();
    const of = { amount: 250, currency: 'usd', customer: `cus_${order.memberId}` };
    book.payByLink({ ...of, metadata: { charge: order.orderId } });
    faults.next('retrieve', { kind: 'none' });
    faults.next('retrieve', { kind: 'drop' });
    expect(await receive(rig.eventOf(order.orderId))).toMatchObject({ kind: 'refused' });
    const both = { kind: 'paid', amountMinor: 1_300 };
    expect(await receive(rig.eventOf(order.orderId))).toEqual(told(order.orderId, both));
  });

  it('of an order that we have no record of, and Stripe does not find yet', async () => {
    const { orderId } = await debited();
    faults.searchLagMs = 60_000;
    const { headers, body } = rig.eventOf(orderId);
    const lost = rig.adapter({}, { orders: new Rig().orders });
    expect(await lost.receive({ headers, body: Buffer.from(body) })).toEqual(told(orderId, paid));
  });

  it('of an intent that is not there', async () => {
    const event = server.event(
      'payment_intent.succeeded',
      { id: 'pi_no', metadata: { charge: 'KM1' } },
      webhookSecret,
    );
    expect(await receive(event)).toMatchObject(told('KM1', { kind: 'unknown' }));
  });
});

describe('an event that is refused', () => {
  it('replayed after more than five minutes, and with another time', async () => {
    const { orderId } = await debited();
    const event = rig.eventOf(orderId);
    expect(await receive(event)).toEqual(told(orderId, paid));
    rig.clock.pass(301_000);
    expect(await receive(event)).toEqual({ kind: 'refused', message: 'notice refused: timestamp' });
    const now = Math.floor(rig.clock.nowMs() / 1000);
    const signature = (event.headers['stripe-signature'] ?? '').replace(/t=\d+/, `t=${now}`);
    const renewed = { ...event, headers: { 'stripe-signature': signature } };
    expect(await receive(renewed)).toEqual({ kind: 'refused', message: 'notice refused: signature' });
    expect(server.asked.filter((act) => act === 'retrieve')).toHaveLength(1);
  });

  it('of another account', async () => {
    const { orderId } = await debited();
    const object = { id: 'pi_1', metadata: { charge: orderId } };
    const type = 'payment_intent.succeeded';
    const other = server.event(type, object, webhookSecret, { account: 'acct_other' });
    const refused = { kind: 'refused', message: 'notice refused: for another account' };
    expect(await receive(other)).toEqual(refused);
    expect(await receive(other, { accountId: 'acct_1' })).toEqual(refused);
    expect(await receive(server.event(type, object, webhookSecret), { accountId: 'acct_1' })).toEqual(
      refused,
    );
    server.accountId = 'acct_other';
    const ours = await receive(rig.eventOf(orderId), { accountId: 'acct_other' });
    expect(ours).toEqual(refused);
    expect(await receive(other, { accountId: 'acct_other' })).toMatchObject(told(orderId, paid));
    server.accountId = null;
  });

  it('that is not signed, not to be read, or of no kind that there is', async () => {
    const { orderId } = await debited();
    expect(await receive({ headers: {}, body: '{}' })).toMatchObject({ kind: 'refused' });
    const object = { id: 'pi_1', metadata: { charge: orderId } };
    const event = server.event('payment_intent.succeeded', object, 'whsec_of_somebody_else');
    expect(await receive(event)).toMatchObject({ kind: 'refused' });
    expect(await receive(server.event('x', {}, webhookSecret, { object: 'card' }))).toMatchObject({
      kind: 'refused',
    });
  });
});

it('an event is taken with the secret before or after while it is rotated', async () => {
  const { orderId } = await debited();
  const config = { webhookSecret: ['whsec_the_new_secret', webhookSecret] };
  expect(await receive(rig.eventOf(orderId), config)).toEqual(told(orderId, paid));
  const object = book.show(book.intentsOf(orderId)[0]?.id ?? '');
  const renewed = server.event('payment_intent.succeeded', object, 'whsec_the_new_secret');
  expect(await receive(renewed, config)).toEqual(told(orderId, paid));
  expect(await receive(renewed)).toMatchObject({ kind: 'refused' });
});

it('events that are nothing for us are taken', async () => {
  const { orderId } = await debited();
  const metadata = { charge: orderId };
  for (const [type, object] of [
    ['charge.refunded', { id: 'ch_1', metadata }],
    ['payment_intent.succeeded', { id: 'pi_1', metadata: {} }],
    ['payment_intent.succeeded', { id: 'pi_1', metadata: { charge: "x'y" } }],
    ['payment_method.detached', { id: 'pm_1' }],
  ] as const)
    expect(await receive(server.event(type, object, webhookSecret))).toEqual({ kind: 'other' });
  expect(rig.adapter().answerTo(true)).toMatchObject({ status: 200 });
  expect(rig.adapter().answerTo(false)).toMatchObject({ status: 500 });
});

describe('a card that was taken away', () => {
  const detached = (customer: string, paymentMethod: string) =>
    server.event('payment_method.detached', { id: paymentMethod, metadata: {} }, webhookSecret, {
      data: { object: { id: paymentMethod }, previous_attributes: { customer } },
    });

  it('ends its account, when Stripe says so too', async () => {
    const order = rig.newOrder();
    const card = rig.saveCard(order.memberId, `of${order.memberId}`);
    const customer = `cus_${order.memberId}`;
    expect(await receive(detached(customer, card))).toEqual({ kind: 'other' });
    book.saveCard(card, null);
    const account = accountText({ customer, paymentMethod: card });
    expect(await receive(detached(customer, card))).toEqual({ kind: 'agreement', account, state: 'ended' });
    faults.next('payment_method', { kind: 'error', status: 404, code: 'resource_missing' });
    expect(await receive(detached(customer, card))).toEqual({ kind: 'agreement', account, state: 'ended' });
  });

  it('is to be told again while Stripe does not answer', async () => {
    faults.next('payment_method', { kind: 'drop' });
    expect(await receive(detached('cus_1', 'pm_1'))).toMatchObject({ kind: 'refused' });
  });
});
