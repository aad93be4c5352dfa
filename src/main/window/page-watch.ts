import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';

export const pageWatchLimits = {
  everyMs: 5_000,
  /** A page that answers nothing for so long hangs. It bounds hanging, on the slowest board. */
  silentMaxMs: 30_000,
} as const;

export interface PageWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the page has done something, however little; rejects when there is no page to ask. */
  readonly ask: () => Promise<unknown>;
  readonly onHangs: () => void;
}

/**
 * Asks the page again and again for a sign of life, and says when it gives none any more: Electron itself notices only
 * when somebody touches it, and nobody may stand there while a visit runs.
 */
export class PageWatch {
  readonly #options: PageWatchOptions;
  #askedMs: number | null = null;
  #run = 0;
  #cancel: () => void = () => undefined;

  constructor(options: PageWatchOptions) {
    this.#options = options;
  }

  /** The page has just been loaded: asked from now on. */
  loaded(): void {
    this.stop();
    this.#later();
  }
  /** There is no page at this moment. */
  stop(): void {
    this.#run++;
    this.#askedMs = null;
    this.#cancel();
  }

  #later(): void {
    this.#cancel = this.#options.clock.after(pageWatchLimits.everyMs, () => {
      this.#look();
    });
  }

  #look(): void {
    const { clock, logger, ask, onHangs } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#askedMs !== null && nowMs - this.#askedMs >= pageWatchLimits.silentMaxMs) {
      logger.error('page.hangs', { silentMs: nowMs - this.#askedMs });
      this.stop();
      onHangs();
      return;
    }
    this.#later();
    if (this.#askedMs !== null) return;
    this.#askedMs = nowMs;
    const run = this.#run;
    const answered = (): void => {
      if (run === this.#run) this.#askedMs = null;
    };
    // A page that cannot be asked is being loaded, or is gone: others notice that.
    ask().then(answered, answered);
  }
}
