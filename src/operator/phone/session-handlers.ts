import { eq } from 'drizzle-orm';
import type { PhoneSession, SignedInReply } from '../../shared/phone/session.schema.ts';
import { ok } from '../../shared/result.ts';
import { csrfOf } from '../http/tokens.ts';
import { member } from '../storage/schema.ts';
import { unreadOf } from '../members/messages.ts';
import { evaluateMember } from '../visits/authorise.ts';
import type { PhoneCallMade, PhoneHandlers, PhoneParts } from './handlers.ts';
import { phoneSessionIdleMaxMs } from './limits.ts';
import { openLink, useLink } from './links.ts';
import type { SignedInMember } from './sessions.ts';
import { beginPhoneSession, endPhoneSession, findPhoneSession, signOutEverywhere } from './sessions.ts';

type SessionCalls = Pick<
  PhoneHandlers,
  'openLink' | 'useLink' | 'session' | 'signOut' | 'signOutEverywhere' | 'setLanguage'
>;

/** Signing in by a link, and what follows from it. */
export function sessionHandlers(parts: PhoneParts): SessionCalls {
  const { db, clock, cookies } = parts;
  return {
    openLink: async ({ body, request, reply }) =>
      ok({ state: await openLink(parts, body.token, cookies.browserOf(request, reply)) }),
    useLink: async (call) => {
      const { body, request } = call;
      const used = await useLink(parts, body.token, cookies.read(request, 'browser'));
      if (typeof used === 'string') return ok({ signedIn: false, reason: used });
      return ok(await signIn(parts, call, used.memberId));
    },
    session: async ({ who }) => ok(await shownSession(parts, who)),
    signOut: async ({ who, request, reply }) => {
      await endPhoneSession(db, clock, who.tokenHash);
      cookies.take(request, reply, 'session');
      return ok();
    },
    signOutEverywhere: async ({ who, request, reply }) => {
      await signOutEverywhere(db, clock, who.memberId);
      cookies.take(request, reply, 'session');
      return ok();
    },
    setLanguage: async ({ who, body: { language } }) => {
      await db.update(member).set({ language }).where(eq(member.memberId, who.memberId));
      return ok();
    },
  };
}

/** From now on this browser is the member's. A session that it had before ends: it may be somebody else's. */
export async function signIn(
  parts: PhoneParts,
  { request, reply }: Pick<PhoneCallMade<'useLink'>, 'request' | 'reply'>,
  memberId: string,
): Promise<SignedInReply> {
  const { db, clock, cookies } = parts;
  const before = cookies.read(request, 'session');
  const known = before === null ? null : await findPhoneSession(db, clock, before);
  if (known !== null) await endPhoneSession(db, clock, known.tokenHash);
  const token = await db.transaction((tx) => beginPhoneSession(tx, clock, memberId));
  const who = await findPhoneSession(db, clock, token);
  if (who === null) return { signedIn: false, reason: 'unknown_account' };
  cookies.give(request, reply, 'session', token);
  return { signedIn: true, session: await shownSession(parts, who) };
}

async function shownSession(parts: PhoneParts, who: SignedInMember): Promise<PhoneSession> {
  const { memberId, display, language, endsAtMs, token } = who;
  const judged = await parts.db.transaction((tx) => evaluateMember(tx, parts, memberId));
  return {
    ...{ memberId, display, language, endsAtMs, csrf: csrfOf(token) },
    ...{ idleMaxMs: phoneSessionIdleMaxMs, nowMs: parts.clock.nowMs() },
    refused: judged.decision === 'refused' ? judged.reason : null,
    unread: await unreadOf(parts, memberId),
  };
}
