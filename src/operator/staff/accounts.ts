import { randomBytes } from 'node:crypto';
import { and, asc, eq, gt, lte, ne, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { StaffRole } from '../../shared/console/roles.ts';
import type { AcceptInvitationRequest } from '../../shared/console/staff.schema.ts';
import { assert } from '../../shared/assert.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import { tooMany } from '../http/page-errors.ts';
import { staffAccount, staffRecoveryCode, staffSession } from '../storage/schema.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import type { Db } from '../storage/storage.ts';
import type { Actor } from './act-log.ts';
import { recordAct } from './act-log.ts';
import { recoveryCodeCount, staffTokenLifetimeMs } from './limits.ts';
import type { StaffKeys } from './seal.ts';
import { hashOf, newToken } from '../http/tokens.ts';
import { countsAsPerson, personBehind } from './persons.ts';
import { hasChanged, seenVersionOf } from './seen-version.ts';
import { newRecoveryCode } from './secrets.ts';
import type { NewSession, Session } from './sessions.ts';
import { beginSession, endSessionsOf, isStillHere, notHere } from './sessions.ts';
import type { StaffParts } from './sign-in.ts';
import { usesUpCode } from './sign-in.ts';
import { base32Of, totpSecretBytes, totpStepOfCode } from './totp.ts';

export type Parts = Pick<StaffParts, 'db' | 'clock' | 'keys'>;
type AccountRow = typeof staffAccount.$inferSelect;
/** Whoever changes accounts, as the gate has let them in. */
export type Administrator = Pick<Session, 'accountId' | 'name' | 'role' | 'tokenHash'>;

/** `version`: of the account as whoever acts upon it has seen it. */
export interface OnAccount {
  readonly accountId: string;
  readonly reason: string;
  readonly version: string;
}

interface Invited {
  readonly accountId: string;
  readonly token: string;
  readonly endsAtMs: number;
}

/** Somebody has an account, or had one: nobody else becomes the first administrator. */
export async function hasAccounts(db: Db): Promise<boolean> {
  const [some] = await db.select().from(staffAccount).where(ne(staffAccount.state, 'invited')).limit(1);
  return some !== undefined;
}

/**
 * A one-time token for the first administrator; null: there is one already. It takes the place of one that was not used: the
 * last that was said counts.
 */
export async function firstToken({ db, clock, keys }: Parts): Promise<Invited | null> {
  return db.transaction(async (tx) => {
    await lockAccounts(tx);
    if (await hasAccounts(tx)) return null;
    const [waiting] = await tx
      .select()
      .from(staffAccount)
      .where(sql`${staffAccount.name} is null`);
    const accountId =
      waiting?.accountId ?? (await addAccount(tx, clock, { name: null, role: 'admin', changedBy: null }));
    return giveToken(tx, { clock, keys }, accountId);
  });
}

/** A new account, for which somebody is given a one-time token. `conflict`: the name is taken. */
export async function invite(
  { db, clock, keys }: Parts,
  actor: Administrator,
  { name, role, reason }: { readonly name: string; readonly role: StaffRole; readonly reason: string },
): Promise<Result<Invited, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<Invited, ConsoleFailure>> => {
    await lockAccounts(tx);
    if (!(await isStillHere(tx, actor))) return notHere;
    const [taken] = await tx.select().from(staffAccount).where(eq(staffAccount.name, name));
    if (taken !== undefined) return fail('conflict', 'this name is taken');
    const changedBy = await personBehind(tx, actor.accountId);
    const accountId = await addAccount(tx, clock, { name, role, changedBy });
    const said = { act: 'staff_invite', subject: accountId, reason, before: null, after: { name, role } };
    await recordAct(tx, clock, keys.logKey, actor, said);
    return ok(await giveToken(tx, { clock, keys }, accountId));
  });
}

/** Somebody has lost what they sign in with: a new token, and what they had counts no more from now on. */
export async function resetAccount(
  parts: Parts,
  actor: Administrator,
  { accountId, reason, version }: OnAccount,
): Promise<Result<Invited, ConsoleFailure>> {
  return parts.db.transaction(async (tx): Promise<Result<Invited, ConsoleFailure>> => {
    const found = await lockOne(tx, actor, accountId, version);
    if (!found.ok) return found;
    if (accountId === actor.accountId) return fail('conflict', 'not of oneself: change the password');
    const changedBy = await personBehind(tx, actor.accountId);
    const said = { actor, act: 'staff_reset', reason, changedBy };
    return ok(await makeBlank(tx, parts, found.value, said));
  });
}

