import { createHash } from 'node:crypto';
import { and, eq, ne, sql } from 'drizzle-orm';
import type { ChargeReply } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import { memberIdSchema } from '../../shared/model/member.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { replyFor } from './charge-reply.ts';
import { disputedIn, lockCharge } from '../disputes/disputes.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { IncidentKind } from '../support/incidents.ts';
import { addIncident } from '../support/incidents.ts';
import type { SentBody } from '../http/json.ts';
import { canonicalJson } from '../http/json.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import type { Policy } from '../limits.ts';
import { storeLines } from './charge-lines.ts';
import { charge, chargeEvent, member, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

export interface ChargeOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
}

type ChargeRow = typeof charge.$inferSelect;

/**
 * Takes a charge once. The first body wins; the same body again is the same answer (`fresh` false); another body for
 * the same id changes nothing, is a `conflict` and an incident. When this returns a charge it is durable.
 */
export async function receiveCharge(
  options: ChargeOptions,
  cabinetId: string,
  chargeIdInPath: string,
  sent: SentBody<ChargeBody>,
): Promise<Result<{ fresh: boolean; reply: ChargeReply }, ApiFailure>> {
  const { db, clock, policy, catalog } = options;
  const checked = checkBody(cabinetId, chargeIdInPath, sent);
  if (!checked.ok) return checked;
  const canonical = checked.value;
  const { body } = sent;
  const bodyHash = createHash('sha256').update(canonical).digest('hex');
  const { chargeId } = body;

  return db.transaction(async (tx): Promise<Result<{ fresh: boolean; reply: ChargeReply }, ApiFailure>> => {
    await lockCharge(tx, chargeId);
    const [known] = await tx.select().from(charge).where(eq(charge.chargeId, chargeId));
    if (known === undefined) {
      const disputedMinor = await disputedIn(tx, body);
      const evaluated = evaluateCharge(body, policy, {
        ...(await readVisit(tx, body)),
        currency: catalog.catalog.currency,
      });
      const verdict =
        disputedMinor === null ? evaluated : afterDispute(evaluated, body.totalMinor - disputedMinor);
      const provider = await providerOf(tx, body.memberId);
      const row = newRow({ body, canonical, bodyHash, verdict, disputedMinor, provider }, clock.nowMs());
      const [inserted] = await tx.insert(charge).values(row).onConflictDoNothing().returning();
      if (inserted !== undefined) {
        await storeLines(tx, body);
        await recordVerdict(tx, clock, inserted, verdict);
        return ok({ fresh: true, reply: replyFor(inserted) });
      }
    }
    // The charge is known, or another request inserted it a moment earlier and has committed by now.
    const [same] = await tx
      .update(charge)
      .set({ receivedCount: sql`${charge.receivedCount} + 1` })
      .where(and(eq(charge.chargeId, chargeId), eq(charge.bodyHash, bodyHash)))
      .returning();
    if (same !== undefined) return ok({ fresh: false, reply: replyFor(same) });
    const detail = `body ${bodyHash} after another`;
    await tx.insert(chargeEvent).values({ chargeId, atMs: clock.nowMs(), kind: 'conflict', detail });
    await addIncident(tx, clock, 'charge_conflict', cabinetId, chargeId, detail);
    return fail('conflict', 'this charge id is taken by another body');
  });
}

/** The state of one of the cabinet's own charges; `unknown_charge` also for another cabinet's. */
export async function readCharge(
  db: Db,
  cabinetId: string,
  chargeId: ChargeId,
): Promise<Result<ChargeReply, ApiFailure>> {
  const condition = and(eq(charge.chargeId, chargeId), eq(charge.cabinetId, cabinetId));
  const [row] = await db.select().from(charge).where(condition);
  return row === undefined ? fail('unknown_charge', 'no such charge') : ok(replyFor(row));
}

/** The body in its canonical spelling, when it is this charge's and this cabinet's. */
function checkBody(
  cabinetId: string,
  chargeIdInPath: string,
  { body, json }: SentBody<ChargeBody>,
): Result<string, ApiFailure> {
  if (body.chargeId !== chargeIdInPath)
    return fail('bad_request', 'the charge id in the path is not the one in the body');
  if (body.cabinetId !== cabinetId) return fail('forbidden', 'the charge is of another cabinet');
  if (!memberIdSchema.safeParse(body.memberId).success)
    return fail('bad_request', 'memberId: not a member id');
  return canonicalJson(json);
}

interface VisitFacts {
  /** This cabinet was told "allowed" for this visit and this member. */
  readonly allowed: boolean;
  /** The visit has a charge with another id already. */
  readonly charged: boolean;
}

/** Of the account that the member has; null: not our member. */
async function providerOf(db: Db, memberId: string): Promise<string | null> {
  const [row] = await db
    .select({ provider: member.provider })
    .from(member)
    .where(eq(member.memberId, memberId));
  return row?.provider ?? null;
}

