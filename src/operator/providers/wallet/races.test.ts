import { expect, it } from 'vitest';
import { newChargeId } from '../../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../../testkit/operator/debit-request.ts';
import { onStorage } from '../../../testkit/operator/suite.ts';
import { fundWallet, ledgerFindings, walletBalance, walletOf } from '../../../testkit/operator/wallet.ts';
import { adjustWallet, topUpWallet } from '../../support/wallet.ts';

const memberId = 'M1001';
const times = Array.from({ length: 8 }, (_, i) => i);

onStorage('two instances on one wallet', (harness) => {
  const adapter = () => walletOf(harness());
  const newOrder = (amountMinor = 100) =>
    debitRequest({ orderId: newChargeId(harness().clock.nowMs()), memberId, amountMinor });
  const balance = () => walletBalance(harness().db, memberId);
  const isWhole = async () => expect(await ledgerFindings(harness().db)).toEqual([]);

  it('spend what is there, and not what the other one has spent', async () => {
    await fundWallet(harness(), memberId, 350);
    const outcomes = await Promise.all(times.map(() => adapter().debit(newOrder())));
    expect(outcomes.filter(({ kind }) => kind === 'paid').length).toBe(3);
    expect(outcomes.filter(({ kind }) => kind === 'declined').length).toBe(5);
    expect(await balance()).toBe(50);
    await isWhole();
  });

  it('debit one order once', async () => {
    await fundWallet(harness(), memberId, 1_000);
    const order = newOrder();
    const outcomes = await Promise.all(times.map(() => adapter().debit(order)));
    expect(outcomes).toEqual(times.map(() => ({ kind: 'paid', amountMinor: 100 })));
    expect(await balance()).toBe(900);
    await isWhole();
  });

  it('debit one of two sums', async () => {
    await fundWallet(harness(), memberId, 1_000);
    const order = newOrder();
    const outcomes = await Promise.all(
      times.map((i) => adapter().debit({ ...order, amountMinor: 100 + (i % 2) })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'paid').length).toBe(4);
    expect(outcomes.filter(({ kind }) => kind === 'rejected').length).toBe(4);
    expect([899, 900]).toContain(await balance());
    await isWhole();
  });

  it('close an order, and what was begun before it is not debited', async () => {
    await fundWallet(harness(), memberId, 1_000);
    const order = newOrder();
    const { db } = harness();
    // The debit has begun, and stands still before its transaction until the order is closed.
    const waiting = new Proxy(db, {
      get: (target, property, receiver) => {
        const value: unknown = Reflect.get(target, property, receiver);
        if (property !== 'transaction') return value;
        return async (work: Parameters<typeof db.transaction>[0]) => {
          expect(await adapter().close(order.orderId)).toEqual({ kind: 'closed' });
          return target.transaction(work);
        };
      },
    });
    const late = walletOf({ db: waiting, clock: harness().clock });
    expect(await late.debit(order)).toMatchObject({ kind: 'not_sent' });
    expect(await balance()).toBe(1_000);
    expect(await adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 100 });
    await isWhole();
  });

  it('close or debit an order, whoever is first', async () => {
    await fundWallet(harness(), memberId, 10_000);
    for (const turns of times) {
      const order = newOrder();
      const before = await balance();
      const debit = adapter().debit(order);
      for (let i = 0; i < turns * 3; i++) await new Promise((resolve) => setImmediate(resolve));
      const closed = await adapter().close(order.orderId);
      const { kind } = await debit;
      if (closed.kind === 'paid') expect(kind).toBe('paid');
      expect(['paid', 'not_sent']).toContain(kind);
      expect(await balance()).toBe(kind === 'paid' ? before - 100 : before);
      expect(await adapter().debit(order)).toEqual({ kind: 'paid', amountMinor: 100 });
      expect(await balance()).toBe(before - 100);
    }
    await isWhole();
  });

  it('give back no more than was paid', async () => {
    await fundWallet(harness(), memberId, 1_000);
    const order = newOrder(500);
    await adapter().debit(order);
    const { orderId } = order;
    const refunds = times.map((i) =>
      adapter().refund({ orderId, refundId: `F${i}`, amountMinor: 200, currency: 'CNY', reason: '少收' }),
    );
    const kinds = (await Promise.all(refunds)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'refunded').length).toBe(2);
    expect(kinds.filter((kind) => kind === 'rejected').length).toBe(6);
    expect(await balance()).toBe(900);
    await isWhole();
  });

  it('take one payment in once, and one number for one of two members', async () => {
    await fundWallet(harness(), memberId, 0);
    await fundWallet(harness(), 'M1002', 0);
    const money = { currency: 'CNY', amountMinor: 500, reference: 'bank-1', actor: 'desk' } as const;
    const done = await Promise.all(
      times.map((i) => topUpWallet(harness(), i % 2 === 0 ? memberId : 'M1002', money)),
    );
    expect(done.filter(({ ok }) => ok).length).toBe(4);
    for (const one of done) if (!one.ok) expect(one.error.code).toBe('conflict');
    expect((await balance()) + (await walletBalance(harness().db, 'M1002'))).toBe(500);
    await isWhole();
  });

  it('take out of it and debit it, and leave no less than nothing', async () => {
    await fundWallet(harness(), memberId, 500);
    const out = { currency: 'CNY', amountMinor: -200, actor: 'desk', reason: 'paid out' } as const;
    await Promise.all(
      times.map(async (i): Promise<unknown> =>
        i % 2 === 0
          ? adjustWallet(harness(), memberId, { ...out, reference: `A${i}` })
          : adapter().debit(newOrder(200)),
      ),
    );
    expect(await balance()).toBe(100);
    await isWhole();
  });
});