/**
 * The same from the server itself (cli/console-cli.ts), for whom no administrator is left who could do it. The log names the
 * account whose way in it is, and `server: <by>`, which no account can be called.
 */
export async function resetOnServer(
  parts: Parts,
  { name, by, reason }: { readonly name: string; readonly by: string; readonly reason: string },
): Promise<Result<Invited, ConsoleFailure>> {
  return parts.db.transaction(async (tx): Promise<Result<Invited, ConsoleFailure>> => {
    const found = await lockNamed(tx, { name, by });
    if (!found.ok) return found;
    const { row, actor } = found.value;
    const said = { actor, act: 'staff_reset_on_server', reason, changedBy: null };
    return ok(await makeBlank(tx, parts, row, said));
  });
}

async function makeBlank(
  tx: Db,
  { clock, keys }: Parts,
  { accountId, state }: AccountRow,
  said: {
    readonly actor: Actor;
    readonly act: string;
    readonly reason: string;
    readonly changedBy: string | null;
  },
): Promise<Invited> {
  const { changedBy } = said;
  const blank = { state: 'invited', passwordHash: null, totpSecret: null, confirmedBy: null } as const;
  await tx
    .update(staffAccount)
    .set({ ...blank, changedBy })
    .where(eq(staffAccount.accountId, accountId));
  await tx.delete(staffRecoveryCode).where(eq(staffRecoveryCode.accountId, accountId));
  await endSessionsOf(tx, clock, accountId);
  const { actor, act, reason } = said;
  const states = { before: { state }, after: { state: blank.state } };
  await recordAct(tx, clock, keys.logKey, actor, { act, subject: accountId, reason, ...states });
  return giveToken(tx, { clock, keys }, accountId);
}

/** `conflict`: nobody would be left who may do this. Whoever's role changes signs in anew. */
export async function changeRole(
  { db, clock, keys }: Parts,
  actor: Administrator,
  { accountId, role, reason, version }: OnAccount & { readonly role: StaffRole },
): Promise<Result<void, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<void, ConsoleFailure>> => {
    const found = await lockOne(tx, actor, accountId, version);
    if (!found.ok) return found;
    if (role !== 'admin' && (await isLastAdmin(tx, accountId))) return lastAdmin;
    if (found.value.role === role) return ok();
    // One that does not count stays of whoever can sign in as it.
    const counts = await countsAsPerson(tx, accountId);
    const maker = counts ? { changedBy: await personBehind(tx, actor.accountId) } : {};
    await tx
      .update(staffAccount)
      .set({ role, ...maker, confirmedBy: null })
      .where(eq(staffAccount.accountId, accountId));
    await endSessionsOf(tx, clock, accountId);
    const before = { role: found.value.role };
    const said = { act: 'staff_role', subject: accountId, reason, before, after: { role } };
    await recordAct(tx, clock, keys.logKey, actor, said);
    return ok();
  });
}

/** Somebody has left. The account stays, for the log names it; a reset brings them back. */
export async function disableAccount(
  { db, clock, keys }: Parts,
  actor: Administrator,
  { accountId, reason, version }: OnAccount,
): Promise<Result<void, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<void, ConsoleFailure>> => {
    const found = await lockOne(tx, actor, accountId, version);
    if (!found.ok) return found;
    if (await isLastAdmin(tx, accountId)) return lastAdmin;
    const nothing = { passwordHash: null, totpSecret: null };
    const noToken = { tokenHash: null, tokenEndsAtMs: null, tokenTotpSecret: null };
    const change = { state: 'disabled', ...nothing, ...noToken } as const;
    await tx.update(staffAccount).set(change).where(eq(staffAccount.accountId, accountId));
    await endSessionsOf(tx, clock, accountId);
    const { state } = found.value;
    const said = {
      act: 'staff_disable',
      subject: accountId,
      reason,
      before: { state },
      after: { state: 'disabled' },
    };
    await recordAct(tx, clock, keys.logKey, actor, said);
    return ok();
  });
}

/** What a one-time token is for; `not_found`: it is none (any more). */
export async function lookInvitation({ db, clock, keys }: Parts, token: string) {
  const row = await accountOfToken(db, clock, token);
  const secret = row?.tokenTotpSecret == null ? null : keys.open(row.tokenTotpSecret, row.accountId);
  if (row === undefined || secret === null) return noToken;
  return ok({ name: row.name, role: row.role, totpSecret: base32Of(secret) });
}

/**
 * Whoever has the token sets a password, shows that their authenticator works, and is signed in. The first administrator
 * chooses a name; to others it is given. `conflict`: the name is another, or taken.
 */
