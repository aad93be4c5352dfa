import type { Clock } from '../../shared/clock.ts';

/** A wait as the visit has it; another number is another wait. */
export interface Wait {
  readonly seq: number;
  readonly durationMs: number;
}

/** Runs one kind of the visit's waits by the clock: the one in hand, until the visit has another or none. */
export class VisitWait {
  readonly #clock: Clock;
  readonly #over: (seq: number) => void;
  #startedMs = 0;
  #cancel: () => void = () => undefined;

  /** `over`: called with the number of the wait when its time is up. */
  constructor(clock: Clock, over: (seq: number) => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** When the wait in hand began, monotonic, ms. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** The visit has gone from one wait to another; nothing when it is the same. */
  goOn(before: Wait | null, after: Wait | null): void {
    if (after?.seq === before?.seq) return;
    this.#cancel();
    if (after === null) return;
    this.#startedMs = this.#clock.monotonicMs();
    this.#cancel = this.#clock.after(after.durationMs, () => {
      this.#over(after.seq);
    });
  }

  stop(): void {
    this.#cancel();
  }
}
