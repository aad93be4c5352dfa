import type { SQL } from 'drizzle-orm';
import { and, asc, eq, gt, isNotNull, lte, ne, or, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import { debitLeaseMs, declinedRetry, dueMaxMs, settlingAskEveryMs, unreachableRetry } from '../limits.ts';
import type { DebitRequest, QueryOutcome } from '../providers/provider.ts';
import { tellMember } from '../members/notices.ts';
import { plainText } from '../storage/plain-text.ts';
import { charge, chargeEvent, chargeLine, debitAttempt } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { addIncident, listRefundDue } from '../support/incidents.ts';
import type { AttemptOutcome, DebitEvent, DebitLife, DebitLifeError, NextAttempt } from './debit-life.ts';
import { applyDebitEvent, dueMinorOf } from './debit-life.ts';

export type ChargeRow = typeof charge.$inferSelect;

/** A charge that is ours for `debitLeaseMs`. */
export interface DebitLease {
  readonly request: DebitRequest;
  readonly chargeId: string;
  /** Of the member's account (providers/registry.ts). */
  readonly provider: string | null;
  /** Which lease this is: the answer is taken only while no later one is out. */
  readonly leaseCount: number;
  /** An earlier request had no definite end … */
  readonly wasInDoubt: boolean;
  /** … and was sent at this wall time, ms. */
  readonly askedAtMs: number | null;
  /** Wall time of the lease, ms. */
  readonly atMs: number;
  /** What is due by now: less than is asked for, where a line was reported since. */
  readonly dueMinor: number;
}

/** What of a charge's row is its life. */
export function lifeOf(row: ChargeRow): DebitLife {
  return {
    state: row.state,
    reason: row.reason,
    review: row.review,
    totalMinor: row.totalMinor,
    heldMinor: row.heldMinor,
    disputedMinor: row.disputedMinor,
    contestedMinor: row.contestedMinor,
    approvedMinor: row.approvedMinor,
    inDoubt: row.inDoubt,
    askedMinor: row.askedMinor,
    askedAtMs: row.askedAtMs,
    collectedByProvider: row.collectedByProvider,
    debitedMinor: row.debitedMinor,
    paidMinor: row.paidMinor,
    refundDueMinor: row.refundDueMinor,
    leaseCount: row.leaseCount,
    declineCount: row.declineCount,
    unreachableCount: row.unreachableCount,
    resolution: resolutionOf(row),
  };
}

function resolutionOf({ resolvedHow: how, resolvedBy: by }: ChargeRow): DebitLife['resolution'] {
  return how === null || by === null ? null : { how, by };
}

/**
 * Stores what an event makes of a charge, with its history and incidents. Within a transaction that holds the row's lock;
 * a failure has changed nothing. `random01`: a uniform draw in [0, 1), for the back-off.
 */
export async function storeDebitEvent(
  tx: Db,
  clock: Clock,
  row: ChargeRow,
  event: DebitEvent,
  random01: number,
): Promise<Result<ChargeRow, DebitLifeError>> {
  const before = lifeOf(row);
  const applied = applyDebitEvent(before, event);
  if (!applied.ok) return applied;
  const { life, next, history, incidents } = applied.value;
  const { resolution, ...stored } = life;
  const { chargeId, cabinetId, memberId, currency } = row;
  const nowMs = clock.nowMs();
  // A later decision has a later time, whatever the clock says: by it a cabinet knows that it is another one.
  const resolvedAtMs =
    resolution === before.resolution ? row.resolvedAtMs : Math.max(nowMs, (row.resolvedAtMs ?? -1) + 1);
  const [updated] = await tx
    .update(charge)
    .set({
      ...stored,
      resolvedHow: resolution?.how ?? null,
      resolvedBy: resolution?.by ?? null,
      resolvedAtMs,
      nextAttemptAtMs: nextAttemptAtMs(row, life, next, nowMs, random01),
      paidAtMs: life.state === 'paid' ? (row.paidAtMs ?? nowMs) : null,
    })
    .where(eq(charge.chargeId, chargeId))
    .returning();
  assert(updated !== undefined, 'the locked row is there');
  for (const { kind, detail } of history) {
    // A decision is bounded by its request, and cut it would be one with another that ends otherwise.
    const kept = kind === 'resolved' ? detail : plainText(detail);
    await tx.insert(chargeEvent).values({ chargeId, atMs: nowMs, kind, detail: kept });
  }
  for (const { kind, detail } of incidents)
    await addIncident(tx, clock, kind, cabinetId, chargeId, plainText(detail));
  await listRefundDue(tx, clock, updated, life.refundDueMinor - before.refundDueMinor);
  if (row.state !== 'collecting' && updated.state === 'collecting') {
    const amountMinor = dueMinorOf(updated);
    await tellMember(tx, clock, { memberId, kind: 'debt', ref: chargeId, cabinetId, amountMinor, currency });
  }
  return ok(updated);
}

function nextAttemptAtMs(
  row: ChargeRow,
  life: DebitLife,
  next: NextAttempt,
  nowMs: number,
  random01: number,
): number | null {
  if (typeof next === 'number') return next;
  // The upper half of a wait is random, so that what failed together does not come back together.
  const jitter = { jitterShare: 0.5, random01 };
  switch (next) {
    case 'now':
      // What was planned before stays so while it is in doubt: by it is seen how long nobody looked.
      return life.inDoubt ? Math.min(row.nextAttemptAtMs ?? nowMs, nowMs) : nowMs;
    case 'after_lease':
      return nowMs + debitLeaseMs;
    case 'after_decline':
      return nowMs + backoffMs({ failureCount: life.declineCount - 1, ...declinedRetry, ...jitter });
    case 'after_no_answer': {
      const capMs = life.inDoubt ? settlingAskEveryMs : unreachableRetry.capMs;
      const { firstMs } = unreachableRetry;
      return nowMs + backoffMs({ failureCount: life.unreachableCount - 1, firstMs, capMs, ...jitter });
    }
    case 'never':
      return null;
    case 'keep':
      return row.nextAttemptAtMs;
  }
}

/** Due by now, or in a future that no wait reaches: the clock was ahead for a while when that was written. */
export function isDueAt(nowMs: number) {
  const { nextAttemptAtMs } = charge;
  return or(lte(nextAttemptAtMs, nowMs), gt(nextAttemptAtMs, nowMs + dueMaxMs));
}

/**
 * Leases a due charge and marks it in doubt, durably, before anybody asks the provider; null when it is not due (any
 * more). `payment`: the member pays now, so it need not be due; but nothing may be in doubt, for then an attempt may be
 * under way.
 */
export async function leaseCharge(
  db: Db,
  clock: Clock,
  chargeId: string,
  purpose: 'due' | 'payment' = 'due',
): Promise<DebitLease | null> {
  return db.transaction(async (tx) => {
    const isDue = purpose === 'due' ? isDueAt(clock.nowMs()) : undefined;
    const row = await lockRow(tx, chargeId, isDue);
    if (row === undefined) return null;
    if (row.awaitsCabinet) {
      if (isSilent(row, clock.nowMs())) await goOnAfterPutBack(tx, clock, row, silentKnown);
      return null;
    }
    const atMs = clock.nowMs();
    const event = { type: 'lease', purpose, atMs, lateMs: lateOf(row, atMs) } as const;
    const leased = await storeDebitEvent(tx, clock, row, event, 0);
    if (!leased.ok) return null;
    const { provider, leaseCount, askedMinor, askedAtMs } = leased.value;
    assert(askedMinor !== null, 'a lease says what is asked for');
    const request = await requestOf(tx, leased.value, askedMinor);
    const dueMinor = dueMinorOf(leased.value);
    return { request, chargeId, provider, leaseCount, wasInDoubt: row.inDoubt, askedAtMs, atMs, dueMinor };
  });
}

const silentKnown = 'the database was put back, and its cabinet has not asked about it since';

/** So long that it is not waited for any more; `nextAttemptAtMs` was set for that. */
function isSilent({ nextAttemptAtMs }: ChargeRow, nowMs: number): boolean {
  return nextAttemptAtMs !== null && nextAttemptAtMs <= nowMs;
}

/**
 * A charge of a database that was put back (storage/put-back.ts) waits for its cabinet no more. `known`: what people should
 * know of it, for whom it is held; null: its cabinet knows of no end and no decision, so the provider is queried and then it
 * goes on. Within a transaction that holds the row's lock.
 */
export async function goOnAfterPutBack(
  tx: Db,
  clock: Clock,
  row: ChargeRow,
  known: string | null,
): Promise<ChargeRow> {
  const asked = row.inDoubt ? {} : { inDoubt: true, askedMinor: dueMinorOf(row), askedAtMs: null };
  const [goesOn = row] = await tx
    .update(charge)
    .set({ ...asked, awaitsCabinet: false, nextAttemptAtMs: clock.nowMs() })
    .where(eq(charge.chargeId, row.chargeId))
    .returning();
  if (known === null) return goesOn;
  const held = await storeDebitEvent(tx, clock, goesOn, { type: 'lost', known }, 0);
  return held.ok ? held.value : goesOn;
}

async function requestOf(tx: Db, row: ChargeRow, amountMinor: number): Promise<DebitRequest> {
  const { chargeId: orderId, memberId, currency, cabinetId, openedAtMs, closedAtMs } = row;
  const { name, count, amountMinor: lineMinor } = chargeLine;
  const billed = await tx
    .select({ name, count, amountMinor: lineMinor })
    .from(chargeLine)
    .where(and(eq(chargeLine.chargeId, orderId), eq(chargeLine.held, false)))
    .orderBy(asc(chargeLine.position));
  const lines = billed.map((line) => ({ ...line, name: localTextSchema.parse(JSON.parse(line.name)).zh }));
  return { orderId, memberId, amountMinor, currency, cabinetId, openedAtMs, closedAtMs, lines };
}

/** How long after it was planned to be looked at, ms. */
function lateOf({ nextAttemptAtMs }: ChargeRow, nowMs: number): number {
  return Math.max(nowMs - (nextAttemptAtMs ?? nowMs), 0);
}

/** Commits the answer. A charge that is settled meanwhile, or leased anew, stays as it is: `false`. */
export async function recordOutcome(
  db: Db,
  clock: Clock,
  random01: number,
  { chargeId, leaseCount }: DebitLease,
  outcome: AttemptOutcome,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const row = await lockRow(tx, chargeId);
    if (row === undefined) return false;
    const event = { type: 'answer', leaseCount, outcome, lateMs: lateOf(row, clock.nowMs()) } as const;
    return (await storeDebitEvent(tx, clock, row, event, random01)).ok;
  });
}

