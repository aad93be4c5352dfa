import { and, count, desc, eq, isNull, not, or } from 'drizzle-orm';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChargeId, EnrolmentId } from '../../shared/ids.ts';
import { isWithinLife } from '../../shared/lifetime.ts';
import { minor, zeroMinor } from '../../shared/money.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import { type Signer, whileKeyHolds } from '../http/authenticator.ts';
import type { ApiFailure } from '../http/errors.ts';
import type { Policy } from '../limits.ts';
import {
  accountVisitMs,
  capDayMs,
  memberCodeGraceMs,
  verifiedStepMs,
  visitSilentMs,
  visitsOfDayMax,
} from '../limits.ts';
import { type MemberCode, memberCodeLifetimeS } from '../../shared/model/member.ts';
import type { Member } from '../../shared/model/member.schema.ts';
import { tellMember } from '../members/notices.ts';
import type { MemberCodes } from '../members/member-code-keyring.ts';
import { faceStandingOf } from '../members/face-enrolments.ts';
import { StoredAccounts } from '../providers/provider-accounts.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { member, qrSignIn, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';
import type { OrdersBeforeDoor } from './orders-before-door.ts';
import { exposureOf } from './exposure.ts';

export interface VisitOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly memberCodes: MemberCodes;
  readonly policy: Policy;
  readonly catalog: ServedCatalog;
  readonly orders: OrdersBeforeDoor;
  readonly providers: Pick<ProviderRegistry, 'find' | 'findReal'>;
}

/** What a member is judged by. */
export type JudgeOptions = Pick<VisitOptions, 'clock' | 'policy' | 'catalog' | 'providers'>;

/** For how long a code is good, and by how much clocks may differ. */
export const codeLife = { lifetimeMs: memberCodeLifetimeS * 1000, skewMs: memberCodeGraceMs };

const refused = (reason: ReasonCode): AuthoriseReply => ({ decision: 'refused', reason });

/**
 * Judges a member code for a visit. The code is used up by the first visit that shows it, whatever the answer; the
 * same visit asking again (its first answer may have been lost) gets the same answer, also after the code has
 * expired. Who comes too often in a day is refused, and the code is not used up. An enrolment code is one for "my data"
 * alone, so it opens nothing. Whose agreement with the provider is not valid is refused. Where that wants an order before the door it is opened now, and refuses whom the
 * provider refuses. `unauthenticated`: the machine that asks was replaced meanwhile.
 */
export async function authoriseVisit(
  options: VisitOptions,
  signer: Signer,
  request: AuthoriseRequest,
): Promise<Result<AuthoriseReply, ApiFailure>> {
  const judged = await judgeVisit(options, signer, request);
  if (!judged.ok || judged.value.decision !== 'allowed') return judged;
  const { visitId, chargeId } = request;
  if (chargeId === undefined || ('purpose' in request && request.purpose !== 'visit')) return judged;
  const asked = { cabinetId: signer.cabinetId, visitId, orderId: chargeId };
  return ok(await options.orders.openFor(asked, judged.value));
}

async function judgeVisit(
  options: VisitOptions,
  signer: Signer,
  request: AuthoriseRequest,
): Promise<Result<AuthoriseReply, ApiFailure>> {
  const { db, memberCodes } = options;
  const { cabinetId } = signer;
  if ('faceOf' in request)
    return whileKeyHolds(db, signer, async (tx) => ok(await authoriseFace(tx, options, cabinetId, request)));
  const { visitId, code: text, purpose, chargeId } = request;
  const read = await memberCodes.read(text);
  if (!read.ok) return ok(refused(read.error.code));
  const code = read.value;
  if (code.purpose === 'enrol' && purpose !== 'account') return ok(refused('account.code_unknown'));
  const asked = { cabinetId, visitId, purpose, code, chargeId };
  return whileKeyHolds(db, signer, async (tx) => ok(await authoriseCode(tx, options, asked)));
}

interface CodeRequest extends Pick<typeof visit.$inferSelect, 'cabinetId' | 'visitId' | 'purpose'> {
  readonly code: MemberCode;
  readonly chargeId: ChargeId | undefined;
}

