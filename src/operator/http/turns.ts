/** So many do something at the same time, and so many wait for it; the others are told that they come again. */
export class Turns {
  readonly #max: number;
  readonly #waitMax: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ max, waitMax }: { readonly max: number; readonly waitMax: number }) {
    this.#max = max;
    this.#waitMax = waitMax;
  }

  /** Null: too many wait. Rejects as `work` does. */
  async take<T>(work: () => Promise<T>): Promise<{ readonly value: T } | null> {
    if (this.#running < this.#max) this.#running++;
    else {
      if (this.#waiting.length >= this.#waitMax) return null;
      // Whoever is done hands its place over.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return { value: await work() };
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