/**
 * A provider has said by itself, signed, how an order stands. That money has moved counts at once; anything else is only a
 * reason to ask now what is in doubt. False: no charge of this provider here; also where a number is another provider's.
 */
export async function recordNotice(
  db: Db,
  clock: Clock,
  provider: string,
  { orderId, outcome }: { readonly orderId: string; readonly outcome: QueryOutcome },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const row = await lockRow(tx, orderId, eq(charge.provider, provider));
    if (row === undefined) return false;
    const { leaseCount } = row;
    if (outcome.kind === 'paid')
      await storeDebitEvent(tx, clock, row, { type: 'answer', leaseCount, outcome, lateMs: 0 }, 0);
    else if (row.inDoubt)
      await tx
        .update(charge)
        .set({ nextAttemptAtMs: Math.min(row.nextAttemptAtMs ?? clock.nowMs(), clock.nowMs()) })
        .where(eq(charge.chargeId, orderId));
    return true;
  });
}

async function lockRow(tx: Db, chargeId: string, condition?: SQL): Promise<ChargeRow | undefined> {
  const isIt = and(eq(charge.chargeId, chargeId), condition);
  const [row] = await tx.select().from(charge).where(isIt).for('update');
  return row;
}

/** A call to a provider that is under way. */
export interface DebitAttempt {
  readonly id: number;
  readonly call: (typeof debitAttempt.$inferSelect)['call'];
}
type AttemptState = (typeof debitAttempt.$inferSelect)['state'];

