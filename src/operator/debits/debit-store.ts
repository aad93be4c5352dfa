import { and, eq, inArray, lte } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { dueMinorOf } from '../charges/charge-reply.ts';
import { backoffMs } from '../../shared/util/backoff.ts';
import { addIncident } from '../support/incidents.ts';
import { debitLeaseMs, declinedRetry, unreachableRetry } from '../limits.ts';
import type { DebitOutcome, DebitRequest, QueryOutcome } from '../providers/provider.ts';
import { plainText } from '../storage/plain-text.ts';
import { charge, chargeEvent, providerAttempt } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

/** A charge that is ours for `debitLeaseMs`. */
export interface DebitLease extends DebitRequest {
  readonly chargeId: ChargeId;
  readonly cabinetId: string;
  readonly state: 'accepted' | 'collecting';
  readonly reason: ReasonCode | null;
  readonly retryCount: number;
  /** An earlier ask had no definite end. */
  readonly wasInDoubt: boolean;
}

const open = ['accepted', 'collecting'] as const;

/**
 * Leases a due charge and marks it in doubt, durably, before anybody asks the provider; null when it is not due (any
 * more). `payment`: the member pays now, so it need not be due; but nothing may be in doubt, for then an attempt may
 * be under way.
 */
export async function leaseCharge(
  db: Db,
  clock: Clock,
  chargeId: string,
  why: 'due' | 'payment' = 'due',
): Promise<DebitLease | null> {
  return db.transaction(async (tx) => {
    const nowMs = clock.nowMs();
    const condition = and(
      eq(charge.chargeId, chargeId),
      why === 'due' ? inArray(charge.state, [...open]) : eq(charge.state, 'collecting'),
      why === 'due' ? lte(charge.nextAttemptAtMs, nowMs) : eq(charge.inDoubt, false),
    );
    const [row] = await tx.select().from(charge).where(condition).for('update');
    if (row === undefined) return null;
    assert(row.state === 'accepted' || row.state === 'collecting', 'only open charges are due');
    // What is in doubt keeps its own amount until it is settled.
    const amountMinor = row.inDoubt ? (row.askedMinor ?? row.totalMinor) : dueMinorOf(row);
    await tx
      .update(charge)
      .set({ nextAttemptAtMs: nowMs + debitLeaseMs, inDoubt: true, askedMinor: amountMinor })
      .where(eq(charge.chargeId, chargeId));
    const debit = why === 'due' ? 'debit' : 'payment by the member';
    const detail = row.inDoubt ? 'query first' : debit;
    await tx.insert(chargeEvent).values({ chargeId, atMs: nowMs, kind: 'debit_claimed', detail });
    return {
      chargeId: row.chargeId as ChargeId,
      cabinetId: row.cabinetId,
      memberId: row.memberId,
      amountMinor,
      currency: row.currency,
      state: row.state,
      reason: row.reason,
      retryCount: row.retryCount,
      wasInDoubt: row.inDoubt,
    };
  });
}

/**
 * The provider has nothing under this number: what is to be asked for now, in minor units, on record before it is
 * asked. 0: a dispute has left nothing to debit. Null: settled meanwhile (by another instance after the lease).
 */
export async function renewAmount(db: Db, chargeId: string): Promise<number | null> {
  return db.transaction(async (tx) => {
    const condition = and(eq(charge.chargeId, chargeId), inArray(charge.state, [...open]));
    const [row] = await tx.select().from(charge).where(condition).for('update');
    if (row === undefined) return null;
    const askedMinor = dueMinorOf(row);
    await tx.update(charge).set({ askedMinor }).where(eq(charge.chargeId, chargeId));
    return askedMinor;
  });
}

export async function recordAttemptStart(
  db: Db,
  clock: Clock,
  chargeId: string,
  kind: 'charge' | 'query',
): Promise<number> {
  const [row] = await db
    .insert(providerAttempt)
    .values({ chargeId, kind, startedAtMs: clock.nowMs() })
    .returning({ id: providerAttempt.id });
  assert(row !== undefined, 'an insert returns its row');
  return row.id;
}

export async function recordAttemptEnd(
  db: Db,
  clock: Clock,
  id: number,
  result: QueryOutcome,
): Promise<void> {
  await db
    .update(providerAttempt)
    .set({ endedAtMs: clock.nowMs(), outcome: result.kind })
    .where(eq(providerAttempt.id, id));
}

type ChargeChange = Partial<typeof charge.$inferInsert>;
interface Step {
  readonly change: ChargeChange;
  readonly kind: typeof chargeEvent.$inferInsert.kind;
  readonly detail: string;
}

