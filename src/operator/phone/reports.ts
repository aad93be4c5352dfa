import { createHash } from 'node:crypto';
import { and, count, eq } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId } from '../../shared/ids.ts';
import { photoMaxBytes, photoSideMaxPixels, photosOfReportMax } from '../../shared/phone/calls.ts';
import type { PhoneRequest } from '../../shared/phone/routes.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { canonicalJson } from '../../shared/util/canonical-json.ts';
import { lockCharge, receiveDispute } from '../disputes/disputes.ts';
import { capDayMs } from '../limits.ts';
import { dispute, phoneReport, reportPhoto } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';
import type { PhoneFailure } from './errors.ts';
import { phoneFailureOf } from './errors.ts';
import { tooMany } from '../http/page-errors.ts';
import { photosOfDayMax, reportsOfDayMax } from './limits.ts';
import { readPictureHeader } from '../../shared/node/picture-header.ts';

interface ReportParts {
  readonly db: Db;
  readonly clock: Clock;
}

/** A purchase that is this member's for certain. */
interface OwnPurchase {
  readonly memberId: string;
  readonly chargeId: ChargeId;
  readonly cabinetId: string;
}

const againAfterS = 3_600;

/**
 * What a member says is wrong with a purchase of theirs: a dispute as of the cabinet's own screen, with words. The same again is
 * the same report; another one under its number is a `conflict`, of which nobody is told: its sender has made the number.
 */
export async function reportPurchase(
  { db, clock }: ReportParts,
  { memberId, chargeId, cabinetId }: OwnPurchase,
  { disputeId, skus, text }: PhoneRequest<'reportPurchase'>,
): Promise<Result<void, PhoneFailure>> {
  const sent = { chargeId, disputeId, skus: [...skus].sort(), text };
  const body = canonicalJson(sent);
  const [known] = await db.select().from(phoneReport).where(eq(phoneReport.disputeId, disputeId));
  if (known !== undefined && (known.memberId !== memberId || known.body !== body))
    return fail('conflict', 'this number is another report');
  if (known === undefined) {
    const kept = await keepWords({ db, clock }, { disputeId, chargeId, memberId, body, reason: text });
    if (!kept.ok) return kept;
  }
  // Of one that is known the words may be all that was kept before something broke.
  const json = { disputeId, skus: sent.skus, via: 'phone' };
  const taken = await receiveDispute({ db, clock, cabinetIsAsked: true }, cabinetId, chargeId, {
    body: { disputeId, skus: sent.skus, atMs: clock.nowMs() },
    json,
  });
  if (taken.ok) return ok();
  await db.delete(phoneReport).where(eq(phoneReport.disputeId, disputeId));
  return { ok: false, error: phoneFailureOf(taken.error) };
}

/** What it is told by comes first: a dispute that is there without its words is repeated with them. */
async function keepWords(
  { db, clock }: ReportParts,
  report: Omit<typeof phoneReport.$inferInsert, 'atMs'>,
): Promise<Result<void, PhoneFailure>> {
  const { disputeId, memberId } = report;
  const [others] = await db.select().from(dispute).where(eq(dispute.disputeId, disputeId));
  if (others !== undefined) return fail('conflict', 'this number is another report');
  const isToday = and(
    eq(phoneReport.memberId, memberId),
    isWithin(phoneReport.atMs, clock.nowMs(), capDayMs),
  );
  const [today] = await db.select({ reports: count() }).from(phoneReport).where(isToday);
  if ((today?.reports ?? 0) >= reportsOfDayMax) return tooMany(againAfterS);
  await db
    .insert(phoneReport)
    .values({ ...report, atMs: clock.nowMs() })
    .onConflictDoNothing();
  return ok();
}

/** Pictures that the reports of these purchases may still be given. */
export async function photosLeftOf(db: Db, chargeId: string): Promise<number> {
  const [kept] = await db
    .select({ photos: count() })
    .from(reportPhoto)
    .where(eq(reportPhoto.chargeId, chargeId));
  return Math.max(0, photosOfReportMax - (kept?.photos ?? 0));
}

/**
 * Keeps a picture of a reported purchase as its bytes: nothing here draws it. What it is, and how large it would be drawn, its
 * header says. The same again is the same. How many more it may be given.
 */
export async function addPhoto(
  { db, clock }: ReportParts,
  { memberId, chargeId }: OwnPurchase,
  bytes: Buffer,
): Promise<Result<{ readonly photosLeft: number }, PhoneFailure>> {
  const header = readPictureHeader(bytes);
  if (header === null) return fail('bad_request', 'neither JPEG, PNG nor WebP');
  const { type: contentType, width, height } = header;
  if (bytes.length > photoMaxBytes || Math.max(width, height) > photoSideMaxPixels)
    return fail('too_large', `${width} × ${height}`);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return db.transaction(async (tx): Promise<Result<{ readonly photosLeft: number }, PhoneFailure>> => {
    // Two pictures at once do not both take the last place.
    await lockCharge(tx, chargeId);
    const atMs = clock.nowMs();
    const isSame = and(eq(reportPhoto.chargeId, chargeId), eq(reportPhoto.hash, hash));
    const { photoId } = reportPhoto;
    const [same] = await tx.select({ photoId }).from(reportPhoto).where(isSame);
    const photosLeft = await photosLeftOf(tx, chargeId);
    if (same !== undefined) return ok({ photosLeft });
    if (photosLeft === 0) return fail('conflict', 'this report has as many pictures as it may');
    const isToday = and(eq(reportPhoto.memberId, memberId), isWithin(reportPhoto.atMs, atMs, capDayMs));
    const [today] = await tx.select({ photos: count() }).from(reportPhoto).where(isToday);
    if ((today?.photos ?? 0) >= photosOfDayMax) return tooMany(againAfterS);
    await tx.insert(reportPhoto).values({ chargeId, memberId, contentType, bytes, hash, atMs });
    return ok({ photosLeft: photosLeft - 1 });
  });
}