/** Of a visit that was allowed for this charge its end is expected. */
function endOf(
  { decision }: AuthoriseReply,
  chargeId: ChargeId | undefined,
  nowMs: number,
): Pick<typeof visit.$inferInsert, 'chargeId' | 'watchAtMs'> {
  if (decision !== 'allowed' || chargeId === undefined) return {};
  return { chargeId, watchAtMs: nowMs + visitSilentMs };
}

/** Judges a member code that is one of ours. */
async function authoriseCode(
  tx: Db,
  options: VisitOptions,
  { cabinetId, visitId, purpose, code, chargeId }: CodeRequest,
): Promise<AuthoriseReply> {
  const { clock } = options;
  if (await belongsElsewhere(tx, cabinetId, code)) return refused('account.code_unknown');
  if (!isWithinLife(code.expiresAtMs, clock.nowMs(), codeLife))
    return (await earlierAnswer(tx, cabinetId, visitId, code)) ?? refused('account.code_expired');
  const coming = { cabinetId, memberId: code.memberId, visitId, entryMethod: 'code', purpose } as const;
  if (await comesTooOften(tx, coming, clock.nowMs()))
    return (await earlierAnswer(tx, cabinetId, visitId, code)) ?? refused('account.limit_reached');
  const reply =
    purpose === 'visit'
      ? await evaluateMember(tx, options, code.memberId)
      : await identifyMember(tx, options, code);
  const inserted = await tx
    .insert(visit)
    .values({
      ...coming,
      codeNonce: code.nonce,
      mayEnrol: reply.decision === 'allowed' && reply.mayEnrol === true,
      allowed: reply.decision === 'allowed',
      reply: JSON.stringify(reply),
      atMs: clock.nowMs(),
      ...(purpose === 'visit' ? endOf(reply, chargeId, clock.nowMs()) : {}),
    })
    .onConflictDoNothing()
    .returning({ id: visit.id });
  if (inserted.length > 0) {
    if (purpose === 'visit' && reply.decision === 'allowed') await noteVerified(tx, clock, code.memberId);
    return reply;
  }
  return (await earlierAnswer(tx, cabinetId, visitId, code)) ?? refused('account.code_replayed');
}

interface FaceRequest {
  readonly visitId: string;
  readonly faceOf: string;
  readonly enrolmentId?: EnrolmentId | undefined;
  readonly chargeId?: ChargeId | undefined;
}

/**
 * By face the cabinet alone brings a visit about, by code the cabinet and an account: whoever has both, or a cabinet's key and
 * his own face there, makes as many as they like, each with a charge that is kept for ever. No member comes so often. What is
 * refused for it is not kept. Each way in counts by itself: one that only the key takes uses up none that takes a code.
 */
async function comesTooOften(
  db: Db,
  coming: Pick<typeof visit.$inferSelect, 'cabinetId' | 'memberId' | 'entryMethod' | 'purpose'>,
  nowMs: number,
): Promise<boolean> {
  const isLately = and(
    eq(visit.cabinetId, coming.cabinetId),
    eq(visit.memberId, coming.memberId),
    eq(visit.entryMethod, coming.entryMethod),
    eq(visit.purpose, coming.purpose),
    isWithin(visit.atMs, nowMs, capDayMs),
  );
  const [lately] = await db.select({ visits: count() }).from(visit).where(isLately);
  return (lately?.visits ?? 0) >= visitsOfDayMax;
}

/**
 * Judges a member whom the cabinet knows by face. The cabinet's signature stands for that; whose face was not enrolled
 * there with a code of their own is not believed. The same visit asking again gets the same answer.
 */
