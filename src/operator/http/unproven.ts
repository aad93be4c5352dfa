import type { Clock } from '../../shared/clock.ts';
import {
  enrolledReadEveryMs,
  failedProofsOfAll,
  failedProofsOfCabinetAtAddress,
  provenCountsMs,
  rateKeysMax,
} from '../limits.ts';
import { RateLimit } from './rate-limit.ts';
import type { Rate } from './rate-limit.ts';

export interface UnprovenOptions {
  readonly clock: Clock;
  /** Failed proofs of one address. */
  readonly ofAddress: Rate;
  /** The cabinets that can prove themselves. */
  readonly readCabinets: () => Promise<ReadonlySet<string>>;
}

const all = 'all';

/**
 * How much is done for requests of which nobody knows yet who sends them: the proof is a signature, or the token of an
 * enrolment. An address has a budget of proofs that may fail.
 * A whole site, and strangers with it, may stand behind one address, so it is not the last word: whoever names a cabinet
 * that there is is looked at while all addresses together have not failed too often, or else out of a reserve for this
 * cabinet at this address; and always where it has proven itself a short while ago: its key may have been replaced since.
 */
export class Unproven {
  readonly #clock: Clock;
  readonly #readCabinets: () => Promise<ReadonlySet<string>>;
  readonly #ofAddress: RateLimit;
  readonly #ofCabinet: RateLimit;
  readonly #ofAll: RateLimit;
  /**
   * Address and cabinet of those who have proven who they are, and when (monotonic, ms), oldest first: what others do at
   * their address does not shut them out.
   */
  readonly #provenAt = new Map<string, number>();
  #cabinets: Promise<ReadonlySet<string>> = Promise.resolve(new Set());
  #readAtMs = -Infinity;

  constructor({ clock, ofAddress, readCabinets }: UnprovenOptions) {
    this.#clock = clock;
    this.#readCabinets = readCabinets;
    this.#ofAddress = new RateLimit(clock, ofAddress);
    this.#ofCabinet = new RateLimit(clock, failedProofsOfCabinetAtAddress);
    this.#ofAll = new RateLimit(clock, failedProofsOfAll);
  }

  /** Whole seconds until such a request is looked at; 0: now. `claimed`: the cabinet that it names; null: none, and no proof. */
  async waitS(address: string, claimed: string | null): Promise<number> {
    const ofAddressS = this.addressWaitS(address);
    // Without a proof in the right form there is nothing to look at.
    if (claimed === null) return ofAddressS;
    const pair = `${address} ${claimed}`;
    const provenMs = this.#provenAt.get(pair) ?? -Infinity;
    if (this.#clock.monotonicMs() - provenMs <= provenCountsMs) return 0;
    const ofAllS = this.#ofAll.waitS(all);
    if (ofAllS === 0 && ofAddressS === 0) return 0;
    if (!(await this.isCabinet(claimed))) return Math.max(ofAddressS, ofAllS);
    return ofAllS === 0 ? 0 : this.#ofCabinet.waitS(pair);
  }

  /** Whole seconds until the address itself is within its limit again, whoever is named; 0: it is. */
  addressWaitS(address: string): number {
    return this.#ofAddress.waitS(address);
  }

  failed(address: string, claimed: string | null): void {
    this.#ofAddress.take(address);
    if (claimed === null) return;
    this.#ofAll.take(all);
    this.#ofCabinet.take(`${address} ${claimed}`);
  }

  proved(address: string, cabinetId: string): void {
    const pair = `${address} ${cabinetId}`;
    this.#provenAt.delete(pair);
    this.#provenAt.set(pair, this.#clock.monotonicMs());
    const [oldest] = this.#provenAt.keys();
    if (this.#provenAt.size > rateKeysMax && oldest !== undefined) this.#provenAt.delete(oldest);
  }

  /** As of a short while ago: what has ended since counts no more, and what is new does. */
  async isCabinet(cabinetId: string): Promise<boolean> {
    const known = await this.#cabinets;
    if (this.#clock.monotonicMs() - this.#readAtMs < enrolledReadEveryMs) return known.has(cabinetId);
    this.#readAtMs = this.#clock.monotonicMs();
    // A database that does not answer now leaves what was known.
    this.#cabinets = this.#readCabinets().catch(() => known);
    return (await this.#cabinets).has(cabinetId);
  }
}
