import type { Logger } from '../shared/util/logger.ts';

/** Something of the kiosk that is started and stopped; either may be missing. */
export interface Part {
  start?(): void;
  /** Ends at once; a promise says when what was under way is on the disk or given up. */
  stop?(): void | Promise<void>;
}

/** Starts parts in their order and stops them in the reverse order. */
export class Lifecycle {
  readonly #parts: readonly Part[];
  readonly #logger: Logger;

  constructor(parts: readonly Part[], logger: Logger) {
    this.#parts = parts;
    this.#logger = logger;
  }

  start(): void {
    for (const part of this.#parts) part.start?.();
  }

  /**
   * Stops every part within this turn of the event loop, so that none acts on the end of another, then waits for all.
   * A part that fails to stop is logged and does not keep the others.
   */
  async stop(): Promise<void> {
    const ending = this.#parts.toReversed().map(async (part) => {
      await part.stop?.();
    });
    for (const ended of await Promise.allSettled(ending)) {
      if (ended.status === 'rejected')
        this.#logger.error('part.not_stopped', { error: String(ended.reason) });
    }
  }
}
