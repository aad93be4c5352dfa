import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { givenUp } from '../../../testkit/operator/given-up.ts';
import { until } from '../../../testkit/until.ts';
import { callBudgetMs } from '../call-budget.ts';
import { requestTimeoutMs } from './protocol-client.ts';
import type { Fault } from './test-server/faults.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { server } = rig;
const { book, faults } = server;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
  server.asked.length = 0;
  server.keysSeen.length = 0;
});

const paid = { kind: 'paid', amountMinor: 1_050 };
const notFound = { kind: 'not_found' };

describe('a confirmation', () => {
  it('that was done, though the answer is lost, is found paid at once', async () => {
    for (const fault of [{ kind: 'answer_lost' }, { kind: 'error', status: 500, isDone: true }] as const) {
      const order = rig.newOrder();
      faults.next('confirm', fault);
      expect(await rig.adapter().debit(order)).toEqual(paid);
      expect(book.takeCount(order.orderId)).toBe(1);
    }
  });

  it('that was declined, though the answer is lost, is told as that decline', async () => {
    const order = rig.newOrder();
    const declined = { kind: 'declined', reason: 'account.insufficient_funds' };
    faults.declines.set(`pm_${order.memberId.slice(1)}`, { code: 'insufficient_funds' });
    for (let i = 0; i < 2; i++) {
      faults.next('confirm', { kind: 'answer_lost' });
      expect(await rig.adapter().debit(order)).toEqual(declined);
    }
    // One that never came is not the decline before it.
    faults.next('confirm', { kind: 'drop' });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'unknown' });
    expect(await rig.adapter().query(order.orderId)).toEqual(notFound);
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('that may be on its way is in doubt; it is never sent as another one while it is', async () => {
    const order = rig.newOrder();
    faults.next('confirm', { kind: 'drop' });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'unknown' });
    expect(await rig.adapter().query(order.orderId)).toEqual(notFound);
    expect(await rig.adapter().debit(order)).toEqual(paid);
    const confirms = server.keysSeen.filter((key) => key.includes(':confirm:'));
    expect(new Set(confirms).size).toBe(1);
  });

  it('that nobody answers, nor how it stands, is given up before whoever calls gives up', async () => {
    const order = rig.newOrder();
    for (const act of ['confirm', 'retrieve'] as const) faults.next(act, { kind: 'hang' }, 2);
    const startMs = rig.clock.monotonicMs();
    const debit = rig.adapter().debit(order);
    await until('it waits', () => server.asked.includes('confirm'));
    const { kind } = await givenUp<{ kind: string }>(debit, server.asked, () => rig.clock.reachBounds());
    expect(kind).toBe('unknown');
    expect(rig.clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(requestTimeoutMs);
    expect(rig.clock.monotonicMs() - startMs).toBeLessThanOrEqual(callBudgetMs);
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('that nobody answers in time is in doubt', async () => {
    const order = rig.newOrder();
    faults.next('confirm', { kind: 'hang' });
    const debit = rig.adapter().debit(order);
    await until('it waits', () => server.asked.includes('confirm'));
    rig.clock.fallDue();
    expect(await debit).toEqual(paid);
    expect(book.takeCount(order.orderId)).toBe(1);
  });

  it('a day later, when Stripe has forgotten its key, is looked up and not repeated', async () => {
    const order = rig.newOrder();
    faults.next('confirm', { kind: 'answer_lost' });
    faults.next('retrieve', { kind: 'drop' });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'unknown' });
    rig.clock.pass(25 * 3_600_000);
    expect(await rig.adapter().debit(order)).toEqual(paid);
    expect(await rig.adapter().query(order.orderId)).toEqual(paid);
    expect(book.takeCount(order.orderId)).toBe(1);
  });

  it.each<[Fault, string]>([
    [{ kind: 'error', status: 429 }, 'not_sent'],
    [{ kind: 'error', status: 401 }, 'not_sent'],
    [{ kind: 'error', status: 403 }, 'not_sent'],
    [{ kind: 'error', status: 400, code: 'parameter_invalid' }, 'rejected'],
    [{ kind: 'error', status: 400, type: 'idempotency_error' }, 'unknown'],
    [{ kind: 'error', status: 409, type: 'idempotency_error' }, 'unknown'],
    [{ kind: 'error', status: 500 }, 'unknown'],
    [{ kind: 'error', status: 429, type: 'a_proxy' }, 'unknown'],
    [{ kind: 'reset' }, 'unknown'],
    [{ kind: 'page', status: 200 }, 'unknown'],
    [{ kind: 'page', status: 401 }, 'unknown'],
    [{ kind: 'page', status: 503 }, 'unknown'],
    [{ kind: 'page', status: 302 }, 'unknown'],
    [{ kind: 'json', status: 500, body: {} }, 'unknown'],
    [{ kind: 'json', status: 200, body: { ok: true } }, 'unknown'],
    [{ kind: 'json', status: 200, body: [] }, 'unknown'],
    [{ kind: 'json', status: 200, body: null }, 'unknown'],
  ])('that is answered with %j is %s, and goes on', async (fault, kind) => {
    const order = rig.newOrder();
    faults.next('confirm', fault);
    const outcome = await rig.adapter().debit(order);
    expect(outcome.kind).toBe(kind);
    // No sentence of theirs: it may name a card or the key.
    expect(JSON.stringify(outcome)).not.toMatch(/4242|secretsecret|maintenance/);
    expect(book.movedMinor(order.orderId)).toBe(0);
    expect(await rig.paidOnce(order, kind === 'unknown' || kind === 'rejected')).toBe(true);
  });

  it('that was refused for certain says nothing of one before it that is still out', async () => {
    const order = rig.newOrder();
    faults.next('confirm', { kind: 'held' });
    const first = rig.adapter().debit(order);
    await until('it is on its way', () => server.asked.includes('confirm'));
    faults.next('confirm', { kind: 'error', status: 429 });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'unknown' });
    faults.letGo();
    expect(await first).toEqual(paid);
    expect(book.takeCount(order.orderId)).toBe(1);
  });
});

