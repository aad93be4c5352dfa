import { and, desc, eq, lt } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { noticesOfMemberMax } from '../limits.ts';
import { memberNotice } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';

type NewNotice = Pick<typeof memberNotice.$inferInsert, 'memberId' | 'kind' | 'ref' | 'cabinetId'> &
  Partial<Pick<typeof memberNotice.$inferInsert, 'amountMinor' | 'currency'>>;

/**
 * Tells a member something, once for each thing that it is about (`ref`). It waits here until the member's phone looks. Only
 * the newest of a member are kept: nobody can fill the table.
 */
export async function tellMember(db: Db, clock: Clock, notice: NewNotice): Promise<void> {
  const added = await db
    .insert(memberNotice)
    .values({ ...notice, atMs: clock.nowMs() })
    .onConflictDoNothing()
    .returning({ id: memberNotice.id });
  if (added.length === 0) return;
  const isTheirs = eq(memberNotice.memberId, notice.memberId);
  const [oldestKept] = await db
    .select({ id: memberNotice.id })
    .from(memberNotice)
    .where(isTheirs)
    .orderBy(desc(memberNotice.id))
    .offset(noticesOfMemberMax - 1)
    .limit(1);
  if (oldestKept !== undefined)
    await db.delete(memberNotice).where(and(isTheirs, lt(memberNotice.id, oldestKept.id)));
}

/** Tells it anew, in place of the last time: the phone shows it as new, and once. */
export async function remindMember(db: Db, clock: Clock, notice: NewNotice): Promise<void> {
  const { memberId, kind, ref, cabinetId } = notice;
  const isSame = and(
    eq(memberNotice.memberId, memberId),
    eq(memberNotice.kind, kind),
    eq(memberNotice.ref, ref),
    eq(memberNotice.cabinetId, cabinetId),
  );
  await db.delete(memberNotice).where(isSame);
  await tellMember(db, clock, notice);
}

/** Newest first; of one member, or (null) of all. */
export async function listNotices(
  db: Db,
  memberId: string | null,
): Promise<(typeof memberNotice.$inferSelect)[]> {
  return db
    .select()
    .from(memberNotice)
    .where(memberId === null ? undefined : eq(memberNotice.memberId, memberId))
    .orderBy(desc(memberNotice.id))
    .limit(noticesOfMemberMax);
}
