import { expect, it } from 'vitest';
import { newChargeId } from '../../testkit/operator/cabinet.ts';
import { debitRequest } from '../../testkit/operator/debit-request.ts';
import { onStorage } from '../../testkit/operator/suite.ts';
import { fundWallet, walletOf } from '../../testkit/operator/wallet.ts';
import { addDays, dayOf } from './bill.ts';
import { walletBills } from './wallet-bill.ts';

onStorage('the wallet’s ledger as a bill', (harness) => {
  it('has what was debited and paid back on a day, and not what was paid in', async () => {
    const { db, clock } = harness();
    const memberId = 'M1001';
    await fundWallet(harness(), memberId, 5_000);
    const order = debitRequest({ orderId: newChargeId(1), memberId });
    const { orderId, amountMinor, currency } = order;
    const wallet = walletOf(harness());
    expect(await wallet.debit(order)).toMatchObject({ kind: 'paid' });
    const back = { orderId, refundId: 'R1', amountMinor: 1, currency, reason: 'x' };
    expect(await wallet.refund(back)).toMatchObject({ kind: 'refunded' });
    const day = dayOf(clock.nowMs(), 0);
    const bill = walletBills(db);
    const read = await bill.fetch(day, new AbortController().signal);
    expect(read).toMatchObject({
      ok: true,
      value: {
        lines: [
          { kind: 'payment', orderId, amountMinor, currency, atMs: clock.nowMs() },
          { kind: 'refund', orderId, amountMinor: 1, currency },
        ],
      },
    });
    const next = await bill.fetch(addDays(day, 1), new AbortController().signal);
    expect(next).toEqual({ ok: true, value: { lines: [] } });
  });
});
