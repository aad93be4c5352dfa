import { and, count, desc, eq, gt, inArray, isNull } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { MemberMessage } from '../../shared/model/message.schema.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { capDayMs, messageKeptMs, messagesOfMemberDayMax, messagesToldMax } from '../limits.ts';
import { charge, member, memberMessage, visit } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { isWithin } from '../storage/within.ts';

export interface NewMessage {
  readonly memberId: string;
  readonly template: MemberMessage['template'];
  readonly text: string;
  readonly chargeId?: string | undefined;
  /** Of which no charge had come. */
  readonly visit?: { readonly cabinetId: string; readonly visitId: string } | undefined;
  /** Who writes it; the member is not told. */
  readonly actor: string;
}

/**
 * Writes to a member, who reads it on their phone until it ends. `conflict`: enough was written to them for a day;
 * `bad_request`: about a purchase or visit that is not theirs, or nothing. In a transaction, after the member's row was locked.
 */
export async function writeToMember(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  { memberId, template, text, chargeId, visit: ofVisit, actor }: NewMessage,
): Promise<Result<void, ApiFailure>> {
  const [person] = await db.select().from(member).where(eq(member.memberId, memberId)).for('update');
  if (person === undefined) return fail('not_found', 'no such member');
  if (template === 'free' && text === '') return fail('bad_request', 'a message of their own needs words');
  if (chargeId !== undefined) {
    const isTheirs = and(eq(charge.chargeId, chargeId), eq(charge.memberId, memberId));
    const [about] = await db.select({ chargeId: charge.chargeId }).from(charge).where(isTheirs);
    if (about === undefined) return fail('bad_request', 'the member has no such purchase');
  }
  if (ofVisit !== undefined) {
    const { cabinetId, visitId } = ofVisit;
    const isTheirs = and(
      eq(visit.cabinetId, cabinetId),
      eq(visit.visitId, visitId),
      eq(visit.memberId, memberId),
    );
    if ((await db.$count(visit, isTheirs)) === 0)
      return fail('bad_request', 'the member has made no such visit');
  }
  const madeAtMs = clock.nowMs();
  const isLately = and(
    eq(memberMessage.memberId, memberId),
    isWithin(memberMessage.madeAtMs, madeAtMs, capDayMs),
  );
  const [lately] = await db.select({ written: count() }).from(memberMessage).where(isLately);
  if ((lately?.written ?? 0) >= messagesOfMemberDayMax)
    return fail('conflict', `${messagesOfMemberDayMax} were written to this member within a day`);
  await db.insert(memberMessage).values({
    ...{ memberId, template, body: text, chargeId: chargeId ?? null, ...ofVisit, actor },
    ...{ madeAtMs, endsAtMs: madeAtMs + messageKeptMs },
  });
  return ok();
}

/** What is there for a member to read, the newest first. */
export async function messagesOf(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  memberId: string,
): Promise<MemberMessage[]> {
  const isTheirs = and(eq(memberMessage.memberId, memberId), gt(memberMessage.endsAtMs, clock.nowMs()));
  const rows = await db
    .select()
    .from(memberMessage)
    .where(isTheirs)
    .orderBy(desc(memberMessage.messageId))
    .limit(messagesToldMax);
  return rows.map(({ messageId, template, body: text, chargeId, madeAtMs: atMs, readAtMs }) => {
    return { messageId, template, text, chargeId, atMs, isRead: readAtMs !== null };
  });
}

/** How many of them the member has not had on screen. */
export async function unreadOf(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  memberId: string,
): Promise<number> {
  const { endsAtMs, readAtMs } = memberMessage;
  const isUnread = and(eq(memberMessage.memberId, memberId), gt(endsAtMs, clock.nowMs()), isNull(readAtMs));
  const [found] = await db.select({ unread: count() }).from(memberMessage).where(isUnread);
  return found?.unread ?? 0;
}

/** The member has had these on screen. Others' are left as they are. */
export async function markRead(
  { db, clock }: { readonly db: Db; readonly clock: Clock },
  memberId: string,
  messageIds: readonly number[],
): Promise<void> {
  if (messageIds.length === 0) return;
  const isTheirs = and(
    eq(memberMessage.memberId, memberId),
    inArray(memberMessage.messageId, [...messageIds]),
  );
  await db
    .update(memberMessage)
    .set({ readAtMs: clock.nowMs() })
    .where(and(isTheirs, isNull(memberMessage.readAtMs)));
}