export async function acceptInvitation(
  parts: StaffParts,
  { token, name, password, code }: AcceptInvitationRequest,
): Promise<Result<NewSession & { readonly recoveryCodes: readonly string[] }, ConsoleFailure>> {
  const { db, clock, keys, passwords } = parts;
  const looked = await lookInvitation(parts, token);
  if (!looked.ok) return looked;
  const passwordHash = await passwords.hash(password);
  const recoveryCodes = Array.from({ length: recoveryCodeCount }, newRecoveryCode);
  return db.transaction(async (tx) => {
    await lockAccounts(tx);
    const row = await accountOfToken(tx, clock, token);
    if (row?.tokenTotpSecret == null) return noToken;
    const { accountId, role } = row;
    if (row.name !== null && row.name !== name) return fail('conflict', 'the token is for another name');
    const isOther = and(eq(staffAccount.name, name), ne(staffAccount.accountId, accountId));
    const [taken] = await tx.select().from(staffAccount).where(isOther);
    if (taken !== undefined) return fail('conflict', 'this name is taken');
    const secret = keys.open(row.tokenTotpSecret, accountId);
    const step = secret === null ? null : totpStepOfCode(secret, code, clock.nowMs());
    if (step === null) return fail('unauthenticated', 'not the code of the authenticator');
    const change = { state: 'active', name, passwordHash, totpSecret: row.tokenTotpSecret } as const;
    const used = { totpUsedStep: step, tokenHash: null, tokenEndsAtMs: null, tokenTotpSecret: null };
    await tx
      .update(staffAccount)
      .set({ ...change, ...used })
      .where(eq(staffAccount.accountId, accountId));
    const hashes = recoveryCodes.map((one) => ({ accountId, codeHash: hashOf(one) }));
    await tx.insert(staffRecoveryCode).values(hashes);
    const said = { act: 'staff_accept', subject: accountId, reason: 'with the one-time token' };
    const states = { before: { state: row.state }, after: { state: 'active', name, role } };
    await recordAct(tx, clock, keys.logKey, { accountId, name }, { ...said, ...states });
    return ok({ ...(await beginSession(tx, clock, { accountId, name, role }, null)), recoveryCodes });
  });
}

/** All sessions end, and a new one begins here. */
export async function changePassword(
  parts: StaffParts,
  actor: Actor,
  { password, next, code }: { readonly password: string; readonly next: string; readonly code: string },
): Promise<Result<NewSession, ConsoleFailure>> {
  const { db, clock, keys, passwords, limits } = parts;
  // As a try to sign in from a browser that is known: whoever has found an open session cannot guess at will.
  const waitS = limits.take({ name: actor.name, address: '', deviceHash: actor.accountId });
  if (waitS > 0) return tooMany(waitS);
  const isIt = eq(staffAccount.accountId, actor.accountId);
  const [row] = await db.select().from(staffAccount).where(isIt);
  const isPassword = await passwords.isIt(password, row?.passwordHash ?? null);
  const passwordHash = await passwords.hash(next);
  return db.transaction(async (tx): Promise<Result<NewSession, ConsoleFailure>> => {
    await lockAccounts(tx);
    const [now] = await tx.select().from(staffAccount).where(isIt).for('update');
    const isSame = isPassword && now?.state === 'active' && now.passwordHash === row?.passwordHash;
    if (!isSame || !(await usesUpCode(parts, tx, now, code)))
      return fail('forbidden', 'not the password, or not a code of the authenticator');
    await tx.update(staffAccount).set({ passwordHash }).where(isIt);
    await endSessionsOf(tx, clock, actor.accountId);
    const said = { act: 'staff_password', subject: actor.accountId, reason: 'by themselves' };
    await recordAct(tx, clock, keys.logKey, actor, { ...said, before: null, after: null });
    return ok(await beginSession(tx, clock, { ...actor, role: now.role }, null));
  });
}

/** Everybody who ever had an account, by name. */
export async function listAccounts(db: Db) {
  // A column of ours would be written without its table, and be the inner one.
  const seenAtMs = sql`(select max(s.seen_at_ms) from ${staffSession} s
    where s.account_id = staff_account.account_id)`.mapWith(Number);
  const { accountId, name, role, state, madeAtMs, changedBy, confirmedBy, tokenHash } = staffAccount;
  const columns = { accountId, name, role, state, madeAtMs, changedBy, confirmedBy, tokenHash };
  const rows = await db
    .select({ ...columns, seenAtMs })
    .from(staffAccount)
    .orderBy(asc(name));
  return rows.map(({ confirmedBy: confirmed, tokenHash: token, ...row }) => ({
    ...row,
    counts: row.changedBy === null || confirmed !== null,
    version: versionOfAccount({ ...row, confirmedBy: confirmed, tokenHash: token }),
  }));
}

