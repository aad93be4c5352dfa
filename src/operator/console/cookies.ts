import type { FastifyReply, FastifyRequest } from 'fastify';
import { tokenInCookie } from '../http/cookies.ts';
import { deviceKnownMs } from '../staff/limits.ts';
import type { NewSession } from '../staff/sessions.ts';

/**
 * `__Host-`: the browser takes such a cookie from this host alone, with Secure and for all paths (RFC 6265bis, 4.1.3.2), so
 * that no neighbour can put one there.
 */
const sessionCookie = '__Host-kaimen-session';
/** By this a browser is known that has signed in before (staff/sign-in-limits.ts). It lets nobody in. */
const deviceCookie = '__Host-kaimen-device';
const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict';

export const sessionTokenOf = (request: FastifyRequest): string | null =>
  tokenInCookie(request, sessionCookie);
export const deviceOf = (request: FastifyRequest): string | null => tokenInCookie(request, deviceCookie);

export function giveCookies(reply: FastifyReply, { token, device }: NewSession): void {
  const keptS = Math.floor(deviceKnownMs / 1_000);
  void reply.header('set-cookie', [
    `${sessionCookie}=${token}; ${attributes}`,
    `${deviceCookie}=${device}; Max-Age=${keptS}; ${attributes}`,
  ]);
}

export function takeCookies(reply: FastifyReply): void {
  void reply.header('set-cookie', `${sessionCookie}=; Max-Age=0; ${attributes}`);
}
