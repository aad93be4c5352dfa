import type { SQL } from 'drizzle-orm';
import { and, asc, eq, exists, gt, isNotNull, lt, lte, ne, not, or, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import { collection, collectionDueMaxMs, defaultPolicy, dueMaxMs } from '../limits.ts';
import type { DebitRequest, QueryOutcome } from '../providers/provider.ts';
import { remindMember, tellMember } from '../members/notices.ts';
import { plainText } from '../storage/plain-text.ts';
import { charge, chargeEvent, chargeLine, debitAttempt, providerAccount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { releaseOrder } from '../visits/order-records.ts';
import { addIncident, closeOpen, listRefundDue } from '../support/incidents.ts';
import { applyDebitEvent } from './debit-events.ts';
import type { AttemptOutcome, DebitEvent, DebitLife, DebitLifeError } from './debit-life.ts';
import { dueMinorOf, isDebt } from './debit-life.ts';
import { nextAttemptAtMs } from './next-attempt.ts';

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
    plannedAtMs: row.plannedAtMs,
    askedBeforeMs: row.askedBeforeMs,
    debitedMinor: row.debitedMinor,
    paidMinor: row.paidMinor,
    refundDueMinor: row.refundDueMinor,
    leaseCount: row.leaseCount,
    collectingSinceMs: row.collectingSinceMs,
    waitsForShopper: row.waitsForShopper,
    remindedCount: row.remindedCount,
    collectionEnded: row.collectionEnded,
    declineCount: row.declineCount,
    unreachableCount: row.unreachableCount,
    awaitsCabinet: row.awaitsCabinet,
    resolution: resolutionOf(row),
  };
}

function resolutionOf({ resolvedHow: how, resolvedBy: by }: ChargeRow): DebitLife['resolution'] {
  return how === null || by === null ? null : { how, by };
}

/**
 * Stores what an event makes of a charge, with its history and incidents. Within a transaction that holds the row's lock;
 * a failure has changed nothing. `random01`: a uniform draw in [0, 1), for the back-off; `timeZone` (IANA): for the hours at
 * which accounts are asked again.
 */
export async function storeDebitEvent(
  tx: Db,
  clock: Clock,
  row: ChargeRow,
  event: DebitEvent,
  random01: number,
  timeZone = defaultPolicy.timeZone,
): Promise<Result<ChargeRow, DebitLifeError>> {
  const before = lifeOf(row);
  const applied = applyDebitEvent(before, event);
  if (!applied.ok) return applied;
  const { life, next, history, incidents } = applied.value;
  const { resolution, ...stored } = life;
  const { chargeId, cabinetId } = row;
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
      nextAttemptAtMs: nextAttemptAtMs(life, next, {
        plannedMs: row.nextAttemptAtMs,
        nowMs,
        random01,
        timeZone,
      }),
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
  if (row.state !== 'paid' && updated.state === 'paid' && (updated.debitedMinor ?? 0) === 0)
    await releaseOrder(tx, clock, { orderId: chargeId, cabinetId, visitId: row.visitId });
  const perhapsBefore = event.type === 'disputed' && event.perhapsBefore === true;
  await listRefundDue(tx, clock, updated, life.refundDueMinor - before.refundDueMinor, { perhapsBefore });
  await tellOfDebt(tx, clock, before, updated);
  return ok(updated);
}

/** Whoever owes it is told at its beginning and when reminded; people, that they need not look (any more). */
async function tellOfDebt(tx: Db, clock: Clock, before: DebitLife, row: ChargeRow): Promise<void> {
  const { chargeId: ref, cabinetId, memberId, currency } = row;
  const about = { memberId, ref, cabinetId, currency, amountMinor: dueMinorOf(row) };
  if (isDebt(row) && !isDebt(before)) await tellMember(tx, clock, { ...about, kind: 'debt' });
  if (isDebt(row) && row.remindedCount > before.remindedCount)
    await remindMember(tx, clock, { ...about, kind: 'debt_reminder' });
  if (before.collectionEnded && !row.collectionEnded) await closeOpen(tx, clock, 'collection_ended', row);
}

/** Due by now, or in a future that no wait reaches: the clock was ahead for a while when that was written. */
export function isDueAt(nowMs: number) {
  const { nextAttemptAtMs: dueAtMs, state, inDoubt, awaitsCabinet } = charge;
  const mayWaitLong = or(and(eq(state, 'collecting'), eq(inDoubt, false)), awaitsCabinet);
  return or(
    lte(dueAtMs, nowMs),
    and(
      gt(dueAtMs, nowMs + dueMaxMs),
      or(gt(dueAtMs, nowMs + collectionDueMaxMs), not(mayWaitLong ?? sql`false`)),
    ),
  );
}

