import type { Clock } from '../../shared/clock.ts';
import type { Failure } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';

/** The longest sleep, so that a wall clock that jumps forward is noticed. */
const wakeAtLeastEveryMs = 60_000;

/** Tells when the operator can be reached, and when not any more. */
export interface QueueLink {
  onChange(listener: (online: boolean) => void): () => void;
}

/** Why a queue has stopped by itself. What it holds stays where it is on the disk; a new start goes on from there. */
export type QueueFailure = Failure<'queue.storage' | 'queue.bug'>;

export interface QueueLoopOptions {
  readonly clock: Clock;
  readonly link: QueueLink;
  /** What has stopped, for the log: `<name>.stopped`. */
  readonly name: 'charges' | 'disputes';
  /** Does what is due, one after the other, while `running`; asks for the next turn by `sleep`. */
  readonly work: () => Promise<void>;
  /** The network is back: what waits for it need not wait any longer. */
  readonly onLinkBack: () => void;
  readonly onStopped: ((failure: QueueFailure) => void) | undefined;
  readonly logger: Logger | undefined;
}

/** What every delivery queue is: started and stopped, at work or asleep, never twice at once; a bug stops it with a word. */
export class QueueLoop {
  readonly #o: QueueLoopOptions;
  #running = false;
  #working: Promise<void> | null = null;
  #again = false;
  #cancelTimer: () => void = () => undefined;
  #cancelLink: () => void = () => undefined;

  constructor(options: QueueLoopOptions) {
    this.#o = options;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Runs `begin`, and unless that failed listens to the network and looks for work. Nothing when it runs already. */
  start(begin: () => void): void {
    if (this.#running) return;
    this.#running = true;
    this.#guarded(() => {
      begin();
      // `begin` may have failed, and so ended it.
      if (!this.running) return;
      this.#cancelLink = this.#o.link.onChange((online) => {
        if (online && this.#running) this.#guarded(this.#o.onLinkBack);
      });
      this.kick();
    });
  }

  /** Starts nothing more; `giveUp` ends what is under way. Resolves when its outcome is on the disk. */
  async stop(giveUp: () => void): Promise<void> {
    this.#halt();
    giveUp();
    await this.#working;
  }

  /** There may be work: look now. */
  kick(): void {
    if (!this.#running) return;
    // It may have looked already and be about to sleep: then it looks once more.
    this.#again = this.#working !== null;
    if (this.#working !== null) return;
    this.#cancelTimer();
    // Begins in a turn of its own, so that a kick from inside a transaction sees it committed.
    this.#working = Promise.resolve()
      .then(() => this.#o.work())
      .catch((bug: unknown) => this.fail('queue.bug', String(bug)))
      .finally(() => {
        this.#working = null;
        if (this.#again) this.kick();
      });
  }

  /** Looks again after this, unless kicked before. */
  sleep(delayMs: number): void {
    this.#cancelTimer = this.#o.clock.after(Math.min(Math.max(delayMs, 1), wakeAtLeastEveryMs), () =>
      this.kick(),
    );
  }

  /** Stops with a word; it goes no further. */
  fail(code: QueueFailure['code'], message: string): void {
    if (!this.#running) return;
    this.#halt();
    this.#o.logger?.error(`${this.#o.name}.stopped`, { failure: code, message });
    this.#o.onStopped?.({ code, message });
  }

  #guarded(fn: () => void): void {
    try {
      fn();
    } catch (bug) {
      this.fail('queue.bug', String(bug));
    }
  }

  #halt(): void {
    this.#running = false;
    this.#cancelTimer();
    this.#cancelLink();
  }
}
