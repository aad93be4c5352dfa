import { and, eq, inArray, isNull, or } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import { staffAccount, staffAct } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/**
 * Two accounts are two people only where no single person can have made both. Whoever invites, resets or gives a role could sign
 * in as that account; so it counts as one of two persons once another administrator, who counts as well, has confirmed that it
 * is somebody else. What the server itself has let in (its first administrator, the command line) counts at once.
 */
export async function countsAsPerson(tx: Db, accountId: string): Promise<boolean> {
  return (await makerOf(tx, accountId)) === null;
}

/**
 * The account of whoever does what this one does, as far as anybody can tell: its own, or (while it does not count) that of whoever
 * has made it. So what an account makes that does not count is made by the person behind it, and by nobody else.
 */
export async function personBehind(tx: Db, accountId: string): Promise<string> {
  return (await makerOf(tx, accountId)) ?? accountId;
}

/** Which acts are those of the person behind this account: with it, or with another one that may be theirs. */
export async function isActOfPerson(tx: Db, accountId: string) {
  const person = await personBehind(tx, accountId);
  const mayBeTheirs = and(eq(staffAccount.changedBy, person), isNull(staffAccount.confirmedBy));
  const accounts = tx
    .select({ accountId: staffAccount.accountId })
    .from(staffAccount)
    .where(or(eq(staffAccount.accountId, person), mayBeTheirs));
  return inArray(staffAct.accountId, accounts);
}

/** Who has made it what it is; null: nobody whom another one would have to confirm. */
async function makerOf(tx: Db, accountId: string): Promise<string | null> {
  const isIt = eq(staffAccount.accountId, accountId);
  const [row] = await tx.select().from(staffAccount).where(isIt).for('share');
  assert(row !== undefined, 'no account is ever removed');
  return row.confirmedBy === null ? row.changedBy : null;
}
