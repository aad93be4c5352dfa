import { expect, it } from 'vitest';
import { newChargeId } from '../../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../../testkit/operator/debit-request.ts';
import { alteredProvider } from '../../../testkit/operator/altered-provider.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import { fundWallet, ledgerFindings, walletBalance } from '../../../testkit/operator/wallet.ts';
import type { Db } from '../../storage/storage.ts';
import { providerContract } from '../provider-contract.ts';
import { WalletProvider } from './wallet-provider.ts';

const memberId = 'M1001';
const poor = { kind: 'declined', reason: 'account.insufficient_funds' };
/** A database that is away. */
const refuses: unknown = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error('connection refused');
    },
  },
);
const away = refuses as Db;

onStorage('the wallet', (harness) => {
  const adapter = (db: Db = harness().db, openMinMinor = 1) =>
    new WalletProvider({ db, clock: harness().clock, config: { openMinMinor } });
  const newOrder = (amountMinor = 100) =>
    debitRequest({ orderId: newChargeId(harness().clock.nowMs()), memberId, amountMinor });
  const fund = (amountMinor: number, reference?: string) =>
    fundWallet(harness(), memberId, amountMinor, reference);
  const balance = () => walletBalance(harness().db, memberId);

  providerContract('wallet', () => {
    let mood: 'decline' | 'down' | 'ok' = 'ok';
    const wallet = adapter();
    const now = () => (mood === 'down' ? adapter(away) : wallet);
    return {
      provider: alteredProvider(wallet, {
        debit: async (order) => {
          // In time: members put in what they need, but for those who have nothing.
          await fundWallet(harness(), memberId, mood === 'ok' ? 100 : 0, order.orderId);
          return now().debit(order);
        },
        query: (orderId) => now().query(orderId),
      }),
      newOrder,
      setMood: (next) => (mood = next),
    };
  });

  it('is debited down to nothing and not below', async () => {
    await fund(250);
    const orders = [newOrder(), newOrder(), newOrder()];
    const outcomes = [];
    for (const order of orders) outcomes.push(await adapter().debit(order));
    expect(outcomes).toEqual([{ kind: 'paid', amountMinor: 100 }, { kind: 'paid', amountMinor: 100 }, poor]);
    expect(await balance()).toBe(50);
    expect(await ledgerFindings(harness().db)).toEqual([]);
  });

  it('says no to a member without one, and in a currency that it does not have', async () => {
    expect(await adapter().debit(newOrder())).toEqual(poor);
    await fund(250);
    expect(await adapter().debit({ ...newOrder(), currency: 'USD' })).toEqual(poor);
    expect(await balance()).toBe(250);
  });

  it.each([0, -1, 0.5, Number.NaN, 1e12])('moves no %d', async (amountMinor) => {
    await fund(250);
    expect(await adapter().debit({ ...newOrder(), amountMinor })).toMatchObject({ kind: 'rejected' });
    const order = newOrder();
    await adapter().debit(order);
    const refund = { orderId: order.orderId, refundId: 'F1', amountMinor, currency: 'CNY', reason: '' };
    expect(await adapter().refund(refund)).toMatchObject({ kind: 'rejected' });
    expect(await balance()).toBe(150);
  });

  it('takes one number for one member and one currency', async () => {
    await fund(250);
    await fundWallet(harness(), 'M1002', 250);
    const order = newOrder();
    await adapter().debit(order);
    for (const other of [{ memberId: 'M1002' }, { memberId: 'M9' }, { currency: 'USD' }])
      expect(await adapter().debit({ ...order, ...other })).toMatchObject({ kind: 'rejected' });
    expect(await walletBalance(harness().db, 'M1002')).toBe(250);
  });

  it('says paid again, also when nothing is left', async () => {
    await fund(100);
    const order = newOrder();
    await adapter().debit(order);
    expect(await adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 100 });
    expect(await balance()).toBe(0);
  });

  it('opens a door to whoever has something in it, and holds none of it', async () => {
    const visit = { ...newOrder(), maxMinor: 20_000 };
    expect(await adapter().open(visit)).toEqual(poor);
    await fund(1);
    expect(await adapter().open(visit)).toEqual({ kind: 'open' });
    expect(await adapter(harness().db, 200).open(visit)).toEqual(poor);
    expect(await adapter(away).open(visit)).toMatchObject({ kind: 'not_sent' });
    expect(await adapter().query(visit.orderId)).toEqual({ kind: 'not_found' });
    expect(await balance()).toBe(1);
    await adapter().debit({ ...visit, amountMinor: 1 });
    expect(await adapter().open(visit)).toMatchObject({ kind: 'rejected' });
  });

  it('gives back no more than was paid, each refund once', async () => {
    await fund(250);
    const order = newOrder(200);
    const refund = (refundId: string, amountMinor: number, currency = 'CNY') =>
      adapter().refund({ orderId: order.orderId, refundId, amountMinor, currency, reason: '少收' });
    expect(await refund('F1', 50)).toMatchObject({ kind: 'rejected' });
    await adapter().debit(order);
    for (let i = 0; i < 2; i++) expect(await refund('F1', 150)).toEqual({ kind: 'refunded' });
    expect(await balance()).toBe(200);
    expect(await refund('F1', 50)).toMatchObject({ kind: 'rejected' });
    expect(await refund('F2', 51)).toMatchObject({ kind: 'rejected' });
    expect(await refund('F2', 50, 'USD')).toMatchObject({ kind: 'rejected' });
    expect(await refund('F2', 50)).toEqual({ kind: 'refunded' });
    expect(await balance()).toBe(250);
    expect(await ledgerFindings(harness().db)).toEqual([]);
  });

  it('that takes too long to begin debits nothing, for it may have been closed meanwhile', async () => {
    await fund(250);
    const { db, clock } = harness();
    const now = clock.monotonicMs.bind(clock);
    let waitedMs = 0;
    clock.monotonicMs = () => now() + waitedMs;
    const slow = new Proxy(db, {
      get: (target, property, receiver) => {
        // Its first question is answered so late.
        if (property === 'select') waitedMs = 10_001;
        return Reflect.get(target, property, receiver) as unknown;
      },
    });
    expect(await adapter(slow).debit(newOrder())).toMatchObject({ kind: 'not_sent' });
    clock.monotonicMs = now;
    expect(await balance()).toBe(250);
  });

  it('sends no notices, and believes none', async () => {
    expect(await adapter().receive()).toMatchObject({ kind: 'refused' });
    expect(adapter().answerTo().status).toBe(404);
    expect(adapter().payUrl()).toBeNull();
  });
});