/** Of all that people change about an account; where they have been since is left out. */
function versionOfAccount(
  row: Pick<AccountRow, 'name' | 'role' | 'state' | 'changedBy' | 'confirmedBy' | 'tokenHash'>,
): string {
  return seenVersionOf(
    JSON.stringify([row.name, row.role, row.state, row.changedBy, row.confirmedBy, row.tokenHash]),
  );
}

/** Whose token this is; null: it is none. */
export async function accountIdOfToken({ db, clock }: Pick<Parts, 'db' | 'clock'>, token: string) {
  return (await accountOfToken(db, clock, token))?.accountId ?? null;
}

async function accountOfToken(db: Db, clock: Clock, token: string): Promise<AccountRow | undefined> {
  const { tokenHash, tokenEndsAtMs } = staffAccount;
  const nowMs = clock.nowMs();
  // One from the future was made while the clock was ahead.
  const isGood = and(gt(tokenEndsAtMs, nowMs), lte(tokenEndsAtMs, nowMs + staffTokenLifetimeMs));
  const isIt = and(eq(tokenHash, hashOf(token)), isGood);
  return (await db.select().from(staffAccount).where(isIt))[0];
}

const noToken = fail('not_found', 'not a token, or used, or too old');
const lastAdmin = fail('conflict', 'nobody would be left who may change accounts');

/** For what is done on the server itself: the account, and as whom the log knows who does it. */
export async function lockNamed(
  tx: Db,
  { name, by }: { readonly name: string; readonly by: string },
): Promise<Result<{ readonly row: AccountRow; readonly actor: Actor }, ConsoleFailure>> {
  await lockAccounts(tx);
  const [row] = await tx.select().from(staffAccount).where(eq(staffAccount.name, name)).for('update');
  return row === undefined
    ? fail('not_found', `nobody is called ${name}`)
    : ok({ row, actor: { accountId: row.accountId, name: `server: ${by}` } });
}

/** One change of accounts at a time, so that two do not remove the last two administrators side by side. */
const lockAccounts = (tx: Db): Promise<void> => lockOneAtATime(tx, 'accounts');

export async function lockOne(
  tx: Db,
  actor: Administrator,
  accountId: string,
  version: string,
): Promise<Result<AccountRow, ConsoleFailure>> {
  await lockAccounts(tx);
  if (!(await isStillHere(tx, actor))) return notHere;
  const [row] = await tx
    .select()
    .from(staffAccount)
    .where(eq(staffAccount.accountId, accountId))
    .for('update');
  if (row === undefined) return fail('not_found', 'no such account');
  return versionOfAccount(row) === version ? ok(row) : hasChanged;
}

async function isLastAdmin(tx: Db, accountId: string): Promise<boolean> {
  const isAdmin = and(eq(staffAccount.role, 'admin'), eq(staffAccount.state, 'active'));
  const admins = await tx.select({ accountId: staffAccount.accountId }).from(staffAccount).where(isAdmin);
  return admins.length === 1 && admins[0]?.accountId === accountId;
}

async function addAccount(
  tx: Db,
  clock: Clock,
  given: { readonly name: string | null; readonly role: StaffRole; readonly changedBy: string | null },
): Promise<string> {
  const accountId = randomBytes(12).toString('base64url');
  const blank = { state: 'invited', totpUsedStep: -1, madeAtMs: clock.nowMs() } as const;
  await tx.insert(staffAccount).values({ accountId, ...given, ...blank });
  return accountId;
}

async function giveToken(
  tx: Db,
  { clock, keys }: { readonly clock: Clock; readonly keys: StaffKeys },
  accountId: string,
): Promise<Invited> {
  const token = newToken();
  const endsAtMs = clock.nowMs() + staffTokenLifetimeMs;
  const tokenTotpSecret = keys.seal(randomBytes(totpSecretBytes), accountId);
  const change = { tokenHash: hashOf(token), tokenEndsAtMs: endsAtMs, tokenTotpSecret };
  const given = await tx
    .update(staffAccount)
    .set(change)
    .where(eq(staffAccount.accountId, accountId))
    .returning();
  assert(given.length === 1, 'the account is there');
  return { accountId, token, endsAtMs };
}
