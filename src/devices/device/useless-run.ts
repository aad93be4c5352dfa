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

/** The answers that a share is taken of, and how many of them make it a matter for staff. */
const shareWindow = 200;
const shareMax = 20;

/** How many of the last answers were of no use, between good ones. */
export class UselessShare {
  readonly #window: boolean[] = [];
  #uselessCount = 0;

  /** A tenth or more: what is behind them is lost again and again. */
  get isNotable(): boolean {
    return this.#uselessCount >= shareMax;
  }

  note(isUseful: boolean): void {
    this.#window.push(isUseful);
    if (!isUseful) this.#uselessCount++;
    if (this.#window.length <= shareWindow) return;
    if (this.#window.shift() === false) this.#uselessCount--;
  }
}
