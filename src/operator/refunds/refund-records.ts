import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { refundLeaseMs, refundsMax } from '../limits.ts';
import type { RefundRequest } from '../providers/provider.ts';
import { plainText } from '../storage/plain-text.ts';
import { charge, chargeEvent, databaseIdentity, incident, refund } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { listRefundDue, peoplesMarks } from '../support/incidents.ts';
import { retryOfMember } from '../debits/debit-store.ts';
import { walletName } from '../providers/wallet/wallet-provider.ts';
import type { RefundAnswer, RefundState } from './refund-life.ts';
import { afterAnswer, refundDueMaxMs } from './refund-life.ts';

type ChargeRow = typeof charge.$inferSelect;
type RefundRow = typeof refund.$inferSelect;

/** A refund that is ours for `refundLeaseMs`. */
export interface RefundLease {
  readonly request: RefundRequest;
  readonly provider: string;
  /** Which lease this is: the answer is taken only while no later one is out. */
  readonly leaseCount: number;
}

/** What the payer reads of it, where the provider shows that. */
const shownReason = '多收款项退还';

/** The charge's row is locked before its refunds and what is listed of it, by all that change them. */
export async function lockChargeRow(tx: Db, chargeId: string): Promise<ChargeRow | undefined> {
  const [row] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId)).for('update');
  return row;
}

/** Whether anything stands on people's list to be paid back, and whether any refund has not ended. */
export async function whatThereIs(db: Db): Promise<{ readonly isListed: boolean; readonly isOut: boolean }> {
  const isOpen = and(eq(incident.kind, 'refund_due'), isNull(incident.resolvedAtMs));
  const listed = db.select().from(incident).where(isOpen);
  const out = db.select().from(refund).where(isNotNull(refund.dueAtMs));
  const answer: unknown = await db.execute(
    sql`select exists (${listed}) as "isListed", exists (${out}) as "isOut"`,
  );
  const [row] = (answer as { rows: { isListed: boolean; isOut: boolean }[] }).rows;
  return row ?? { isListed: false, isOut: false };
}

/** Numbers of the refunds that are to be taken up now, `refundsMax` at most, those that have waited longest first. */
export async function dueRefunds(db: Db, clock: Clock): Promise<string[]> {
  const rows = await db
    .select({ refundId: refund.refundId })
    .from(refund)
    .where(isDueAt(clock.nowMs()))
    .orderBy(asc(refund.dueAtMs))
    .limit(refundsMax);
  return rows.map(({ refundId }) => refundId);
}

function isDueAt(nowMs: number) {
  const { dueAtMs } = refund;
  return and(isNotNull(dueAtMs), or(lte(dueAtMs, nowMs), gt(dueAtMs, nowMs + refundDueMaxMs)));
}

/**
 * Takes a refund that is due, and puts on record that its provider is asked, before anybody asks. Null: somebody else has it
 * in hand, or it is not to be asked for: it is not due any more, or the database was put back since it was made.
 */
export async function leaseRefund(db: Db, clock: Clock, refundId: string): Promise<RefundLease | null> {
  return db.transaction(async (tx) => {
    const isIt = eq(refund.refundId, refundId);
    const [found] = await tx.select({ chargeId: refund.chargeId }).from(refund).where(isIt);
    const of = found === undefined ? undefined : await lockChargeRow(tx, found.chargeId);
    const nowMs = clock.nowMs();
    const [row] = await tx
      .select()
      .from(refund)
      .where(and(isIt, isDueAt(nowMs)))
      .for('update');
    if (row === undefined || of === undefined) return null;
    if (await isFromBefore(tx, of)) {
      const detail = 'the database was put back since: look at the provider whether it was paid back';
      await endRefund(tx, clock, of, row, { state: 'people', detail });
      return null;
    }
    if (row.askedAtMs === null && !(await isStillDue(tx, of, row))) {
      await endRefund(tx, clock, of, row, { state: 'dropped', detail: 'not due any more' });
      return null;
    }
    const leaseCount = row.leaseCount + 1;
    const state: RefundState = row.state === 'pending' ? 'pending' : 'asked';
    await tx
      .update(refund)
      .set({ state, leaseCount, askedAtMs: row.askedAtMs ?? nowMs, dueAtMs: nowMs + refundLeaseMs })
      .where(isIt);
    const { chargeId: orderId, amountMinor, currency, provider } = row;
    const request = { orderId, refundId, amountMinor, currency, reason: shownReason };
    return { request, provider, leaseCount };
  });
}

/** What was here when the database was put back may have been paid back since the backup. */
async function isFromBefore(tx: Db, { firstAtMs }: ChargeRow): Promise<boolean> {
  const [known] = await tx.select({ atMs: databaseIdentity.putBackAtMs }).from(databaseIdentity);
  return firstAtMs <= (known?.atMs ?? -1);
}

/**
 * So much still stands open to be paid back without a doubt: nobody has closed it as paid back, said that they have paid it
 * back by hand (`peoplesMarks`), or decided otherwise. What is
 * listed is locked: from here on people are told that it is under way (`resolveIncident`).
 */
async function isStillDue(tx: Db, of: ChargeRow, { amountMinor }: RefundRow): Promise<boolean> {
  const isOpen = and(
    eq(incident.kind, 'refund_due'),
    eq(incident.chargeId, of.chargeId),
    eq(incident.cabinetId, of.cabinetId),
    isNull(incident.resolvedAtMs),
    isNotNull(incident.amountMinor),
  );
  const open = await tx.select().from(incident).where(isOpen).for('update');
  const ours = open.filter(({ detail }) => !peoplesMarks.some((mark) => detail.includes(mark)));
  const openMinor = ours.reduce((sum, one) => sum + (one.amountMinor ?? 0), 0);
  return of.state === 'paid' && !of.inDoubt && openMinor - of.contestedMinor >= amountMinor;
}

