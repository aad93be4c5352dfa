import type { Clock } from '../../shared/clock.ts';
import { backoffMs } from '../../shared/util/backoff.ts';

/** Why a sender stops by itself: its store cannot be read or written, or a bug. */
export type StopCode = 'queue.storage' | 'queue.bug';

/** A sender that has stopped is started again after this. */
export const restartAfterMs = 2_000;
/** Each time in a row after twice as long, up to this; one that has run for twice that long begins anew. */
const storageRestartMaxMs = 60_000;
const bugRestartMaxMs = 10 * 60_000;

export interface RestartsOptions {
  readonly clock: Clock;
  readonly start: () => void;
  /** Left out: `storageRestartMaxMs`. */
  readonly storageMaxMs?: number;
  /** A bug has stopped it, for the first time in a row. */
  readonly onFirstBug?: () => void;
}

/** Starts a sender again that has stopped by itself, for as long as it takes: what it holds is still on the disk. */
export class Restarts {
  readonly #o: RestartsOptions;
  #last: { readonly code: StopCode; readonly count: number; readonly atMs: number } | null = null;
  #cancel: () => void = () => undefined;

  constructor(options: RestartsOptions) {
    this.#o = options;
  }

  /** It has just stopped. */
  note(code: StopCode): void {
    const { clock, start, storageMaxMs = storageRestartMaxMs, onFirstBug } = this.#o;
    const capMs = code === 'queue.bug' ? bugRestartMaxMs : storageMaxMs;
    const atMs = clock.monotonicMs();
    const isInARow = this.#last?.code === code && atMs - this.#last.atMs < 2 * capMs;
    const count = isInARow ? (this.#last?.count ?? 0) + 1 : 0;
    this.#last = { code, count, atMs };
    if (code === 'queue.bug' && count === 0) onFirstBug?.();
    const jitter = { jitterShare: 0, random01: 0 };
    const delayMs = backoffMs({ failureCount: count, firstMs: restartAfterMs, capMs, ...jitter });
    this.#cancel();
    this.#cancel = clock.after(delayMs, start);
  }

  /** It was stopped for good. */
  cancel(): void {
    this.#cancel();
  }
}
