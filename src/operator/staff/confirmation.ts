import { eq } from 'drizzle-orm';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import { staffAccount } from '../storage/schema.ts';
import type { Administrator, OnAccount, Parts } from './accounts.ts';
import { lockNamed, lockOne } from './accounts.ts';
import { recordAct } from './act-log.ts';
import { countsAsPerson } from './persons.ts';

/** `forbidden`: it was made by whoever wants to confirm it, or is their own, or they do not count themselves. */
export async function confirmAccount(
  { db, clock, keys }: Parts,
  actor: Administrator,
  { accountId, reason, version }: OnAccount,
): Promise<Result<void, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<void, ConsoleFailure>> => {
    const found = await lockOne(tx, actor, accountId, version);
    if (!found.ok) return found;
    const { changedBy, confirmedBy, state } = found.value;
    if (changedBy === null || confirmedBy !== null) return ok();
    if (state !== 'active') return fail('conflict', 'nobody has come in with it yet');
    if (actor.accountId === accountId || actor.accountId === changedBy)
      return fail('forbidden', 'another administrator has to confirm it');
    if (!(await countsAsPerson(tx, actor.accountId)))
      return fail('forbidden', 'your own account has not been confirmed yet');
    const confirmed = { confirmedBy: actor.accountId };
    await tx.update(staffAccount).set(confirmed).where(eq(staffAccount.accountId, accountId));
    const said = {
      act: 'staff_confirm',
      subject: accountId,
      reason,
      before: { changedBy },
      after: confirmed,
    };
    await recordAct(tx, clock, keys.logKey, actor, said);
    return ok();
  });
}

/** The same from the server itself (cli/console-cli.ts): where there is one administrator, nobody else can. */
export async function confirmOnServer(
  { db, clock, keys }: Parts,
  { name, by, reason }: { readonly name: string; readonly by: string; readonly reason: string },
): Promise<Result<void, ConsoleFailure>> {
  return db.transaction(async (tx): Promise<Result<void, ConsoleFailure>> => {
    const found = await lockNamed(tx, { name, by });
    if (!found.ok) return found;
    const { row, actor } = found.value;
    if (row.state !== 'active') return fail('conflict', `${name} has not come in yet`);
    const { accountId, changedBy } = row;
    if (changedBy === null) return ok();
    const confirmed = { changedBy: null, confirmedBy: null };
    await tx.update(staffAccount).set(confirmed).where(eq(staffAccount.accountId, accountId));
    const states = { before: { changedBy }, after: confirmed };
    const said = { act: 'staff_confirm_on_server', subject: accountId, reason, ...states };
    await recordAct(tx, clock, keys.logKey, actor, said);
    return ok();
  });
}
