import type { Clock } from '../clock.ts';

/** Who is to be called when something happens. A listener that throws (a bug) stops neither the others nor the caller. */
export class Listeners<T = void> {
  readonly #clock: Clock;
  readonly #all = new Set<(value: T) => void>();

  /** `clock`: a thrown bug surfaces in a turn of its own. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `listener` with each value from now on; the returned function ends that. */
  add(listener: (value: T) => void): () => void {
    this.#all.add(listener);
    return () => {
      this.#all.delete(listener);
    };
  }

  /** Calls everybody, in the order in which they were added. */
  emit(value: T): void {
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

/** A value whose listeners hear of it only when it has changed. */
export class ObservableValue<T> {
  readonly #listeners: Listeners<T>;
  readonly #isSame: (a: T, b: T) => boolean;
  #value: T;

  constructor(clock: Clock, initial: T, isSame: (a: T, b: T) => boolean = Object.is) {
    this.#listeners = new Listeners(clock);
    this.#isSame = isSame;
    this.#value = initial;
  }

  get value(): T {
    return this.#value;
  }

  /** Takes the value over and calls the listeners, unless it is the same as before. Says whether it has changed. */
  set(value: T): boolean {
    if (this.#isSame(this.#value, value)) return false;
    this.#value = value;
    this.#listeners.emit(value);
    return true;
  }

  /** Calls `listener` with each new value from now on; the returned function ends that. */
  onChange(listener: (value: T) => void): () => void {
    return this.#listeners.add(listener);
  }
}
