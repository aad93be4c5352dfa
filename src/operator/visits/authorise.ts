import { and, count, desc, eq, gt, sql, sum } from 'drizzle-orm';
import type { AuthoriseReply, AuthoriseRequest } from '../../shared/api/operator.ts';
import { authoriseReplySchema } from '../../shared/api/operator.ts';
import type { Clock } from '../../shared/clock.ts';
import { minor, zeroMinor } from '../../shared/money.ts';
import type { ReasonCode } from '../../shared/model/charge.ts';
import type { Policy } from '../limits.ts';
import { accountVisitMs, memberCodeGraceMs } from '../limits.ts';
import type { MemberCode } from '../../shared/model/member.ts';
import type { MemberCodeKeys } from '../members/member-code.ts';
import { readMemberCode } from '../members/member-code.ts';
import { qrSignIn, charge, member, memberCodeUse } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

export interface VisitOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly memberCodeKeys: MemberCodeKeys;
  readonly policy: Policy;
}

const refused = (reason: ReasonCode): AuthoriseReply => ({ decision: 'refused', reason });

/**
 * Judges a member code for a visit. The code is used up by the first visit that shows it, whatever the answer; the
 * same visit asking again (its first answer may have been lost) gets the same answer, also after the code has
 * expired.
 */
export async function authoriseVisit(
  options: VisitOptions,
  cabinetId: string,
  request: AuthoriseRequest,
): Promise<AuthoriseReply> {
  if ('faceOf' in request) return authoriseFace(options, cabinetId, request.visitId, request.faceOf);
  const { visitId, code: text, purpose } = request;
  const { db, clock, memberCodeKeys, policy } = options;
  const read = readMemberCode(memberCodeKeys, text);
  if (!read.ok) return refused(read.error.code);
  const code = read.value;
  return db.transaction(async (tx) => {
    if (await belongsElsewhere(tx, cabinetId, code)) return refused('account.code_unknown');
    if (clock.nowMs() > code.expiresAtMs + memberCodeGraceMs)
      return (await earlierAnswer(tx, cabinetId, visitId, code)) ?? refused('account.code_expired');
    const reply =
      purpose === 'visit'
        ? await evaluateMember(tx, policy, code.memberId)
        : await identifyMember(tx, code.memberId);
    const used = {
      nonce: code.nonce,
      memberId: code.memberId,
      cabinetId,
      visitId,
      // "My data" opens no door: a charge for this visit is never allowed.
      allowed: purpose === 'visit' && reply.decision === 'allowed',
      reply: JSON.stringify(reply),
      atMs: clock.nowMs(),
    };
    const inserted = await tx.insert(memberCodeUse).values(used).onConflictDoNothing().returning();
    if (inserted.length > 0) return reply;
    return (await earlierAnswer(tx, cabinetId, visitId, code)) ?? refused('account.code_replayed');
  });
}

/**
 * Judges a member whom the cabinet knows by face. The cabinet's signature stands for that; whoever never showed a
 * code there cannot be meant, because a face is enrolled with one. The same visit asking again gets the same answer.
 */
async function authoriseFace(
  { db, clock, policy }: VisitOptions,
  cabinetId: string,
  visitId: string,
  memberId: string,
): Promise<AuthoriseReply> {
  return db.transaction(async (tx) => {
    const condition = and(eq(memberCodeUse.cabinetId, cabinetId), eq(memberCodeUse.memberId, memberId));
    const [known] = await tx
      .select({ nonce: memberCodeUse.nonce })
      .from(memberCodeUse)
      .where(condition)
      .limit(1);
    if (known === undefined) return refused('account.code_unknown');
    const reply = await evaluateMember(tx, policy, memberId);
    const nonce = `face:${cabinetId}:${visitId}`;
    const used = {
      ...{ nonce, memberId, cabinetId, visitId, atMs: clock.nowMs(), reply: JSON.stringify(reply) },
      allowed: reply.decision === 'allowed',
    };
    const inserted = await tx.insert(memberCodeUse).values(used).onConflictDoNothing().returning();
    if (inserted.length > 0) return reply;
    const [first] = await tx.select().from(memberCodeUse).where(eq(memberCodeUse.nonce, nonce));
    if (first?.memberId !== memberId) return refused('account.code_replayed');
    return authoriseReplySchema.parse(JSON.parse(first.reply));
  });
}

/**
 * Whose "my data" this visit is, at this cabinet; null: no such visit, or its code was shown too long ago. What was
 * answered "allowed" and is allowed nothing was for "my data".
 */
export async function accountOf(
  db: Db,
  clock: Clock,
  cabinetId: string,
  visitId: string,
): Promise<string | null> {
  const condition = and(
    eq(memberCodeUse.visitId, visitId),
    eq(memberCodeUse.cabinetId, cabinetId),
    eq(memberCodeUse.allowed, false),
    gt(memberCodeUse.atMs, clock.nowMs() - accountVisitMs),
  );
  const uses = await db.select().from(memberCodeUse).where(condition).orderBy(desc(memberCodeUse.atMs));
  const use = uses.find(({ reply }) => authoriseReplySchema.parse(JSON.parse(reply)).decision === 'allowed');
  return use?.memberId ?? null;
}

/** A code that was made for one cabinet (qr-sign-in.ts) is none at another, and is not used up there. */
async function belongsElsewhere(db: Db, cabinetId: string, code: MemberCode): Promise<boolean> {
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
  const [use] = await db.select().from(memberCodeUse).where(eq(memberCodeUse.nonce, code.nonce));
  if (use === undefined) return null;
  if (use.visitId !== visitId || use.cabinetId !== cabinetId) return refused('account.code_replayed');
  return authoriseReplySchema.parse(JSON.parse(use.reply));
}

/** Recognises a member in whatever standing: everybody may see and delete what is stored about them. */
async function identifyMember(db: Db, memberId: string): Promise<AuthoriseReply> {
  const [found] = await db.select().from(member).where(eq(member.memberId, memberId));
  if (found === undefined) return refused('account.code_unknown');
  const { display } = found;
  const phoneDigits = /^1\d{2}\*{4}(\d{4})$/.exec(display)?.[1] ?? null;
  return { decision: 'allowed', member: { memberId, display }, visitMaxMinor: zeroMinor, phoneDigits };
}

async function evaluateMember(db: Db, policy: Policy, memberId: string): Promise<AuthoriseReply> {
  const [found] = await db.select().from(member).where(eq(member.memberId, memberId));
  if (found === undefined) return refused('account.code_unknown');
  if (found.standing === 'suspended') return refused('account.suspended');
  const [unpaid] = await db
    .select({
      count: count(),
      sumMinor: sum(sql`${charge.totalMinor} - ${charge.disputedMinor}`).mapWith(Number),
    })
    .from(charge)
    .where(and(eq(charge.memberId, memberId), eq(charge.state, 'collecting')));
  const owedMinor = (unpaid?.sumMinor ?? 0) + found.owedElsewhereMinor;
  if ((unpaid?.count ?? 0) >= policy.unpaidMaxCount || owedMinor >= policy.unpaidMaxMinor)
    return refused('account.unpaid_charges');
  return {
    decision: 'allowed',
    member: { memberId, display: found.display },
    visitMaxMinor: minor(policy.visitMaxMinor),
    phoneDigits: null,
  };
}
