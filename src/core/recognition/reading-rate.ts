/** Listening time after which what was heard has lost half its weight, ms. */
const halfLifeMs = 20_000;
/** Less listening than this says nothing yet, ms. */
const knownMs = 5_000;

/** How many reads a second a reader gives while it listens, over all tags; a slowly moving mean. */
export class ReadingRate {
  #reads = 0;
  #listenedMs = 0;

  /** `reads` in a stretch of `listenedMs` in which the reader was heard. */
  note(reads: number, listenedMs: number): void {
    const kept = 0.5 ** (listenedMs / halfLifeMs);
    this.#reads = this.#reads * kept + reads;
    this.#listenedMs = this.#listenedMs * kept + listenedMs;
  }

  /** Reads a second; null: not known yet. */
  get perS(): number | null {
    return this.#listenedMs < knownMs ? null : (this.#reads * 1000) / this.#listenedMs;
  }
}
