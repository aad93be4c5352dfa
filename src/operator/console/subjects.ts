import { desc, eq, isNotNull } from 'drizzle-orm';
import type { ConsoleAct, Preview } from '../../shared/console/acts.schema.ts';
import { amountMaxMinor } from '../../shared/money.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import type { VisitId } from '../../shared/ids.ts';
import { chargeIdOf, findVisit } from '../charges/charge-by-hand.ts';
import { ceilingMinorOf, dueMinorOf } from '../debits/debit-life.ts';
import type { ChargeRow } from '../debits/debit-store.ts';
import { lockCharge } from '../disputes/disputes.ts';
import { changesOf } from '../catalog-import/differences.ts';
import { isPromotionForTwo, lockPromotions } from '../fleet/promotion-acts.ts';
import { isUpdateForTwo, lockUpdates } from '../fleet/update-acts.ts';
import { lockCatalogs } from '../fleet/catalog-in-force.ts';
import { findAccount } from '../providers/wallet/ledger.ts';
import {
  cabinet,
  charge,
  difference,
  earlyResolution,
  incident,
  member,
  memberMessage,
} from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { saidOfVisit } from '../visits/closings.ts';
import { listedRefundMinor } from '../support/incidents.ts';
import { seenVersionOf } from '../staff/seen-version.ts';
import { versionOf } from './story.ts';

/** What an act is about, at one moment. */
export interface Subject {
  /** As the log names it. */
  readonly name: string;
  readonly version: string;
  /** What the log keeps before and after. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly charge: ChargeRow | null;
  /** Of that charge: what stands on the list to be paid back, and nobody has said of that it was. */
  readonly listedMinor: number;
}

/** Reads and locks it, in the transaction of the act: nobody else changes it before that has ended. */
export async function lockSubject(tx: Db, act: ConsoleAct): Promise<Subject> {
  switch (act.kind) {
    case 'decide_charge':
      return lockedCharge(tx, act);
    case 'charge_visit':
      return lockedVisit(tx, act);
    case 'close_incident': {
      const isIt = eq(incident.id, act.incidentId);
      const [row] = await tx.select().from(incident).where(isIt).for('update');
      return other(`incident:${act.incidentId}`, {
        ...{ kind: row?.kind, chargeId: row?.chargeId, amountMinor: row?.amountMinor },
        ...{ actor: row?.actor, resolution: row?.resolution },
      });
    }
    case 'close_difference': {
      const isIt = eq(difference.id, act.differenceId);
      const [row] = await tx.select().from(difference).where(isIt).for('update');
      return other(`difference:${act.differenceId}`, {
        ...{ kind: row?.kind, orderId: row?.orderId, state: row?.state, isGone: row?.isGone },
        ...{ hereMinor: row?.hereMinor, thereMinor: row?.thereMinor },
        ...{ actor: row?.actor, resolution: row?.resolution },
      });
    }
    case 'block_member':
    case 'unblock_member': {
      const isIt = eq(member.memberId, act.memberId);
      const [row] = await tx.select().from(member).where(isIt).for('update');
      return other(`member:${act.memberId}`, { standing: row?.standing });
    }
    case 'message_member':
      return lockedMessages(tx, act.memberId);
    case 'put_goods':
      return lockedCatalog(tx, act.number);
    case 'put_promotions':
      return other('promotions', await lockPromotions(tx));
    case 'order_update':
    case 'pause_updates':
    case 'withdraw_release':
    case 'unpin_cabinet': {
      const { name, state } = await lockUpdates(tx, act);
      return other(name, state);
    }
    default: {
      const isIt = eq(member.memberId, act.memberId);
      const [row] = await tx.select().from(member).where(isIt).for('update');
      const account = await findAccount(tx, act);
      return other(`member:${act.memberId}`, {
        ...{ provider: row?.provider, currency: act.currency, balanceMinor: account?.balanceMinor ?? null },
      });
    }
  }
}

/** What is sold by, what the wanted one would change of it, and at how many cabinets. */
async function lockedCatalog(tx: Db, number: number): Promise<Subject> {
  const { inForce, wanted } = await lockCatalogs(tx, number);
  const { catalog } = inForce ?? {};
  const is = wanted?.catalog;
  const enrolled = await tx.$count(cabinet, isNotNull(cabinet.enrolledAtMs));
  const common = {
    catalog: catalog?.version,
    articles: catalog?.products.length,
    tags: catalog?.tags.length,
  };
  if (is === undefined || wanted?.etag === inForce?.etag) return other('catalog', { ...common, enrolled });
  const changes = changesOf(catalog ?? null, is);
  return other('catalog', { ...common, enrolled, wanted: is.version, ...changes });
}

/** The last one that was written: whoever writes the next has seen it, and nothing is sent twice. */
async function lockedMessages(tx: Db, memberId: string): Promise<Subject> {
  await tx.select().from(member).where(eq(member.memberId, memberId)).for('update');
  const { messageId, template, body: text, chargeId, visitId } = memberMessage;
  const [last] = await tx
    .select({ messageId, template, text, chargeId, visitId })
    .from(memberMessage)
    .where(eq(memberMessage.memberId, memberId))
    .orderBy(desc(messageId))
    .limit(1);
  return other(`member:${memberId}`, { lastMessage: last });
}

