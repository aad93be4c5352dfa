import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { providerContract } from '../provider-contract.ts';
import { neverAgainCodes } from './codes.ts';
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

const paid = (amountMinor: number) => ({ kind: 'paid', amountMinor });
const cardOf = async (memberId: string) =>
  (
    JSON.parse((await rig.accounts.find(memberId))?.account ?? '{}') as {
      paymentMethod: string;
    }
  ).paymentMethod;

describe.each(['none', 'visit'] as const)('with hold %s', (hold) => {
  providerContract('Stripe', () => {
    const orders: string[] = [];
    return {
      provider: rig.adapter({ hold }),
      newOrder: () => {
        const order = rig.newOrder();
        orders.push(order.memberId);
        return order;
      },
      setMood: (mood) => {
        faults.clear();
        const declined = { code: 'insufficient_funds' };
        for (let i = 0; i < 1_000 && mood === 'decline'; i++) faults.declines.set(`pm_${i}`, declined);
        if (mood === 'down') faults.next('any', { kind: 'drop' }, Number.POSITIVE_INFINITY);
      },
    };
  });
});

describe('a debit', () => {
  it('is one intent that is made, and then confirmed, each under a key of its own', async () => {
    const order = rig.newOrder();
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    expect(server.asked).toEqual(['create', 'confirm']);
    expect(server.keysSeen).toEqual([`${order.orderId}:create:0`, `${order.orderId}:confirm:1`]);
    const [intent] = book.intentsOf(order.orderId);
    expect(intent?.create).toMatchObject({
      amount: 1_050,
      currency: 'usd',
      customer: `cus_${order.memberId}`,
      capture_method: 'automatic',
      metadata: { charge: order.orderId, cabinet: 'cabinet-1' },
    });
  });

  it('of another sum than was taken is rejected', async () => {
    const order = rig.newOrder();
    await rig.adapter().debit(order);
    expect(await rig.adapter().debit({ ...order, amountMinor: 500 })).toMatchObject({ kind: 'rejected' });
    expect(book.movedMinor(order.orderId)).toBe(1_050);
  });

  it('that was declined is tried again under a new key, and with a lower sum by another intent', async () => {
    const order = rig.newOrder();
    const declined = { kind: 'declined', reason: 'account.insufficient_funds' };
    faults.declines.set(await cardOf(order.memberId), { code: 'insufficient_funds' });
    for (let i = 0; i < 2; i++) expect(await rig.adapter().debit(order)).toEqual(declined);
    expect(await rig.adapter().query(order.orderId)).toEqual(declined);
    expect(new Set(server.keysSeen).size).toBe(3);
    faults.clear();
    expect(await rig.adapter().debit({ ...order, amountMinor: 500 })).toEqual(paid(500));
    expect(book.intentsOf(order.orderId).map(({ status }) => status)).toEqual(['canceled', 'succeeded']);
    expect(book.takeCount(order.orderId)).toBe(1);
  });

  it('asks the card that the member has by now', async () => {
    const order = rig.newOrder();
    faults.declines.set(await cardOf(order.memberId), { code: 'expired_card' });
    const declined = { kind: 'declined', reason: 'account.expired_card' };
    expect(await rig.adapter().debit(order)).toEqual(declined);
    const card = rig.saveCard(order.memberId, 'another');
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    expect(book.intentsOf(order.orderId).at(-1)?.paymentMethod).toBe(card);
  });

  it('asks nobody who has no card that may be asked, and never another person', async () => {
    const order = rig.newOrder();
    const other = rig.newOrder();
    const declined = { kind: 'declined', reason: 'account.authentication_required' };
    const { account = '' } = (await rig.accounts.find(order.memberId)) ?? {};
    for (const agreement of ['asked', 'void', 'ended'] as const) {
      rig.accounts.put(order.memberId, account, agreement);
      expect(await rig.adapter().debit(order)).toEqual(declined);
      expect(await rig.adapter().open({ ...order, maxMinor: 5_000 })).toEqual(declined);
    }
    rig.accounts.put(order.memberId, 'no account');
    expect(await rig.adapter().debit(order)).toEqual(declined);
    rig.accounts.put(order.memberId, account);
    expect(await rig.adapter().debit(order)).toEqual(paid(1_050));
    const mixed = { ...order, memberId: other.memberId };
    expect(await rig.adapter().debit(mixed)).toMatchObject({ kind: 'rejected' });
  });

  it('of a card that was taken away is declined', async () => {
    const order = rig.newOrder();
    const paymentMethod = await cardOf(order.memberId);
    book.saveCard(paymentMethod, null);
    const declined = { kind: 'declined', reason: 'account.declined' };
    expect(await rig.adapter().debit(order)).toEqual(declined);
    book.saveCard(paymentMethod, `cus_${order.memberId}`);
    faults.next('confirm', { kind: 'error', status: 400, code: 'processing' });
    expect(await rig.adapter().debit(order)).toMatchObject({ kind: 'rejected' });
    book.saveCard(paymentMethod, null);
    expect(await rig.adapter().debit(order)).toEqual(declined);
  });

  it.each([
    [{ currency: 'JPY' }, 'not a currency'],
    [{ amountMinor: 0 }, 'not an amount'],
    [{ amountMinor: 10.5 }, 'not an amount'],
    [{ amountMinor: -1 }, 'not an amount'],
    [{ amountMinor: 100_000_000 }, 'not an amount'],
  ])('of %j is rejected', async (fields, message) => {
    const order = rig.newOrder(fields);
    const rejected = { kind: 'rejected', message: expect.stringContaining(message) as string };
    expect(await rig.adapter().debit(order)).toEqual(rejected);
    expect(await rig.adapter().open({ ...order, maxMinor: order.amountMinor })).toEqual(rejected);
    expect(server.asked).toEqual([]);
  });

  it('names the connected account that it is for', async () => {
    server.accountId = 'acct_1';
    expect((await rig.adapter().debit(rig.newOrder())).kind).toBe('not_sent');
    expect(await rig.adapter({ accountId: 'acct_1' }).debit(rig.newOrder())).toEqual(paid(1_050));
    server.accountId = null;
  });
});

