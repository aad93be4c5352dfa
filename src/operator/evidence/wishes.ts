import { and, asc, eq, exists, isNull, max, not } from 'drizzle-orm';
import { type EvidenceMissing, type WantedEvidence, wantedEvidenceMax } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { StoryEntry } from '../../shared/console/work.schema.ts';
import { visitIdSchema } from '../../shared/ids.schema.ts';
import type { VisitId } from '../../shared/ids.ts';
import { type Result, fail, ok } from '../../shared/result.ts';
import { versionAfter } from '../fleet/versions.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { evidencePart, evidenceWish } from '../storage/schema.ts';
import { lockNamedThing } from '../storage/locks.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

/** A cabinet is asked for so long: a wish has an end, also where it never comes back. */
export const wishMs = 60 * 86_400_000;

interface WishOptions {
  readonly db: Db;
  readonly clock: Clock;
}
interface OfVisit {
  readonly cabinetId: string;
  readonly visitId: string;
}

/** Asks the cabinet for what its shelf was seen to do in this visit, once. Within the transaction of what it is wanted for. */
export async function askForEvidence(tx: Db, clock: Clock, { cabinetId, visitId }: OfVisit): Promise<void> {
  // One after the other: of two at once each gets a version of its own.
  await lockNamedThing(tx, `evidence wish ${cabinetId}`);
  const [newest] = await tx
    .select({ version: max(evidenceWish.version) })
    .from(evidenceWish)
    .where(eq(evidenceWish.cabinetId, cabinetId));
  const version = versionAfter(newest?.version, clock);
  await tx
    .insert(evidenceWish)
    .values({ cabinetId, visitId, version, askedAtMs: clock.nowMs() })
    .onConflictDoNothing();
}

/** What this cabinet is asked for and has neither sent whole nor said to be missing. */
export async function wantedEvidenceOf(
  { db, clock }: WishOptions,
  cabinetId: string,
): Promise<WantedEvidence> {
  const whole = db
    .select({ part: evidencePart.part })
    .from(evidencePart)
    .where(
      and(
        eq(evidencePart.cabinetId, evidenceWish.cabinetId),
        eq(evidencePart.visitId, evidenceWish.visitId),
        eq(evidencePart.isLast, true),
      ),
    );
  const rows = await db
    .select({ visitId: evidenceWish.visitId })
    .from(evidenceWish)
    .where(
      and(
        eq(evidenceWish.cabinetId, cabinetId),
        isNull(evidenceWish.missing),
        isWithin(evidenceWish.askedAtMs, clock.nowMs(), wishMs),
        not(exists(whole)),
      ),
    )
    .orderBy(asc(evidenceWish.version))
    .limit(wantedEvidenceMax);
  return { visits: rows.map(({ visitId }) => visitIdSchema.parse(visitId)) };
}

/** The cabinet has nothing of it; its first word stays. `not_found`: this cabinet is not asked for that visit. */
export async function receiveEvidenceMissing(
  { db, clock }: WishOptions,
  signer: Signer,
  visitId: VisitId,
  { because }: EvidenceMissing,
): Promise<Result<void, ApiFailure>> {
  const isWish = and(eq(evidenceWish.cabinetId, signer.cabinetId), eq(evidenceWish.visitId, visitId));
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    const [wish] = await tx.select().from(evidenceWish).where(isWish).for('update');
    if (wish === undefined) return fail('not_found', 'this cabinet is not asked for that visit');
    if (wish.missing !== null) return ok();
    await tx.update(evidenceWish).set({ missing: because, missingAtMs: clock.nowMs() }).where(isWish);
    return ok();
  });
}

/** How the wish for a visit's evidence stands, for its time line. `arrivedAtMs`: when all of it was there; null: it is not. */
export async function wishStory(
  db: Db,
  { cabinetId, visitId }: OfVisit,
  arrivedAtMs: number | null,
): Promise<StoryEntry[]> {
  const isWish = and(eq(evidenceWish.cabinetId, cabinetId), eq(evidenceWish.visitId, visitId));
  const [wish] = await db.select().from(evidenceWish).where(isWish);
  if (wish === undefined) return [];
  const { askedAtMs, missing, missingAtMs } = wish;
  const entry = (atMs: number, what: string): StoryEntry => ({
    ...{ atMs, type: 'shelf', what, detail: '{}', amountMinor: null, actor: null },
  });
  const asked = entry(askedAtMs, 'asked');
  // What was sent at last says more than that it was missing.
  if (arrivedAtMs !== null) return [asked, entry(arrivedAtMs, 'arrived')];
  return missing === null || missingAtMs === null
    ? [asked]
    : [asked, entry(missingAtMs, `missing_${missing}`)];
}