/** This lease is the last one, and its refund has not ended: the provider may be asked. */
export async function isOurs(db: Db, { request, leaseCount }: RefundLease): Promise<boolean> {
  const isIt = and(eq(refund.refundId, request.refundId), eq(refund.leaseCount, leaseCount));
  const rows = await db
    .select({ one: sql`1` })
    .from(refund)
    .where(and(isIt, isNotNull(refund.dueAtMs)));
  return rows.length > 0;
}

/** Commits what the provider has said. False: somebody else has leased it since, and it stays as it is. */
export async function recordAnswer(
  db: Db,
  clock: Clock,
  random01: number,
  { request, leaseCount }: RefundLease,
  answer: RefundAnswer,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const of = await lockChargeRow(tx, request.orderId);
    const isIt = and(eq(refund.refundId, request.refundId), eq(refund.leaseCount, leaseCount));
    const [row] = await tx
      .select()
      .from(refund)
      .where(and(isIt, isNotNull(refund.dueAtMs)))
      .for('update');
    if (of === undefined || row === undefined) return false;
    const { state, dueAtMs, failureCount, detail } = afterAnswer(row, answer, {
      nowMs: clock.nowMs(),
      random01,
    });
    if (state === 'refunded' || state === 'people') await endRefund(tx, clock, of, row, { state, detail });
    else
      await tx
        .update(refund)
        .set({ state, dueAtMs, failureCount, detail: plainText(detail) })
        .where(isIt);
    return true;
  });
}

/** Ends it, with its history, and keeps people's list true. Within a transaction that holds the locks. */
async function endRefund(
  tx: Db,
  clock: Clock,
  of: ChargeRow,
  { refundId, amountMinor, provider }: RefundRow,
  { state, detail }: { readonly state: 'refunded' | 'people' | 'dropped'; readonly detail: string },
): Promise<void> {
  const atMs = clock.nowMs();
  const why = plainText(detail);
  await tx
    .update(refund)
    .set({ state, detail: why, dueAtMs: null, endedAtMs: atMs })
    .where(eq(refund.refundId, refundId));
  if (state === 'dropped') return;
  const { chargeId } = of;
  const about = JSON.stringify({ refundId, amountMinor });
  if (state === 'refunded') {
    await tx.insert(chargeEvent).values({ chargeId, atMs, kind: 'refunded', detail: about });
    const said = `paid back by itself: ${amountMinor}, refund ${refundId}`;
    await listRefundDue(tx, clock, of, -amountMinor, { said });
    // What comes into a wallet pays what its member owes, as any payment into it does.
    if (provider === walletName) await retryOfMember(tx, clock, of.memberId, provider);
    return;
  }
  await tx
    .insert(chargeEvent)
    .values({ chargeId, atMs, kind: 'refund_not_made', detail: `${about}: ${why}` });
  const note = `not paid back by itself (refund ${refundId} of ${amountMinor}): ${why}`;
  await listRefundDue(tx, clock, of, 0, { note });
}

/** How the money of a charge goes back, whoever does it. Amounts are minor units, times wall ms. */
export interface GoesBack {
  /** Decided and not done yet, … */
  readonly openMinor: number;
  /** … since then. */
  readonly sinceMs: number;
  /** The operator is about it by itself. */
  readonly isOut: boolean;
  /** Paid back by the operator, or by people as they say, … */
  readonly doneMinor: number;
  /** … the last of it at this time; null: nothing. */
  readonly doneAtMs: number | null;
}

/** Of these charges, those of which something goes back or has. What nobody has decided about is not in it. */
export async function goesBackOf(
  db: Db,
  charges: readonly Pick<ChargeRow, 'chargeId' | 'cabinetId' | 'contestedMinor'>[],
): Promise<ReadonlyMap<string, GoesBack>> {
  if (charges.length === 0) return new Map();
  const ids = charges.map(({ chargeId }) => chargeId);
  const listed = await db
    .select()
    .from(incident)
    .where(
      and(inArray(incident.chargeId, ids), eq(incident.kind, 'refund_due'), isNotNull(incident.amountMinor)),
    );
  const made = await db.select().from(refund).where(inArray(refund.chargeId, ids));
  const found = charges.map((one) => {
    const own = listed.filter((row) => row.chargeId === one.chargeId && row.cabinetId === one.cabinetId);
    const open = own.find((row) => row.resolvedAtMs === null);
    // What the operator has closed is said by a later one, or by the refund.
    const byPeople = own.filter((row) => row.resolvedAtMs !== null && row.actor !== 'operator');
    const ours = made.filter((row) => row.chargeId === one.chargeId);
    const done = [
      ...byPeople.map((row) => ({ minor: row.amountMinor ?? 0, atMs: row.resolvedAtMs ?? 0 })),
      ...ours
        .filter((row) => row.state === 'refunded')
        .map((row) => ({ minor: row.amountMinor, atMs: row.endedAtMs ?? 0 })),
    ];
    const goesBack: GoesBack = {
      openMinor: Math.max((open?.amountMinor ?? 0) - one.contestedMinor, 0),
      sinceMs: open?.atMs ?? 0,
      isOut: ours.some((row) => row.dueAtMs !== null),
      doneMinor: done.reduce((sum, { minor }) => sum + minor, 0),
      doneAtMs: done.length === 0 ? null : Math.max(...done.map(({ atMs }) => atMs)),
    };
    return [one.chargeId, goesBack] as const;
  });
  return new Map(found.filter(([, { openMinor, doneMinor }]) => openMinor + doneMinor > 0));
}
