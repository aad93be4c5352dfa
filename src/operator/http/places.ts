/** So many may be under way by this key. */
export type Bound = readonly [key: unknown, max: number];

/** Counts what is under way by several keys at once, and forgets a key when nothing of it is. */
export class Places {
  readonly #counts = new Map<unknown, number>();

  /** A place by each of these; what gives it back, to be called once. Null: one of them has none, and none is taken. */
  take(bounds: readonly Bound[]): (() => void) | null {
    if (bounds.some(([key, max]) => (this.#counts.get(key) ?? 0) >= max)) return null;
    for (const [key] of bounds) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return () => {
      for (const [key] of bounds) {
        const left = (this.#counts.get(key) ?? 1) - 1;
        if (left === 0) this.#counts.delete(key);
        else this.#counts.set(key, left);
      }
    };
  }
}
