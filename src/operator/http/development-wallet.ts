import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { auditWallets } from '../providers/wallet/audit.ts';
import { walletStatement } from '../providers/wallet/statement.ts';
import { walletName } from '../providers/wallet/wallet-provider.ts';
import type { Db } from '../storage/storage.ts';
import { adjustWallet, openWallet, topUpWallet } from '../support/wallet.ts';
import type { DevelopmentHandlers } from './development-calls.ts';
import type { ApiFailure } from './errors.ts';

export type WalletCalls = Pick<
  DevelopmentHandlers,
  'openWallet' | 'topUpWallet' | 'adjustWallet' | 'walletStatement' | 'walletAudit'
>;

interface Parts {
  readonly db: Db;
  readonly clock: Clock;
  readonly providers: ProviderRegistry;
  readonly worker: DebitWorker;
}

/** What people do with members' prepaid wallets. */
export function makeWalletCalls(parts: Parts): WalletCalls {
  const { db, providers, worker } = parts;
  const noWallet = fail('conflict', 'PROVIDERS_FILE has no wallet');
  /** What is owed is debited at once. */
  const andDebit = async <T>(done: Promise<Result<T, ApiFailure>>): Promise<Result<T, ApiFailure>> => {
    const result = await done;
    if (result.ok) worker.wake();
    return result;
  };
  return {
    openWallet: ({ params: { memberId }, body }) =>
      providers.find(walletName) === null ? noWallet : openWallet(parts, memberId, body),
    topUpWallet: ({ params: { memberId }, body }) => andDebit(topUpWallet(parts, memberId, body)),
    adjustWallet: ({ params: { memberId }, body }) => andDebit(adjustWallet(parts, memberId, body)),
    walletStatement: ({ params: { memberId, currency, before } }) =>
      walletStatement(db, memberId, currency, before),
    walletAudit: async () => ok(await auditWallets(db)),
  };
}
