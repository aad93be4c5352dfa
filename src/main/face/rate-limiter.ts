import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { MetaKey, MetaStore } from '../storage/meta-store.ts';

/** While something counts it is written down again after as long as the program has run, within these bounds. */
const keepAgainMinMs = 1_000;
const keepAgainMaxMs = 60_000;

export interface RateLimiterOptions {
  readonly limit: { readonly max: number; readonly perMs: number };
  /** Where it is written down what counts, and as what. */
  readonly meta: Pick<MetaStore, 'get' | 'set'>;
  readonly key: Extract<MetaKey, 'face_looks' | 'wrong_digits'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * So many of something in any stretch of time, restarts or not; what was taken back does not count. Time is that for which
 * the program runs: what is written down is how long ago each was, and not ahead (as operating-clock.ts has to), so that no
 * plug that is pulled and no clock that is set ends a stretch early. By plugs it lasts twice as long at most, for half of a
 * run at least is counted (but for its last minute, if it was longer than two, or a run of less than a second).
 */
export class RateLimiter {
  readonly #o: RateLimiterOptions;
  readonly #startedMs: number;
  #consumedAtMs: readonly number[];
  #cancelTimer: (() => void) | null = null;

  constructor(options: RateLimiterOptions) {
    this.#o = options;
    this.#startedMs = options.clock.monotonicMs();
    this.#consumedAtMs = this.#load().map((ageMs) => this.#startedMs - ageMs);
    this.#keepAgainLater();
  }

  isAllowed(): boolean {
    return this.#counting().length < this.#o.limit.max;
  }

  /** One more. False: it counts, but is not on record, and a restart would forget it. */
  consume(): boolean {
    this.#consumedAtMs = [...this.#counting(), this.#o.clock.monotonicMs()];
    this.#keepAgainLater();
    return this.#keep();
  }

  /** The last one does not count after all. */
  refund(): void {
    this.#consumedAtMs = this.#consumedAtMs.slice(0, -1);
    this.#keep();
  }

  /** From now on nothing is written down. */
  stop(): void {
    this.#cancelTimer?.();
  }

  #counting(): readonly number[] {
    const sinceMs = this.#o.clock.monotonicMs() - this.#o.limit.perMs;
    this.#consumedAtMs = this.#consumedAtMs.filter((atMs) => atMs > sinceMs);
    return this.#consumedAtMs;
  }

  #keepAgainLater(): void {
    if (this.#cancelTimer !== null || this.#counting().length === 0) return;
    const { clock } = this.#o;
    const ranMs = clock.monotonicMs() - this.#startedMs;
    this.#cancelTimer = clock.after(Math.min(Math.max(ranMs, keepAgainMinMs), keepAgainMaxMs), () => {
      this.#cancelTimer = null;
      this.#keepAgainLater();
      this.#keep();
    });
  }

  #keep(): boolean {
    const { clock, meta, key, limit, logger } = this.#o;
    const nowMs = clock.monotonicMs();
    const agesMs = this.#counting().map((atMs) => Math.floor(nowMs - atMs));
    const kept = meta.set(key, JSON.stringify(agesMs.slice(-limit.max)));
    if (!kept.ok) logger.warn('rate_limit.not_kept', { key, code: kept.error.code });
    return kept.ok;
  }

  /** How long ago each was that counts, ms. What cannot be read counts as all that there may be, just now. */
  #load(): readonly number[] {
    const { meta, key, limit, logger } = this.#o;
    const stored = meta.get(key);
    if (stored.ok && stored.value === null) return [];
    try {
      const ages = z.array(z.int().min(0)).max(limit.max);
      if (stored.ok) return ages.parse(JSON.parse(stored.value ?? ''));
    } catch {
      // Damaged.
    }
    logger.warn('rate_limit.unreadable', { key });
    return new Array<number>(limit.max).fill(0);
  }
}
