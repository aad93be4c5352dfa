import type { Clock } from '../../shared/clock.ts';

/** Those who want to be told. What one of them throws (a bug) is not the teller's business: it surfaces by itself. */
export class Listeners<T> {
  readonly #clock: Clock;
  readonly #all = new Set<(value: T) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the way to stop being told. */
  add(listener: (value: T) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(value: T): void {
    for (const listener of [...this.#all]) {
      try {
        listener(value);
      } catch (bug) {
        this.#clock.after(0, () => {
          throw bug;
        });
      }
    }
  }
}
