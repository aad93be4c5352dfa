import type { Clock } from '../../shared/clock.ts';
import { rateKeysMax } from '../limits.ts';

/** So many at once, and so many more each second. */
export interface Rate {
  readonly burst: number;
  readonly perS: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** A token bucket for each key (an address, a cabinet). Remembers `rateKeysMax` keys, those used last. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** Oldest use first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Whole seconds until one may be taken, at least 1; 0: now. Takes nothing. */
  waitS(key: string): number {
    const { tokens } = this.#refilled(key);
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / this.#rate.perS);
  }

  /** Takes one, if there is one. */
  take(key: string): void {
    const bucket = this.#refilled(key);
    bucket.tokens = Math.max(0, bucket.tokens - 1);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > rateKeysMax && oldest !== undefined) this.#buckets.delete(oldest);
  }

  #refilled(key: string): Bucket {
    const { burst, perS } = this.#rate;
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * perS);
    bucket.atMs = nowMs;
    return bucket;
  }
}
