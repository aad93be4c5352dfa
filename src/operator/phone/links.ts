import { and, asc, eq, isNotNull, isNull, or } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { LinkState } from '../../shared/phone/session.ts';
import { phonePagePath, phonePlaces } from '../../shared/phone/calls.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { ApiFailure } from '../http/errors.ts';
import { hashOf, newToken } from '../http/tokens.ts';
import { member, memberLink } from '../storage/schema.ts';
import type { Db } from '../storage/storage.ts';
import { endsWithin } from '../storage/within.ts';
import { linkLifetimeMs, linksOfMemberMax } from './limits.ts';

interface LinkParts {
  readonly db: Db;
  readonly clock: Clock;
}

/** A one-time link as it is handed to its member: whoever has it first signs in as them. */
export interface NewLink {
  readonly url: string;
  readonly endsAtMs: number;
}

/**
 * Makes a link that signs this member in, once; the token is said here alone, and only its hash is stored. Of more than a member
 * may have open, the oldest ends. `page`: the address that phones reach this operator at. `not_found`: no such member.
 */
export async function makeLink(
  { db, clock }: LinkParts,
  { memberId, madeBy, page }: { readonly memberId: string; readonly madeBy: string; readonly page: string },
): Promise<Result<NewLink, ApiFailure>> {
  const token = newToken();
  return db.transaction(async (tx): Promise<Result<NewLink, ApiFailure>> => {
    const [found] = await tx.select().from(member).where(eq(member.memberId, memberId)).for('update');
    if (found === undefined) return fail('not_found', 'no such member');
    const nowMs = clock.nowMs();
    const open = await tx
      .select({ tokenHash: memberLink.tokenHash })
      .from(memberLink)
      .where(and(eq(memberLink.memberId, memberId), isNull(memberLink.usedAtMs), isGoodAt(nowMs)))
      .orderBy(asc(memberLink.madeAtMs));
    for (const { tokenHash } of open.slice(0, Math.max(0, open.length + 1 - linksOfMemberMax)))
      await tx
        .update(memberLink)
        .set({ endsAtMs: nowMs - 1 })
        .where(eq(memberLink.tokenHash, tokenHash));
    const endsAtMs = nowMs + linkLifetimeMs;
    const times = { madeAtMs: nowMs, endsAtMs };
    await tx.insert(memberLink).values({ tokenHash: hashOf(token), memberId, madeBy, ...times });
    // The fragment is sent to no server, so that no log and no preview has it.
    return ok({ url: `${new URL(phonePagePath + phonePlaces.link, page).href}#${token}`, endsAtMs });
  });
}

/**
 * This browser has opened a link: the first one that does is the only one that can sign in by it. What is answered says nothing
 * of the member.
 */
export async function openLink({ db, clock }: LinkParts, token: string, browser: string): Promise<LinkState> {
  const [tokenHash, browserHash] = [hashOf(token), hashOf(browser)];
  const nowMs = clock.nowMs();
  const isIt = eq(memberLink.tokenHash, tokenHash);
  await db
    .update(memberLink)
    .set({ browserHash })
    .where(and(isIt, isNull(memberLink.browserHash), isNull(memberLink.usedAtMs), isGoodAt(nowMs)));
  return stateFor({ db, clock }, tokenHash, browserHash);
}

/** The member of a link, which is used up by this; or why nobody signs in. */
export async function useLink(
  { db, clock }: LinkParts,
  token: string,
  browser: string | null,
): Promise<{ readonly memberId: string } | Exclude<LinkState, 'ready'>> {
  if (browser === null) return 'elsewhere';
  const [tokenHash, browserHash] = [hashOf(token), hashOf(browser)];
  const nowMs = clock.nowMs();
  const isTheirs = and(eq(memberLink.tokenHash, tokenHash), eq(memberLink.browserHash, browserHash));
  const [used] = await db
    .update(memberLink)
    .set({ usedAtMs: nowMs })
    .where(and(isTheirs, isNull(memberLink.usedAtMs), isGoodAt(nowMs)))
    .returning({ memberId: memberLink.memberId });
  if (used !== undefined) return used;
  const state = await stateFor({ db, clock }, tokenHash, browserHash);
  // Of one that has not been opened nobody can have asked its owner.
  return state === 'ready' ? 'elsewhere' : state;
}

/** Also those that a browser has opened, and kept for later. */
export async function endLinksOf({ db, clock }: LinkParts, memberId: string): Promise<void> {
  const nowMs = clock.nowMs();
  const isOpen = and(eq(memberLink.memberId, memberId), isNull(memberLink.usedAtMs), isGoodAt(nowMs));
  await db
    .update(memberLink)
    .set({ endsAtMs: nowMs - 1 })
    .where(isOpen);
}

async function stateFor(
  { db, clock }: LinkParts,
  tokenHash: string,
  browserHash: string,
): Promise<LinkState> {
  const isKnown = and(eq(memberLink.tokenHash, tokenHash), isKnownAt(clock.nowMs()));
  const [found] = await db.select().from(memberLink).where(isKnown);
  if (found === undefined) return 'over';
  if (found.usedAtMs !== null) return 'used';
  return found.browserHash === browserHash ? 'ready' : 'elsewhere';
}

const isGoodAt = (nowMs: number) => endsWithin(memberLink.endsAtMs, nowMs, linkLifetimeMs);
/** Of one that somebody has signed in by it is said until its row goes. */
const isKnownAt = (nowMs: number) => or(isGoodAt(nowMs), isNotNull(memberLink.usedAtMs));
