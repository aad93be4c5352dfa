import type { Clock } from '../../shared/clock.ts';
import type { KeptPlan } from '../../shared/model/planogram.schema.ts';
import { type StockReport, reportedDifferencesMax } from '../../shared/model/stock.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { OperatorFailure } from '../operator/operator-client.ts';
import type { StockLedger } from './stock-ledger.ts';

/** Said again after so long, though nothing has changed: the operator may have lost what it had. */
export const stockReportEveryMs = 86_400_000;
/** A visit changes it more than once: so long it is waited for the rest. */
export const stockReportSoonMs = 5_000;
const retryMs = 60_000;

export interface StockReporterOptions {
  readonly ledger: Pick<StockLedger, 'book' | 'untold' | 'told' | 'onChange'>;
  /** Goods of which something is told: those that are sold. */
  readonly skus: () => ReadonlySet<string>;
  /** The lane in which an article stands; null: none that is weighed. */
  readonly laneOf: (sku: string) => number | null;
  /** The plan that was filled last, and what was moved in it; null: none. */
  readonly plan: () => Pick<KeptPlan, 'version' | 'moves'> | null;
  readonly client: { stockReport(report: StockReport): Promise<Result<null, OperatorFailure>> };
  readonly isOnline: () => boolean;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Tells the operator what lies in the cabinet, and where a count has differed. The stock as it is now counts, so nothing of it
 * is queued; differences wait on the disk until they have arrived, and one that arrives twice is the same one.
 */
export class StockReporter {
  readonly #o: StockReporterOptions;
  readonly #loop: RetryLoop;
  /** What the operator has, and when it is to be said again (monotonic, ms). */
  #arrived: { readonly stock: string; readonly againAtMs: number } | null = null;
  #cancelSoon: () => void = () => undefined;

  constructor(options: StockReporterOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#send() });
    options.ledger.onChange(() => {
      this.#cancelSoon();
      this.#cancelSoon = options.clock.after(stockReportSoonMs, () => {
        this.wake();
      });
    });
  }

  start(): void {
    this.#loop.start(stockReportSoonMs);
  }
  stop(): void {
    this.#cancelSoon();
    void this.#loop.stop();
  }
  /** The link is back. */
  wake(): void {
    this.#loop.wake();
  }

  async #send(): Promise<number | null> {
    const { ledger, client, isOnline, clock, random, logger } = this.#o;
    const stock = this.#stock();
    if (stock === null || !isOnline()) return null;
    const differences = ledger.untold(reportedDifferencesMax);
    const [nowMs, json] = [clock.monotonicMs(), JSON.stringify(stock)];
    const restMs = this.#arrived?.stock === json ? this.#arrived.againAtMs - nowMs : 0;
    if (restMs > 0 && differences.length === 0) return restMs;
    const answer = await client.stockReport({ ...stock, differences: [...differences] });
    if (answer.ok) {
      this.#arrived = { stock: json, againAtMs: clock.monotonicMs() + stockReportEveryMs };
      const kept = ledger.told(differences);
      if (!kept.ok) logger.error('stock.not_noted_as_told', { error: kept.error });
      // There may be more of them; what the disk does not note is said again later.
      return kept.ok ? 0 : retryMs;
    }
    const { code, message } = answer.error;
    logger.warn('stock.not_reported', { code, message });
    return retryMs * (1 + random());
  }

  #stock(): Omit<StockReport, 'differences'> | null {
    const book = this.#o.ledger.book();
    if (book === null) return null;
    const lines = Object.entries(book.counts)
      .filter(([sku]) => this.#o.skus().has(sku))
      .map(([sku, count]) => ({ sku, count: Math.max(count, 0), lane: this.#o.laneOf(sku) }));
    const lots = book.lots.filter(({ sku }) => this.#o.skus().has(sku));
    const { version: planVersion = null, moves = [] } = this.#o.plan() ?? {};
    return { countedAtMs: book.sinceMs, lines, lots, planVersion, moves };
  }
}
