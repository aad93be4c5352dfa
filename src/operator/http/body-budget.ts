interface Max {
  readonly countMax: number;
  readonly bytesMax: number;
}

interface Share {
  count: number;
  bytes: number;
}

/** The memory that bodies under way may take: so much for one sender, and so much for all. */
export class BodyBudget {
  readonly #ofOne: Max;
  readonly #ofAll: Max;
  readonly #all: Share = { count: 0, bytes: 0 };
  readonly #bySender = new Map<string, Share>();

  constructor(ofOne: Max, ofAll: Max) {
    this.#ofOne = ofOne;
    this.#ofAll = ofAll;
  }

  /** Room for a body of this length; call what it returns once the body is done with. Null: no room now. */
  reserve(sender: string, bytes: number): (() => void) | null {
    const share = this.#bySender.get(sender) ?? { count: 0, bytes: 0 };
    if (!hasRoom(share, bytes, this.#ofOne) || !hasRoom(this.#all, bytes, this.#ofAll)) return null;
    this.#bySender.set(sender, share);
    for (const taken of [share, this.#all]) {
      taken.count += 1;
      taken.bytes += bytes;
    }
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      for (const taken of [share, this.#all]) {
        taken.count -= 1;
        taken.bytes -= bytes;
      }
      if (share.count === 0) this.#bySender.delete(sender);
    };
  }
}

function hasRoom(share: Share, bytes: number, max: Max): boolean {
  return share.count < max.countMax && share.bytes + bytes <= max.bytesMax;
}
