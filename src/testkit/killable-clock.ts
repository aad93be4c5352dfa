import type { Clock } from '../shared/clock.ts';

/** The clock of one process that can be killed: then its timers never fire, and new ones are never set. */
export class KillableClock implements Clock {
  readonly #inner: Clock;
  readonly #timers = new Set<() => void>();
  #skippedMs = 0;
  #dead = false;

  constructor(inner: Clock) {
    this.#inner = inner;
  }
  nowMs(): number {
    return this.#inner.nowMs();
  }
  monotonicMs(): number {
    return this.#inner.monotonicMs() + this.#skippedMs;
  }
  after(delayMs: number, fn: () => void): () => void {
    if (this.#dead) return () => undefined;
    const forget = this.#inner.after(delayMs, () => {
      this.#timers.delete(cancel);
      fn();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      forget();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Lets this process believe that it has been up for longer. Only before it has set a timer. */
  skip(ms: number): void {
    this.#skippedMs += ms;
  }
  kill(): void {
    this.#dead = true;
    for (const cancel of [...this.#timers]) cancel();
  }
}
