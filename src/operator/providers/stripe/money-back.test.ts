import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DyingOrders } from '../testing.ts';
import type { Fault } from './test-server/faults.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  server.keysSeen.length = 0;
});

const debited = async () => {
  const order = rig.newOrder();
  await rig.adapter().debit(order);
  const { orderId } = order;
  return {
    orderId,
    refundId: `R-${orderId}`,
    amountMinor: 350,
    currency: 'USD',
    reason: 'faulty',
  };
};

it('a refund is paid back once, however often it is asked for, and says how it stands', async () => {
  const refund = await debited();
  for (let i = 0; i < 3; i++) expect(await rig.adapter().refund(refund)).toEqual({ kind: 'pending' });
  expect(book.movedMinor(refund.orderId)).toBe(700);
  book.setRefunds(refund.orderId, 'succeeded');
  expect(await rig.adapter().refund(refund)).toEqual({ kind: 'refunded' });
  book.setRefunds(refund.orderId, 'failed');
  expect(await rig.adapter().refund(refund)).toMatchObject({ kind: 'rejected' });
  const other = { ...refund, refundId: `S-${refund.orderId}` };
  expect(await rig.adapter().refund(other)).toEqual({ kind: 'pending' });
  expect(book.movedMinor(refund.orderId)).toBe(350);
});

it.each<[Fault, string]>([
  [{ kind: 'answer_lost' }, 'pending'],
  [{ kind: 'error', status: 500, isDone: true }, 'pending'],
  [{ kind: 'error', status: 500 }, 'unknown'],
  [{ kind: 'error', status: 429 }, 'not_sent'],
  [{ kind: 'error', status: 400, code: 'parameter_invalid' }, 'rejected'],
  [{ kind: 'drop' }, 'unknown'],
  [{ kind: 'page', status: 200 }, 'unknown'],
])('%j is %s, and one refund in the end, also after Stripe has forgotten its key', async (fault, kind) => {
  for (const laterMs of [0, 25 * 3_600_000]) {
    const refund = await debited();
    faults.next('refund', fault);
    expect((await rig.adapter().refund(refund)).kind).toBe(kind);
    rig.clock.pass(laterMs);
    expect(await rig.adapter().refund(refund)).toEqual({ kind: 'pending' });
    expect(book.movedMinor(refund.orderId)).toBe(700);
  }
});

it('a refund after which the program died is not paid twice', async () => {
  for (const isStored of [false, true]) {
    const refund = await debited();
    const orders = new DyingOrders(rig.orders, 1, isStored);
    await expect(rig.adapter({}, { orders }).refund(refund)).rejects.toThrow('dead');
    expect(await rig.adapter().refund(refund)).toEqual({ kind: 'pending' });
    expect(book.movedMinor(refund.orderId)).toBe(700);
  }
});

it('what cannot be is rejected, and nobody is asked to believe what is not ours', async () => {
  const refund = await debited();
  expect(await rig.adapter().refund({ ...refund, amountMinor: 1_051 })).toMatchObject({ kind: 'rejected' });
  expect(await rig.adapter().refund({ ...refund, amountMinor: 0 })).toMatchObject({ kind: 'rejected' });
  expect(await rig.adapter().refund({ ...refund, orderId: 'KM1' })).toMatchObject({ kind: 'rejected' });
  for (const fields of [
    { metadata: {} },
    { payment_intent: 'pi_1' },
    { object: 'charge' },
    { status: 'new' },
  ]) {
    const next = await debited();
    faults.next('refund', { kind: 'answer_with', fields });
    expect(await rig.adapter().refund(next)).toMatchObject({ kind: 'unknown' });
  }
  await rig.adapter().refund(refund);
  expect(await rig.adapter().refund({ ...refund, amountMinor: 100 })).toMatchObject({ kind: 'rejected' });
  expect(book.movedMinor(refund.orderId)).toBe(700);
});

it('while nobody says whether it was paid back, it is not sent again', async () => {
  const refund = await debited();
  faults.next('refund', { kind: 'answer_lost' });
  faults.next('refunds', { kind: 'drop' }, 2);
  for (let i = 0; i < 2; i++) expect(await rig.adapter().refund(refund)).toMatchObject({ kind: 'unknown' });
  expect(server.keysSeen.filter((key) => key.includes(':refund:'))).toHaveLength(1);
  expect(await rig.adapter().refund(refund)).toEqual({ kind: 'pending' });
  expect(book.movedMinor(refund.orderId)).toBe(700);
});