/**
 * Writes down that the provider is about to be asked. Null: somebody else has leased the charge meanwhile (this process
 * stood still for longer than its lease), so that nothing may be asked on this one any more.
 */
export async function recordAttemptStart(
  db: Db,
  clock: Clock,
  lease: DebitLease,
  call: DebitAttempt['call'],
): Promise<DebitAttempt | null> {
  return db.transaction(async (tx) => {
    const held = await lockRow(tx, lease.chargeId, eq(charge.leaseCount, lease.leaseCount));
    if (held === undefined) return null;
    const [row] = await tx
      .insert(debitAttempt)
      .values({
        chargeId: lease.chargeId,
        provider: lease.provider ?? '',
        orderId: lease.request.orderId,
        call,
        state: 'unanswered',
        count: 1,
        startedAtMs: clock.nowMs(),
      })
      .returning({ id: debitAttempt.id });
    assert(row !== undefined, 'an insert returns its row');
    return { id: row.id, call };
  });
}

/** What comes to nothing is counted in the row of the same call that came to the same, instead of in a row of its own. */
const countedStates: readonly AttemptState[] = ['unknown', 'not_sent', 'not_found'];

export async function recordAttemptEnd(
  db: Db,
  clock: Clock,
  { chargeId }: DebitLease,
  { id, call }: DebitAttempt,
  state: AttemptState,
): Promise<void> {
  const endedAtMs = clock.nowMs();
  if (!countedStates.includes(state)) {
    await db.update(debitAttempt).set({ endedAtMs, state }).where(eq(debitAttempt.id, id));
    return;
  }
  await db.transaction(async (tx) => {
    const isSame = and(
      eq(debitAttempt.chargeId, chargeId),
      eq(debitAttempt.call, call),
      eq(debitAttempt.state, state),
      ne(debitAttempt.id, id),
    );
    const [counted] = await tx
      .update(debitAttempt)
      .set({ endedAtMs, count: sql`${debitAttempt.count} + 1` })
      .where(isSame)
      .returning({ id: debitAttempt.id });
    const isIt = eq(debitAttempt.id, id);
    if (counted !== undefined) await tx.delete(debitAttempt).where(isIt);
    else await tx.update(debitAttempt).set({ endedAtMs, state }).where(isIt);
  });
}

/** Makes everything that waits for its next try due now; a running attempt's lease is kept. */
export async function retryAllNow(db: Db, clock: Clock): Promise<void> {
  // A running lease and a long back-off cannot be told apart here. An early query or repeat is harmless for both.
  const { nextAttemptAtMs } = charge;
  await db
    .update(charge)
    .set({ nextAttemptAtMs: sql`least(${nextAttemptAtMs}, ${clock.nowMs()})` })
    .where(isNotNull(nextAttemptAtMs));
}
