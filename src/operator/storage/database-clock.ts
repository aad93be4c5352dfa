import { sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import { clocksAgreeMs, databaseTimeEveryMs, databaseTimeRoundTripMaxMs, hostClockOffMs } from '../limits.ts';
import type { Db } from './storage.ts';

export interface DatabaseClockOptions {
  /** Of this machine: its wall time is not believed, its monotonic time is. */
  readonly host: Clock;
  /** The wall time of the database, ms. */
  readonly databaseNowMs: () => Promise<number>;
  readonly logger: Logger;
}

/**
 * The time of the database, for all instances alike: leases, ends of codes and dates of charges are compared with each other
 * in the database, so one host with a wrong clock must not judge them by it. The difference is measured now and then, and
 * the host's monotonic time carries it on; it is off by half a round trip at most.
 */
export class DatabaseClock implements Clock {
  readonly #options: DatabaseClockOptions;
  readonly #loop: RetryLoop;
  /** What to add to the host's monotonic time; null: not measured yet. */
  #offsetMs: number | null = null;

  constructor(options: DatabaseClockOptions) {
    this.#options = options;
    this.#loop = new RetryLoop({
      clock: options.host,
      turn: async () => {
        await this.#measure();
        return databaseTimeEveryMs;
      },
    });
  }

  /** Resolves once the time was measured. Rejects as the database does. */
  async start(): Promise<void> {
    const { host, databaseNowMs, logger } = this.#options;
    // The first one counts however long it took; the next ones are better.
    const sentMs = host.monotonicMs();
    const nowMs = await databaseNowMs();
    const arrivedMs = host.monotonicMs();
    this.#offsetMs = Math.round(nowMs - (sentMs + arrivedMs) / 2);
    const aheadMs = host.nowMs() - this.nowMs();
    if (Math.abs(aheadMs) > hostClockOffMs) logger.warn('host_clock_off', { aheadMs });
    this.#loop.start(databaseTimeEveryMs);
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  nowMs(): number {
    const { host } = this.#options;
    return this.#offsetMs === null ? host.nowMs() : Math.round(host.monotonicMs()) + this.#offsetMs;
  }

  /** The host's own clock says about the same. */
  agreesWithHost(): boolean {
    return Math.abs(this.#options.host.nowMs() - this.nowMs()) < clocksAgreeMs;
  }

  monotonicMs(): number {
    return this.#options.host.monotonicMs();
  }

  after(delayMs: number, fn: () => void): () => void {
    return this.#options.host.after(delayMs, fn);
  }

  async #measure(): Promise<void> {
    const { host, databaseNowMs, logger } = this.#options;
    try {
      const sentMs = host.monotonicMs();
      const nowMs = await databaseNowMs();
      const arrivedMs = host.monotonicMs();
      if (arrivedMs - sentMs > databaseTimeRoundTripMaxMs) return;
      this.#offsetMs = Math.round(nowMs - (sentMs + arrivedMs) / 2);
    } catch (error) {
      logger.warn('database_time_not_read', { error: String(error) });
    }
  }
}

/** The wall time of the database, ms. */
export async function databaseNowMs(db: Db): Promise<number> {
  const result = await db.execute(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms`,
  );
  const [row] = (result as { rows: readonly { now_ms: unknown }[] }).rows;
  return Number(row?.now_ms);
}
