import { assert } from '../../shared/assert.ts';
import { rightsOf } from '../../shared/console/roles.ts';
import type { SessionReply } from '../../shared/console/staff.schema.ts';
import { ok } from '../../shared/result.ts';
import { originOf } from '../http/origin.ts';
import {
  acceptInvitation,
  accountIdOfToken,
  changePassword,
  changeRole,
  disableAccount,
  invite,
  listAccounts,
  lookInvitation,
  resetAccount,
} from '../staff/accounts.ts';
import { confirmAccount } from '../staff/confirmation.ts';
import { sessionIdleMaxMs } from '../staff/limits.ts';
import { csrfOf } from '../http/tokens.ts';
import { endSession, recoveryCodesLeft } from '../staff/sessions.ts';
import type { StaffParts } from '../staff/sign-in.ts';
import { signIn } from '../staff/sign-in.ts';
import type { SignedIn } from './console-gate.ts';
import { deviceOf, giveCookies, takeCookies } from './cookies.ts';
import { tooMany } from '../http/page-errors.ts';
import type { ConsoleHandlers } from './handlers.ts';

type StaffRoutes =
  | 'session'
  | 'signIn'
  | 'signOut'
  | 'changePassword'
  | 'lookInvitation'
  | 'acceptInvitation'
  | 'staff'
  | 'invite'
  | 'resetAccount'
  | 'changeRole'
  | 'disableAccount'
  | 'confirmAccount';

/** Who somebody is, and accounts. */
export function staffHandlers(parts: StaffParts): Pick<ConsoleHandlers, StaffRoutes> {
  const { db, clock, limits } = parts;
  const told = (session: SignedIn): Promise<SessionReply> => sessionReplyOf(parts, session);
  const addressOf = (ip: string): string => originOf(ip).address;
  const tokenWaitS = async (token: string, ip: string): Promise<number> =>
    limits.takeToken(addressOf(ip), await accountIdOfToken(parts, token));
  return {
    session: async ({ who }) => ok(await told(someone(who))),
    signIn: async ({ body, request, reply }) => {
      const from = { address: addressOf(request.ip), device: deviceOf(request) };
      const done = await signIn(parts, body, from);
      if (!done.ok) return done;
      giveCookies(reply, done.value);
      return ok(await told({ ...done.value.session, token: done.value.token }));
    },
    signOut: async ({ who, reply }) => {
      await endSession(db, clock, someone(who).tokenHash);
      takeCookies(reply);
      return ok();
    },
    changePassword: async ({ who, body, reply }) => {
      const done = await changePassword(parts, someone(who), body);
      if (!done.ok) return done;
      giveCookies(reply, done.value);
      return ok(await told({ ...done.value.session, token: done.value.token }));
    },
    lookInvitation: async ({ body, request }) => {
      const waitS = await tokenWaitS(body.token, request.ip);
      return waitS > 0 ? tooMany(waitS) : lookInvitation(parts, body.token);
    },
    acceptInvitation: async ({ body, request, reply }) => {
      const waitS = await tokenWaitS(body.token, request.ip);
      if (waitS > 0) return tooMany(waitS);
      const done = await acceptInvitation(parts, body);
      if (!done.ok) return done;
      const { recoveryCodes, token, session } = done.value;
      giveCookies(reply, done.value);
      return ok({ ...(await told({ ...session, token })), recoveryCodes });
    },
    staff: async () => ok(await listAccounts(db)),
    invite: ({ who, body }) => invite(parts, someone(who), body),
    resetAccount: ({ who, params, body }) => resetAccount(parts, someone(who), { ...params, ...body }),
    changeRole: ({ who, params, body }) => changeRole(parts, someone(who), { ...params, ...body }),
    confirmAccount: ({ who, params, body }) => confirmAccount(parts, someone(who), { ...params, ...body }),
    disableAccount: ({ who, params, body }) => disableAccount(parts, someone(who), { ...params, ...body }),
  };
}

/** Behind a route that asks for somebody. */
export function someone(who: SignedIn | null): SignedIn {
  assert(who !== null, 'the gate lets nobody through here who is not signed in');
  return who;
}

async function sessionReplyOf(
  { db }: StaffParts,
  { accountId, name, role, endsAtMs, token }: SignedIn,
): Promise<SessionReply> {
  const said = { accountId, name, role, rights: rightsOf[role], csrf: csrfOf(token) };
  const left = await recoveryCodesLeft(db, accountId);
  return { ...said, endsAtMs, idleMaxMs: sessionIdleMaxMs, recoveryCodesLeft: left };
}
