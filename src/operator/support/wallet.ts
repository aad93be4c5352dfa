import { eq } from 'drizzle-orm';
import type {
  AdjustWalletRequest,
  OpenWalletRequest,
  TopUpWalletRequest,
  WalletBalance,
} from '../../shared/api/wallet.schema.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { currencySchema } from '../../shared/money.schema.ts';
import { retryOfMember } from '../debits/debit-store.ts';
import type { ApiFailure } from '../http/errors.ts';
import { walletBalanceMaxMinor, walletTopUpMaxMinor } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import { walletName } from '../providers/wallet/wallet-provider.ts';
import type { MemberAccount, Posting } from '../providers/wallet/ledger.ts';
import { findAccount, findEntry, lockAccount, openAccount, post } from '../providers/wallet/ledger.ts';
import { member } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/** What people do with a member's prepaid wallet. Amounts are minor units. */

interface Parts {
  readonly db: Db;
  readonly clock: Clock;
}
type Balance = Promise<Result<WalletBalance, ApiFailure>>;

/**
 * From now on this member pays by the wallet; charges from before keep their provider. The same again changes nothing.
 * `not_found`: no such member.
 */
export async function openWallet(
  { db, clock }: Parts,
  memberId: string,
  { currency }: OpenWalletRequest,
): Balance {
  return db.transaction(async (tx): Balance => {
    const isIt = eq(member.memberId, memberId);
    const changed = await tx.update(member).set({ provider: walletName }).where(isIt).returning();
    if (changed.length === 0) return fail('not_found', 'no such member');
    await openAccount(tx, clock, memberId, currency);
    return balanceIn(tx, memberId, currency);
  });
}

/**
 * Money has come in for a member, by the number that whoever took it has given it: the same number again moves nothing and is
 * the same answer. What the member owes is asked for at once. `not_found`: no wallet in this currency; `conflict`: this number
 * was another payment, or too much would be in the wallet.
 */
export async function topUpWallet(parts: Parts, memberId: string, request: TopUpWalletRequest): Balance {
  const { currency, amountMinor, reference, actor } = request;
  if (amountMinor > walletTopUpMaxMinor)
    return fail('bad_request', `more than ${walletTopUpMaxMinor} at once`);
  const posting = {
    kind: 'top_up',
    key: reference,
    direction: 'in',
    house: 'top_ups',
    currency,
    amountMinor,
    orderId: null,
    actor,
    reason: `top-up ${reference}`,
  } as const;
  return move(parts, memberId, posting, ({ balanceMinor }) =>
    balanceMinor + amountMinor > walletBalanceMaxMinor
      ? `more than ${walletBalanceMaxMinor} would be in the wallet`
      : null,
  );
}

/**
 * A human puts a balance right, up (positive) or down, for a reason; once for its reference. `not_found` as above; `conflict`:
 * this reference was another adjustment, or less than nothing would be left.
 */
export async function adjustWallet(parts: Parts, memberId: string, request: AdjustWalletRequest): Balance {
  const { currency, amountMinor, reference, actor, reason } = request;
  const posting = {
    kind: 'adjustment',
    key: reference,
    direction: amountMinor > 0 ? 'in' : 'out',
    house: 'adjustments',
    currency,
    amountMinor: Math.abs(amountMinor),
    orderId: null,
    actor,
    reason,
  } as const;
  return move(parts, memberId, posting, ({ balanceMinor }) =>
    balanceMinor + amountMinor < 0 ? `only ${balanceMinor} is in the wallet` : null,
  );
}

/** `refusalOf`: why this may not be, judged by what is in the wallet; null: it may. */
async function move(
  { db, clock }: Parts,
  memberId: string,
  posting: Omit<Posting, 'member'>,
  refusalOf: (account: MemberAccount) => string | null,
): Balance {
  const { kind, key, currency, amountMinor, direction } = posting;
  return db.transaction(async (tx): Balance => {
    const account = await lockAccount(tx, { memberId, currency });
    if (account === null) return fail('not_found', `no wallet of this member in ${currency}`);
    const before = await findEntry(tx, kind, key);
    if (before !== null) {
      const side = direction === 'in' ? before.creditAccountId : before.debitAccountId;
      return side === account.accountId && before.amountMinor === amountMinor
        ? ok(balanceOf(memberId, currency, account))
        : fail('conflict', 'this reference was another one');
    }
    const refusal = refusalOf(account);
    if (refusal !== null) return fail('conflict', refusal);
    const entry = await post(tx, clock, { ...posting, member: account });
    if (entry === null) return fail('conflict', 'this reference was another one');
    if (direction === 'in') {
      await retryOfMember(tx, clock, memberId, walletName);
      // And what is asked for by itself no more: there is money now, as with another card.
      const account = `entry ${entry.entryId}`;
      await new StoredAccounts(tx, clock, walletName).put({ memberId, account, agreement: 'valid' });
    }
    return balanceIn(tx, memberId, currency);
  });
}

async function balanceIn(tx: Db, memberId: string, currency: string): Balance {
  const account = await findAccount(tx, { memberId, currency });
  assert(account !== null, 'an account that was locked is there');
  return ok(balanceOf(memberId, currency, account));
}

function balanceOf(memberId: string, currency: string, { balanceMinor }: MemberAccount): WalletBalance {
  return { memberId, currency: currencySchema.parse(currency), balanceMinor };
}
