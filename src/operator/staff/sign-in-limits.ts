import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Origin } from '../http/origin.ts';
import { sharedAddresses } from '../http/origin.ts';
import { RateLimit } from '../http/rate-limit.ts';
import { rateKeysMax } from '../limits.ts';
import { tokenTriesOfAddress, triesOfAddress, triesOfDevice, triesOfName } from './limits.ts';

/** Who tries: `deviceHash` is of a browser that has signed in as this person before; null: not as far as it can show. */
export interface Try {
  readonly name: string;
  readonly address: Origin['address'];
  readonly deviceHash: string | null;
}

/**
 * How often somebody may try to sign in. A browser that has signed in as this person before has tries of its own (as OWASP's
 * "device cookies"): so a stranger who guesses at a name all day shuts nobody out, and nobody is shut out for ever.
 */
export class SignInLimits {
  readonly #isShared: (address: string) => boolean;
  readonly #ofDevice: RateLimit;
  readonly #ofAddress: RateLimit;
  readonly #ofName: RateLimit;
  readonly #tokens: RateLimit;
  readonly #nameKey = randomBytes(32);

  constructor(clock: Clock, proxies: readonly string[]) {
    this.#isShared = sharedAddresses(proxies);
    this.#ofDevice = new RateLimit(clock, triesOfDevice);
    this.#ofAddress = new RateLimit(clock, triesOfAddress);
    this.#ofName = new RateLimit(clock, triesOfName);
    this.#tokens = new RateLimit(clock, tokenTriesOfAddress);
  }

  /** Takes one try; seconds until there is one, and nothing taken; 0: it was taken. */
  take({ name, address, deviceHash }: Try): number {
    if (deviceHash !== null) return takeOf([[this.#ofDevice, deviceHash]]);
    const byName = [this.#ofName, this.#placeOf(name)] as const;
    return takeOf(this.#isShared(address) ? [byName] : [[this.#ofAddress, address], byName]);
  }

  /**
   * The same for one-time tokens: of 256 bits, so that the bound is for our work alone. `accountId`: whose the token is, null:
   * nobody's. Who has one has tries of their own, whatever comes from the same address.
   */
  takeToken(address: Origin['address'], accountId: string | null): number {
    return takeOf([[this.#tokens, accountId === null ? address : `account ${accountId}`]]);
  }

  /**
   * As many places as are remembered: nobody has one forgotten by trying at other names, nor knows which names share it with
   * another.
   */
  #placeOf(name: string): string {
    const hash = createHmac('sha256', this.#nameKey).update(name, 'utf8').digest();
    return String(hash.readUInt32BE() % rateKeysMax);
  }
}

function takeOf(limits: readonly (readonly [RateLimit, string])[]): number {
  const waitS = Math.max(...limits.map(([limit, key]) => limit.waitS(key)));
  if (waitS === 0) for (const [limit, key] of limits) limit.take(key);
  return waitS;
}
