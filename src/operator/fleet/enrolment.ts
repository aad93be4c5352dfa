import { createHash, timingSafeEqual } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { EnrolRequest } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { isWithinLife } from '../../shared/lifetime.ts';
import { publicKeyFromRaw } from '../../shared/node/ed25519.ts';
import type { Random } from '../../shared/random.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { withdrawOfMachineBefore } from '../members/face-enrolments.ts';
import { endAccountsOf } from '../visits/authorise.ts';
import { endScansOf } from '../visits/qr-sign-in.ts';
import { enrolTokenLifetimeMs, rateKeysMax } from '../limits.ts';
import { addIncident } from '../support/incidents.ts';
import { cabinet, chainEnd } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { endsWithin } from '../storage/within.ts';

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The token was given out within the last day: not one of a time that has not come, when our clock was ahead. */
const isOfToday = ({ tokenEndsAtMs }: typeof cabinet.$inferSelect, clock: Clock): boolean =>
  isWithinLife(tokenEndsAtMs, clock.nowMs(), { lifetimeMs: enrolTokenLifetimeMs, skewMs: 0 });

/**
 * Opens enrolment for a day, for a new cabinet or for one that lost its key; the old key works until the new one is
 * enrolled. `answerKey`: the public key that signs our answers, which the token then names: the cabinet believes no other.
 */
export async function issueEnrolToken(
  db: Db,
  clock: Clock,
  random: Random,
  cabinetId: string,
  answerKey?: string,
): Promise<string> {
  const secret = Buffer.from(random.bytes(24)).toString('base64url');
  const token = answerKey === undefined ? secret : `${secret}.${answerKey}`;
  const open = {
    tokenHash: hashOf(token),
    tokenOpen: true,
    tokenEndsAtMs: clock.nowMs() + enrolTokenLifetimeMs,
  };
  await db
    .insert(cabinet)
    .values({ cabinetId, ...open })
    .onConflictDoUpdate({ target: cabinet.cabinetId, set: open });
  return token;
}

/**
 * Whether this token opens enrolment for this cabinet now: it is the one that was given out last, its time is not over, and
 * it is not used but by this very key (the answer may have been lost).
 */
export async function opensEnrolment(
  db: Db,
  clock: Clock,
  { cabinetId, token, publicKey }: EnrolRequest,
): Promise<boolean> {
  const [row] = await db.select().from(cabinet).where(eq(cabinet.cabinetId, cabinetId));
  return (
    row !== undefined &&
    same(row.tokenHash, hashOf(token)) &&
    isOfToday(row, clock) &&
    (row.tokenOpen || row.publicKey === publicKey)
  );
}

/** For which cabinets there is a token whose time is not over: the number of them that is remembered is bounded. */
export async function cabinetsWithToken(db: Db, clock: Clock): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ cabinetId: cabinet.cabinetId })
    .from(cabinet)
    .where(endsWithin(cabinet.tokenEndsAtMs, clock.nowMs(), enrolTokenLifetimeMs))
    .limit(rateKeysMax);
  return new Set(rows.map(({ cabinetId }) => cabinetId));
}

/**
 * Binds a key to a cabinet. The same token with the same key may repeat (the answer may have been lost); with another
 * it is `forbidden`.
 */
export async function enrol(db: Db, clock: Clock, request: EnrolRequest): Promise<Result<void, ApiFailure>> {
  const { cabinetId, token, publicKey } = request;
  if (publicKeyFromRaw(publicKey) === null) return fail('bad_request', 'publicKey: not an Ed25519 key');
  return db.transaction(async (tx) => {
    // As much as excludes `whileKeyHolds`: a foreign key to the cabinet waits for nobody.
    const [row] = await tx
      .select()
      .from(cabinet)
      .where(eq(cabinet.cabinetId, cabinetId))
      .for('no key update');
    if (row === undefined || !same(row.tokenHash, hashOf(token)))
      return fail('forbidden', 'this token does not open enrolment for this cabinet');
    if (row.tokenOpen) {
      if (!isOfToday(row, clock)) return fail('forbidden', 'this token is not of today');
      await tx
        .update(cabinet)
        .set({ publicKey, tokenOpen: false, enrolledAtMs: clock.nowMs() })
        .where(eq(cabinet.cabinetId, cabinetId));
      if (row.publicKey !== publicKey) await endMachineBefore(tx, clock, cabinetId);
      return ok();
    }
    if (row.publicKey === publicKey) return ok();
    await addIncident(
      tx,
      clock,
      'enrol_with_other_key',
      cabinetId,
      null,
      'a used token came with another key',
    );
    return fail('forbidden', 'this token is used up');
  });
}

/**
 * Another key is another machine: it goes on with nothing that was bound to the one before. What the cabinet is owed and
 * was told of stays: charges of visits from before are still to be sent by a machine that has lost its key alone.
 */
async function endMachineBefore(tx: Db, clock: Clock, cabinetId: string): Promise<void> {
  await tx.delete(chainEnd).where(eq(chainEnd.cabinetId, cabinetId));
  await withdrawOfMachineBefore(tx, clock, cabinetId);
  await endAccountsOf(tx, cabinetId);
  await endScansOf(tx, clock, cabinetId);
}
