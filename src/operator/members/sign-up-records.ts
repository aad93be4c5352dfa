import { and, eq, gt, inArray } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { signUpGiveUpMs, signUpLeaseMs, signUpLook } from '../limits.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { SignUpBegun, SignUpOutcome } from '../providers/sign-up.ts';
import { member, providerAccount, signUp } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

export type SignUpRow = typeof signUp.$inferSelect;

/** No wait is longer. */
export const signUpDueMaxMs = Math.max(signUpLeaseMs, signUpLook.mostMs);

/** Takes one that is open for so long. Null: it has ended, or somebody else has it in hand. */
export async function leaseSignUp(
  db: Db,
  clock: Clock,
  signUpId: string,
  leaseMs: number,
): Promise<SignUpRow | null> {
  return db.transaction(async (tx) => {
    const nowMs = clock.nowMs();
    const isIt = and(eq(signUp.signUpId, signUpId), eq(signUp.state, 'asked'));
    const [row] = await tx.select().from(signUp).where(isIt).for('update', { skipLocked: true });
    if (row?.dueAtMs == null || (row.dueAtMs > nowMs && row.dueAtMs <= nowMs + signUpDueMaxMs)) return null;
    const lease = { dueAtMs: nowMs + leaseMs, leaseCount: row.leaseCount + 1 };
    const [leased] = await tx.update(signUp).set(lease).where(isIt).returning();
    return leased ?? null;
  });
}

/** What the member opens, or why there is nothing. Nothing where it was leased anew, or has ended. */
export async function recordBegun(
  db: Db,
  clock: Clock,
  { signUpId, leaseCount, failureCount }: SignUpRow,
  begun: SignUpBegun,
): Promise<void> {
  const dueAtMs = clock.nowMs() + signUpLook.leastMs;
  const change =
    begun.kind === 'begun'
      ? { page: JSON.stringify(begun.page), known: begun.known, dueAtMs, failureCount: 0 }
      : begun.kind === 'rejected'
        ? { state: 'refused' as const, dueAtMs: null }
        : { dueAtMs, failureCount: failureCount + 1 };
  await db
    .update(signUp)
    .set(change)
    .where(and(eq(signUp.signUpId, signUpId), eq(signUp.leaseCount, leaseCount), eq(signUp.state, 'asked')));
}

/**
 * How the provider says that it stands. Gives its state from now on; null: nothing has changed. `leaseCount`: of whoever has
 * asked; null: the provider has told it by itself, which counts at any time, also when our own looking is over. `sinceMs`: since
 * when, by its clock; left out: it was asked just now.
 */
export async function recordLook(
  db: Db,
  clock: Clock,
  signUpId: string,
  outcome: SignUpOutcome,
  { leaseCount, sinceMs }: { readonly leaseCount: number | null; readonly sinceMs?: number | undefined },
): Promise<SignUpRow['state'] | null> {
  return db.transaction(async (tx) => {
    const isIt = eq(signUp.signUpId, signUpId);
    const [row] = await tx.select().from(signUp).where(isIt).for('update');
    const isOurs = row !== undefined && (leaseCount === null || row.leaseCount === leaseCount);
    if (!isOurs || row.state === 'valid' || row.state === 'refused') return null;
    if (outcome.kind === 'valid') return agree(tx, clock, row, { ...outcome, sinceMs });
    if (row.state !== 'asked') return null;
    const change = changeBy(row, outcome, clock.nowMs());
    await tx.update(signUp).set(change).where(isIt);
    return change.state;
  });
}

function changeBy(
  { askedAtMs, endsAtMs, failureCount }: SignUpRow,
  outcome: Exclude<SignUpOutcome, { kind: 'valid' }>,
  nowMs: number,
): Pick<SignUpRow, 'state' | 'dueAtMs' | 'failureCount'> {
  if (outcome.kind === 'refused') return { state: 'refused', dueAtMs: null, failureCount };
  const isUnknown = outcome.kind === 'unknown';
  const isOver = nowMs >= endsAtMs + (isUnknown ? signUpGiveUpMs : 0);
  if (isOver || outcome.kind === 'expired') return { state: 'expired', dueAtMs: null, failureCount };
  const waitMs = Math.min(signUpLook.mostMs, Math.max(signUpLook.leastMs, (nowMs - askedAtMs) / 8));
  return {
    state: 'asked',
    dueAtMs: Math.round(nowMs + waitMs),
    failureCount: isUnknown ? failureCount + 1 : 0,
  };
}

/**
 * From now on the member pays at this merchant. `refused`: another member does by this very account: a page that was sent to
 * them, or a second membership, would have one person pay for two. Null: our looking was over, and their account there has
 * changed since the sign-up was asked for, so that an old notice would undo what came after it; or a later word of the provider
 * about it is known.
 */
async function agree(
  tx: Db,
  clock: Clock,
  { signUpId, memberId, provider, state, askedAtMs }: SignUpRow,
  {
    account,
    payer = null,
    sinceMs,
  }: { readonly account: string; readonly payer?: string | null; readonly sinceMs: number | undefined },
): Promise<'valid' | 'refused' | null> {
  if (sinceMs !== undefined) {
    const isLater = and(
      eq(providerAccount.provider, provider),
      eq(providerAccount.account, account),
      gt(providerAccount.saidSinceMs, sinceMs),
    );
    if ((await tx.select().from(providerAccount).where(isLater)).length > 0) return null;
  }
  if (state === 'expired') {
    const isNewer = and(
      eq(providerAccount.memberId, memberId),
      eq(providerAccount.provider, provider),
      gt(providerAccount.changedAtMs, askedAtMs),
    );
    if ((await tx.select().from(providerAccount).where(isNewer)).length > 0) return null;
  }
  const accounts = new StoredAccounts(tx, clock, provider);
  const isRefused = await accounts.isOfAnother(memberId, account);
  await tx
    .update(signUp)
    .set({ state: isRefused ? 'refused' : 'valid', dueAtMs: null })
    .where(and(eq(signUp.signUpId, signUpId), inArray(signUp.state, ['asked', 'expired'])));
  if (isRefused) return 'refused';
  const agreed = { memberId, account, agreement: 'valid' } as const;
  await accounts.put(agreed, { isNew: true, sinceMs: sinceMs ?? null, payer });
  await tx.update(member).set({ provider }).where(eq(member.memberId, memberId));
  return 'valid';
}
