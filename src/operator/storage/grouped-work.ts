export interface GroupedWorkOptions<Item, Done> {
  /** So many are done together at most … */
  readonly sizeMax: number;
  /** … and so many groups at the same time. */
  readonly groupsMax: number;
  /** What an item is about: of two items with a key in common the later one waits until the earlier one is done. */
  readonly keysOf: (item: Item) => readonly string[];
  /** Does them together; what came of each, in the order of the items. Rejects for all of them. */
  readonly work: (items: readonly Item[]) => Promise<readonly Done[]>;
}

interface Waiting<Item, Done> {
  readonly item: Item;
  readonly keys: readonly string[];
  readonly resolve: (done: Done) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what is asked for while others are being done is done together with the next, in one transaction or
 * statement, so that the more there is to do the less each costs. Nobody waits for company: the first one of a turn of the
 * promises begins with that turn's others as soon as there is room. How many may wait whoever calls it bounds.
 */
export class GroupedWork<Item, Done> {
  readonly #options: GroupedWorkOptions<Item, Done>;
  /** Oldest first. */
  #waiting: Waiting<Item, Done>[] = [];
  #groups = 0;
  #isPlanned = false;
  readonly #keysInHand = new Set<string>();

  constructor(options: GroupedWorkOptions<Item, Done>) {
    this.#options = options;
  }

  /** Resolves with what came of this item, once its group is done. */
  do(item: Item): Promise<Done> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, keys: this.#options.keysOf(item), resolve, reject });
      this.#plan();
    });
  }

  /**
   * At the end of this turn of promises: what comes in it goes together. Not a turn of the event loop, for the virtual time
   * of a simulation goes on with those: an answer would come sooner or later by how busy the machine is.
   */
  #plan(): void {
    if (this.#isPlanned || this.#waiting.length === 0 || this.#groups >= this.#options.groupsMax) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      void this.#begin();
    });
  }

  async #begin(): Promise<void> {
    const group = this.#nextGroup();
    // All that waits is about what is in hand; the end of that plans the next.
    if (group.length === 0) return;
    this.#groups++;
    this.#plan();
    try {
      const done = await this.#options.work(group.map(({ item }) => item));
      for (const [at, { resolve }] of group.entries()) resolve(done[at] as Done);
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      for (const { keys } of group) for (const key of keys) this.#keysInHand.delete(key);
      this.#groups--;
      this.#plan();
    }
  }

  /** The oldest that may go together, and whose keys are in hand from now on. */
  #nextGroup(): Waiting<Item, Done>[] {
    const group: Waiting<Item, Done>[] = [];
    const left: Waiting<Item, Done>[] = [];
    // Also of one that has to wait: what comes after it about the same does not overtake it.
    const passed = new Set<string>();
    for (const one of this.#waiting) {
      const isFree = one.keys.every((key) => !this.#keysInHand.has(key) && !passed.has(key));
      if (isFree && group.length < this.#options.sizeMax) {
        group.push(one);
        for (const key of one.keys) this.#keysInHand.add(key);
      } else {
        left.push(one);
        for (const key of one.keys) passed.add(key);
      }
    }
    this.#waiting = left;
    return group;
  }
}
