import { and, count, eq, gt, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import { lockNamedThing } from '../storage/locks.ts';
import { type FaceEnrolment, type FaceWithdrawal, facesToDeleteMax } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import { tooManyOfKind } from '../http/errors.ts';
import { accountVisitMs, claimedFaceMaxMs, earlyWithdrawalsMax, earlyWithdrawalsRetryS } from '../limits.ts';
import { earlyWithdrawal, faceEnrolment, visit } from '../storage/schema.ts';
import { tellMember } from './notices.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

export interface FaceEnrolmentOptions {
  readonly db: Db;
  readonly clock: Clock;
}

/**
 * What stands behind a member who comes by face. `verified`: enrolled with a code of the member's own; `claimed`: known by
 * the cabinet's word alone, from before there were enrolments, so it counts for little and not for long.
 */
export type FaceStanding = 'verified' | 'claimed';

/**
 * Takes down that a member's face is kept at this cabinet. The cabinet's word does not suffice, as its key may be stolen:
 * the member has to have shown an enrolment code here, in this visit, and each such code is good for one face. It takes
 * the place of an earlier face there. The same again is the same answer. `forbidden`: no such code was shown, or what would
 * be enrolled was withdrawn before this arrived; `unauthenticated`: the machine was replaced meanwhile.
 */
export async function enrolFace(
  { db, clock }: FaceEnrolmentOptions,
  signer: Signer,
  enrolmentId: EnrolmentId,
  { visitId }: FaceEnrolment,
): Promise<Result<void, ApiFailure>> {
  const { cabinetId } = signer;
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    const nowMs = clock.nowMs();
    await lockFace(tx, cabinetId, enrolmentId);
    if (await isWithdrawnEarly(tx, cabinetId, enrolmentId))
      return fail('forbidden', 'this face was withdrawn before its enrolment arrived');
    const mayEnrol = and(
      eq(visit.cabinetId, cabinetId),
      eq(visit.visitId, visitId),
      eq(visit.mayEnrol, true),
      isWithin(visit.atMs, nowMs, accountVisitMs),
    );
    const [asked] = await tx.select().from(visit).where(mayEnrol).for('update');
    if (asked === undefined) return fail('forbidden', 'no enrolment code was shown in this visit');
    const { memberId, codeNonce } = asked;
    const isSame = and(eq(faceEnrolment.cabinetId, cabinetId), eq(faceEnrolment.enrolmentId, enrolmentId));
    const [known] = await tx
      .select()
      .from(faceEnrolment)
      .where(or(isSame, eq(faceEnrolment.codeNonce, codeNonce ?? '')));
    if (known !== undefined) {
      const isRepeat =
        known.enrolmentId === enrolmentId && known.codeNonce === codeNonce && known.withdrawnAtMs === null;
      return isRepeat ? ok() : fail('forbidden', 'a face was enrolled with this code already');
    }
    await tx
      .update(faceEnrolment)
      .set({ withdrawnAtMs: nowMs })
      .where(and(ofMember(cabinetId, memberId), isNull(faceEnrolment.withdrawnAtMs)));
    await tx
      .insert(faceEnrolment)
      .values({ cabinetId, enrolmentId, memberId, standing: 'verified', codeNonce, enrolledAtMs: nowMs });
    await tellMember(tx, clock, { memberId, kind: 'face_enrolled', ref: enrolmentId, cabinetId });
    return ok();
  });
}

/**
 * The cabinet keeps that face no more: nobody comes in by it any longer. Only what this cabinet has enrolled itself; what
 * is withdrawn already is as good. What was bought by it before stays as it is. An enrolment that is still on its way is
 * refused when it arrives: the number is kept for that. 429 `unavailable`: the cabinet has many such numbers here;
 * `unauthenticated`: the machine was replaced meanwhile.
 */
