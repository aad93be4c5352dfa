import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DebitRequest } from '../provider.ts';
import { Rig } from './test-server/rig.ts';

const rig = new Rig();
const { book, faults, sessions } = rig.server;
const minuteMs = 60_000;

beforeAll(() => rig.start());
afterAll(() => rig.stop());
beforeEach(() => {
  faults.clear();
});

const adapter = () => rig.adapter({ hold: 'none' });
const offer = (order: DebitRequest) => adapter().payLinks.offer(order);
const urlOf = async (order: DebitRequest) => (await adapter().payLinks.urlOf(order.orderId)) ?? '';
const cardOf = async (order: DebitRequest): Promise<string> => {
  const { account } = (await rig.accounts.find(order.memberId)) ?? { account: '{}' };
  return /pm_\w+/.exec(account)?.[0] ?? '';
};

/** An order that the card has declined, with its link up. */
async function offered(): Promise<DebitRequest> {
  const order = rig.newOrder();
  faults.declines.set(await cardOf(order), { code: 'insufficient_funds' });
  expect(await adapter().debit(order)).toMatchObject({ kind: 'declined' });
  const { amountMinor } = order;
  const collecting = { kind: 'collecting', amountMinor, reason: 'account.insufficient_funds' };
  expect(await offer(order)).toEqual(collecting);
  expect(await adapter().query(order.orderId)).toEqual(collecting);
  return order;
}

describe('a link to pay a debt', () => {
  it('takes the place of the intent that was declined, is the same again, and is paid once', async () => {
    const order = await offered();
    const { orderId } = order;
    expect(book.intentsOf(orderId).map(({ status }) => status)).toEqual(['canceled']);
    const url = await urlOf(order);
    expect(url).toMatch(/^https:/);
    await offer(order);
    expect(await urlOf(order)).toBe(url);
    expect(sessions.openCount(orderId)).toBe(1);
    expect(sessions.pay(url)).toBe(true);
    expect(sessions.pay(url)).toBe(false);
    const paid = { kind: 'paid', amountMinor: 1_050 };
    expect(await adapter().query(orderId)).toEqual(paid);
    faults.clear();
    expect(await adapter().debit(order)).toEqual(paid);
    expect(await offer(order)).toEqual(paid);
    expect(await urlOf(order)).toBe('');
    expect(book.takeCount(orderId)).toBe(1);
    const refund = { orderId, refundId: `R-${orderId}`, amountMinor: 50, currency: 'USD', reason: 'faulty' };
    expect(await adapter().refund(refund)).toEqual({ kind: 'pending' });
    expect(book.movedMinor(orderId)).toBe(1_000);
  });

  it('is told as paid by the event of the intent that Stripe has made for it', async () => {
    const order = await offered();
    sessions.pay(await urlOf(order));
    const { headers, body } = rig.eventOf(order.orderId);
    expect(await adapter().receive({ headers, body: Buffer.from(body) })).toEqual({
      ...{ kind: 'order', orderId: order.orderId, outcome: { kind: 'paid', amountMinor: 1_050 } },
    });
  });

  it('is ended before the card is asked again: nobody can pay by it then', async () => {
    const order = await offered();
    const url = await urlOf(order);
    faults.clear();
    expect(await adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 1_050 });
    expect(sessions.pay(url)).toBe(false);
    expect(book.takeCount(order.orderId)).toBe(1);
  });

  it('was paid a moment before the card is asked again: the card is not asked', async () => {
    const order = await offered();
    sessions.pay(await urlOf(order));
    faults.clear();
    expect(await adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 1_050 });
    expect(book.takeCount(order.orderId)).toBe(1);
    expect(await adapter().close(order.orderId)).toEqual({ kind: 'paid', amountMinor: 1_050 });
  });

  it.each(['drop', 'answer_lost'] as const)(
    '%s while it is ended: nothing is taken beside it',
    async (kind) => {
      const order = await offered();
      faults.clear();
      faults.next('expire', { kind });
      faults.next('link', { kind: 'drop' });
      expect(await adapter().debit(order)).toMatchObject({ kind: 'unknown' });
      expect(book.takeCount(order.orderId)).toBe(0);
      expect(await adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 1_050 });
      expect(sessions.openCount(order.orderId)).toBe(0);
    },
  );

  it('ends after its time: then it is declined as before, and can be offered anew', async () => {
    const order = await offered();
    const url = await urlOf(order);
    rig.clock.pass(32 * minuteMs);
    expect(sessions.pay(url)).toBe(false);
    const { orderId } = order;
    expect(await adapter().query(orderId)).toEqual({
      kind: 'declined',
      reason: 'account.insufficient_funds',
    });
    expect(await offer(order)).toMatchObject({ kind: 'collecting' });
    expect(await urlOf(order)).not.toBe(url);
  });

  it('of another amount takes the place of the one before', async () => {
    const order = await offered();
    const url = await urlOf(order);
    expect(await offer({ ...order, amountMinor: 600 })).toMatchObject({
      kind: 'collecting',
      amountMinor: 600,
    });
    expect(sessions.pay(url)).toBe(false);
    sessions.pay(await urlOf(order));
    expect(await adapter().query(order.orderId)).toEqual({ kind: 'paid', amountMinor: 600 });
  });

  it('whose answer was lost is given to nobody, and the next one is another', async () => {
    const order = rig.newOrder();
    faults.next('link', { kind: 'answer_lost' });
    expect(await offer(order)).toMatchObject({ kind: 'not_sent' });
    expect(await urlOf(order)).toBe('');
    expect(await offer(order)).toMatchObject({ kind: 'collecting' });
    sessions.pay(await urlOf(order));
    expect(book.takeCount(order.orderId)).toBe(1);
  });

  it.each([false, true])(
    'that went with a database that was put back is waited for before the card is asked (paid meanwhile: %s)',
    async (isPaid) => {
      const order = rig.newOrder();
      const { orderId } = order;
      faults.declines.set(await cardOf(order), { code: 'insufficient_funds' });
      await adapter().debit(order);
      const backup = await rig.orders.find(orderId);
      await offer(order);
      const url = await urlOf(order);
      if (backup !== null) await rig.orders.change(orderId, () => backup);
      if (isPaid) expect(sessions.pay(url)).toBe(true);
      expect(await rig.paidOnce(order, true)).toBe(true);
      sessions.pay(url);
      expect(book.takeCount(orderId)).toBe(1);
    },
  );

  it('is offered nowhere without an address for payers', async () => {
    const order = rig.newOrder();
    const without = rig.adapter({ hold: 'none', payPages: null });
    expect(without.payUrl(order.orderId)).toBeNull();
    expect(await without.payLinks.offer(order)).toMatchObject({ kind: 'not_sent' });
    expect(adapter().payUrl(order.orderId)).toBe(`https://pay.example/v1/pay/stripe/${order.orderId}`);
  });
});

