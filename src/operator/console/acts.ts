import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ActReply, ConsoleAct, Preview } from '../../shared/console/acts.schema.ts';
import { rightForAct } from '../../shared/console/acts.schema.ts';
import { hasRight } from '../../shared/console/roles.ts';
import type { StaffRole } from '../../shared/console/roles.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { makeChargeByHand } from '../charges/charge-by-hand.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import type { CatalogInForce } from '../fleet/catalog-in-force.ts';
import { decidePromotions } from '../fleet/promotion-acts.ts';
import { decideUpdate } from '../fleet/update-acts.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { Policy } from '../limits.ts';
import { aloneInAllTimes, aloneWithinMs } from '../limits.ts';
import { writeToMember } from '../members/messages.ts';
import { setStanding } from '../members/standing.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { walletName } from '../providers/wallet/wallet-provider.ts';
import { closeDifference } from '../reconciliation/differences.ts';
import type { RefundWorker } from '../refunds/refund-worker.ts';
import type { Actor } from '../staff/act-log.ts';
import { recordAct, stakesAlone } from '../staff/act-log.ts';
import type { StaffKeys } from '../staff/seal.ts';
import { isStillHere } from '../staff/sessions.ts';
import type { Db } from '../storage/storage.ts';
import { resolveIncident } from '../support/incidents.ts';
import { resolveCharge } from '../support/resolve-charge.ts';
import { adjustWallet, openWallet, topUpWallet } from '../support/wallet.ts';
import type { ConsoleFailure } from './errors.ts';
import { consoleFailureOf } from './errors.ts';
import type { Subject } from './subjects.ts';
import { isForTwo, lockSubject, nextOf, saidGoneBackMinor, stakeOf } from './subjects.ts';

export interface ActParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly keys: StaffKeys;
  readonly providers: ProviderRegistry;
  readonly worker: Pick<DebitWorker, 'wake'>;
  readonly refunds: Pick<RefundWorker, 'wake'>;
  readonly policy: Policy;
  readonly served: CatalogInForce;
}

export interface Person extends Actor {
  readonly role: StaffRole;
  /** Of the session in which they do it; null: they have done their part before. */
  readonly tokenHash: string | null;
}

/** What somebody wants to do, and why; `version`: what they have seen. */
export interface Wanted {
  readonly act: ConsoleAct;
  readonly reason: string;
  readonly version: string;
}

/** Ends a transaction without anything of it: expected, and no fault. */
class Undone extends Error {
  readonly result: Result<Preview, ConsoleFailure>;

  constructor(result: Result<Preview, ConsoleFailure>) {
    super('undone');
    this.result = result;
  }
}

/**
 * What an act would lead to: it is done, looked at, and undone, so that nobody has to say a second time what it does. `conflict`
 * and the like: it would be refused.
 */
export async function previewAct(
  parts: ActParts,
  person: Person,
  wanted: Omit<Wanted, 'version'>,
): Promise<Result<Preview, ConsoleFailure>> {
  return undone(parts, (tx) => performAct(parts, tx, person, { ...wanted, version: null }));
}

/**
 * Does it, or (above the limit) says that somebody else has to agree: then nothing is done, and `needsSecond` is in what is
 * told.
 */
export async function doAct(
  parts: ActParts,
  person: Person,
  wanted: Wanted,
): Promise<Result<ActReply | Preview, ConsoleFailure>> {
  const seen = await undone(parts, (tx) => performAct(parts, tx, person, wanted));
  if (!seen.ok || seen.value.needsSecond) return seen;
  return commitAct(parts, async (tx) => {
    const done = await performAct(parts, tx, person, wanted);
    // What they do side by side is seen here at the latest.
    const isAlone = done.ok && done.value.needsSecond;
    return isAlone ? fail('conflict', 'with what they did meanwhile somebody else has to agree') : done;
  });
}

/** One that has been agreed to. `check`: in the same transaction, before anything; a failure undoes it. */
export async function doAgreedAct(
  parts: ActParts,
  person: Person,
  wanted: Wanted & { readonly agreedBy: Person },
  check: (tx: Db) => Promise<Result<void, ConsoleFailure>>,
): Promise<Result<ActReply, ConsoleFailure>> {
  return commitAct(parts, async (tx) => {
    const checked = await check(tx);
    return checked.ok ? performAct(parts, tx, person, wanted) : checked;
  });
}

type Perform = (tx: Db) => Promise<Result<Preview, ConsoleFailure>>;

async function undone({ db }: ActParts, perform: Perform): Promise<Result<Preview, ConsoleFailure>> {
  try {
    return await db.transaction(async (tx) => {
      throw new Undone(await perform(tx));
    });
  } catch (error) {
    if (error instanceof Undone) return error.result;
    throw error;
  }
}

async function commitAct(
  { db, worker, refunds }: ActParts,
  perform: Perform,
): Promise<Result<ActReply, ConsoleFailure>> {
  try {
    const { after, next } = await db.transaction(async (tx) => {
      const done = await perform(tx);
      if (!done.ok) throw new Undone(done);
      return done.value;
    });
    if (next === 'debit') worker.wake();
    if (next === 'refund') refunds.wake();
    return ok({ outcome: 'done', after });
  } catch (error) {
    if (error instanceof Undone && !error.result.ok) return error.result;
    throw error;
  }
}