describe('answers that do not fit are never believed', () => {
  it.each([
    { id: 'pi_another' },
    { object: 'charge' },
    { metadata: { charge: 'KM0' } },
    { customer: 'cus_another' },
    { status: 'processing' },
    { status: 'of tomorrow' },
    { amount_received: 0 },
    { amount_received: -5 },
  ])('%j', async (fields) => {
    const order = rig.newOrder();
    faults.next('confirm', { kind: 'answer_with', fields });
    faults.next('retrieve', { kind: 'answer_with', fields });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'unknown' });
    expect(await rig.adapter().query(order.orderId)).toMatchObject({ kind: 'unknown' });
    expect(await rig.paidOnce(order, true)).toBe(true);
  });

  it('of what was made', async () => {
    const order = rig.newOrder();
    for (const fields of [{ amount: 1 }, { metadata: {} }, { object: 'charge' }]) {
      faults.next('create', { kind: 'answer_with', fields });
      expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'not_sent' });
    }
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('another sum than was asked for, as somebody has taken it by hand, is what was paid', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    const [intent] = book.intentsOf(order.orderId);
    book.capture(intent?.id ?? '', 'amount_to_capture=5000');
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'rejected' });
    expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'paid', amountMinor: 5_000 });
  });
});

describe('a list that is none says nothing of what is in it', () => {
  const others = [
    ...[200, 500].map((status) => ({ kind: 'json', status, body: {} }) as const),
    { kind: 'json', status: 502, body: { object: 'list', data: [], has_more: false } },
    { kind: 'answer_with', fields: { has_more: true, data: [] } },
    { kind: 'answer_with', fields: { data: [{ object: 'of tomorrow' }] } },
  ] as const satisfies Fault[];

  it.each(others)(
    '%j: what was debited before our record was lost is not taken for never debited',
    async (fault) => {
      const order = rig.newOrder();
      await rig.adapter().debit(order);
      const restored = rig.adapter({}, { orders: new Rig().orders });
      faults.next('search', fault);
      expect(await restored.query(order.orderId)).toMatchObject({ kind: 'unknown' });
      expect(await restored.query(order.orderId)).toEqual(paid);
    },
  );

  it.each(others)('%j: what was paid back is not paid back again', async (fault) => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    const words = { refundId: `R-${order.orderId}`, amountMinor: 50, currency: 'USD', reason: 'faulty' };
    const refund = { orderId: order.orderId, ...words };
    expect(await rig.adapter().refund(refund)).toEqual({ kind: 'pending' });
    // Stripe has forgotten the key by then: the same again would be another refund.
    rig.clock.pass(25 * 3_600_000);
    faults.next('refunds', fault);
    expect(await rig.adapter().refund(refund)).toMatchObject({ kind: 'unknown' });
    expect(book.movedMinor(order.orderId)).toBe(1_000);
    expect(await rig.adapter().refund(refund)).toEqual({ kind: 'pending' });
    expect(book.movedMinor(order.orderId)).toBe(1_000);
  });
});

