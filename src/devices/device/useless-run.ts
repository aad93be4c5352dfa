/** So many answers in a row that are of no use, and a device is as good as none: an error that says why, never "ready". */
export const uselessMax = 10;

/** Counts answers that were of no use: codes that cannot be read, tags without a number, weights that are none. */
export class UselessRun {
  #count = 0;

  /** Whether nothing useful has come for so long that the device is in error. */
  get isError(): boolean {
    return this.#count >= uselessMax;
  }

  note(isUseful: boolean): void {
    this.#count = isUseful ? 0 : this.#count + 1;
  }
}