export async function withdrawFace(
  { db, clock }: FaceEnrolmentOptions,
  signer: Signer,
  { memberId, enrolmentId }: FaceWithdrawal,
): Promise<Result<void, ApiFailure>> {
  const { cabinetId } = signer;
  return whileKeyHolds(db, signer, async (tx): Promise<Result<void, ApiFailure>> => {
    if (enrolmentId !== null) await lockFace(tx, cabinetId, enrolmentId);
    // A face from before has no number: what has one meanwhile is another face.
    const which =
      enrolmentId === null
        ? eq(faceEnrolment.standing, 'claimed')
        : eq(faceEnrolment.enrolmentId, enrolmentId);
    const face = and(ofMember(cabinetId, memberId), which);
    await withdrawDeleted(tx, clock, face);
    return enrolmentId === null ? ok() : keepEarlyWithdrawal(tx, clock, cabinetId, enrolmentId);
  });
}

/** Remembers the number of a face that is withdrawn and not enrolled here, so that it never is. After `lockFace`. */
async function keepEarlyWithdrawal(
  tx: Db,
  clock: Clock,
  cabinetId: string,
  enrolmentId: EnrolmentId,
): Promise<Result<void, ApiFailure>> {
  const isIt = and(eq(faceEnrolment.cabinetId, cabinetId), eq(faceEnrolment.enrolmentId, enrolmentId));
  const [enrolled] = await tx.select().from(faceEnrolment).where(isIt);
  if (enrolled !== undefined) return ok();
  const atMs = clock.nowMs();
  const isLately = and(
    eq(earlyWithdrawal.cabinetId, cabinetId),
    ne(earlyWithdrawal.enrolmentId, enrolmentId),
    isWithin(earlyWithdrawal.atMs, atMs, accountVisitMs),
  );
  const [others] = await tx.select({ lately: count() }).from(earlyWithdrawal).where(isLately);
  // Never in the place of an older one: a number that is forgotten too soon is enrolled after all.
  if ((others?.lately ?? 0) >= earlyWithdrawalsMax)
    return tooManyOfKind('too many withdrawals of faces that are not here', earlyWithdrawalsRetryS);
  await tx.insert(earlyWithdrawal).values({ cabinetId, enrolmentId, atMs }).onConflictDoNothing();
  return ok();
}

async function isWithdrawnEarly(tx: Db, cabinetId: string, enrolmentId: EnrolmentId): Promise<boolean> {
  const isIt = and(eq(earlyWithdrawal.cabinetId, cabinetId), eq(earlyWithdrawal.enrolmentId, enrolmentId));
  return (await tx.select().from(earlyWithdrawal).where(isIt)).length > 0;
}

/** Enrolment and withdrawal of one face one after the other, also while it has no row to lock. Until the transaction ends. */
async function lockFace(tx: Db, cabinetId: string, enrolmentId: EnrolmentId): Promise<void> {
  await lockNamedThing(tx, `${cabinetId} ${enrolmentId}`);
}

/** Faces that are withdrawn, and of which this cabinet has not said yet that it keeps them no more. */
export async function facesToDelete(db: Db, cabinetId: string): Promise<FaceWithdrawal[]> {
  const { memberId, enrolmentId, standing, withdrawnAtMs, deletedAtMs } = faceEnrolment;
  const rows = await db
    .select({ memberId, enrolmentId, standing })
    .from(faceEnrolment)
    .where(and(eq(faceEnrolment.cabinetId, cabinetId), isNotNull(withdrawnAtMs), isNull(deletedAtMs)))
    .orderBy(withdrawnAtMs)
    .limit(facesToDeleteMax);
  return rows.map((row) => ({
    memberId: row.memberId,
    enrolmentId: row.standing === 'claimed' ? null : (row.enrolmentId as EnrolmentId),
  }));
}

/**
 * What the member does on the phone: no face of theirs counts any more, at this cabinet or (null) at any. Nor is one
 * enrolled with a code that they have shown before: its enrolment may be on its way.
 */
export async function withdrawAsMember(
  { db, clock }: FaceEnrolmentOptions,
  memberId: string,
  cabinetId: string | null,
): Promise<void> {
  await db.transaction(async (tx) => {
    const isHere = cabinetId === null ? undefined : eq(visit.cabinetId, cabinetId);
    await tx
      .update(visit)
      .set({ mayEnrol: false })
      .where(and(eq(visit.memberId, memberId), isHere, eq(visit.mayEnrol, true)));
    const whose = cabinetId === null ? eq(faceEnrolment.memberId, memberId) : ofMember(cabinetId, memberId);
    await withdraw(tx, clock, whose);
  });
}

