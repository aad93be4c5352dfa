import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import { hashOf, newToken } from '../http/tokens.ts';
import { member, phoneSession } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import {
  phoneSessionIdleMaxMs,
  phoneSessionMaxMs,
  phoneSessionSeenStepMs,
  phoneSessionsMax,
} from './limits.ts';
import { endLinksOf } from './links.ts';

/** A member who is signed in on a phone, as they are now. */
export interface SignedInMember {
  /** Of the session; only its hash is stored. */
  readonly token: string;
  readonly tokenHash: string;
  readonly memberId: string;
  readonly display: string;
  readonly language: 'zh' | 'en' | null;
  readonly endsAtMs: number;
}

/** Begins a session; of more than a member may have, the oldest end. */
export async function beginPhoneSession(tx: Db, clock: Clock, memberId: string): Promise<string> {
  const nowMs = clock.nowMs();
  const token = newToken();
  const open = await tx
    .select({ tokenHash: phoneSession.tokenHash })
    .from(phoneSession)
    .where(isOpenOf(memberId))
    .orderBy(asc(phoneSession.beganAtMs));
  for (const { tokenHash } of open.slice(0, Math.max(0, open.length + 1 - phoneSessionsMax)))
    await endPhoneSession(tx, clock, tokenHash);
  const times = { beganAtMs: nowMs, seenAtMs: nowMs };
  await tx.insert(phoneSession).values({ tokenHash: hashOf(token), memberId, ...times });
  return token;
}

/** Whose session this is, and notes that they are here; null: nobody's (any more). */
export async function findPhoneSession(db: Db, clock: Clock, token: string): Promise<SignedInMember | null> {
  const tokenHash = hashOf(token);
  const { memberId, display, language } = member;
  const { beganAtMs, seenAtMs } = phoneSession;
  const [found] = await db
    .select({ memberId, display, language, beganAtMs, seenAtMs })
    .from(phoneSession)
    .innerJoin(member, eq(phoneSession.memberId, memberId))
    .where(and(eq(phoneSession.tokenHash, tokenHash), isNull(phoneSession.endedAtMs)));
  if (found === undefined) return null;
  const nowMs = clock.nowMs();
  // What was written while the clock was ahead counts for no longer than what is of now.
  const ages = [nowMs - found.beganAtMs, nowMs - found.seenAtMs] as const;
  if (Math.abs(ages[0]) >= phoneSessionMaxMs || Math.abs(ages[1]) >= phoneSessionIdleMaxMs) {
    await endPhoneSession(db, clock, tokenHash);
    return null;
  }
  if (ages[1] >= phoneSessionSeenStepMs)
    await db.update(phoneSession).set({ seenAtMs: nowMs }).where(eq(phoneSession.tokenHash, tokenHash));
  const endsAtMs = found.beganAtMs + phoneSessionMaxMs;
  return {
    token,
    tokenHash,
    endsAtMs,
    ...{ memberId: found.memberId, display: found.display, language: found.language },
  };
}

export async function endPhoneSession(db: Db, clock: Clock, tokenHash: string): Promise<void> {
  await db
    .update(phoneSession)
    .set({ endedAtMs: clock.nowMs() })
    .where(and(eq(phoneSession.tokenHash, tokenHash), isNull(phoneSession.endedAtMs)));
}

/** On every phone and browser of this member, and of those that could come in by a link they have opened. */
export async function signOutEverywhere(db: Db, clock: Clock, memberId: string): Promise<void> {
  await endLinksOf({ db, clock }, memberId);
  await db.update(phoneSession).set({ endedAtMs: clock.nowMs() }).where(isOpenOf(memberId));
}

function isOpenOf(memberId: string) {
  return and(eq(phoneSession.memberId, memberId), isNull(phoneSession.endedAtMs));
}
