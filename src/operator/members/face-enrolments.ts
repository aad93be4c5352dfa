import { and, eq, gt, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import { type FaceEnrolment, type FaceWithdrawal, facesToDeleteMax } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EnrolmentId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { accountVisitMs } from '../limits.ts';
import { faceEnrolment, visit } from '../storage/schema.ts';
import { tellMember } from './notices.ts';
import type { Db } from '../storage/storage.ts';

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
 * the place of an earlier face there. The same again is the same answer.
 */
export async function enrolFace(
  { db, clock }: FaceEnrolmentOptions,
  cabinetId: string,
  enrolmentId: EnrolmentId,
  { visitId }: FaceEnrolment,
): Promise<Result<void, ApiFailure>> {
  return db.transaction(async (tx): Promise<Result<void, ApiFailure>> => {
    const nowMs = clock.nowMs();
    const mayEnrol = and(
      eq(visit.cabinetId, cabinetId),
      eq(visit.visitId, visitId),
      eq(visit.mayEnrol, true),
      gt(visit.atMs, nowMs - accountVisitMs),
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
 * is unknown or withdrawn already is as good. What was bought by it before stays as it is.
 */
export async function withdrawFace(
  { db, clock }: FaceEnrolmentOptions,
  cabinetId: string,
  { memberId, enrolmentId }: FaceWithdrawal,
): Promise<Result<void, ApiFailure>> {
  // A face from before has no number: what has one meanwhile is another face.
  const which =
    enrolmentId === null ? eq(faceEnrolment.standing, 'claimed') : eq(faceEnrolment.enrolmentId, enrolmentId);
  const face = and(ofMember(cabinetId, memberId), which);
  await withdraw(db, clock, face);
  await db
    .update(faceEnrolment)
    .set({ deletedAtMs: clock.nowMs() })
    .where(and(face, isNull(faceEnrolment.deletedAtMs)));
  return ok();
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

/** What the member does on the phone: no face of theirs counts any more, at this cabinet or (null) at any. */
export async function withdrawAsMember(
  { db, clock }: FaceEnrolmentOptions,
  memberId: string,
  cabinetId: string | null,
): Promise<void> {
  const whose = cabinetId === null ? eq(faceEnrolment.memberId, memberId) : ofMember(cabinetId, memberId);
  await withdraw(db, clock, whose);
}

async function withdraw(db: Db, clock: Clock, which: ReturnType<typeof and>): Promise<void> {
  await db.transaction(async (tx) => {
    const withdrawn = await tx
      .update(faceEnrolment)
      .set({ withdrawnAtMs: clock.nowMs() })
      .where(and(which, isNull(faceEnrolment.withdrawnAtMs)))
      .returning();
    for (const { memberId, cabinetId, enrolmentId } of withdrawn)
      await tellMember(tx, clock, { memberId, kind: 'face_withdrawn', ref: enrolmentId, cabinetId });
  });
}

/**
 * How the member's face stood at this cabinet at that time; null: it was not enrolled there then. `enrolmentId`: as the
 * cabinet has named it; null: it named none, and then whichever there was.
 */
export async function faceStandingAt(
  db: Db,
  {
    cabinetId,
    memberId,
    enrolmentId,
    atMs,
  }: {
    readonly cabinetId: string;
    readonly memberId: string;
    readonly enrolmentId: string | null;
    readonly atMs: number;
  },
): Promise<FaceStanding | null> {
  const { enrolledAtMs, withdrawnAtMs, endsAtMs } = faceEnrolment;
  const [found] = await db
    .select({ standing: faceEnrolment.standing })
    .from(faceEnrolment)
    .where(
      and(
        ofMember(cabinetId, memberId),
        enrolmentId === null ? undefined : eq(faceEnrolment.enrolmentId, enrolmentId),
        lte(enrolledAtMs, atMs),
        or(isNull(withdrawnAtMs), gt(withdrawnAtMs, atMs)),
        or(isNull(endsAtMs), gt(endsAtMs, atMs)),
      ),
    )
    // The better one, should a clock that went back have made two.
    .orderBy(sql`${faceEnrolment.standing} = 'verified' desc`)
    .limit(1);
  return found?.standing ?? null;
}

function ofMember(cabinetId: string, memberId: string) {
  return and(eq(faceEnrolment.cabinetId, cabinetId), eq(faceEnrolment.memberId, memberId));
}
