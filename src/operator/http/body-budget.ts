interface Max {
  readonly countMax: number;
  readonly bytesMax: number;
}

interface Share {
  count: number;
  bytes: number;
}

/**
 * The memory that bodies under way may take: so much for one sender, and so much for all. Where a sender may take several
 * names (it has an address, and chooses whom it says to be), also so much for all names of one address.
 */
export class BodyBudget {
  readonly #ofOne: Max;
  readonly #ofAll: Max;
  readonly #ofAddress: Max;
  readonly #all: Share = { count: 0, bytes: 0 };
  readonly #bySender = new Map<string, Share>();
  readonly #byAddress = new Map<string, Share>();

  constructor(ofOne: Max, ofAll: Max, ofAddress = ofAll) {
    this.#ofOne = ofOne;
    this.#ofAll = ofAll;
    this.#ofAddress = ofAddress;
  }

  /** Room for a body of this length; call what it returns once the body is done with. Null: no room now. */
  reserve(sender: string, bytes: number, address = sender): (() => void) | null {
    const share = this.#bySender.get(sender) ?? { count: 0, bytes: 0 };
    const ofAddress = this.#byAddress.get(address) ?? { count: 0, bytes: 0 };
    if (!hasRoom(share, bytes, this.#ofOne)) return null;
    if (!hasRoom(ofAddress, bytes, this.#ofAddress) || !hasRoom(this.#all, bytes, this.#ofAll)) return null;
    this.#bySender.set(sender, share);
    this.#byAddress.set(address, ofAddress);
    const shares = [share, ofAddress, this.#all];
    for (const taken of shares) {
      taken.count += 1;
      taken.bytes += bytes;
    }
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      for (const taken of shares) {
        taken.count -= 1;
        taken.bytes -= bytes;
      }
      if (share.count === 0) this.#bySender.delete(sender);
      if (ofAddress.count === 0) this.#byAddress.delete(address);
    };
  }
}

function hasRoom(share: Share, bytes: number, max: Max): boolean {
  return share.count < max.countMax && share.bytes + bytes <= max.bytesMax;
}
