import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { DisputeReply } from '../../shared/api/operator.ts';
import { disputeRequestSchema } from '../../shared/api/operator.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import { chargeBodySchema } from '../../shared/model/charge.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { replyFor } from '../charges/charge-reply.ts';
import type { ApiFailure } from '../http/errors.ts';
import { addIncident } from '../support/incidents.ts';
import { canonicalJson, parseWith } from '../http/json.ts';
import { charge, chargeEvent, dispute } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

export interface DisputeOptions {
  readonly db: Db;
  readonly clock: Clock;
}

type ChargeRow = typeof charge.$inferSelect;

/**
 * Takes a dispute once: the same again is the same answer, another body for the same id is a `conflict` and an incident.
 * A charge that is not debited yet is debited for less from the next attempt on; one that is paid is an incident, because
 * only a human pays back. A dispute whose charge is not here yet is kept and counted when it comes (`disputedIn`).
 */
export async function receiveDispute(
  options: DisputeOptions,
  cabinetId: string,
  chargeId: ChargeId,
  json: unknown,
): Promise<Result<DisputeReply, ApiFailure>> {
  const { db, clock } = options;
  const body = parseWith(disputeRequestSchema, json);
  if (!body.ok) return body;
  const canonical = canonicalJson(json);
  if (!canonical.ok) return canonical;
  const { disputeId, skus, atMs } = body.value;
  const bodyHash = createHash('sha256').update(`${chargeId}\n${canonical.value}`).digest('hex');
  return db.transaction(async (tx): Promise<Result<DisputeReply, ApiFailure>> => {
    await lockCharge(tx, chargeId);
    const [row] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId)).for('update');
    if (row !== undefined && row.cabinetId !== cabinetId) return fail('unknown_charge', 'no such charge');
    if (row !== undefined && !skus.every((sku) => linesOf(row).some((line) => line.sku === sku)))
      return fail('bad_request', 'skus: not a billed line of this charge');
    const value = { disputeId, chargeId, cabinetId, body: canonical.value, bodyHash, atMs };
    const [inserted] = await tx
      .insert(dispute)
      .values({ ...value, receivedAtMs: clock.nowMs() })
      .onConflictDoNothing()
      .returning();
    if (inserted === undefined) {
      const [first] = await tx.select().from(dispute).where(eq(dispute.disputeId, disputeId));
      if (first?.bodyHash !== bodyHash || first.cabinetId !== cabinetId) {
        await addIncident(tx, clock, 'dispute_conflict', cabinetId, chargeId, `${disputeId} after another`);
        return fail('conflict', 'this dispute id is taken by another body');
      }
      return ok({ disputeId, charge: row === undefined ? null : replyFor(row) });
    }
    if (row === undefined) return ok({ disputeId, charge: null });
    return ok({ disputeId, charge: replyFor(await count(tx, clock, row, disputeId)) });
  });
}

/**
 * Disputes that came before the charge itself: null when there are none, else what they take off this body, in minor units.
 * Within the transaction that takes the charge in, after `lockCharge`.
 */
export async function disputedIn(db: Db, body: ChargeBody): Promise<number | null> {
  const skus = await disputedSkus(db, body.chargeId, body.cabinetId);
  return skus.size === 0 ? null : sumOf(body.lines, skus);
}

/** One charge and its disputes at a time, also while the charge has no row to lock yet. Held until the transaction ends. */
export async function lockCharge(db: Db, chargeId: string): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${chargeId}, 0))`);
}

/** Counts a new dispute on a charge that is here. The row is locked. */
async function count(db: Db, clock: Clock, row: ChargeRow, disputeId: string): Promise<ChargeRow> {
  const { chargeId, cabinetId } = row;
  const disputedMinor = sumOf(linesOf(row), await disputedSkus(db, chargeId, cabinetId));
  const dueMinor = row.totalMinor - disputedMinor;
  // In doubt: the attempt that is out is settled first, with its own amount; then what is left is looked at.
  const nothingLeft =
    dueMinor === 0 && !row.inDoubt && (row.state === 'accepted' || row.state === 'collecting');
  const held = {
    state: 'needs_attention',
    reason: 'recognition.line_reported',
    nextAttemptAtMs: null,
  } as const;
  const [changed] = await db
    .update(charge)
    .set({ disputedMinor, review: true, ...(nothingLeft ? held : {}) })
    .where(eq(charge.chargeId, chargeId))
    .returning();
  assert(changed !== undefined, 'the locked row is there');
  const event = { chargeId, atMs: clock.nowMs() };
  await db
    .insert(chargeEvent)
    .values({ ...event, kind: 'disputed', detail: `${disputeId}: due ${dueMinor}` });
  if (nothingLeft)
    await db.insert(chargeEvent).values({ ...event, kind: 'needs_attention', detail: held.reason });
  if (changed.paidMinor !== null && changed.paidMinor > dueMinor) {
    const detail = `${disputeId}: debited ${changed.paidMinor}, due ${dueMinor}`;
    await addIncident(db, clock, 'refund_due', cabinetId, chargeId, detail);
  }
  return changed;
}

/** What of this charge is disputed by now. */
export async function disputedSkus(
  db: Db,
  chargeId: string,
  cabinetId: string,
): Promise<ReadonlySet<string>> {
  const condition = and(eq(dispute.chargeId, chargeId), eq(dispute.cabinetId, cabinetId));
  const rows = await db.select({ body: dispute.body }).from(dispute).where(condition);
  return new Set(rows.flatMap(({ body }) => disputeRequestSchema.parse(JSON.parse(body)).skus));
}

const linesOf = (row: ChargeRow): ChargeBody['lines'] => chargeBodySchema.parse(JSON.parse(row.body)).lines;

function sumOf(lines: ChargeBody['lines'], skus: ReadonlySet<string>): number {
  return lines.reduce((sum, line) => (skus.has(line.sku) ? sum + line.amountMinor : sum), 0);
}
