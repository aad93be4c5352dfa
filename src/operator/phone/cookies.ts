import type { FastifyReply, FastifyRequest } from 'fastify';
import { isAddressedAsLoopback } from '../../shared/loopback.ts';
import { tokenInCookie } from '../http/cookies.ts';
import { newToken } from '../http/tokens.ts';
import { phoneSessionMaxMs, providerSignInMaxMs } from './limits.ts';

/**
 * `session`: who is signed in. `browser`: by this a browser is known that has opened a link; it lets nobody in. `way`: it is on
 * its way to a provider and back.
 */
type CookieName = 'session' | 'browser' | 'way';

const keptMs: Readonly<Record<CookieName, number>> = {
  session: phoneSessionMaxMs,
  browser: phoneSessionMaxMs,
  way: providerSignInMaxMs,
};

/**
 * The cookies of the shopper's page. `__Host-`: the browser takes such a cookie from this host alone, with Secure and for all
 * paths (RFC 6265bis, 4.1.3.2). Lax, not Strict: people come from links, and back from their provider; nothing is changed by a
 * GET, and a POST of another site has none of them. Where `isPlainAllowed` (development), a browser on this very machine is
 * given them without both, as it comes by plain http.
 */
export class PhoneCookies {
  readonly #isPlainAllowed: boolean;

  constructor(isPlainAllowed: boolean) {
    this.#isPlainAllowed = isPlainAllowed;
  }

  read(request: FastifyRequest, name: CookieName): string | null {
    return tokenInCookie(request, this.#fullName(request, name));
  }

  give(request: FastifyRequest, reply: FastifyReply, name: CookieName, token: string): void {
    this.#set(request, reply, name, `${token}; Max-Age=${Math.floor(keptMs[name] / 1_000)}`);
  }

  take(request: FastifyRequest, reply: FastifyReply, name: CookieName): void {
    this.#set(request, reply, name, '; Max-Age=0');
  }

  /** What this browser is known by; it is told, where it did not know. */
  browserOf(request: FastifyRequest, reply: FastifyReply): string {
    const known = this.read(request, 'browser') ?? newToken();
    this.give(request, reply, 'browser', known);
    return known;
  }

  #set(request: FastifyRequest, reply: FastifyReply, name: CookieName, value: string): void {
    const secure = this.#isPlain(request) ? '' : ' Secure;';
    const text = `${this.#fullName(request, name)}=${value}; Path=/; HttpOnly;${secure} SameSite=Lax`;
    const earlier = reply.getHeader('set-cookie') ?? [];
    void reply.removeHeader('set-cookie');
    void reply.header('set-cookie', [...(Array.isArray(earlier) ? earlier : [String(earlier)]), text]);
  }

  #fullName(request: FastifyRequest, name: CookieName): string {
    return `${this.#isPlain(request) ? '' : '__Host-'}kaimen-phone-${name}`;
  }

  #isPlain({ headers: { host, origin } }: FastifyRequest): boolean {
    return this.#isPlainAllowed && isAddressedAsLoopback(host, origin);
  }
}
