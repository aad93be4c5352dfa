import { and, asc, gte, inArray, lt } from 'drizzle-orm';
import { ok } from '../../shared/result.ts';
import { walletEntry } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { BillSource } from './bill.ts';
import { addDays, startOf } from './bill.ts';

/** The wallet's ledger as a bill: what it has debited and paid back. Its days are those of UTC. */
export function walletBills(db: Db): BillSource {
  return {
    provider: 'wallet',
    merchant: 'own',
    offsetMs: 0,
    readyAfterMs: 0,
    fetch: async (day) => {
      const { atMs, kind, entryId } = walletEntry;
      const isOfDay = and(gte(atMs, startOf(day, 0)), lt(atMs, startOf(addDays(day, 1), 0)));
      const entries = await db
        .select()
        .from(walletEntry)
        .where(and(isOfDay, inArray(kind, ['debit', 'refund'])))
        .orderBy(asc(entryId));
      const lines = entries.map((entry) => ({
        kind: entry.kind === 'debit' ? ('payment' as const) : ('refund' as const),
        orderId: entry.orderId ?? '',
        ref: String(entry.entryId),
        amountMinor: entry.amountMinor,
        currency: entry.currency,
        atMs: entry.atMs,
      }));
      return ok({ lines });
    },
  };
}
