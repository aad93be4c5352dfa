import { photosAtOnceMax, photosOfMemberAtOnceMax } from './limits.ts';

/**
 * Counts the pictures that are on their way, before their bytes come: a picture is kept in memory meanwhile, and a phone may send
 * it as slowly as it likes.
 */
export class PhotoPlaces {
  readonly #ofMember = new Map<string, number>();
  #all = 0;

  /** What gives the place back, to be called once; null: there is none. */
  take(memberId: string): (() => void) | null {
    const own = this.#ofMember.get(memberId) ?? 0;
    if (this.#all >= photosAtOnceMax || own >= photosOfMemberAtOnceMax) return null;
    this.#all++;
    this.#ofMember.set(memberId, own + 1);
    return () => {
      this.#all--;
      const left = (this.#ofMember.get(memberId) ?? 1) - 1;
      if (left === 0) this.#ofMember.delete(memberId);
      else this.#ofMember.set(memberId, left);
    };
  }
}
