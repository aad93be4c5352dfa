import { fakeBills } from '../../operator/reconciliation/fake-bill.ts';
import type { BillLine, BillSource } from '../../operator/reconciliation/bill.ts';
import { addDays, dayOf, startOf } from '../../operator/reconciliation/bill.ts';
import { Reconciliation } from '../../operator/reconciliation/reconciliation.ts';
import { walletBills } from '../../operator/reconciliation/wallet-bill.ts';
import type { Db } from '../../operator/storage/storage.ts';
import type { Clock } from '../../shared/clock.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { worldStartMs } from './world-clock.ts';
import { orderOfAlipay, orderOfWechat } from './payers.ts';
import type { Payers } from './payers.ts';

/** Money as a provider's book has it. Positive: from the payer. */
interface Moved {
  readonly orderId: string;
  readonly amountMinor: number;
  readonly atMs: number;
}

/** The bills of all providers: what stands in their books. Their formats are tried elsewhere (operator/reconciliation). */
export function billSources(db: Db, payers: Payers): BillSource[] {
  const { wechat, alipay, stripe, chargebacks } = payers;
  const ofWechat = () =>
    wechat.server.book.movements.map((one) => ({ ...one, orderId: orderOfWechat(one.no) }));
  const ofAlipay = () =>
    alipay.server.book.movements.map((one) => ({ ...one, orderId: orderOfAlipay(one.outOrderNo) }));
  return [
    ...[fakeBills(db), walletBills(db)],
    ofBook('wechat', () => linesOf(ofWechat())),
    ofBook('alipay', () => linesOf(ofAlipay())),
    ofBook('stripe', () => [...linesOf(stripe.server.book.movements), ...chargebacks]),
  ];
}

/** Compares each day's bill of each provider with the charges, today's, too. */
export async function reconcile(db: Db, clock: Clock, payers: Payers): Promise<void> {
  const sources = billSources(db, payers);
  const reconciliation = new Reconciliation({ db, clock, logger: silentLogger, sources });
  for (const source of sources)
    for (let day = dayOf(worldStartMs, 0); day <= dayOf(clock.nowMs(), 0); day = addDays(day, 1)) {
      const done = await reconciliation.runDay(source, day, new AbortController().signal);
      if (!done.ok) throw new Error(`${source.provider}, ${day}: ${done.error.message}`);
    }
}

function linesOf(book: readonly Moved[]): BillLine[] {
  return book.map(({ orderId, amountMinor, atMs }, i) => ({
    kind: amountMinor < 0 ? 'refund' : 'payment',
    ...{ orderId, ref: String(i), amountMinor: Math.abs(amountMinor), currency: 'CNY', atMs },
  }));
}

function ofBook(provider: string, read: () => readonly BillLine[]): BillSource {
  return {
    ...{ provider, merchant: 'own', offsetMs: 0, readyAfterMs: 0 },
    fetch: (day) => {
      const [fromMs, untilMs] = [startOf(day, 0), startOf(addDays(day, 1), 0)];
      const lines = read().filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
      return Promise.resolve(ok({ lines }));
    },
  };
}