/**
 * Another machine stands in this cabinet's place, with another key: it has none of the faces that the one before kept, nor
 * the codes that were shown there. Inside the transaction that lets it in.
 */
export async function withdrawOfMachineBefore(tx: Db, clock: Clock, cabinetId: string): Promise<void> {
  await tx
    .update(visit)
    .set({ mayEnrol: false })
    .where(and(eq(visit.cabinetId, cabinetId), eq(visit.mayEnrol, true)));
  await withdrawDeleted(tx, clock, eq(faceEnrolment.cabinetId, cabinetId));
}

/** The cabinet keeps them no more, so that it need not be told to delete them. */
async function withdrawDeleted(tx: Db, clock: Clock, which: ReturnType<typeof and>): Promise<void> {
  await withdraw(tx, clock, which);
  await tx
    .update(faceEnrolment)
    .set({ deletedAtMs: clock.nowMs() })
    .where(and(which, isNull(faceEnrolment.deletedAtMs)));
}

async function withdraw(tx: Db, clock: Clock, which: ReturnType<typeof and>): Promise<void> {
  const withdrawn = await tx
    .update(faceEnrolment)
    .set({ withdrawnAtMs: clock.nowMs() })
    .where(and(which, isNull(faceEnrolment.withdrawnAtMs)))
    .returning();
  for (const { memberId, cabinetId, enrolmentId } of withdrawn)
    await tellMember(tx, clock, { memberId, kind: 'face_withdrawn', ref: enrolmentId, cabinetId });
}

/**
 * A face at a cabinet. `enrolmentId`: as the cabinet has named it; null: it named none, as one from before there were numbers
 * does, and then only a claimed one can be meant.
 */
interface NamedFace {
  readonly cabinetId: string;
  readonly memberId: string;
  readonly enrolmentId: string | null;
}

/**
 * How the member's face stands at this cabinet now; null: it is not enrolled there. Whether it is withdrawn is what the row
 * says, not when: a time that was written while the clock was ahead would keep it for as long as that was.
 */
export async function faceStandingOf(
  db: Db,
  { nowMs, ...face }: NamedFace & { readonly nowMs: number },
): Promise<FaceStanding | null> {
  const { withdrawnAtMs, endsAtMs } = faceEnrolment;
  return bestStanding(
    db,
    and(
      ofFace(face),
      isNull(withdrawnAtMs),
      // One that ends later than any can was taken over while the clock was ahead.
      or(isNull(endsAtMs), and(gt(endsAtMs, nowMs), lte(endsAtMs, nowMs + claimedFaceMaxMs))),
    ),
  );
}

/**
 * How the face of a visit stood at the time of the visit (`atMs`, wall time) by the times in its enrolment; null: it was
 * not enrolled. Only for visits whose row does not say how it stood: an instance from before has written it.
 */
export async function faceStandingAt(
  db: Db,
  { atMs, ...face }: NamedFace & { readonly atMs: number },
): Promise<FaceStanding | null> {
  const { enrolledAtMs, withdrawnAtMs, endsAtMs } = faceEnrolment;
  return bestStanding(
    db,
    and(
      ofFace(face),
      lte(enrolledAtMs, atMs),
      or(isNull(withdrawnAtMs), gt(withdrawnAtMs, atMs)),
      or(isNull(endsAtMs), gt(endsAtMs, atMs)),
    ),
  );
}

/** The better one, should there be two. */
async function bestStanding(db: Db, which: ReturnType<typeof and>): Promise<FaceStanding | null> {
  const [found] = await db
    .select({ standing: faceEnrolment.standing })
    .from(faceEnrolment)
    .where(which)
    .orderBy(sql`${faceEnrolment.standing} = 'verified' desc`)
    .limit(1);
  return found?.standing ?? null;
}

function ofFace({ cabinetId, memberId, enrolmentId }: NamedFace) {
  return and(
    ofMember(cabinetId, memberId),
    enrolmentId === null ? eq(faceEnrolment.standing, 'claimed') : eq(faceEnrolment.enrolmentId, enrolmentId),
  );
}

function ofMember(cabinetId: string, memberId: string) {
  return and(eq(faceEnrolment.cabinetId, cabinetId), eq(faceEnrolment.memberId, memberId));
}
