import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** The same warning is written once in this time. */
export const warningEveryMs = 60_000;

/** Warnings that the page can bring about as often as it likes: written once a minute, then with how many there were. */
export class RepeatedWarnings {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #written = new Map<string, { atMs: number; count: number }>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** `what`: which warnings of this event count as the same one; of few there may be, and none of the page's own making. */
  warn(event: string, what: string, fields: object): void {
    const nowMs = this.#clock.monotonicMs();
    const key = `${event} ${what}`;
    const written = this.#written.get(key);
    if (written !== undefined && nowMs - written.atMs < warningEveryMs) {
      written.count++;
      return;
    }
    const more = written === undefined || written.count === 0 ? {} : { moreSinceLast: written.count };
    this.#logger.warn(event, { ...fields, ...more });
    this.#written.set(key, { atMs: nowMs, count: 0 });
  }
}