/** `nothing_due`: the provider was not asked, because a dispute has left nothing to debit. */
export type AttemptOutcome = DebitOutcome | { readonly kind: 'nothing_due' };

const heldByDispute: Step = {
  change: {
    state: 'needs_attention',
    reason: 'recognition.line_reported',
    nextAttemptAtMs: null,
    inDoubt: false,
    review: true,
  },
  kind: 'needs_attention',
  detail: 'recognition.line_reported',
};

/** What an answer of the provider makes of a leased charge of which `dueMinor` is due by now. `random` in [0, 1). */
function stepFor(
  lease: DebitLease,
  outcome: AttemptOutcome,
  dueMinor: number,
  nowMs: number,
  random: number,
): Step {
  switch (outcome.kind) {
    case 'nothing_due':
      return heldByDispute;
    case 'paid': {
      const change: ChargeChange = {
        state: 'paid',
        paidMinor: outcome.amountMinor,
        reason: null,
        paidAtMs: nowMs,
        nextAttemptAtMs: null,
        inDoubt: false,
      };
      return { change, kind: 'paid', detail: '' };
    }
    case 'declined': {
      if (dueMinor === 0) return heldByDispute;
      const retryCount = lease.reason === outcome.reason ? lease.retryCount + 1 : 0;
      const nextAttemptAtMs = nowMs + retryDelayMs(retryCount, declinedRetry, random);
      const { reason } = outcome;
      const change = { state: 'collecting', reason, retryCount, nextAttemptAtMs, inDoubt: false } as const;
      return { change, kind: 'declined', detail: reason };
    }
    case 'unknown': {
      // A charge in collection keeps its account reason: that the provider is away does not concern the member.
      const reason = lease.state === 'collecting' ? lease.reason : 'system.provider_error';
      const retryCount = lease.reason === reason ? lease.retryCount + 1 : 0;
      const nextAttemptAtMs = nowMs + retryDelayMs(retryCount, unreachableRetry, random);
      return {
        change: { reason, retryCount, nextAttemptAtMs, inDoubt: true },
        kind: 'in_doubt',
        detail: outcome.message,
      };
    }
    case 'rejected': {
      const change: ChargeChange = {
        state: 'needs_attention',
        reason: 'system.provider_error',
        nextAttemptAtMs: null,
        inDoubt: false,
      };
      return { change: { ...change, review: true }, kind: 'needs_attention', detail: outcome.message };
    }
  }
}

/** The upper half of the wait is random, so that what failed together does not come back together. */
function retryDelayMs(
  failureCount: number,
  bounds: { readonly firstMs: number; readonly capMs: number },
  random01: number,
): number {
  return backoffMs({ failureCount, ...bounds, jitterShare: 0.5, random01 });
}

/** Commits the answer. A charge that is settled meanwhile (by another instance after the lease) stays as it is. */
export async function recordOutcome(
  db: Db,
  clock: Clock,
  random: number,
  lease: DebitLease,
  outcome: AttemptOutcome,
): Promise<void> {
  const nowMs = clock.nowMs();
  const { chargeId, cabinetId } = lease;
  await db.transaction(async (tx) => {
    const condition = and(eq(charge.chargeId, chargeId), inArray(charge.state, [...open]));
    const [row] = await tx.select().from(charge).where(condition).for('update');
    if (row === undefined) return;
    const dueMinor = dueMinorOf(row);
    const step = stepFor(lease, outcome, dueMinor, nowMs, random);
    const detail = plainText(step.detail);
    await tx.update(charge).set(step.change).where(eq(charge.chargeId, chargeId));
    await tx.insert(chargeEvent).values({ chargeId, atMs: nowMs, kind: step.kind, detail });
    if (outcome.kind === 'rejected')
      await addIncident(tx, clock, 'provider_rejected', cabinetId, chargeId, detail);
    if (outcome.kind === 'paid' && outcome.amountMinor > dueMinor) {
      const paid = `debited ${outcome.amountMinor}, due ${dueMinor}`;
      await addIncident(tx, clock, 'refund_due', cabinetId, chargeId, paid);
    }
  });
}

/** Makes everything that waits for its next try due now; a running attempt's lease is kept. */
export async function retryAllNow(db: Db, clock: Clock): Promise<void> {
  // A running lease and a long back-off cannot be told apart here. An early query or repeat is harmless for both.
  await db
    .update(charge)
    .set({ nextAttemptAtMs: clock.nowMs() })
    .where(inArray(charge.state, [...open]));
}
