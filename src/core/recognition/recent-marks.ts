import type { Mark } from './presence.ts';

/** How far apart marks are kept, ms, and how many: further back than a door is not read before it counts as unknown. */
const apartMs = 100;
const marksMax = 100;

/** What was heard by when, of the last seconds. */
export class RecentMarks {
  readonly #marks: { readonly atMs: number; readonly mark: Mark }[] = [];

  /** `mark`: makes a mark of this moment, the cabinet's own time. */
  note(atMs: number, mark: () => Mark): void {
    if (atMs - (this.#marks.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) < apartMs) return;
    this.#marks.push({ atMs, mark: mark() });
    if (this.#marks.length > marksMax) this.#marks.shift();
  }

  /** The last one that is not later; null: none is kept from so early. */
  before(atMs: number): Mark | null {
    return this.#marks.findLast((one) => one.atMs <= atMs)?.mark ?? null;
  }
}