async function authoriseFace(
  tx: Db,
  options: VisitOptions,
  cabinetId: string,
  { visitId, faceOf: memberId, enrolmentId: named, chargeId }: FaceRequest,
): Promise<AuthoriseReply> {
  const { clock, policy } = options;
  const enrolmentId = named ?? null;
  const atMs = clock.nowMs();
  const standing = await faceStandingOf(tx, { cabinetId, memberId, enrolmentId, nowMs: atMs });
  if (standing === null) return refused('account.face_not_enrolled');
  const coming = { cabinetId, memberId, visitId, entryMethod: 'face', purpose: 'visit' } as const;
  if (await comesTooOften(tx, coming, atMs))
    return (await earlierFaceAnswer(tx, coming)) ?? refused('account.limit_reached');
  const judged = await evaluateMember(tx, options, memberId);
  const reply =
    judged.decision === 'allowed' && standing === 'claimed'
      ? { ...judged, visitMaxMinor: minor(Math.min(judged.visitMaxMinor, policy.claimedVisitMaxMinor)) }
      : judged;
  const inserted = await tx
    .insert(visit)
    .values({
      ...coming,
      enrolmentId,
      faceStanding: standing,
      allowed: reply.decision === 'allowed',
      reply: JSON.stringify(reply),
      atMs,
      ...endOf(reply, chargeId, atMs),
    })
    .onConflictDoNothing()
    .returning({ id: visit.id });
  if (inserted.length > 0) {
    if (standing === 'claimed') await askToConfirm(tx, clock, cabinetId, memberId);
    else if (reply.decision === 'allowed') await noteVerified(tx, clock, memberId);
    return reply;
  }
  return (await earlierFaceAnswer(tx, coming)) ?? refused('account.code_replayed');
}

/** The operator has let the member in, by more than a cabinet's word: they may come in offline for a while. To the hour. */
async function noteVerified(tx: Db, clock: Clock, memberId: string): Promise<void> {
  const nowMs = clock.nowMs();
  const isNoted = isWithin(member.verifiedAtMs, nowMs, verifiedStepMs);
  await tx
    .update(member)
    .set({ verifiedAtMs: nowMs })
    .where(and(eq(member.memberId, memberId), or(isNull(member.verifiedAtMs), not(isNoted))));
}

/** What this very visit was told about a face; null when there is no such answer. */
async function earlierFaceAnswer(
  db: Db,
  { cabinetId, visitId, memberId }: Pick<typeof visit.$inferSelect, 'cabinetId' | 'visitId' | 'memberId'>,
): Promise<AuthoriseReply | null> {
  const sameVisit = and(
    eq(visit.cabinetId, cabinetId),
    eq(visit.visitId, visitId),
    eq(visit.entryMethod, 'face'),
  );
  const [first] = await db.select().from(visit).where(sameVisit);
  if (first === undefined) return null;
  if (first.memberId !== memberId) return refused('account.code_replayed');
  return authoriseReplySchema.parse(JSON.parse(first.reply));
}

/** Once: the member is to enrol anew, with a code; until then the face counts for little, and not for long. */
async function askToConfirm(db: Db, clock: Clock, cabinetId: string, memberId: string): Promise<void> {
  await tellMember(db, clock, { memberId, kind: 'face_unconfirmed', ref: cabinetId, cabinetId });
}

/** Whose "my data" this visit is, at this cabinet; null: no such visit, or its code was shown too long ago. */
export async function accountOf(
  db: Db,
  clock: Clock,
  cabinetId: string,
  visitId: string,
): Promise<string | null> {
  const isOpen = and(
    eq(visit.visitId, visitId),
    eq(visit.cabinetId, cabinetId),
    eq(visit.purpose, 'account'),
    eq(visit.allowed, true),
    isWithin(visit.atMs, clock.nowMs(), accountVisitMs),
  );
  const [newest] = await db
    .select({ memberId: visit.memberId })
    .from(visit)
    .where(isOpen)
    .orderBy(desc(visit.atMs), desc(visit.id))
    .limit(1);
  return newest?.memberId ?? null;
}

/** "My data" is open in no visit at this cabinet any more. Inside the transaction that puts another machine in its place. */
export async function endAccountsOf(tx: Db, cabinetId: string): Promise<void> {
  await tx
    .update(visit)
    .set({ allowed: false })
    .where(and(eq(visit.cabinetId, cabinetId), eq(visit.purpose, 'account'), eq(visit.allowed, true)));
}

/** A code that was made for one cabinet (qr-sign-in.ts) is none at another, and is not used up there. */
export async function belongsElsewhere(db: Db, cabinetId: string, code: MemberCode): Promise<boolean> {
  const [scan] = await db
    .select({ cabinetId: qrSignIn.cabinetId })
    .from(qrSignIn)
    .where(eq(qrSignIn.codeNonce, code.nonce));
  return scan !== undefined && scan.cabinetId !== cabinetId;
}

