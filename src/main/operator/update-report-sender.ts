import type { Clock } from '../../shared/clock.ts';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { OperatorFailure } from './operator-client.ts';

/** Said again after so long, though nothing has changed: the operator may have lost what it had. */
export const updateReportEveryMs = 86_400_000;
const retryMs = 60_000;

export interface UpdateReportSenderOptions {
  readonly client: { updateReport(report: UpdateReport): Promise<Result<null, OperatorFailure>> };
  readonly isOnline: () => boolean;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Tells the operator what runs here, and how far this cabinet is with what is wanted. Only the newest word counts: nothing is
 * kept, and the next start says it anew.
 */
export class UpdateReportSender {
  readonly #o: UpdateReportSenderOptions;
  readonly #loop: RetryLoop;
  #latest: UpdateReport | null = null;
  /** What the operator has, and when it is to be said again (monotonic, ms). */
  #arrived: { readonly report: UpdateReport; readonly againAtMs: number } | null = null;

  constructor(options: UpdateReportSenderOptions) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#send() });
  }

  start(): void {
    this.#loop.start();
  }
  stop(): void {
    void this.#loop.stop();
  }
  report(report: UpdateReport): void {
    this.#latest = report;
    this.#loop.wake();
  }
  /** The link is back. */
  wake(): void {
    this.#loop.wake();
  }

  async #send(): Promise<number | null> {
    const { client, isOnline, clock, random, logger } = this.#o;
    const report = this.#latest;
    if (report === null || !isOnline()) return null;
    const restMs = this.#arrived?.report === report ? this.#arrived.againAtMs - clock.monotonicMs() : 0;
    if (restMs > 0) return restMs;
    const answer = await client.updateReport(report);
    if (answer.ok) {
      this.#arrived = { report, againAtMs: clock.monotonicMs() + updateReportEveryMs };
      return report === this.#latest ? updateReportEveryMs : 0;
    }
    const { code, message } = answer.error;
    logger.warn('update.not_reported', { code, message });
    return retryMs * (1 + random());
  }
}
