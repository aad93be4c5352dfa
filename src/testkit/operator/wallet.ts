import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { WalletFinding } from '../../shared/api/wallet.schema.ts';
import { auditWallets } from '../../operator/providers/wallet/audit.ts';
import { walletStatement } from '../../operator/providers/wallet/statement.ts';
import { WalletProvider } from '../../operator/providers/wallet/wallet-provider.ts';
import type { Db } from '../../operator/storage/storage.ts';
import { openWallet, topUpWallet } from '../../operator/support/wallet.ts';

interface Parts {
  readonly db: Db;
  readonly clock: Clock;
}

/** An instance of its own: nothing but the database is shared, where each transaction has a connection of its own. */
export function walletOf({ db, clock }: Parts): WalletProvider {
  return new WalletProvider({ db, clock, config: { openMinMinor: 1 } });
}

/** A member (of the database) pays by the wallet from now on, with so much put in under this reference. */
export async function fundWallet(
  parts: Parts,
  memberId: string,
  amountMinor: number,
  reference = `R-${memberId}`,
): Promise<void> {
  const opened = await openWallet(parts, memberId, { currency: 'CNY' });
  assert(opened.ok, 'a member’s wallet is opened');
  if (amountMinor === 0) return;
  const money = { currency: 'CNY', amountMinor, reference, actor: 'desk' } as const;
  const done = await topUpWallet(parts, memberId, money);
  assert(done.ok, `the wallet is topped up: ${done.ok ? '' : done.error.message}`);
}

/** What is in it, minor units. */
export async function walletBalance(db: Db, memberId: string): Promise<number> {
  const statement = await walletStatement(db, memberId, 'CNY');
  assert(statement.ok, 'the member has a wallet');
  return statement.value.balanceMinor;
}

/** What is wrong with the ledger by itself, where a test debits without charges. */
export async function ledgerFindings(db: Db): Promise<WalletFinding[]> {
  return (await auditWallets(db)).filter(({ kind }) => kind !== 'debit_without_charge');
}

/**
 * A database on which transactions come to nothing (`undone`: the program dies before the commit), or their answer is lost
 * after it (`unanswered`), for as long as `mood` says so.
 */
export function faultyDb(db: Db, mood: () => 'none' | 'undone' | 'unanswered'): Db {
  const transaction = async (work: (tx: Db) => Promise<unknown>, ...more: []): Promise<unknown> => {
    if (mood() === 'none') return db.transaction(work, ...more);
    if (mood() === 'unanswered') await db.transaction(work, ...more);
    else
      await db.transaction(async (tx) => {
        await work(tx);
        throw new Error('dead');
      });
    throw new Error('connection lost');
  };
  return new Proxy(db, {
    get: (target, property, receiver): unknown =>
      property === 'transaction' ? transaction : Reflect.get(target, property, receiver),
  });
}