describe('declines', () => {
  it.each([
    ['insufficient_funds', 'account.insufficient_funds'],
    ['withdrawal_count_limit_exceeded', 'account.insufficient_funds'],
    ['card_velocity_exceeded', 'account.insufficient_funds'],
    ['expired_card', 'account.expired_card'],
    ['authentication_required', 'account.authentication_required'],
    ['incorrect_pin', 'account.authentication_required'],
    ['fraudulent', 'account.declined'],
    ['merchant_blacklist', 'account.declined'],
    ['processing_error', 'account.declined'],
    ['try_again_later', 'account.declined'],
    ['duplicate_transaction', 'account.declined'],
    ['constructor', 'account.declined'],
    ['a_code_of_tomorrow', 'account.declined'],
  ])('%s is %s, and may be tried again', async (code, reason) => {
    const order = rig.newOrder();
    faults.declines.set(await cardOf(order.memberId), { code });
    expect(await rig.adapter().debit(order)).toEqual({ kind: 'declined', reason });
    expect(await rig.adapter().query(order.orderId)).toEqual({ kind: 'declined', reason });
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it.each([
    ...neverAgainCodes.map((code) => ({ code })),
    { code: 'generic_decline', advice: 'do_not_try_again' },
  ])('%j: the card is never asked again, another card is', async (decline) => {
    const order = rig.newOrder();
    const card = await cardOf(order.memberId);
    faults.declines.set(card, decline);
    const never = { kind: 'declined', reason: 'account.declined', again: 'never' };
    expect(await rig.adapter().debit(order)).toEqual(never);
    expect(await rig.adapter().query(order.orderId)).toEqual(never);
    faults.clear();
    for (const amountMinor of [1_050, 500, 500])
      expect(await rig.adapter().debit({ ...order, amountMinor })).toEqual(never);
    await rig.adapter().close(order.orderId);
    expect(await rig.adapter().debit(order)).toEqual(never);
    expect(server.asked.filter((act) => act === 'confirm')).toHaveLength(1);
    rig.saveCard(order.memberId, `of${order.memberId}`);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });

  it('a card whose owner has to prove something is declined, and the intent is not left open for it', async () => {
    const order = rig.newOrder();
    faults.needAction.add(await cardOf(order.memberId));
    const declined = { kind: 'declined', reason: 'account.authentication_required' };
    expect(await rig.adapter().debit(order)).toEqual(declined);
    expect(await rig.adapter().query(order.orderId)).toEqual(declined);
    expect(await rig.paidOnce(order, false)).toBe(true);
  });
});
