import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import type { VisitClosing, VisitClosingReply, VisitEnd } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { ChargeBody } from '../../shared/model/charge.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { SentBody } from '../http/json.ts';
import { canonicalJson } from '../http/json.ts';
import { visitSilentMs } from '../limits.ts';
import { charge, visit, visitClosing } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { releaseOrder } from './order-records.ts';
import { addIncident, closeByItself } from '../support/incidents.ts';

interface ClosingOptions {
  readonly db: Db;
  readonly clock: Clock;
}

/** What is known of a visit when its charge comes. */
interface Said {
  /** People were told that nothing was heard of it. */
  readonly isListed: boolean;
  /** Null: no report has come. */
  readonly closing: Pick<typeof visitClosing.$inferSelect, 'ended' | 'totalMinor' | 'heldMinor'> | null;
}

/** After such a report no charge comes; with the others one does, or a human has to look. */
const isNothing = (ended: VisitEnd): boolean => ended !== 'charge' && ended !== 'left_open';

/**
 * Takes how a visit has ended, once: the same again is the same answer, another body is a `conflict` and an incident. Only
 * the cabinet that was told "allowed" can say it (`forbidden` for another one's visit; of a visit that nobody was let in for,
 * nothing is kept). What is due is never lowered by it: what comes with the charge counts, whatever was said before.
 */
export async function receiveClosing(
  { db, clock }: ClosingOptions,
  signer: Signer,
  visitId: VisitId,
  { body, json }: SentBody<VisitClosing>,
): Promise<Result<VisitClosingReply, ApiFailure>> {
  const canonical = canonicalJson(json);
  if (!canonical.ok) return canonical;
  const bodyHash = createHash('sha256').update(canonical.value).digest('hex');
  const { cabinetId } = signer;
  return whileKeyHolds(db, signer, async (tx): Promise<Result<VisitClosingReply, ApiFailure>> => {
    const allowed = await tx
      .select({ cabinetId: visit.cabinetId, chargeId: visit.chargeId })
      .from(visit)
      .where(isAllowed(visitId))
      .for('update');
    const own = allowed.filter((row) => row.cabinetId === cabinetId);
    if (own.length === 0)
      return allowed.length === 0
        ? ok({ known: false })
        : fail('forbidden', 'the visit is another cabinet’s');
    const { chargeId, ended, totalMinor, heldMinor, closedAtMs } = body;
    const isOther = own.some((row) => row.chargeId !== null && row.chargeId !== chargeId);
    const said = {
      chargeId,
      ended,
      totalMinor,
      heldMinor,
      closedAtMs,
      receivedAtMs: clock.nowMs(),
      bodyHash,
    };
    const inserted = isOther
      ? []
      : await tx
          .insert(visitClosing)
          .values({ cabinetId, visitId, ...said })
          .onConflictDoNothing()
          .returning();
    if (inserted.length === 0) {
      const isOf = and(eq(visitClosing.cabinetId, cabinetId), eq(visitClosing.visitId, visitId));
      const [first] = await tx.select().from(visitClosing).where(isOf);
      if (first?.bodyHash === bodyHash) return ok({ known: true });
      const detail = `visit ${visitId}: ${ended}, ${totalMinor} and ${heldMinor} held, after ${first?.ended ?? 'none'}`;
      await addIncident(tx, clock, 'closing_conflict', cabinetId, chargeId, detail);
      return fail('conflict', 'this visit has ended otherwise, or is of another charge');
    }
    await takeNote(tx, clock, { cabinetId, visitId, closing: body });
    return ok({ known: true });
  });
}

/** What follows from a report that has just been stored: whether its charge is waited for, and what was told to people. */
async function takeNote(
  tx: Db,
  clock: Clock,
  {
    cabinetId,
    visitId,
    closing,
  }: { readonly cabinetId: string; readonly visitId: string; readonly closing: VisitClosing },
): Promise<void> {
  const { chargeId, ended } = closing;
  const nowMs = clock.nowMs();
  const [come] = await tx
    .select({ chargeId: charge.chargeId, totalMinor: charge.totalMinor, heldMinor: charge.heldMinor })
    .from(charge)
    .where(and(eq(charge.visitId, visitId), eq(charge.cabinetId, cabinetId)))
    .limit(1);
  const differs = come === undefined ? null : difference(closing, come);
  if (differs !== null) await addIncident(tx, clock, 'closing_differs', cabinetId, chargeId, differs);
  if (come === undefined && isNothing(ended))
    await releaseOrder(tx, clock, { orderId: chargeId, cabinetId, visitId });
  const isWaitedFor = come === undefined && !isNothing(ended);
  const watchAtMs = isWaitedFor ? nowMs + (ended === 'left_open' ? 0 : visitSilentMs) : null;
  await tx
    .update(visit)
    .set({ watchAtMs })
    .where(and(isAllowed(visitId), eq(visit.cabinetId, cabinetId)));
  const why = isNothing(ended) ? `its cabinet says: ${ended}` : 'its cabinet says that a charge follows';
  await closeByItself(tx, clock, ['visit_silent'], { cabinetId, chargeId }, why);
}

/** What its cabinet has said of the visit of this charge. After its row was locked (`readFacts`). */
export async function saidOfVisit(
  tx: Db,
  { visitId, cabinetId }: Pick<ChargeBody, 'visitId' | 'cabinetId'>,
): Promise<Said> {
  const { ended, totalMinor, heldMinor } = visitClosing;
  const [row] = await tx
    .select({ listedAtMs: visit.listedAtMs, closing: { ended, totalMinor, heldMinor } })
    .from(visit)
    .leftJoin(
      visitClosing,
      and(eq(visitClosing.visitId, visit.visitId), eq(visitClosing.cabinetId, visit.cabinetId)),
    )
    .where(and(isAllowed(visitId), eq(visit.cabinetId, cabinetId)))
    .limit(1);
  return { isListed: (row?.listedAtMs ?? null) !== null, closing: row?.closing ?? null };
}

/** How a charge differs from what was said of its visit, in words for people; null: not at all. */
export function differenceFrom({ closing }: Said, body: ChargeBody): string | null {
  if (closing === null) return null;
  const heldMinor = body.heldLines.reduce((sum, line) => sum + line.amountMinor, 0);
  return difference(closing, { totalMinor: body.totalMinor, heldMinor });
}

function difference(
  said: NonNullable<Said['closing']>,
  come: { readonly totalMinor: number; readonly heldMinor: number },
): string | null {
  const isSame = said.totalMinor === come.totalMinor && said.heldMinor === come.heldMinor;
  if (said.ended === 'left_open' || (said.ended === 'charge' && isSame)) return null;
  const sums = ({ totalMinor, heldMinor }: typeof come): string => `${totalMinor} and ${heldMinor} held`;
  return `said: ${said.ended}, ${sums(said)}; the charge: ${sums(come)}`;
}

/** The charge of a visit is here: what people were told of its absence is put right. */
export async function chargeHasCome(
  tx: Db,
  clock: Clock,
  { cabinetId, chargeId }: Pick<typeof charge.$inferSelect, 'cabinetId' | 'chargeId'>,
  { isListed }: Said,
): Promise<void> {
  if (!isListed) return;
  const about = { cabinetId, chargeId };
  await closeByItself(tx, clock, ['visit_silent', 'charge_missing'], about, 'the charge has come');
}

function isAllowed(visitId: string) {
  return and(eq(visit.visitId, visitId), eq(visit.purpose, 'visit'), eq(visit.allowed, true));
}
