import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import {
  addressesOfNetwork,
  enrolledReadEveryMs,
  failedProofsOfAll,
  failedProofsOfCabinetInNetwork,
  failedProofsOfProven,
  provenCountsMs,
  rateKeysMax,
} from '../limits.ts';
import { RateLimit } from './rate-limit.ts';
import type { Rate } from './rate-limit.ts';
import type { Origin } from './origin.ts';

export interface UnprovenOptions {
  readonly clock: Clock;
  /** Failed proofs of one address. */
  readonly ofAddress: Rate;
  /** The cabinets that can prove themselves. */
  readonly readCabinets: () => Promise<ReadonlySet<string>>;
}

const all = 'all';

interface Proof {
  /** Monotonic, ms. */
  readonly atMs: number;
  /** Null: it was no signature. */
  readonly key: KeyObject | null;
}

/**
 * How much is done for requests of which nobody knows yet who sends them: the proof is a signature, or the token of an
 * enrolment. An address has a budget of proofs that may fail, and so has its network.
 * A whole site, and strangers with it, may stand behind one address, so it is not the last word: whoever names a cabinet
 * that there is is looked at while all addresses together have not failed too often, or else out of a reserve for this
 * cabinet in this network; and where it has proven itself a short while ago, out of a larger one whatever others do. None of
 * these is the last word about such a cabinet either, for a stranger beside it uses them up: beyond them the key that it has
 * proven itself with is remembered, so that the gate can tell the two apart at little cost.
 */
export class Unproven {
  readonly #clock: Clock;
  readonly #readCabinets: () => Promise<ReadonlySet<string>>;
  readonly #ofAddress: RateLimit;
  readonly #ofNetwork: RateLimit;
  readonly #ofCabinet: RateLimit;
  readonly #ofProven: RateLimit;
  readonly #ofAll: RateLimit;
  /**
   * Address and cabinet of those who have proven who they are, oldest first: what others do at their address does not shut
   * them out.
   */
  readonly #proofs = new Map<string, Proof>();
  #cabinets: Promise<ReadonlySet<string>> = Promise.resolve(new Set());
  #readAtMs = -Infinity;

  constructor({ clock, ofAddress, readCabinets }: UnprovenOptions) {
    this.#clock = clock;
    this.#readCabinets = readCabinets;
    this.#ofAddress = new RateLimit(clock, ofAddress);
    const { burst, perS } = ofAddress;
    this.#ofNetwork = new RateLimit(clock, {
      burst: burst * addressesOfNetwork,
      perS: perS * addressesOfNetwork,
    });
    this.#ofCabinet = new RateLimit(clock, failedProofsOfCabinetInNetwork);
    this.#ofProven = new RateLimit(clock, failedProofsOfProven);
    this.#ofAll = new RateLimit(clock, failedProofsOfAll);
  }

  /** Whole seconds until such a request is looked at; 0: now. `claimed`: the cabinet that it names; null: none, and no proof. */
  async waitS(origin: Origin, claimed: string | null): Promise<number> {
    const ofOriginS = this.originWaitS(origin);
    // Without a proof in the right form there is nothing to look at.
    if (claimed === null) return ofOriginS;
    const pair = provenKey(origin, claimed);
    if (this.#proofOf(pair) !== null && this.#ofProven.waitS(pair) === 0) return 0;
    const ofAllS = this.#ofAll.waitS(all);
    if (ofAllS === 0 && ofOriginS === 0) return 0;
    if (!(await this.isCabinet(claimed))) return Math.max(ofOriginS, ofAllS);
    return ofAllS === 0 ? 0 : this.#ofCabinet.waitS(reserveKey(origin, claimed));
  }

  /** Whole seconds until address and network themselves are within their limits again, whoever is named; 0: they are. */
  originWaitS({ address, network }: Origin): number {
    return Math.max(this.#ofAddress.waitS(address), this.#ofNetwork.waitS(network));
  }

  failed(origin: Origin, claimed: string | null): void {
    this.#ofAddress.take(origin.address);
    this.#ofNetwork.take(origin.network);
    if (claimed === null) return;
    this.#ofAll.take(all);
    this.#ofCabinet.take(reserveKey(origin, claimed));
    const pair = provenKey(origin, claimed);
    if (this.#proofOf(pair) !== null) this.#ofProven.take(pair);
  }

  proved(origin: Origin, cabinetId: string, key: KeyObject | null): void {
    const pair = provenKey(origin, cabinetId);
    this.#proofs.delete(pair);
    this.#proofs.set(pair, { atMs: this.#clock.monotonicMs(), key });
    const [oldest] = this.#proofs.keys();
    if (this.#proofs.size > rateKeysMax && oldest !== undefined) this.#proofs.delete(oldest);
  }

  /** The key is not the cabinet's any more. */
  forget(origin: Origin, cabinetId: string): void {
    this.#proofs.delete(provenKey(origin, cabinetId));
  }

  /** The key with which this cabinet has proven itself at this address a short while ago; it may have been replaced since. */
  keyOf(origin: Origin, claimed: string | null): KeyObject | null {
    return claimed === null ? null : (this.#proofOf(provenKey(origin, claimed))?.key ?? null);
  }

  #proofOf(pair: string): Proof | null {
    const proof = this.#proofs.get(pair);
    return proof !== undefined && this.#clock.monotonicMs() - proof.atMs <= provenCountsMs ? proof : null;
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

/** A proof is one address's: who stands beside it in the same network has proven nothing. */
const provenKey = ({ address }: Origin, cabinetId: string): string => `${address} ${cabinetId}`;
/** The reserve is one for the whole network: with many addresses there is no more of it. */
const reserveKey = ({ network }: Origin, cabinetId: string): string => `${network} ${cabinetId}`;
