export interface BodyMax {
  readonly countMax: number;
  readonly bytesMax: number;
}

/** A part of the memory that all bodies with this key have together. */
export interface BodyShare {
  readonly key: string;
  readonly max: BodyMax;
}

/** The room of one body. Both may be called more than once. */
export interface BodyRoom {
  /** The whole body is here: it is handled now, and gives its room to nobody. */
  readonly arrived: () => void;
  /** The body is done with. */
  readonly release: () => void;
}

interface Taken {
  count: number;
  bytes: number;
  /** What cuts each body off that has not come yet, the longest awaited first. */
  readonly awaited: Set<() => void>;
}

/**
 * The memory that bodies under way may take. A body takes part of several shares, that of its sender first and that of all last,
 * and needs room in each. Where one is full, the bodies in it that have been awaited longest are cut off and give their room: an
 * honest body is here at once, and who sends none could otherwise hold the room for as long as a slow one may take.
 */
export class BodyBudget {
  readonly #taken = new Map<string, Taken>();

  /** Whether there is room for a body of this length without cutting another one off. */
  hasRoom(shares: readonly BodyShare[], bytes: number): boolean {
    return shares.every((share) => fits(this.#taken.get(share.key), bytes, share.max));
  }

  /**
   * Room for a body of this length, which is awaited from now on. `onCut`: its room has been given to another one; called once,
   * at most. Null: no room, as the body is too long or the others are all here already.
   */
  reserve(shares: readonly BodyShare[], bytes: number, onCut: () => void): BodyRoom | null {
    if (shares.some(({ max }) => !fits(undefined, bytes, max))) return null;
    for (const { key, max } of shares) if (!this.#makeRoom(key, bytes, max)) return null;
    const taken = shares.map(({ key }) => this.#take(key, bytes));
    const arrived = (): void => {
      for (const { awaited } of taken) awaited.delete(cut);
    };
    let isReleased = false;
    const release = (): void => {
      arrived();
      if (isReleased) return;
      isReleased = true;
      for (const { key } of shares) this.#giveBack(key, bytes);
    };
    const cut = (): void => {
      release();
      onCut();
    };
    for (const { awaited } of taken) awaited.add(cut);
    return { arrived, release };
  }

  /** False: those who are not cut off leave no room. */
  #makeRoom(key: string, bytes: number, max: BodyMax): boolean {
    for (const cut of this.#taken.get(key)?.awaited ?? []) {
      if (fits(this.#taken.get(key), bytes, max)) return true;
      cut();
    }
    return fits(this.#taken.get(key), bytes, max);
  }

  #take(key: string, bytes: number): Taken {
    const taken = this.#taken.get(key) ?? { count: 0, bytes: 0, awaited: new Set() };
    taken.count += 1;
    taken.bytes += bytes;
    this.#taken.set(key, taken);
    return taken;
  }

  #giveBack(key: string, bytes: number): void {
    const taken = this.#taken.get(key);
    if (taken === undefined) return;
    taken.count -= 1;
    taken.bytes -= bytes;
    if (taken.count === 0) this.#taken.delete(key);
  }
}

function fits(taken: Taken | undefined, bytes: number, max: BodyMax): boolean {
  return (taken?.count ?? 0) < max.countMax && (taken?.bytes ?? 0) + bytes <= max.bytesMax;
}
