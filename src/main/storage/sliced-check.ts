import type { Clock } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { StorageFailure } from './database.ts';

export const slicedCheckLimits = {
  /** From the start, and from the end of one check to the next. */
  firstAfterMs: 15_000,
  everyMs: 24 * 3_600_000,
  /** One slice is over after this, and the next one begins so much later: a tenth of the time at most. */
  sliceMs: 8,
  pauseMs: 80,
} as const;

/** A record that is looked through a page at a time. */
export interface Audit {
  readonly isDone: boolean;
  /** Looks at the next page. */
  step(): Result<void, StorageFailure>;
}

/** Looks through a record while the cabinet works, a slice at a time, shortly after each start and once a day. */
export class SlicedCheck<A extends Audit> {
  readonly #o: {
    readonly begin: () => A;
    readonly onEnd: (audit: A) => void;
    /** It could not be looked through this time. */
    readonly onFailure: (failure: StorageFailure) => void;
    readonly clock: Clock;
  };
  #audit: A | null = null;
  #cancel: () => void = () => undefined;

  constructor(options: {
    begin: () => A;
    onEnd: (audit: A) => void;
    onFailure: (failure: StorageFailure) => void;
    clock: Clock;
  }) {
    this.#o = options;
  }

  start(): void {
    this.#later(slicedCheckLimits.firstAfterMs);
  }
  stop(): void {
    this.#cancel();
    this.#audit = null;
  }

  #later(ms: number): void {
    this.#cancel = this.#o.clock.after(ms, () => {
      this.#slice();
    });
  }

  #slice(): void {
    const { begin, onEnd, onFailure, clock } = this.#o;
    const audit = (this.#audit ??= begin());
    const untilMs = clock.monotonicMs() + slicedCheckLimits.sliceMs;
    do {
      const stepped = audit.step();
      if (!stepped.ok) {
        this.#audit = null;
        onFailure(stepped.error);
        this.#later(slicedCheckLimits.everyMs);
        return;
      }
    } while (!audit.isDone && clock.monotonicMs() < untilMs);
    if (!audit.isDone) {
      this.#later(slicedCheckLimits.pauseMs);
      return;
    }
    this.#audit = null;
    onEnd(audit);
    this.#later(slicedCheckLimits.everyMs);
  }
}
