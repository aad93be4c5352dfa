import { and, eq, isNull } from 'drizzle-orm';
import { assert } from '../../../shared/assert.ts';
import type { Clock } from '../../../shared/clock.ts';
import { plainText } from '../../storage/plain-text.ts';
import { walletAccount, walletEntry } from '../../storage/schema.ts';
import type { Db } from '../../storage/storage.ts';

/**
 * The wallet's double-entry ledger. An entry is one row: it takes from one account what it gives to another of the same
 * currency. The schema keeps members' balances and refuses one below zero (migration `wallet_ledger`).
 */

export type WalletAccount = typeof walletAccount.$inferSelect;
export type WalletEntry = typeof walletEntry.$inferSelect;
type HouseKind = Exclude<WalletAccount['kind'], 'member'>;

/** A member's account; its balance, minor units. */
export interface MemberAccount {
  readonly accountId: number;
  readonly balanceMinor: number;
}

/** What is moved, once for its key. */
export interface Posting {
  readonly kind: WalletEntry['kind'];
  /** Of this kind of act: an order, a refund, a reference of whoever pays in. */
  readonly key: string;
  /** Takes from the member what it gives to the house (`out`), or the other way round (`in`). */
  readonly direction: 'in' | 'out';
  readonly member: MemberAccount;
  readonly house: HouseKind;
  readonly currency: string;
  readonly amountMinor: number;
  readonly orderId: string | null;
  /** Who has done it, and why; in words. */
  readonly actor: string;
  readonly reason: string;
}

/** Keys of different kinds of acts do not meet. */
function idempotencyKey(kind: WalletEntry['kind'], key: string): string {
  return `${kind}:${key}`;
}

/** Which account of a member: by whose it is, or by its number. */
export type WhichAccount =
  { readonly memberId: string; readonly currency: string } | { readonly accountId: number };

/** Null: the member has no account in this currency. */
export async function findAccount(db: Db, which: WhichAccount): Promise<MemberAccount | null> {
  const [row] = await db.select().from(walletAccount).where(isIt(which));
  return row === undefined ? null : asMemberAccount(row);
}

/**
 * The same, and nobody else moves anything of it until the transaction ends. An entry is looked for (`findEntry`) after that,
 * so that two with one key come one after the other.
 */
export async function lockAccount(tx: Db, which: WhichAccount): Promise<MemberAccount | null> {
  const [row] = await tx.select().from(walletAccount).where(isIt(which)).for('update');
  return row === undefined ? null : asMemberAccount(row);
}

/** Opens the account if there is none; the same again changes nothing. */
export async function openAccount(tx: Db, clock: Clock, memberId: string, currency: string): Promise<void> {
  await tx
    .insert(walletAccount)
    .values({ kind: 'member', memberId, currency, balanceMinor: 0, openedAtMs: clock.nowMs() })
    .onConflictDoNothing();
}

export async function findEntry(db: Db, kind: WalletEntry['kind'], key: string): Promise<WalletEntry | null> {
  const hasKey = eq(walletEntry.idempotencyKey, idempotencyKey(kind, key));
  const [row] = await db.select().from(walletEntry).where(hasKey);
  return row ?? null;
}

/**
 * Adds an entry, in the transaction that has the member's account locked and has seen that there is enough. Null: there is one
 * with this key. Rejects when the database refuses it (less than nothing would be left): a bug.
 */
export async function post(tx: Db, clock: Clock, posting: Posting): Promise<WalletEntry | null> {
  const { kind, key, direction, member, house, currency, amountMinor, orderId } = posting;
  const houseId = await houseAccountId(tx, clock, house, currency);
  const [debitAccountId, creditAccountId] =
    direction === 'in' ? [houseId, member.accountId] : [member.accountId, houseId];
  const [row] = await tx
    .insert(walletEntry)
    .values({
      kind,
      idempotencyKey: idempotencyKey(kind, key),
      debitAccountId,
      creditAccountId,
      currency,
      amountMinor,
      orderId,
      actor: plainText(posting.actor),
      reason: plainText(posting.reason),
      atMs: clock.nowMs(),
    })
    .onConflictDoNothing()
    .returning();
  return row ?? null;
}

async function houseAccountId(tx: Db, clock: Clock, kind: HouseKind, currency: string): Promise<number> {
  const isHouse = and(
    eq(walletAccount.kind, kind),
    eq(walletAccount.currency, currency),
    isNull(walletAccount.memberId),
  );
  const find = async () => (await tx.select().from(walletAccount).where(isHouse))[0]?.accountId;
  const known = await find();
  if (known !== undefined) return known;
  await tx.insert(walletAccount).values({ kind, currency, openedAtMs: clock.nowMs() }).onConflictDoNothing();
  const opened = await find();
  assert(opened !== undefined, 'an account that was opened is there');
  return opened;
}

function isIt(which: WhichAccount) {
  return 'accountId' in which
    ? eq(walletAccount.accountId, which.accountId)
    : and(eq(walletAccount.memberId, which.memberId), eq(walletAccount.currency, which.currency));
}

function asMemberAccount({ accountId, balanceMinor }: WalletAccount): MemberAccount {
  assert(balanceMinor !== null, 'a member’s account has a balance');
  return { accountId, balanceMinor };
}
