import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import type { PhoneCall } from '../../shared/phone/calls.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { originOf, sharedAddresses } from '../http/origin.ts';
import { hasTokenOf, isFromOwnPage } from '../http/own-page.ts';
import { Places } from '../http/places.ts';
import { RateLimit } from '../http/rate-limit.ts';
import { hashOf } from '../http/tokens.ts';
import { Turns } from '../http/turns.ts';
import { rateKeysMax } from '../limits.ts';
import type { Db } from '../storage/storage.ts';
import type { PhoneCookies } from './cookies.ts';
import type { PhoneFailure } from './errors.ts';
import { tooMany } from '../http/page-errors.ts';
import {
  callsOfMember,
  callsOfSession,
  phoneLookups,
  phoneLookupsOfAddress,
  signInsOfAddress,
} from './limits.ts';
import type { SignedInMember } from './sessions.ts';
import { findPhoneSession } from './sessions.ts';

export interface PhoneGateOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly cookies: PhoneCookies;
  /** See Connections. */
  readonly proxyAddresses: readonly string[];
}

/**
 * Who may come in, before the body is read: the page of this very host, then somebody who is signed in, with the token that only
 * that page has been told, and not too often. All phones may come through one proxy: what strangers send there is looked up a
 * few at a time, and takes nobody else's tries away; whose session was found here lately waits behind none of them.
 */
export class PhoneGate {
  readonly #o: PhoneGateOptions;
  readonly #isShared: (address: string) => boolean;
  readonly #ofAddress: RateLimit;
  readonly #ofSession: RateLimit;
  readonly #ofMember: RateLimit;
  readonly #lookups = new Turns(phoneLookups);
  readonly #lookupsOfKnown = new Turns(phoneLookups);
  /** Hashes of sessions that were found, the one that was used last comes last. */
  readonly #known = new Set<string>();
  /** By their address: what is looked up, or waits for it, that was not found before. */
  readonly #unknown = new Places();

  constructor(options: PhoneGateOptions) {
    this.#o = options;
    this.#isShared = sharedAddresses(options.proxyAddresses);
    this.#ofAddress = new RateLimit(options.clock, signInsOfAddress);
    this.#ofSession = new RateLimit(options.clock, callsOfSession);
    this.#ofMember = new RateLimit(options.clock, callsOfMember);
  }

  /** Null: nobody is needed. */
  async pass(call: PhoneCall, request: FastifyRequest): Promise<Result<SignedInMember | null, PhoneFailure>> {
    if (!isFromOwnPage(call.method, request))
      return fail('other_origin', 'not from the page of this operator');
    if (call.access === 'anybody') return this.#stranger(call, request);
    const token = this.#o.cookies.read(request, 'session');
    if (token === null) return fail('unauthenticated', 'not signed in');
    const found = await this.#find(token, originOf(request.ip).address);
    if (!found.ok) return found;
    const who = found.value;
    if (who === null) return fail('unauthenticated', 'not signed in (any more)');
    if (call.method !== 'GET' && !hasTokenOf(token, request))
      return fail('other_origin', 'without the token of this session');
    const waitS = Math.max(this.#ofSession.waitS(who.tokenHash), this.#ofMember.waitS(who.memberId));
    if (waitS > 0) return tooMany(waitS);
    this.#ofSession.take(who.tokenHash);
    this.#ofMember.take(who.memberId);
    return ok(who);
  }

  /** Whose session this is; null: nobody's. */
  async #find(token: string, address: string): Promise<Result<SignedInMember | null, PhoneFailure>> {
    const hash = hashOf(token);
    const look = () => findPhoneSession(this.#o.db, this.#o.clock, token);
    const isKnown = this.#known.has(hash);
    const found = await (isKnown ? this.#lookupsOfKnown.take(look) : this.#findUnknown(address, look));
    if (found === null) return tooMany(1);
    this.#known.delete(hash);
    if (found.value === null) return ok(null);
    this.#known.add(hash);
    const [oldest] = this.#known;
    if (this.#known.size > rateKeysMax && oldest !== undefined) this.#known.delete(oldest);
    return ok(found.value);
  }

  /** Behind those of strangers, of whom one address has a share; null: come again. */
  async #findUnknown<T>(address: string, look: () => Promise<T>): Promise<{ readonly value: T } | null> {
    const max = this.#isShared(address) ? Number.POSITIVE_INFINITY : phoneLookupsOfAddress;
    const giveBack = this.#unknown.take([[address, max]]);
    if (giveBack === null) return null;
    try {
      return await this.#lookups.take(look);
    } finally {
      giveBack();
    }
  }

  #stranger({ method }: PhoneCall, { ip }: FastifyRequest): Result<null, PhoneFailure> {
    const { address } = originOf(ip);
    // What is only read costs nothing.
    if (method === 'GET' || this.#isShared(address)) return ok(null);
    const waitS = this.#ofAddress.waitS(address);
    if (waitS > 0) return tooMany(waitS);
    this.#ofAddress.take(address);
    return ok(null);
  }

  /** What strangers want looked up waits for its turn; null: come again. */
  turn<T>(work: () => Promise<T>): Promise<{ readonly value: T } | null> {
    return this.#lookups.take(work);
  }
}
