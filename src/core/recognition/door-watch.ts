import type { DoorState } from '../../shared/model/device.ts';
import { type Mark, startMark } from './presence.ts';

/**
 * How the door was read since the baseline, and so whether somebody can have been at the goods:
 *
 * - `shut`: read as shut without a break: nobody can have been;
 * - `shut-again`: not read for a while or since a break, and shut or unknown since: it may have been opened unseen, and
 *   counts as unopened until it is read as open;
 * - `lost`: shut until it was not read any more, and not read since;
 * - `opened`: read as open since, or there was no baseline.
 */
type SinceBaseline = 'shut' | 'shut-again' | 'lost' | 'opened';

/** What a reading of the door says of the time before it. */
export interface DoorFinding {
  /** Of a door that was not seen open since the baseline: nobody knows for how long it was not read. */
  readonly isBreak: boolean;
  /** It was shut for as long as it was read, heard from `since` on, and last read as shut so long ago, ms; null: it still is, or was open. */
  readonly shutUntil: { readonly since: Mark; readonly agoMs: number } | null;
}

/** The one holder of how the door was read: since the baseline of the visit in hand, and between visits. */
export class DoorWatch {
  readonly #mark: () => Mark;
  #sinceBaseline: SinceBaseline = 'opened';
  /** Since when it is shut again, where it was lost before: only what was heard since is known to lie behind it. */
  #shutAgainMark: Mark | null = null;
  #isShut = false;
  /** It was seen open, and not shut again since. */
  #wasOpened = false;
  #shutMark: Mark = startMark;
  #openedMark: Mark = startMark;

  /** `mark`: a mark of the moment of the call. */
  constructor(mark: () => Mark) {
    this.#mark = mark;
  }

  /** It was read as shut when it was last read. */
  get isShut(): boolean {
    return this.#isShut;
  }

  /** When it was last read as shut after another reading. */
  get shutMark(): Mark {
    return this.#shutMark;
  }

  /** When it was last shut after it had been seen open. */
  get openedMark(): Mark {
    return this.#openedMark;
  }

  /** It was seen open since the start. */
  get hasOpened(): boolean {
    return this.#wasOpened || this.#openedMark !== startMark;
  }

  /** Read as shut without a break since the baseline. */
  get isShutThroughout(): boolean {
    return this.#sinceBaseline === 'shut';
  }

  /** Not seen open since the baseline, as far as anybody knows. */
  get mayBeUnopened(): boolean {
    return this.#sinceBaseline !== 'opened';
  }

  /** The baseline of a visit has been made behind the shut door. */
  startVisit(): void {
    [this.#sinceBaseline, this.#shutAgainMark] = ['shut', null];
  }

  /** After a restart within a visit, which is a break; `mayBeUnopened`: as it was before. */
  resumeVisit(mayBeUnopened: boolean): void {
    this.#sinceBaseline = mayBeUnopened ? 'shut-again' : 'opened';
  }

  /** `unreadMs`: for how long it had not been read before, ms; undefined: nobody knows, or it never was. */
  observe(door: DoorState, unreadMs: number | undefined): DoorFinding {
    const isShut = door === 'closed';
    // What was read before may have left while it was open.
    if (isShut && !this.#isShut) this.#shutMark = this.#mark();
    if (isShut && this.#wasOpened) this.#openedMark = this.#mark();
    const isShutNoMore = this.#isShut && !isShut;
    const isUnopened = this.#sinceBaseline === 'shut' || this.#sinceBaseline === 'shut-again';
    // The device host is gone, maybe again: nobody knows since when the door was not read, however it was read before.
    const isUntimed = unreadMs === undefined && (door === 'unknown' || isShutNoMore);
    const finding: DoorFinding = {
      isBreak: isUntimed && this.mayBeUnopened,
      shutUntil:
        isUnopened && isShutNoMore && unreadMs !== undefined
          ? { since: this.#shutAgainMark ?? this.#openedMark, agoMs: unreadMs }
          : null,
    };
    if (isShut && this.#sinceBaseline === 'lost') this.#shutAgainMark = this.#mark();
    this.#sinceBaseline = this.#next(door, finding);
    this.#wasOpened = door === 'open' || (this.#wasOpened && !isShut);
    this.#isShut = isShut;
    return finding;
  }

  #next(door: DoorState, { isBreak, shutUntil }: DoorFinding): SinceBaseline {
    const now = this.#sinceBaseline;
    if (now === 'opened' || door === 'open') return 'opened';
    if (isBreak) return 'shut-again';
    if (door === 'closed') return now === 'lost' ? 'shut-again' : now;
    if (shutUntil !== null || now === 'lost') return 'lost';
    // Not read yet since a break.
    return 'shut-again';
  }
}