/** What this very visit was told about this code; null when there is no such answer. */
async function earlierAnswer(
  db: Db,
  cabinetId: string,
  visitId: string,
  code: MemberCode,
): Promise<AuthoriseReply | null> {
  const [use] = await db.select().from(visit).where(eq(visit.codeNonce, code.nonce));
  if (use === undefined) return null;
  if (use.visitId !== visitId || use.cabinetId !== cabinetId) return refused('account.code_replayed');
  return authoriseReplySchema.parse(JSON.parse(use.reply));
}

/** Recognises a member in whatever standing: everybody may see and delete what is stored about them. */
async function identifyMember(
  db: Db,
  options: VisitOptions,
  { memberId, purpose }: MemberCode,
): Promise<AuthoriseReply> {
  const [found] = await db.select().from(member).where(eq(member.memberId, memberId));
  if (found === undefined) return refused('account.code_unknown');
  const { phoneLastDigits: phoneDigits } = found;
  return {
    decision: 'allowed',
    member: toldOf(options.providers, found),
    visitMaxMinor: zeroMinor,
    phoneDigits,
    ...(purpose === 'enrol' ? { mayEnrol: true } : {}),
  };
}

/** What a cabinet is told of a member. */
export function toldOf(providers: VisitOptions['providers'], found: typeof member.$inferSelect): Member {
  const { memberId, display, provider } = found;
  const means = providers.find(provider)?.means ?? null;
  return { memberId, display, ...(means === null ? {} : { means }) };
}

/**
 * Why nobody could be asked for what this member takes; null: somebody can. A merchant may stand in no file of this operator
 * (any more); an agreement may be none yet, or have ended. By what is on record: nobody waits for the provider.
 */
async function whyNotAsked(
  db: Db,
  { clock, providers }: JudgeOptions,
  { memberId, provider: name }: typeof member.$inferSelect,
): Promise<ReasonCode | null> {
  if (providers.find(name) === null) return 'system.provider_error';
  if (providers.findReal(name)?.wantsAgreement !== true) return null;
  const account = await new StoredAccounts(db, clock, name).find(memberId);
  return account?.agreement === 'valid' ? null : 'account.authentication_required';
}

/** Whether a door would open for this member now. Holds the member's row until the transaction ends: who asks at the same moment waits, and sees this visit. */
export async function evaluateMember(
  db: Db,
  options: JudgeOptions,
  memberId: string,
): Promise<AuthoriseReply> {
  const { clock, policy, catalog } = options;
  const [found] = await db.select().from(member).where(eq(member.memberId, memberId)).for('update');
  if (found === undefined) return refused('account.code_unknown');
  if (found.standing === 'suspended') return refused('account.suspended');
  const reason = await whyNotAsked(db, options, found);
  if (reason !== null) return refused(reason);
  const exposure = await exposureOf(db, clock, policy, memberId, catalog.catalog.currency);
  const { sumMinor, collectingCount, endedCount, payable, openVisitCount } = exposure;
  const isShut = (owedMinor: number, count: number, ended: number): boolean =>
    count >= policy.unpaidMaxCount ||
    (policy.endedDebtLocks && ended > 0) ||
    owedMinor >= policy.unpaidMaxMinor ||
    (policy.oneOpenVisit && openVisitCount > 0);
  // Whoever is told to pay gets in by paying.
  if (isShut(sumMinor - payable.sumMinor, collectingCount - payable.count, endedCount - payable.endedCount))
    return refused('account.limit_reached');
  if (isShut(sumMinor + found.owedElsewhereMinor, collectingCount, endedCount))
    return refused('account.unpaid_charges');
  const roomMinor = policy.unpaidMaxMinor - sumMinor - found.owedElsewhereMinor;
  return {
    decision: 'allowed',
    member: toldOf(options.providers, found),
    visitMaxMinor: minor(Math.min(policy.visitMaxMinor, roomMinor)),
    phoneDigits: null,
  };
}
