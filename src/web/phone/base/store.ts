export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** For as long as the page is open. */
export class MemoryStore implements Store {
  readonly #kept = new Map<string, string>();

  get length(): number {
    return this.#kept.size;
  }

  getItem(key: string): string | null {
    return this.#kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#kept.set(key, value);
  }

  removeItem(key: string): void {
    this.#kept.delete(key);
  }

  key(index: number): string | null {
    return [...this.#kept.keys()][index] ?? null;
  }
}

/** A browser that keeps nothing for us throws at the name alone; a test has none. */
function opened(which: 'localStorage' | 'sessionStorage'): Store {
  try {
    return (globalThis as Partial<Record<typeof which, Storage>>)[which] ?? new MemoryStore();
  } catch {
    return new MemoryStore();
  }
}

/** What stays on this phone. */
export const phoneStore = opened('localStorage');
/** What stays until the page is closed. */
export const visitStore = opened('sessionStorage');
