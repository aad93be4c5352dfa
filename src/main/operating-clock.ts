import { disputeHoldMaxMs } from '../core/charge/delivery.ts';
import type { Clock } from '../shared/clock.ts';
import { RetryLoop } from '../shared/util/retry-loop.ts';
import { type Result, ok } from '../shared/result.ts';
import type { Logger } from '../shared/util/logger.ts';
import { newestWaitingMs } from './charges/dispute-store.ts';
import type { Database, StorageFailure } from './storage/database.ts';
import { MetaStore } from './storage/meta-store.ts';

/** What has been counted is written down again after as long as the program has run, within these bounds. */
const keepAgainMinMs = 1_000;
const keepAgainMaxMs = 60_000;

/** What is beyond was never counted, ms: damage. */
const operatingMaxMs = 1e14;

export interface OperatingClockOptions {
  readonly clock: Clock;
  readonly meta: Pick<MetaStore, 'set'>;
  /** Where it begins, ms. */
  readonly beganMs: number;
  readonly logger: Logger;
}

/**
 * For waits that are stored: its `nowMs` counts the time that the program runs, by the monotonic clock, and goes on over
 * restarts from what was written down (a restart adds two minutes at most, and twice what was run or 2 s). Nobody sets
 * it: a time server that puts the machine's clock right (or wrong) makes no wait longer or shorter. The time that the
 * machine is off is not counted.
 *
 * What it says is no date, though it looks like one: it began at what the wall clock said when there was none yet, so that
 * what had been stored by that clock could still be read.
 */
export class OperatingClock implements Clock {
  readonly #o: OperatingClockOptions;
  readonly #loop: RetryLoop;
  readonly #beganMs: number;
  readonly #startedMs: number;

  /**
   * Goes on from what is on record; where there is nothing, it begins at the wall clock. A report that waits may have been made
   * later than that: by a version from before there was operating time, after an update that was taken back. Then it goes on
   * from the first moment at which that report holds its charge, and no later: one that has waited longer holds its own still.
   */
  static open(options: {
    readonly clock: Clock;
    readonly database: Database;
    readonly logger: Logger;
  }): Result<OperatingClock, StorageFailure> {
    const { clock, database, logger } = options;
    const meta = new MetaStore(database);
    const kept = meta.get('operating_time');
    if (!kept.ok) return kept;
    const newest = newestWaitingMs(database, operatingMaxMs);
    if (!newest.ok) return newest;
    const keptMs = /^\d{1,15}$/.test(kept.value ?? '') ? Number(kept.value) : operatingMaxMs;
    const beganMs =
      keptMs < operatingMaxMs
        ? // What is written down is ahead of whatever was stamped by it.
          Math.max(keptMs, newest.value - disputeHoldMaxMs)
        : Math.max(clock.nowMs(), newest.value);
    return ok(new OperatingClock({ clock, meta, beganMs, logger }));
  }

  constructor(options: OperatingClockOptions) {
    this.#o = options;
    const { clock, meta, beganMs, logger } = options;
    this.#beganMs = beganMs;
    this.#startedMs = clock.monotonicMs();
    this.#loop = new RetryLoop({
      clock,
      turn: () => {
        const nowMs = this.nowMs();
        const againMs = Math.min(Math.max(nowMs - this.#beganMs, keepAgainMinMs), keepAgainMaxMs);
        // Ahead, so that the next run never begins earlier than this one ends; by little, so that a program that ends again
        // and again ends no wait by that.
        const written = meta.set('operating_time', String(nowMs + 2 * againMs));
        if (!written.ok) logger.warn('operating_time.not_kept', { error: written.error });
        return againMs;
      },
    });
  }

  /** Operating time, whole ms: it never goes back. */
  nowMs(): number {
    return Math.floor(this.#beganMs + this.#o.clock.monotonicMs() - this.#startedMs);
  }
  monotonicMs(): number {
    return this.#o.clock.monotonicMs();
  }
  after(delayMs: number, fn: () => void): () => void {
    return this.#o.clock.after(delayMs, fn);
  }

  /** From now on it is written down, until `stop`. */
  start(): void {
    this.#loop.start();
  }

  stop(): void {
    void this.#loop.stop();
  }
}