it('whoever offers, debits, closes and pays at once, with lost answers: it is taken once at most', async () => {
  const acts = ['offer', 'debit', 'close', 'query', 'pay', 'offer', 'pay'] as const;
  const round = fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 4 });
  const rounds = fc.array(round, { minLength: 2, maxLength: 5 });
  const troubles = fc.array(
    fc.record({
      act: fc.constantFrom('link' as const, 'expire' as const, 'cancel' as const, 'confirm' as const),
      kind: fc.constantFrom('drop' as const, 'answer_lost' as const),
    }),
    { maxLength: 3 },
  );
  let paidByLink = 0;
  await fc.assert(
    fc.asyncProperty(rounds, troubles, async (all, wrong) => {
      const order = rig.newOrder();
      const { orderId } = order;
      for (const { act, kind } of wrong) faults.next(act, { kind });
      const urls = new Set<string>();
      const does = {
        offer: () => offer(order),
        debit: () => adapter().debit(order),
        close: () => adapter().close(orderId),
        query: () => adapter().query(orderId),
        pay: async () => {
          urls.add(await urlOf(order));
          for (const url of urls) if (sessions.pay(url)) paidByLink++;
        },
      };
      for (const round of all) await Promise.all(round.map((act) => does[act]()));
      faults.clear();
      // A link that is up is waited for; then the card is asked again.
      rig.clock.pass(32 * minuteMs);
      expect(await rig.paidOnce(order, true)).toBe(true);
      await does.pay();
      expect(book.takeCount(orderId)).toBe(1);
    }),
    { numRuns: 60, seed: 5 },
  );
  expect(paidByLink).toBeGreaterThan(3);
});