/** Locks the visit's row, so that two charges of one visit cannot both be the first. */
async function readVisit(db: Db, body: ChargeBody): Promise<VisitFacts> {
  const uses = await db
    .select({ id: visit.id })
    .from(visit)
    .where(
      and(
        eq(visit.visitId, body.visitId),
        eq(visit.cabinetId, body.cabinetId),
        eq(visit.memberId, body.memberId),
        eq(visit.purpose, 'visit'),
        eq(visit.allowed, true),
      ),
    )
    .for('update');
  const others = await db
    .select({ chargeId: charge.chargeId })
    .from(charge)
    // Of this cabinet only: whatever another one says of this visit must not hold its charge.
    .where(
      and(
        eq(charge.visitId, body.visitId),
        eq(charge.cabinetId, body.cabinetId),
        ne(charge.chargeId, body.chargeId),
      ),
    )
    .limit(1);
  return { allowed: uses.length > 0, charged: others.length > 0 };
}

export interface ChargeVerdict {
  readonly state: ChargeReply['state'];
  readonly reason: ReasonCode | null;
  readonly review: boolean;
  readonly incident: IncidentKind | null;
}

/**
 * What becomes of a new charge: debited as usual, or held for a human. A held charge is kept and never debited by
 * itself.
 */
export function evaluateCharge(
  body: ChargeBody,
  policy: Policy,
  facts: VisitFacts & { readonly currency: string },
): ChargeVerdict {
  const held = (reason: ReasonCode, incident: IncidentKind | null): ChargeVerdict => ({
    state: 'needs_attention',
    reason,
    review: true,
    incident,
  });
  if (!facts.allowed) return held('system.rejected', 'charge_without_visit');
  if (facts.charged) return held('system.conflict', 'second_charge_for_visit');
  // A sum in another currency is another sum.
  if (body.currency !== facts.currency) return held('system.rejected', 'foreign_currency');
  if (body.review.includes('recognition.reader_lost') && !body.confirmedByShopper)
    return held('recognition.reader_lost', null);
  if (body.totalMinor > policy.visitMaxMinor) return held('system.rejected', 'visit_over_limit');
  if (body.lines.length === 0) return held(body.review[0] ?? 'recognition.differs_from_confirmed', null);
  const review = body.heldLines.length > 0 || body.review.length > 0;
  // Nothing to debit, and providers do not take an order of zero.
  const state = body.totalMinor === 0 ? 'paid' : 'accepted';
  return { state, reason: null, review, incident: null };
}

/** A dispute arrived before its charge: a human looks; when all is disputed, nothing is debited. */
function afterDispute(verdict: ChargeVerdict, dueMinor: number): ChargeVerdict {
  if (verdict.state === 'accepted' && dueMinor === 0)
    return { ...verdict, state: 'needs_attention', reason: 'recognition.line_reported', review: true };
  return { ...verdict, review: true };
}

interface NewCharge {
  readonly body: ChargeBody;
  readonly canonical: string;
  readonly bodyHash: string;
  readonly verdict: ChargeVerdict;
  readonly disputedMinor: number | null;
  readonly provider: string | null;
}

function newRow(
  { body, canonical, bodyHash, verdict, disputedMinor, provider }: NewCharge,
  nowMs: number,
): typeof charge.$inferInsert {
  const { chargeId, cabinetId, visitId, memberId, currency, totalMinor } = body;
  const { state, reason, review } = verdict;
  return {
    chargeId,
    cabinetId,
    visitId,
    memberId,
    currency,
    totalMinor,
    state,
    reason,
    review,
    provider,
    heldMinor: body.heldLines.reduce((sum, line) => sum + line.amountMinor, 0),
    confirmedByShopper: body.confirmedByShopper,
    reviewReasons: JSON.stringify(body.review),
    openedAtMs: body.openedAtMs,
    closedAtMs: body.closedAtMs,
    body: canonical,
    bodyHash,
    receivedCount: 1,
    firstAtMs: nowMs,
    paidAtMs: state === 'paid' ? nowMs : null,
    nextAttemptAtMs: state === 'accepted' ? nowMs : null,
    inDoubt: false,
    declineCount: 0,
    unreachableCount: 0,
    leaseCount: 0,
    refundDueMinor: 0,
    disputedMinor: disputedMinor ?? 0,
    paidMinor: state === 'paid' ? 0 : null,
  };
}

async function recordVerdict(db: Db, clock: Clock, row: ChargeRow, verdict: ChargeVerdict): Promise<void> {
  const { chargeId, cabinetId, state, reason } = row;
  const event = { chargeId, atMs: clock.nowMs() };
  await db.insert(chargeEvent).values({ ...event, kind: 'received', detail: row.bodyHash });
  if (state === 'paid')
    await db.insert(chargeEvent).values({ ...event, kind: 'paid', detail: 'nothing to debit' });
  if (state === 'needs_attention')
    await db.insert(chargeEvent).values({ ...event, kind: 'needs_attention', detail: reason ?? '' });
  if (verdict.incident !== null)
    await addIncident(db, clock, verdict.incident, cabinetId, chargeId, `visit ${row.visitId}`);
}
