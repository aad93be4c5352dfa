import { and, asc, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { StaffRole } from '../../shared/console/roles.ts';
import { fail } from '../../shared/result.ts';
import { staffAccount, staffRecoveryCode, staffSession } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import {
  deviceKnownMs,
  sessionIdleMaxMs,
  sessionMaxMs,
  sessionSeenStepMs,
  sessionsOfAccountMax,
} from './limits.ts';
import { hashOf, newToken } from '../http/tokens.ts';

/** Somebody who is signed in, as they are now: role and state are read with each request. */
export interface Session {
  readonly tokenHash: string;
  readonly accountId: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly endsAtMs: number;
}

/** What the browser keeps; neither is stored here. */
export interface NewSession {
  readonly token: string;
  readonly device: string;
  readonly session: Session;
}

/** Begins a session; of more than an account may have, the oldest end. `device`: what the browser is known by; null: nothing. */
export async function beginSession(
  tx: Db,
  clock: Clock,
  { accountId, name, role }: Pick<Session, 'accountId' | 'name' | 'role'>,
  device: string | null,
): Promise<NewSession> {
  const nowMs = clock.nowMs();
  const token = newToken();
  const known = device ?? newToken();
  const tokenHash = hashOf(token);
  const open = await tx
    .select({ tokenHash: staffSession.tokenHash })
    .from(staffSession)
    .where(isOpenOf(accountId))
    .orderBy(asc(staffSession.beganAtMs));
  for (const { tokenHash: oldest } of open.slice(0, Math.max(0, open.length + 1 - sessionsOfAccountMax)))
    await endSession(tx, clock, oldest);
  const times = { beganAtMs: nowMs, seenAtMs: nowMs };
  await tx.insert(staffSession).values({ tokenHash, accountId, deviceHash: hashOf(known), ...times });
  const session = { tokenHash, accountId, name, role, endsAtMs: nowMs + sessionMaxMs };
  return { token, device: known, session };
}

/** Whose session this is, and notes that they are here; null: nobody's (any more). */
export async function findSession(db: Db, clock: Clock, token: string): Promise<Session | null> {
  const tokenHash = hashOf(token);
  const { accountId, name, role, state } = staffAccount;
  const { beganAtMs, seenAtMs } = staffSession;
  const [found] = await db
    .select({ accountId, name, role, state, beganAtMs, seenAtMs })
    .from(staffSession)
    .innerJoin(staffAccount, eq(staffSession.accountId, accountId))
    .where(and(eq(staffSession.tokenHash, tokenHash), isNull(staffSession.endedAtMs)));
  if (found === undefined || found.state !== 'active' || found.name === null) return null;
  const nowMs = clock.nowMs();
  // What was written while the clock was ahead counts for no longer than what is of now.
  const isOver =
    Math.abs(nowMs - found.beganAtMs) >= sessionMaxMs || Math.abs(nowMs - found.seenAtMs) >= sessionIdleMaxMs;
  if (isOver) {
    await endSession(db, clock, tokenHash);
    return null;
  }
  if (nowMs - found.seenAtMs >= sessionSeenStepMs)
    await db.update(staffSession).set({ seenAtMs: nowMs }).where(eq(staffSession.tokenHash, tokenHash));
  const endsAtMs = found.beganAtMs + sessionMaxMs;
  return { tokenHash, accountId: found.accountId, name: found.name, role: found.role, endsAtMs };
}

/** What somebody is told who is not here any more (isStillHere). */
export const notHere = fail('unauthenticated', 'not signed in any more');

/**
 * Whether somebody who was let in is so still: while the rest of a request came, their account, role or password may have become
 * another. Locks the account against that until the transaction ends. `tokenHash` null: they have no session in this.
 */
export async function isStillHere(
  tx: Db,
  { accountId, role, tokenHash }: Pick<Session, 'accountId' | 'role'> & { readonly tokenHash: string | null },
): Promise<boolean> {
  const isIt = eq(staffAccount.accountId, accountId);
  const [account] = await tx.select().from(staffAccount).where(isIt).for('share');
  if (account?.state !== 'active' || account.role !== role) return false;
  if (tokenHash === null) return true;
  const isOpen = and(eq(staffSession.tokenHash, tokenHash), isNull(staffSession.endedAtMs));
  const [session] = await tx.select().from(staffSession).where(isOpen);
  return session !== undefined;
}

export async function endSession(db: Db, clock: Clock, tokenHash: string): Promise<void> {
  await db
    .update(staffSession)
    .set({ endedAtMs: clock.nowMs() })
    .where(and(eq(staffSession.tokenHash, tokenHash), isNull(staffSession.endedAtMs)));
}

/** Every session of this account ends: password, role or state has become another. */
export async function endSessionsOf(db: Db, clock: Clock, accountId: string): Promise<void> {
  await db.update(staffSession).set({ endedAtMs: clock.nowMs() }).where(isOpenOf(accountId));
}

/** The hash of what a browser shows, where it has signed in as this person lately; null: it has not. */
export async function knownDevice(
  db: Db,
  clock: Clock,
  name: string,
  device: string | null,
): Promise<string | null> {
  if (device === null) return null;
  const deviceHash = hashOf(device);
  const isSince = gt(staffSession.beganAtMs, clock.nowMs() - deviceKnownMs);
  const [found] = await db
    .select({ name: staffAccount.name })
    .from(staffSession)
    .innerJoin(staffAccount, eq(staffSession.accountId, staffAccount.accountId))
    .where(and(eq(staffSession.deviceHash, deviceHash), isSince, eq(staffAccount.name, name)))
    .orderBy(desc(staffSession.beganAtMs))
    .limit(1);
  return found === undefined ? null : deviceHash;
}

export async function recoveryCodesLeft(db: Db, accountId: string): Promise<number> {
  const [found] = await db
    .select({ left: sql`count(*)`.mapWith(Number) })
    .from(staffRecoveryCode)
    .where(eq(staffRecoveryCode.accountId, accountId));
  return found?.left ?? 0;
}

function isOpenOf(accountId: string) {
  return and(eq(staffSession.accountId, accountId), isNull(staffSession.endedAtMs));
}