/** `cabinetId`: whose it is; left out: whoever's is here. */
async function lockedCharge(
  tx: Db,
  { chargeId, cabinetId }: { readonly chargeId: string; readonly cabinetId?: string | undefined },
): Promise<Subject> {
  await lockCharge(tx, chargeId);
  const [row] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId)).for('update');
  if (row === undefined || row.cabinetId !== (cabinetId ?? row.cabinetId)) {
    const early = await tx.select().from(earlyResolution).where(eq(earlyResolution.chargeId, chargeId));
    const decided = early.map(({ cabinetId, decision, amountMinor }) => ({
      cabinetId,
      decision,
      amountMinor,
    }));
    return other(chargeId, { arrived: false, decided });
  }
  const { state, reason, totalMinor, heldMinor, disputedMinor, contestedMinor, approvedMinor } = row;
  const { paidMinor, debitedMinor, refundDueMinor, resolvedHow, currency } = row;
  const dueMinor = dueMinorOf(row);
  return {
    name: chargeId,
    version: versionOf(row),
    state: {
      chargeId,
      state,
      reason,
      currency,
      totalMinor,
      heldMinor,
      disputedMinor,
      contestedMinor,
      approvedMinor,
      dueMinor,
      paidMinor,
      debitedMinor,
      refundDueMinor,
      resolvedHow,
    },
    charge: row,
    listedMinor: await listedRefundMinor(tx, row),
  };
}

/** Its charge, once it has one. */
async function lockedVisit(
  tx: Db,
  act: { readonly cabinetId: string; readonly visitId: VisitId },
): Promise<Subject> {
  const { cabinetId, visitId } = act;
  const found = await findVisit(tx, act);
  if (!found.ok) return other(`visit:${cabinetId}:${visitId}`, { visit: found.error.message });
  const { memberId, atMs } = found.value;
  const own = await lockedCharge(tx, { chargeId: chargeIdOf(found.value), cabinetId });
  const { closing } = await saidOfVisit(tx, act);
  return own.charge === null
    ? other(own.name, { ...own.state, cabinetId, visitId, memberId, atMs, closing })
    : own;
}

function other(name: string, state: Record<string, unknown>): Subject {
  // What is not there is told as null.
  const said = JSON.parse(JSON.stringify(state, (_key, value: unknown) => value ?? null)) as typeof state;
  return { name, version: seenVersionOf(canonicalJson(said)), state: said, charge: null, listedMinor: 0 };
}

/**
 * So much is said to have gone back without the operator: what is closed of what is to be paid back, or decided to stay paid
 * though it is not due. Nothing of it goes back by itself then.
 */
export function saidGoneBackMinor(act: ConsoleAct, { charge: row, state, listedMinor }: Subject): number {
  if (act.kind === 'close_incident')
    return state['kind'] === 'refund_due' ? minorOf(state['amountMinor']) : 0;
  if (act.kind !== 'decide_charge' || act.decision !== 'waive' || row === null) return 0;
  return Math.max(Math.min(act.amountMinor - dueMinorOf(row), listedMinor), 0);
}

/**
 * How much of money an act is about: what is debited, goes back, or is said to have been paid or to have gone back; or what is
 * let go, where that is more. Of a difference with a provider's bill: by how much the two differ.
 */
export function stakeOf(act: ConsoleAct, before: Subject, after: Subject): number {
  const { charge: row, state } = before;
  if (act.kind === 'charge_visit') return after.charge?.totalMinor ?? 0;
  if (act.kind === 'close_incident') return saidGoneBackMinor(act, before);
  if (act.kind === 'close_difference') {
    const { hereMinor, thereMinor, isGone } = state;
    // Where the bills agree again, nothing is let go.
    return isGone === true ? 0 : Math.abs(minorOf(hereMinor) - minorOf(thereMinor));
  }
  if ('amountMinor' in act && act.kind !== 'decide_charge') return Math.abs(act.amountMinor);
  if (act.kind !== 'decide_charge') return 0;
  // Nobody here has seen it: it may be as much as there can be.
  if (row === null) return amountMaxMinor;
  const { decision, amountMinor } = act;
  const movedMinor = decision === 'waive' ? saidGoneBackMinor(act, before) : amountMinor;
  return Math.max(
    movedMinor,
    (decision === 'debited' ? unaskedMinorOf(row) : askableMinorOf(row)) - amountMinor,
  );
}

/** What everybody pays from then on is decided by two, whatever the sum; while no cabinet is there, nobody pays anything. */
export function isForTwo(act: ConsoleAct, { state }: Subject, nowMs: number): boolean {
  switch (act.kind) {
    case 'put_goods':
      return state['enrolled'] !== 0;
    case 'put_promotions':
      return isPromotionForTwo(act, state);
    case 'order_update':
      return isUpdateForTwo(act, state, nowMs);
    default:
      return false;
  }
}

const minorOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** What could be had of it: what was paid; before that, what the screen named. */
function askableMinorOf(row: ChargeRow): number {
  const paidMinor = row.paidMinor ?? 0;
  return row.state === 'needs_attention' ? Math.max(paidMinor, ceilingMinorOf(row)) : paidMinor;
}

/** What is asked for no more once anything of it is said to be debited: its number is used up then. */
function unaskedMinorOf(row: ChargeRow): number {
  if (row.paidMinor !== null) return 0;
  return row.state === 'needs_attention' ? ceilingMinorOf(row) : dueMinorOf(row);
}

/** What happens by itself once it is done. `paysBack`: the operator itself can, by this charge's provider. */
export function nextOf(
  before: Subject,
  after: Subject,
  paysBack: (provider: string) => boolean,
): Preview['next'] {
  const row = after.charge;
  if (row === null) return 'nothing';
  if (row.state === 'accepted') return 'debit';
  const isMore = row.refundDueMinor > (before.charge?.refundDueMinor ?? 0);
  const isDecided = row.contestedMinor !== (before.charge?.contestedMinor ?? 0);
  if ((!isMore && !isDecided) || row.refundDueMinor === 0) return 'nothing';
  return row.provider !== null && paysBack(row.provider) ? 'refund' : 'refund_by_hand';
}
