import type { SQL } from 'drizzle-orm';
import { and, asc, eq, exists, gt, isNotNull, lt, lte, not, or, sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { localTextSchema } from '../../shared/model/catalog.schema.ts';
import { discountsSchema } from '../../shared/model/promotion.schema.ts';
import { collection, collectionDueMaxMs, defaultPolicy, dueMaxMs } from '../limits.ts';
import type { DebitLine, DebitRequest, QueryOutcome } from '../providers/provider.ts';
import { remindMember, tellMember } from '../members/notices.ts';
import { plainText } from '../storage/plain-text.ts';
import type { debitAttempt } from '../storage/schema.ts';
import { charge, chargeEvent, chargeLine, providerAccount } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { releaseWithCharge } from '../visits/order-records.ts';
import { addIncident, closeOpen, listRefundDue } from '../support/incidents.ts';
import { applyDebitEvent } from './debit-events.ts';
import type { AttemptOutcome, DebitEvent, DebitLife, DebitLifeError, DebitStep } from './debit-life.ts';
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

/** A call to a provider that is under way. */
export interface DebitAttempt {
  readonly id: number;
  readonly call: (typeof debitAttempt.$inferSelect)['call'];
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

/** What an event makes of a charge, before it is stored. */
export interface AfterEvent {
  readonly before: DebitLife;
  readonly step: DebitStep;
  /** What of the row is another. */
  readonly change: DebitChange;
}
type DebitChange = Omit<DebitLife, 'resolution'> &
  Pick<ChargeRow, 'resolvedHow' | 'resolvedBy' | 'resolvedAtMs' | 'nextAttemptAtMs' | 'paidAtMs'>;

/** `random01`: a uniform draw in [0, 1), for the back-off; `timeZone` (IANA): for the hours at which accounts are asked again. */
export function afterEvent(
  row: ChargeRow,
  event: DebitEvent,
  {
    nowMs,
    random01,
    timeZone,
  }: { readonly nowMs: number; readonly random01: number; readonly timeZone: string },
): Result<AfterEvent, DebitLifeError> {
  const before = lifeOf(row);
  const applied = applyDebitEvent(before, event);
  if (!applied.ok) return applied;
  const { life, next } = applied.value;
  const { resolution, ...stored } = life;
  // A later decision has a later time, whatever the clock says: by it a cabinet knows that it is another one.
  const resolvedAtMs =
    resolution === before.resolution ? row.resolvedAtMs : Math.max(nowMs, (row.resolvedAtMs ?? -1) + 1);
  const change = {
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
  };
  return ok({ before, step: applied.value, change });
}

/**
 * Stores what an event makes of a charge, with its history and incidents. Within a transaction that holds the row's lock;
 * a failure has changed nothing. `random01`, `timeZone`: see `afterEvent`.
 */
export async function storeDebitEvent(
  tx: Db,
  clock: Clock,
  row: ChargeRow,
  event: DebitEvent,
  random01: number,
  timeZone = defaultPolicy.timeZone,
): Promise<Result<ChargeRow, DebitLifeError>> {
  const nowMs = clock.nowMs();
  const after = afterEvent(row, event, { nowMs, random01, timeZone });
  if (!after.ok) return after;
  const { before, change } = after.value;
  const { life, history, incidents } = after.value.step;
  const { chargeId, cabinetId } = row;
  const [updated] = await tx.update(charge).set(change).where(eq(charge.chargeId, chargeId)).returning();
  assert(updated !== undefined, 'the locked row is there');
  for (const { kind, detail } of history) {
    // A decision is bounded by its request, and cut it would be one with another that ends otherwise.
    const kept = kind === 'resolved' ? detail : plainText(detail);
    await tx.insert(chargeEvent).values({ chargeId, atMs: nowMs, kind, detail: kept });
  }
  for (const { kind, detail } of incidents)
    await addIncident(tx, clock, kind, cabinetId, chargeId, plainText(detail));
  await releaseWithCharge(tx, clock, updated, row);
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
    return leaseOf(row, leased.value, await billedLines(tx, chargeId), atMs);
  });
}

/** A billed line, as it is told to the provider; `name`: LocalText as JSON. */
export type BilledLine = Pick<typeof chargeLine.$inferSelect, 'name' | 'count' | 'amountMinor' | 'discounts'>;

async function billedLines(tx: Db, chargeId: string): Promise<BilledLine[]> {
  const { name, count, amountMinor, discounts } = chargeLine;
  return tx
    .select({ name, count, amountMinor, discounts })
    .from(chargeLine)
    .where(and(eq(chargeLine.chargeId, chargeId), eq(chargeLine.held, false)))
    .orderBy(asc(chargeLine.position));
}

/** As a provider shows it to the payer. */
function asDebitLine({ name, count, amountMinor, discounts }: BilledLine): DebitLine {
  const line = { name: localTextSchema.parse(JSON.parse(name)).zh, count, amountMinor };
  if (discounts === null) return line;
  const of = discountsSchema.parse(JSON.parse(discounts));
  return { ...line, discounts: of.map((one) => ({ name: one.name.zh, amountMinor: one.amountMinor })) };
}

/** The lease that `leased` is, of a charge that was `row` before. */
export function leaseOf(
  row: ChargeRow,
  leased: ChargeRow,
  billed: readonly BilledLine[],
  atMs: number,
): DebitLease {
  const { chargeId, provider, leaseCount, askedMinor: amountMinor, askedAtMs } = leased;
  assert(amountMinor !== null, 'a lease says what is asked for');
  const { memberId, currency, cabinetId, openedAtMs, closedAtMs } = leased;
  const lines = billed.map(asDebitLine);
  const request = {
    ...{ orderId: chargeId, memberId, amountMinor, currency, cabinetId },
    openedAtMs,
    closedAtMs,
    lines,
  };
  const dueMinor = dueMinorOf(leased);
  return { request, chargeId, provider, leaseCount, wasInDoubt: row.inDoubt, askedAtMs, atMs, dueMinor };
}

/** How long after it was planned to be looked at, ms. */
export function lateOf({ nextAttemptAtMs }: ChargeRow, nowMs: number): number {
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

/** The row, locked until the end of the transaction; undefined: there is none of this condition. */
export async function lockRow(tx: Db, chargeId: string, condition?: SQL): Promise<ChargeRow | undefined> {
  const isIt = and(eq(charge.chargeId, chargeId), condition);
  const [row] = await tx.select().from(charge).where(isIt).for('update');
  return row;
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
