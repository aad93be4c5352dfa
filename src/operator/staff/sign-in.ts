import { and, eq, gt, lt, or } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { SignInRequest } from '../../shared/console/staff.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import { tooMany } from '../http/page-errors.ts';
import { staffAccount, staffRecoveryCode } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { Passwords } from './password.ts';
import type { StaffKeys } from './seal.ts';
import { hashOf } from '../http/tokens.ts';
import { readRecoveryCode } from './secrets.ts';
import type { NewSession } from './sessions.ts';
import { beginSession, knownDevice } from './sessions.ts';
import type { SignInLimits } from './sign-in-limits.ts';
import { newestStepAt, totpStepOfCode } from './totp.ts';

export interface StaffParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly keys: StaffKeys;
  readonly passwords: Passwords;
  readonly limits: SignInLimits;
}

type AccountRow = typeof staffAccount.$inferSelect;
const hashWaitS = 2;

/**
 * Name, password and code at once, and one answer to whatever of them is wrong: nobody learns whether there is such a name, or
 * that a password was right. A name that nobody has costs the same hash.
 */
export async function signIn(
  parts: StaffParts,
  { name: typed, password, code }: SignInRequest,
  from: { readonly address: string; readonly device: string | null },
): Promise<Result<NewSession, ConsoleFailure>> {
  const { db, clock, limits, passwords } = parts;
  const name = typed.trim().toLowerCase();
  const deviceHash = await knownDevice(db, clock, name, from.device);
  const waitS = limits.take({ name, address: from.address, deviceHash });
  if (waitS > 0) return tooMany(waitS);
  const [row] = await db.select().from(staffAccount).where(eq(staffAccount.name, name));
  // Those whom the queue is full of are strangers: who can show more waits behind them, a second at most.
  if (deviceHash === null && passwords.isFull) return tooMany(hashWaitS);
  const account = row?.state === 'active' ? row : undefined;
  const isPassword = await passwords.isIt(password, account?.passwordHash ?? null);
  return db.transaction(async (tx): Promise<Result<NewSession, ConsoleFailure>> => {
    const proven = account !== undefined && isPassword && (await usesUpCode(parts, tx, account, code));
    if (!proven || !(await isStillSo(tx, account))) return fail('unauthenticated', 'not signed in');
    const device = deviceHash === null ? null : from.device;
    return ok(await beginSession(tx, clock, { ...account, name }, device));
  });
}

/** While the password was hashed, it or the role may have become another. Locks the account against that. */
async function isStillSo(tx: Db, { accountId, passwordHash, role }: AccountRow): Promise<boolean> {
  const [now] = await tx
    .select()
    .from(staffAccount)
    .where(eq(staffAccount.accountId, accountId))
    .for('update');
  return now?.state === 'active' && now.passwordHash === passwordHash && now.role === role;
}

/** A code of the authenticator, or one for recovery; neither counts twice. */
export async function usesUpCode(
  { clock, keys }: Pick<StaffParts, 'clock' | 'keys'>,
  tx: Db,
  { accountId, totpSecret }: Pick<AccountRow, 'accountId' | 'totpSecret'>,
  typed: string,
): Promise<boolean> {
  const recovery = readRecoveryCode(typed);
  if (recovery !== null) {
    const isIt = and(
      eq(staffRecoveryCode.accountId, accountId),
      eq(staffRecoveryCode.codeHash, hashOf(recovery)),
    );
    return (await tx.delete(staffRecoveryCode).where(isIt).returning()).length === 1;
  }
  const secret = totpSecret === null ? null : keys.open(totpSecret, accountId);
  const step = secret === null ? null : totpStepOfCode(secret, typed.replaceAll(' ', ''), clock.nowMs());
  if (step === null) return false;
  const { totpUsedStep } = staffAccount;
  // One from the future was used while the clock was ahead: it would keep them out until then.
  const isNewer = or(lt(totpUsedStep, step), gt(totpUsedStep, newestStepAt(clock.nowMs())));
  const isNew = and(eq(staffAccount.accountId, accountId), isNewer);
  const used = await tx.update(staffAccount).set({ totpUsedStep: step }).where(isNew).returning();
  return used.length === 1;
}