/** Right, what was seen, the act itself, and its place in the log: in one transaction, all or nothing. */
async function performAct(
  parts: ActParts,
  tx: Db,
  person: Person,
  {
    act,
    reason,
    version,
    agreedBy = null,
  }: Omit<Wanted, 'version'> & { readonly version: string | null; readonly agreedBy?: Person | null },
): Promise<Result<Preview, ConsoleFailure>> {
  const { clock, keys, providers } = parts;
  const everybody = agreedBy === null ? [person] : [person, agreedBy];
  for (const one of everybody)
    if (!(await isStillHere(tx, one))) return fail('unauthenticated', `${one.name} is not here any more`);
  const before = await lockSubject(tx, act);
  for (const { role } of everybody) if (!mayDo(role, act, before)) return fail('forbidden', `not as ${role}`);
  if (version !== null && version !== before.version)
    return fail('conflict', 'somebody, or the operator itself, has changed it since it was seen');
  const done = await decide({ ...parts, db: tx }, person.name, act, reason);
  if (!done.ok) return { ok: false, error: consoleFailureOf(done.error) };
  const after = await lockSubject(tx, act);
  const stakeMinor = stakeOf(act, before, after);
  const states = { before: before.state, after: after.state };
  await recordAct(tx, clock, keys.logKey, person, {
    ...{ act: actName(act), subject: before.name, reason, agreedBy: agreedBy?.accountId ?? null },
    ...{ before: states.before, after: { ...states.after, stakeMinor } },
  });
  const paysBack = (provider: string): boolean => providers.findPayingBack(provider) !== null;
  const needsSecond =
    isForTwo(act, before, clock.nowMs()) ||
    (stakeMinor > 0 && (await isTooMuchAlone(parts, tx, person, before)));
  return ok({
    version: before.version,
    ...states,
    // What they say has gone back by hand goes back no second time.
    next: saidGoneBackMinor(act, before) > 0 ? 'nothing' : nextOf(before, after, paysBack),
    stakeMinor,
    needsSecond,
  });
}

/** Whoever closes what is to be paid back, or decides that it stays paid, says that money has gone back. */
function mayDo(role: StaffRole, act: ConsoleAct, subject: Subject): boolean {
  const saysGoneBack = subject.state['kind'] === 'refund_due' || saidGoneBackMinor(act, subject) > 0;
  return hasRight(role, rightForAct(act)) && (!saysGoneBack || hasRight(role, 'money'));
}

/** With what they have done alone within a day, this act included: of the same thing, or of all things together. */
async function isTooMuchAlone(
  { clock, policy: { secondPersonAboveMinor: limit } }: ActParts,
  tx: Db,
  person: Person,
  { name }: Subject,
): Promise<boolean> {
  const alone = await stakesAlone(tx, person, name, clock.nowMs() - aloneWithinMs);
  return alone.ofSubjectMinor > limit || alone.ofAllMinor > limit * aloneInAllTimes;
}

function actName(act: ConsoleAct): string {
  return act.kind === 'decide_charge' ? act.decision : act.kind;
}

/** Each by the function of the operator that does it for everybody. */
async function decide(
  parts: Pick<ActParts, 'db' | 'clock' | 'providers' | 'policy' | 'served'>,
  by: string,
  act: ConsoleAct,
  reason: string,
): Promise<Result<unknown, ApiFailure>> {
  const { db, providers } = parts;
  switch (act.kind) {
    case 'decide_charge': {
      const { chargeId, decision, amountMinor, cabinetId } = act;
      const of = cabinetId === undefined ? {} : { cabinetId };
      return resolveCharge(parts, chargeId, { by, decision, amountMinor, reason, ...of });
    }
    case 'charge_visit':
      return makeChargeByHand({ ...parts, catalog: parts.served }, { ...act, by, reason });
    case 'put_goods':
      return parts.served.put(db, act.number);
    case 'put_promotions':
      return decidePromotions(parts, act, by);
    case 'order_update':
    case 'pause_updates':
    case 'withdraw_release':
    case 'unpin_cabinet':
      return decideUpdate(parts, act);
    case 'close_incident':
      return resolveIncident(parts, act.incidentId, { actor: by, resolution: reason });
    case 'close_difference':
      return closeDifference(parts, act.differenceId, { state: act.state, actor: by, resolution: reason });
    case 'block_member':
      return setStanding(db, act.memberId, 'suspended');
    case 'unblock_member':
      return setStanding(db, act.memberId, 'active');
    case 'message_member':
      return writeToMember(parts, { ...act, actor: by });
    case 'open_wallet':
      return providers.find(walletName) === null
        ? fail('not_found', 'this operator has no wallets')
        : openWallet(parts, act.memberId, act);
    case 'top_up_wallet':
      return topUpWallet(parts, act.memberId, { ...act, actor: by });
    case 'adjust_wallet':
      return adjustWallet(parts, act.memberId, { ...act, actor: by, reason });
    default:
      return unreachable(act);
  }
}
