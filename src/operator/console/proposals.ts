import { and, asc, eq, gt, lt } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { ActReply, Preview, Proposal } from '../../shared/console/acts.schema.ts';
import { consoleActSchema, rightForAct } from '../../shared/console/acts.schema.ts';
import { hasRight } from '../../shared/console/roles.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { consoleProposalLifeMs, consoleProposalsMax, consoleProposalsOfOneMax } from '../limits.ts';
import { recordAct } from '../staff/act-log.ts';
import { isStillHere, notHere } from '../staff/sessions.ts';
import { lockOneAtATime } from '../storage/locks.ts';
import { staffAccount, staffProposal } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import type { ActParts, Person, Wanted } from './acts.ts';
import { doAct, doAgreedAct } from './acts.ts';
import type { ConsoleFailure } from './errors.ts';
import { tooMany } from '../http/page-errors.ts';
import { countsAsPerson } from '../staff/persons.ts';

type Row = typeof staffProposal.$inferSelect;

/** Does it, or where it is about more than one person may decide, puts it before the others. */
export async function doOrPropose(
  parts: ActParts,
  person: Person,
  wanted: Wanted,
): Promise<Result<ActReply, ConsoleFailure>> {
  const done = await doAct(parts, person, wanted);
  if (!done.ok) return done;
  return 'outcome' in done.value ? ok(done.value) : propose(parts, person, wanted, done.value);
}

/** The same once more (a double click) is the one that waits. */
async function propose(
  { db, clock }: ActParts,
  { accountId, name: actor }: Person,
  { act, reason, version }: Wanted,
  { before, after, stakeMinor }: Preview,
): Promise<Result<ActReply, ConsoleFailure>> {
  const nowMs = clock.nowMs();
  const wanted = { accountId, reason, version, act: JSON.stringify(act) };
  return db.transaction(async (tx): Promise<Result<ActReply, ConsoleFailure>> => {
    await lockOneAtATime(tx, 'proposals');
    const open = await tx.select().from(staffProposal).where(isOpenAt(nowMs)).limit(consoleProposalsMax);
    const own = open.filter((one) => one.accountId === accountId);
    const same = own.find(
      (one) => one.reason === reason && one.version === version && one.act === wanted.act,
    );
    if (same !== undefined) return ok(proposed(same));
    if (open.length >= consoleProposalsMax || own.length >= consoleProposalsOfOneMax) return tooMany(60);
    const endsAtMs = nowMs + consoleProposalLifeMs;
    const states = { before: JSON.stringify(before), after: JSON.stringify(after) };
    const [row] = await tx
      .insert(staffProposal)
      .values({ ...wanted, ...states, actor, stakeMinor, endsAtMs, state: 'open', madeAtMs: nowMs })
      .returning();
    assert(row !== undefined, 'what was inserted is there');
    return ok(proposed(row));
  });
}

function proposed({ proposalId, endsAtMs }: Row): ActReply {
  return { outcome: 'proposed', proposalId, endsAtMs };
}

/** Those that wait, the oldest first. */
export async function listProposals({ db, clock }: ActParts): Promise<Proposal[]> {
  const rows = await db
    .select()
    .from(staffProposal)
    .where(isOpenAt(clock.nowMs()))
    .orderBy(asc(staffProposal.proposalId))
    .limit(consoleProposalsMax);
  return rows.map(proposalOf);
}

/**
 * Somebody else agrees to exactly what was proposed: it is done if it is still as both have seen it. Whoever has proposed it must
 * still be allowed to. `conflict`: it has changed, was answered, or has ended.
 */
export async function agree(
  parts: ActParts,
  second: Person,
  proposalId: number,
  seenVersion: string,
): Promise<Result<ActReply, ConsoleFailure>> {
  const found = await findOpen(parts, parts.db, proposalId);
  if (!found.ok) return found;
  const { act, reason, version, accountId } = found.value;
  if (second.accountId === accountId) return fail('forbidden', 'somebody else has to agree');
  if (seenVersion !== version) return fail('conflict', 'it was another one that was seen');
  const [first] = await parts.db.select().from(staffAccount).where(eq(staffAccount.accountId, accountId));
  if (first?.state !== 'active' || first.name === null)
    return fail('conflict', 'whoever has proposed it is not here any more');
  const proposer = { accountId, name: first.name, role: first.role, tokenHash: null };
  return doAgreedAct(parts, proposer, { act, reason, version, agreedBy: second }, async (tx) => {
    if (!(await countsAsPerson(tx, second.accountId)))
      return fail('forbidden', 'your account waits for another administrator to confirm it');
    if (!(await countsAsPerson(tx, accountId)))
      return fail('forbidden', 'the account that has proposed it waits for another administrator');
    const taken = await answer(parts, tx, proposalId, 'done');
    return taken ? ok() : fail('conflict', 'it was answered already');
  });
}

/** It is not done. Whoever has proposed it may take it back so. */
export async function refuse(
  parts: ActParts,
  person: Person,
  proposalId: number,
  reason: string,
): Promise<Result<void, ConsoleFailure>> {
  const { db, clock, keys } = parts;
  const found = await findOpen(parts, db, proposalId);
  if (!found.ok) return found;
  const { act, version, stakeMinor, accountId } = found.value;
  if (person.accountId !== accountId && !hasRight(person.role, rightForAct(act)))
    return fail('forbidden', `not as ${person.role}`);
  return db.transaction(async (tx): Promise<Result<void, ConsoleFailure>> => {
    if (!(await isStillHere(tx, person))) return notHere;
    if (!(await answer(parts, tx, proposalId, 'refused'))) return fail('conflict', 'it was answered already');
    const subject = act.kind === 'decide_charge' ? act.chargeId : `proposal:${proposalId}`;
    const said = {
      act: 'refuse_proposal',
      subject,
      reason,
      before: { act, version, stakeMinor },
      after: null,
    };
    await recordAct(tx, clock, keys.logKey, person, said);
    return ok();
  });
}

async function findOpen(
  { clock }: ActParts,
  db: Db,
  proposalId: number,
): Promise<Result<Proposal, ConsoleFailure>> {
  const isIt = and(eq(staffProposal.proposalId, proposalId), isOpenAt(clock.nowMs()));
  const [row] = await db.select().from(staffProposal).where(isIt);
  return row === undefined ? fail('conflict', 'it was answered, or has ended') : ok(proposalOf(row));
}

/** False: somebody else was first. */
async function answer(
  { clock }: ActParts,
  tx: Db,
  proposalId: number,
  state: 'done' | 'refused',
): Promise<boolean> {
  const isIt = and(eq(staffProposal.proposalId, proposalId), isOpenAt(clock.nowMs()));
  return (await tx.update(staffProposal).set({ state }).where(isIt).returning()).length === 1;
}

/** One from the future was made while the clock was ahead; it ends as if it had been made now. */
function isOpenAt(nowMs: number) {
  const { state, endsAtMs } = staffProposal;
  return and(eq(state, 'open'), gt(endsAtMs, nowMs), lt(endsAtMs, nowMs + 2 * consoleProposalLifeMs));
}

function proposalOf({ act, before, after, ...row }: Row): Proposal {
  const states = {
    before: JSON.parse(before) as Proposal['before'],
    after: JSON.parse(after) as Proposal['after'],
  };
  return { ...row, ...states, act: consoleActSchema.parse(JSON.parse(act)) };
}
