import { and, desc, eq, lt, or } from 'drizzle-orm';
import type { WalletStatement } from '../../../shared/api/wallet.schema.ts';
import type { Currency } from '../../../shared/money.ts';
import type { Result } from '../../../shared/result.ts';
import { fail, ok } from '../../../shared/result.ts';
import type { ApiFailure } from '../../http/errors.ts';
import { walletStatementMax } from '../../limits.ts';
import { walletEntry } from '../../storage/schema.ts';
import type { Db } from '../../storage/storage.ts';
import { findAccount } from './ledger.ts';

/**
 * What is in a member's wallet and what has moved, newest first, `walletStatementMax` at once; `before`: only older ones than
 * this entry. `not_found`: no wallet of this member in this currency.
 */
export async function walletStatement(
  db: Db,
  memberId: string,
  currency: Currency,
  before?: number,
): Promise<Result<WalletStatement, ApiFailure>> {
  return db.transaction(
    async (tx): Promise<Result<WalletStatement, ApiFailure>> => {
      const account = await findAccount(tx, { memberId, currency });
      if (account === null) return fail('not_found', `no wallet of this member in ${currency}`);
      const { accountId, balanceMinor } = account;
      const { debitAccountId, creditAccountId, entryId } = walletEntry;
      const isOfIt = or(eq(debitAccountId, accountId), eq(creditAccountId, accountId));
      const found = await tx
        .select()
        .from(walletEntry)
        .where(and(isOfIt, before === undefined ? undefined : lt(entryId, before)))
        .orderBy(desc(entryId))
        .limit(walletStatementMax + 1);
      const shown = found.slice(0, walletStatementMax);
      const entries = shown.map(({ entryId, kind, orderId, actor, reason, atMs, ...row }) => {
        const amountMinor = row.creditAccountId === accountId ? row.amountMinor : -row.amountMinor;
        return { entryId, kind, amountMinor, orderId, actor, reason, atMs };
      });
      const olderBefore = found.length > shown.length ? (shown.at(-1)?.entryId ?? null) : null;
      return ok({ memberId, currency, balanceMinor, entries, olderBefore });
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}
