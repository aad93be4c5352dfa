import type { FastifyReply, FastifyRequest } from 'fastify';
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

export const sessionTokenOf = (request: FastifyRequest): string | null => cookieOf(request, sessionCookie);
export const deviceOf = (request: FastifyRequest): string | null => cookieOf(request, deviceCookie);

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

/** Null: not there, twice there, or none of ours. */
function cookieOf({ headers: { cookie = '' } }: FastifyRequest, name: string): string | null {
  const found = cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value = ''] = found;
  return found.length === 1 && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : null;
}
