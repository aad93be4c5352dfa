import { createHash } from 'node:crypto';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { lockNamedThing } from '../storage/locks.ts';
import type { DisputeReply, DisputeRequest } from '../../shared/api/operator.ts';
import { assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { madeByHand } from '../charges/by-hand-records.ts';
import { readLines, sumOfSkus } from '../charges/charge-lines.ts';
import { replyFor } from '../charges/charge-reply.ts';
import { storeDebitEvent } from '../debits/debit-store.ts';
import { askForEvidence } from '../evidence/wishes.ts';
import type { ApiFailure } from '../http/errors.ts';
import { tooManyOfKind } from '../http/errors.ts';
import {
  awaitingDisputesMax,
  awaitingDisputesPerMs,
  awaitingDisputesRetryS,
  reportOldMs,
} from '../limits.ts';
import { tellReportOfDecided } from '../support/early-resolution.ts';
import { addIncident } from '../support/incidents.ts';
import type { SentBody } from '../http/json.ts';
import { canonicalJson } from '../http/json.ts';
import { charge, dispute, disputeLine } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

export interface DisputeOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** The cabinet does not know of it, so it is asked for what its shelf was seen to do. */
  readonly cabinetIsAsked?: boolean;
}

/**
 * Takes a dispute once: the same again is the same answer, another body for the same id is a `conflict` and an incident.
 * A charge that is not debited yet is debited for less from the next attempt on; one that is paid is an incident, because
 * only a human pays back. A dispute whose charge is not here yet is kept and counted when it comes (`disputedIn`); where
 * people have settled it already, they are told. One that names nothing that is not disputed already is answered and not
 * kept: so there are no more of a charge than it has goods. Of one that people have made (charges/charge-by-hand.ts) its cabinet
 * has another bill, which comes after its report: of what it names, what is billed counts.
 */
export async function receiveDispute(
  options: DisputeOptions,
  cabinetId: string,
  chargeId: ChargeId,
  { body, json }: SentBody<DisputeRequest>,
): Promise<Result<DisputeReply, ApiFailure>> {
  const { db, clock } = options;
  const canonical = canonicalJson(json);
  if (!canonical.ok) return canonical;
  const { disputeId, skus: named, atMs } = body;
  const bodyHash = createHash('sha256').update(`${chargeId}\n${canonical.value}`).digest('hex');
  return db.transaction(async (tx): Promise<Result<DisputeReply, ApiFailure>> => {
    await lockCharge(tx, chargeId);
    const [row] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId)).for('update');
    if (row !== undefined && row.cabinetId !== cabinetId) return fail('unknown_charge', 'no such charge');
    const { lines } = (await readLines(tx, [chargeId]))(chargeId);
    const billed = named.filter((sku) => lines.some((line) => line.sku === sku));
    const isMore = row !== undefined && billed.length < named.length;
    if (isMore && (await madeByHand(tx, { chargeId, cabinetId })) === null)
      return fail('bad_request', 'skus: not a billed line of this charge');
    const skus = isMore ? billed : named;
    const earlierSkus = await disputedSkus(tx, chargeId, cabinetId);
    if (skus.every((sku) => earlierSkus.has(sku)) && !(await isKept(tx, disputeId)))
      return ok({ disputeId, charge: row === undefined ? null : replyFor(row) });
    if (row === undefined && (await awaitsTooMany(tx, clock, cabinetId, disputeId)))
      return tooManyOfKind('too many disputes of charges that are not here', awaitingDisputesRetryS);
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
    const goods = [...new Set(skus)].map((sku) => ({ disputeId, sku }));
    await tx.insert(disputeLine).values(goods);
    if (row === undefined) {
      await tellReportOfDecided(tx, clock, { chargeId, cabinetId });
      return ok({ disputeId, charge: null });
    }
    if (options.cabinetIsAsked === true) await askForEvidence(tx, clock, row);
    const disputedMinor = sumOfSkus(lines, new Set([...earlierSkus, ...skus]));
    const perhapsBefore = clock.nowMs() - atMs > reportOldMs;
    const event = { type: 'disputed', disputeId, disputedMinor, perhapsBefore } as const;
    const counted = await storeDebitEvent(tx, clock, row, event, 0);
    assert(counted.ok, counted.ok ? '' : counted.error.message);
    return ok({ disputeId, charge: replyFor(counted.value) });
  });
}

async function isKept(db: Db, disputeId: string): Promise<boolean> {
  const isSame = eq(dispute.disputeId, disputeId);
  const kept = await db.select({ disputeId: dispute.disputeId }).from(dispute).where(isSame);
  return kept.length > 0;
}

/** A new dispute of a charge that is not here, and this cabinet has many such already. */
async function awaitsTooMany(db: Db, clock: Clock, cabinetId: string, disputeId: string): Promise<boolean> {
  const isAwaiting = and(
    eq(dispute.cabinetId, cabinetId),
    isWithin(dispute.receivedAtMs, clock.nowMs(), awaitingDisputesPerMs),
    isNull(charge.chargeId),
  );
  const awaiting = await db
    .select({ disputeId: dispute.disputeId })
    .from(dispute)
    .leftJoin(charge, eq(dispute.chargeId, charge.chargeId))
    .where(isAwaiting)
    .limit(awaitingDisputesMax);
  // A repeat of one of them takes no more room.
  return awaiting.length >= awaitingDisputesMax && !awaiting.some((one) => one.disputeId === disputeId);
}

/**
 * Disputes that came before the charge itself: null when there are none, else what they take off this body, in minor units.
 * Within the transaction that takes the charge in, after `lockCharge`.
 */
export async function disputedIn(db: Db, body: ChargeBody): Promise<number | null> {
  const skus = await disputedSkus(db, body.chargeId, body.cabinetId);
  return skus.size === 0 ? null : sumOfSkus(body.lines, skus);
}

/** One charge and its disputes at a time, also while the charge has no row to lock yet. Held until the transaction ends. */
export async function lockCharge(db: Db, chargeId: string): Promise<void> {
  await lockNamedThing(db, chargeId);
}

/** What of this charge is disputed by now. */
async function disputedSkus(db: Db, chargeId: string, cabinetId: string): Promise<ReadonlySet<string>> {
  return (await readDisputedSkus(db, [{ chargeId, cabinetId }]))(chargeId);
}

/** What of these charges is disputed by now. */
export async function readDisputedSkus(
  db: Db,
  charges: readonly { readonly chargeId: string; readonly cabinetId: string }[],
): Promise<(chargeId: string) => ReadonlySet<string>> {
  const cabinets = new Map(charges.map(({ chargeId, cabinetId }) => [chargeId, cabinetId]));
  const rows =
    charges.length === 0
      ? []
      : await db
          .select({ chargeId: dispute.chargeId, cabinetId: dispute.cabinetId, sku: disputeLine.sku })
          .from(dispute)
          .innerJoin(disputeLine, eq(dispute.disputeId, disputeLine.disputeId))
          .where(inArray(dispute.chargeId, [...cabinets.keys()]));
  const byCharge = new Map<string, Set<string>>();
  for (const { chargeId, cabinetId, sku } of rows) {
    // One that came before its charge may be another cabinet's.
    if (cabinets.get(chargeId) !== cabinetId) continue;
    byCharge.set(chargeId, (byCharge.get(chargeId) ?? new Set()).add(sku));
  }
  return (chargeId) => byCharge.get(chargeId) ?? new Set();
}