/**
 * A debt of a member whose account at its provider has become another one, or good, since it was asked. What has changed at a
 * time that is not yet was written while the clock was ahead: until then it would be new after each time that it is asked.
 */
export function isAccountNew(db: Db, nowMs: number) {
  const { memberId, provider, agreement, changedAtMs } = providerAccount;
  const isSince = and(
    eq(memberId, charge.memberId),
    eq(provider, charge.provider),
    eq(agreement, 'valid'),
    gt(changedAtMs, charge.askedAtMs),
    lte(changedAtMs, nowMs),
  );
  const isEnded = and(charge.collectionEnded, eq(charge.state, 'needs_attention'));
  return and(
    or(and(eq(charge.state, 'collecting'), lt(charge.declineCount, collection.declinesMax)), isEnded),
    eq(charge.inDoubt, false),
    eq(charge.awaitsCabinet, false),
    exists(
      db
        .select({ one: sql`1` })
        .from(providerAccount)
        .where(isSince),
    ),
  );
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
  asked: 'due' | 'payment' = 'due',
  timeZone?: string,
): Promise<DebitLease | null> {
  return db.transaction(async (tx) => {
    const isAnother =
      asked === 'due' ? await lockRow(tx, chargeId, isAccountNew(tx, clock.nowMs())) : undefined;
    const isDue = asked === 'due' ? isDueAt(clock.nowMs()) : undefined;
    const row = isAnother ?? (await lockRow(tx, chargeId, isDue));
    if (row === undefined) return null;
    const purpose = isAnother === undefined ? asked : 'account';
    const atMs = clock.nowMs();
    const { nextAttemptAtMs: plannedAtMs } = row;
    const event = { type: 'lease', purpose, atMs, lateMs: lateOf(row, atMs), plannedAtMs } as const;
    const leased = await storeDebitEvent(tx, clock, row, event, 0, timeZone);
    // The member was only reminded, its collection has ended, or it waited long enough for its cabinet.
    if (!leased.ok || leased.value.leaseCount === row.leaseCount) return null;
    const { provider, leaseCount, askedMinor, askedAtMs } = leased.value;
    assert(askedMinor !== null, 'a lease says what is asked for');
    const request = await requestOf(tx, leased.value, askedMinor);
    const dueMinor = dueMinorOf(leased.value);
    return { request, chargeId, provider, leaseCount, wasInDoubt: row.inDoubt, askedAtMs, atMs, dueMinor };
  });
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
  timeZone?: string,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const row = await lockRow(tx, chargeId);
    if (row === undefined) return false;
    const atMs = clock.nowMs();
    const event = { type: 'answer', leaseCount, outcome, atMs, lateMs: lateOf(row, atMs) } as const;
    return (await storeDebitEvent(tx, clock, row, event, random01, timeZone)).ok;
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
    const event = { type: 'answer', leaseCount, outcome, atMs: clock.nowMs(), lateMs: 0 } as const;
    if (outcome.kind === 'paid') await storeDebitEvent(tx, clock, row, { ...event, outcome }, 0);
    // One that waits for its cabinet is queried when that has spoken.
    else if (row.inDoubt && !row.awaitsCabinet)
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

/**
 * Makes everything that waits for its next try due now, as if all members had acted; a running attempt's lease is kept.
 * For development.
 */
export async function retryAllNow(db: Db, clock: Clock): Promise<void> {
  await retryNow(db, clock, undefined);
}

/** The same of what this member owes at this provider: there is money now. */
export async function retryOfMember(db: Db, clock: Clock, memberId: string, provider: string): Promise<void> {
  const isOwed = and(eq(charge.memberId, memberId), eq(charge.provider, provider));
  await retryNow(db, clock, and(isOwed, eq(charge.state, 'collecting')));
}

async function retryNow(db: Db, clock: Clock, which: SQL | undefined): Promise<void> {
  // A running lease and a long back-off cannot be told apart here. An early query or repeat is harmless for both.
  const { nextAttemptAtMs: dueAtMs } = charge;
  await db
    .update(charge)
    .set({ nextAttemptAtMs: sql`least(${dueAtMs}, ${clock.nowMs()})`, waitsForShopper: false })
    .where(and(isNotNull(dueAtMs), eq(charge.awaitsCabinet, false), which));
}
