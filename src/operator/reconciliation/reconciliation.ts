import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { Job } from '../jobs/jobs.ts';
import { billLookBackDays, billMadeUpDays, billMissingAfterMs } from '../limits.ts';
import type { Db } from '../storage/storage.ts';
import type { Bill, BillFailure, BillSource, Day } from './bill.ts';
import { addDays, dayOf, startOf } from './bill.ts';
import type { BillOf } from './books.ts';
import {
  chargesOfOrders,
  findBill,
  firstDayOf,
  linesOfOrders,
  lockMerchant,
  noteBill,
  ordersOfRun,
  readTime,
  storeBillTrouble,
  storeDifferences,
  storeLines,
} from './books.ts';
import type { Difference } from './match.ts';
import { match } from './match.ts';
import { compareVisits } from './visits.ts';

export interface ReconciliationOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sources: readonly BillSource[];
}

/** What came of comparing one day. */
export interface DayReport {
  readonly provider: string;
  readonly merchant: string;
  readonly day: Day;
  readonly lineCount: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares each provider's bill of each day with our charges. Whatever it finds is a row for people; it changes no charge.
 * Every step may be done again, also by two instances at once.
 */
export class Reconciliation {
  readonly #options: ReconciliationOptions;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
  }

  /** Every hour: a day's bill is asked for until it was read, or its time is over. */
  get job(): Job {
    return { name: 'reconciliation', minute: 37, run: (signal) => this.runDue(signal) };
  }

  /**
   * Looks for visits that are still silent, and compares the days whose bill may be there by now and was not read yet, the
   * oldest first. A day from before that nobody has asked for, because nothing ran, is made up for once. Rejects as the
   * database does.
   */
  async runDue(signal: AbortSignal): Promise<void> {
    const { db, clock, sources } = this.#options;
    await compareVisits(db, clock);
    for (const source of sources) {
      const lastDay = addDays(dayOf(clock.nowMs(), source.offsetMs), -1);
      const firstDay = await firstDayOf(db, source);
      for (let back = billMadeUpDays - 1; back >= 0; back--) {
        if (signal.aborted) return;
        const day = addDays(lastDay, -back);
        const isLate = back >= billLookBackDays;
        const endMs = startOf(addDays(day, 1), source.offsetMs);
        if (clock.nowMs() < endMs + source.readyAfterMs) continue;
        if (isLate && (firstDay === null || day < firstDay)) continue;
        const state = (await findBill(db, { source, day }))?.state ?? 'waiting';
        if (isLate ? state === 'waiting' : state !== 'read') await this.runDay(source, day, signal);
      }
    }
  }

  /** Asks for one day's bill, again if it was read before, and compares it. Rejects as the database does. */
  async runDay(source: BillSource, day: Day, signal: AbortSignal): Promise<Result<DayReport, BillFailure>> {
    const { db, logger } = this.#options;
    const of = { source, day };
    const { provider, merchant } = source;
    const fetched = await source.fetch(day, signal);
    if (!fetched.ok) {
      logger.warn('bill_not_read', { provider, day, ...fetched.error });
      await db.transaction((tx) => this.#notRead(tx, of, fetched.error));
      return fetched;
    }
    const differences = await db.transaction((tx) => this.#compare(tx, of, fetched.value));
    const lineCount = fetched.value.lines.length;
    logger.info('bill_compared', { provider, day, lineCount, differences: differences.length });
    return ok({ provider, merchant, day, lineCount, differences });
  }

  async #compare(tx: Db, of: BillOf, found: Bill): Promise<readonly Difference[]> {
    const { clock } = this.#options;
    const { source } = of;
    await lockMerchant(tx, source);
    await storeLines(tx, of, found);
    await noteBill(tx, clock, of, { state: 'read', detail: '', lineCount: found.lines.length });
    await storeBillTrouble(tx, clock, of, null);
    const read = await readTime(tx, of);
    if (read === null) return [];
    const orders = await ordersOfRun(tx, of);
    const lines = await linesOfOrders(tx, source, orders);
    const charges = await chargesOfOrders(tx, orders);
    const differences = match({ provider: source.provider, lines, charges, ...read });
    await storeDifferences(tx, clock, of, orders, differences);
    return differences;
  }

  /** A bill that was read before stays so, whatever comes of asking for it again. */
  async #notRead(tx: Db, of: BillOf, { code, message }: BillFailure): Promise<void> {
    const { clock } = this.#options;
    await lockMerchant(tx, of.source);
    const before = await findBill(tx, of);
    if (before?.state === 'read') return;
    const endMs = startOf(addDays(of.day, 1), of.source.offsetMs);
    const isMissing = clock.nowMs() >= endMs + billMissingAfterMs;
    const isWaiting = code === 'bill_not_ready';
    const state = isWaiting ? (isMissing ? 'missing' : 'waiting') : 'damaged';
    await noteBill(tx, clock, of, { state, detail: message, lineCount: null });
    if (state !== 'waiting') {
      const kind = isWaiting ? 'bill_missing' : 'bill_damaged';
      await storeBillTrouble(tx, clock, of, { kind, detail: message });
    }
  }
}