describe('an intent that could not be made', () => {
  it.each<Fault>([
    { kind: 'drop' },
    { kind: 'answer_lost' },
    { kind: 'error', status: 500 },
    { kind: 'error', status: 500, isDone: true },
    { kind: 'error', status: 429 },
    { kind: 'page', status: 502 },
  ])('%j: nothing can have moved, and the next attempt goes on', async (fault) => {
    const order = rig.newOrder();
    faults.next('create', fault);
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'not_sent' });
    expect(await rig.adapter().debit(order)).toEqual(paid);
    expect(book.takeCount(order.orderId)).toBe(1);
  });

  it('where nobody listens, nothing was sent', async () => {
    const { baseUrl } = new Rig().config;
    expect(await rig.adapter({ baseUrl }).debit(rig.newOrder())).toMatchObject({ kind: 'not_sent' });
  });
});

describe('a record that was lost with the database', () => {
  it('is found at Stripe before anything is debited, and what is held there is let go', async () => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    const opened = rig.newOrder();
    await rig.adapter().open({ ...opened, maxMinor: 5_000 });
    rig.clock.pass(25 * 3_600_000);
    const orders = new Rig().orders;
    const restored = rig.adapter({}, { orders });
    expect(await restored.query(order.orderId)).toEqual(paid);
    expect(await restored.debit(order)).toEqual(paid);
    expect(book.takeCount(order.orderId)).toBe(1);
    expect(await restored.close(opened.orderId)).toEqual({ kind: 'closed' });
    expect(book.heldMinor(opened.orderId)).toBe(0);
  });

  it('that is older than what was done since', async () => {
    const order = rig.newOrder();
    await rig.adapter().open({ ...order, maxMinor: 5_000 });
    const old = await rig.orders.find(order.orderId);
    await rig.adapter().close(order.orderId);
    await rig.adapter().debit(order);
    if (old !== null) await rig.orders.change(order.orderId, () => old);
    expect(await rig.adapter().query(order.orderId)).toEqual(paid);
  });
});

it('nothing of a card or of the key is logged', async () => {
  const lines: string[] = [];
  const note = (event: string, fields?: object): void => {
    lines.push(JSON.stringify({ event, fields }));
  };
  const logger = { debug: note, info: note, warn: note, error: note };
  const order = rig.newOrder();
  faults.declines.set(`pm_${order.memberId.slice(1)}`, { code: 'lost_card' });
  await rig.adapter({}, {}, logger).debit(order);
  for (const status of [401, 403, 500])
    for (const act of ['create', 'confirm', 'retrieve', 'cancel'] as const) {
      faults.next(act, { kind: 'error', status });
      await rig.adapter({}, {}, logger).debit(rig.newOrder());
    }
  await rig.adapter({ secretKey: 'sk_test_another_secret' }, {}, logger).debit(rig.newOrder());
  expect(lines.join('\n')).toContain('stripe_refuses_us');
  expect(lines.join('\n')).not.toMatch(/secret|4242|pm_|cus_|lost_card/);
});
