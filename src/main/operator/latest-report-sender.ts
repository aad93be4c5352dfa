import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { RetryLoop } from '../../shared/util/retry-loop.ts';
import type { OperatorFailure } from './operator-client.ts';

/** Said again after so long, though nothing has changed: the operator may have lost what it had. */
export const latestReportEveryMs = 86_400_000;
const retryMs = 60_000;

export interface LatestReportSenderOptions<T> {
  /** In the log: `update`. */
  readonly name: string;
  readonly send: (report: T) => Promise<Result<null, OperatorFailure>>;
  readonly isOnline: () => boolean;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Tells the operator how something stands here: what runs and how far it is with what is wanted, the settings. Only the newest
 * word counts: nothing is kept, and the next start says it anew. An operator that does not know of it yet is asked as rarely as
 * one that has heard.
 */
export class LatestReportSender<T> {
  readonly #o: LatestReportSenderOptions<T>;
  readonly #loop: RetryLoop;
  #latest: T | null = null;
  /** What the operator has, and when it is to be said again (monotonic, ms). */
  #arrived: { readonly report: T; readonly againAtMs: number } | null = null;

  constructor(options: LatestReportSenderOptions<T>) {
    this.#o = options;
    this.#loop = new RetryLoop({ clock: options.clock, turn: () => this.#send() });
  }

  start(): void {
    this.#loop.start();
  }
  stop(): void {
    void this.#loop.stop();
  }
  report(report: T): void {
    this.#latest = report;
    this.#loop.wake();
  }
  /** The link is back. */
  wake(): void {
    this.#loop.wake();
  }

  async #send(): Promise<number | null> {
    const { name, send, isOnline, clock, random, logger } = this.#o;
    const report = this.#latest;
    if (report === null || !isOnline()) return null;
    const restMs = this.#arrived?.report === report ? this.#arrived.againAtMs - clock.monotonicMs() : 0;
    if (restMs > 0) return restMs;
    const answer = await send(report);
    if (answer.ok || answer.error.code === 'operator.not_served') {
      this.#arrived = { report, againAtMs: clock.monotonicMs() + latestReportEveryMs };
      return report === this.#latest ? latestReportEveryMs : 0;
    }
    const { code, message } = answer.error;
    logger.warn(`${name}.not_reported`, { code, message });
    return retryMs * (1 + random());
  }
}
