import { pieceCountMax } from '../../shared/model/basket.ts';

/** So many reads of tags that were heard in this round already mean that the next has begun: a share of it, at most so many. */
const repeatedShareMin = 0.25;
const repeatedCountMax = 8;

/**
 * How long a reader's rounds are just now, told by which tags come again: a reader goes through all that it hears before it
 * begins anew. A reader that has become slow is noticed within the first round that is slow, long before the gaps
 * between the reads of one tag say so. Times are listening time of the reader, ms.
 */
export class RoundWatch {
  /** Tags heard in the round under way; and those of them that were heard again, as often as they were. */
  #heard = new Set<string>();
  #again = new Set<string>();
  #againCount = 0;
  #startMs = 0;
  #againStartMs = 0;
  #lastReadMs = 0;
  #lastLengthMs = 0;

  /** The longer of the last round and the one under way, as far as it has come; 0: nothing is known yet. */
  get lengthMs(): number {
    return Math.max(this.#lastLengthMs, this.#lastReadMs - this.#startMs);
  }

  note(epc: string, atMs: number): void {
    this.#lastReadMs = atMs;
    if (!this.#heard.has(epc)) {
      if (this.#heard.size === 0) this.#startMs = atMs;
      this.#heard.add(epc);
      if (this.#heard.size >= pieceCountMax) this.#begin(atMs);
      return;
    }
    if (this.#againCount === 0) this.#againStartMs = atMs;
    this.#again.add(epc);
    this.#againCount++;
    if (this.#againCount >= Math.min(this.#heard.size * repeatedShareMin, repeatedCountMax)) {
      this.#begin(this.#againStartMs);
    }
  }

  /** A round has ended, and the next has begun at this time. */
  #begin(startMs: number): void {
    this.#lastLengthMs = startMs - this.#startMs;
    this.#startMs = startMs;
    this.#heard = this.#again;
    this.#again = new Set();
    this.#againCount = 0;
  }
}
