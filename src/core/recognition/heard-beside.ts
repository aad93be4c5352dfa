import type { VisitId } from '../../shared/ids.ts';
import { pieceCountMax } from '../../shared/model/basket.ts';
import { finalEpsilon } from '../../shared/reading-capacity.ts';
import type { DoorWatch } from './door-watch.ts';
import type { PresenceEstimator } from './presence.ts';

/**
 * What is heard behind the shut door and came there too late, or is heard again after it was named, is most likely in the hands
 * of somebody beside the cabinet. Heard for so long, it lies inside after all; and whoever has paid is near for so long, ms.
 */
const heardBesideMs = 180_000;

/**
 * Of a piece that a final reading named: of which visit that was, and when (null: before the start); and since when it is heard
 * again (null: it is not); the cabinet's own time.
 */
interface Named {
  readonly visit: VisitId | null;
  readonly atMs: number | null;
  readonly sinceMs: number | null;
}

/** What a final reading has said of a visit. */
interface Ending {
  readonly visit: VisitId | null;
  readonly nowMs: number;
  /** The pieces of it that are on somebody's bill now, or with a human. */
  readonly named: readonly string[];
}

/**
 * Nothing comes through a shut door (docs/decisions/0122-nothing-comes-through-a-shut-door.md): which of the pieces that are
 * heard lie inside, and which are held beside the cabinet.
 */
export class HeardBeside {
  readonly #presence: PresenceEstimator;
  readonly #door: DoorWatch;
  /**
   * Of the last baseline: known to lie behind the door, also while they are not heard: until a final reading names them, or
   * somebody opens the door without a visit.
   */
  readonly #inside = new Set<string>();
  /** The visit of the baseline has come to its bill: who opens the door now has none. */
  #isVisitOver = true;
  /** A final reading has been given since the door was last seen open. */
  #isReadToEnd = false;
  /** What the last final readings named: it is on somebody's bill, or with a human. */
  #named = new Map<string, Named>();
  /**
   * Tags that were heard behind the shut door too late to lie there, or as it shut and not before, as long as they are heard;
   * since when, the cabinet's own time (null: not since the start).
   */
  readonly #came = new Map<string, number | null>();
  /** Shown as taken when the door shut, and heard after it: most likely put back, or held against the glass in that visit. */
  readonly #heardBack = new Map<string, VisitId | null>();
  /** Of which visits something is inside after all, for each piece. */
  #foundAgain: (VisitId | null)[] = [];
  /**
   * Of the baseline: whoever carries them away in this visit need not be its shopper; and whether they were named before: then
   * nobody is to be told of them again.
   */
  #ofVisit: ReadonlyMap<string, { readonly wasNamed: boolean }> = new Map();

  constructor(presence: PresenceEstimator, door: DoorWatch) {
    this.#presence = presence;
    this.#door = door;
  }

  /** Tags that the last final readings named, the newest last. */
  get named(): readonly string[] {
    return [...this.#named.keys()];
  }

  /** Tags that came beside the cabinet otherwise. */
  get came(): readonly string[] {
    return [...this.#came.keys()];
  }

  isNamed(epc: string): boolean {
    return this.#named.has(epc);
  }

  /** Of the baseline of this visit. */
  get ofVisit(): readonly string[] {
    return [...this.#ofVisit.keys()];
  }

  isOfVisit(epc: string): boolean {
    return this.#ofVisit.has(epc);
  }

  /** Of the baseline of this visit, and named by one before. */
  wasNamedBefore(epc: string): boolean {
    return this.#ofVisit.get(epc)?.wasNamed === true;
  }

  /** The visit in which it was shown as taken when the door shut, and heard after it; null: none is known. */
  heardBackIn(epc: string): VisitId | null {
    return this.#heardBack.get(epc) ?? null;
  }

  /** Since this was asked last: pieces that were named and lie inside after all, each by its visit. */
  takeFoundAgain(): readonly (VisitId | null)[] {
    const found = this.#foundAgain;
    this.#foundAgain = [];
    return found;
  }

  /**
   * Of these, which this reader has just read, those that it would have heard by now if they lay inside. To be asked before
   * `presence` hears of them. `isInDoubt`: it is remembered as one that may lie there unheard.
   */
  heardTooLate(
    deviceId: string,
    epcs: readonly string[],
    isInDoubt: (epc: string) => boolean,
  ): ReadonlySet<string> {
    const { isShut, shutMark } = this.#door;
    // Since the door shut it was read to the end: by this reader, or for a bill.
    const isRead = this.#isReadToEnd || this.#presence.chanceUnread(deviceId, shutMark) < finalEpsilon;
    if (!isShut || !isRead) return new Set();
    const isKnown = (epc: string): boolean =>
      this.#inside.has(epc) || isInDoubt(epc) || this.#presence.wasHeardSince(epc, shutMark);
    return new Set(epcs.filter((epc) => !isKnown(epc)));
  }

  /** It was read, too late or not. `isThere`: often enough to count as heard. */
  noteRead(epc: string, read: { atMs: number; isThere: boolean; isLate: boolean }): void {
    this.#noteNamed(epc, read.isThere ? read.atMs : null);
    this.#noteCame(epc, read);
  }

  /** `sinceMs`: it is heard again from then on at the latest; null: it has been read, and that is all. */
  #noteNamed(epc: string, sinceMs: number | null): void {
    const named = this.#named.get(epc);
    if (named === undefined) return;
    if (named.sinceMs === null || sinceMs === null) this.#named.set(epc, { ...named, sinceMs });
    else if (sinceMs - named.sinceMs >= heardBesideMs) {
      this.#named.delete(epc);
      if (this.#foundAgain.length < pieceCountMax) this.#foundAgain.push(named.visit);
    }
  }

  #noteCame(epc: string, read: { atMs: number; isThere: boolean; isLate: boolean }): void {
    const { atMs, isThere, isLate } = read;
    const sinceMs = this.#came.get(epc);
    if (sinceMs === undefined) {
      if (!isLate) return;
      const [oldest] = this.#came.keys();
      if (this.#came.size >= pieceCountMax && oldest !== undefined) this.#came.delete(oldest);
      this.#came.set(epc, atMs);
    } else if (sinceMs === null || !isThere) this.#came.set(epc, atMs);
    else if (atMs - sinceMs >= heardBesideMs) this.#came.delete(epc);
  }

  /** What lies inside may be taken out, and what is not heard put in again, from now on; but whoever has just paid is near. */
  doorOpened(atMs: number): void {
    this.#heardBack.clear();
    this.#isReadToEnd = false;
    if (this.#isVisitOver) this.#inside.clear();
    for (const [epc, named] of [...this.#named]) {
      if (this.#isHeardAgain(epc, named)) continue;
      if (!wasNamedLately(named, atMs)) this.#named.delete(epc);
      else this.#named.set(epc, { ...named, atMs: named.atMs ?? atMs, sinceMs: null });
    }
    for (const epc of this.#came.keys())
      if (this.#presence.presence(epc) !== 'present') this.#came.delete(epc);
  }

  /** A visit begins with these tags in its baseline, heard just now or not. Returns what of them is beside the cabinet. */
  startVisit(tags: readonly string[]): readonly string[] {
    const beside = tags.filter((epc) => this.#named.has(epc) || this.#came.has(epc));
    this.#ofVisit = new Map(beside.map((epc) => [epc, { wasNamed: this.#named.has(epc) }]));
    this.#beginVisit(tags);
    return beside;
  }

  /** Goes on with a visit, which had these beside the cabinet. */
  resumeVisit(tags: Iterable<string>, beside: readonly string[]): void {
    this.#ofVisit = new Map(beside.map((epc) => [epc, { wasNamed: true }]));
    this.#beginVisit(tags);
  }

  #beginVisit(tags: Iterable<string>): void {
    this.#isVisitOver = false;
    this.#inside.clear();
    for (const epc of tags) if (!this.#ofVisit.has(epc)) this.#inside.add(epc);
  }

  /**
   * The final reading of a visit. `missing`: of the baseline. `back`: what was shown as taken when the door shut, and is there;
   * `others`: what is there and was not before.
   */
  readToEnd(ending: Ending & Readonly<Record<'missing' | 'back' | 'others', readonly string[]>>): void {
    const { visit, nowMs, missing, back, others } = ending;
    for (const epc of back) this.#heardBack.set(epc, visit);
    // Some of these may be in a hand beside the door.
    for (const epc of [...this.#heardBack.keys(), ...others])
      if (!this.#came.has(epc)) this.#came.set(epc, nowMs);
    this.#isReadToEnd = true;
    this.#end(ending, missing);
  }

  /** The visit ends without one: what was shown as taken stands in for it. */
  readingLost(ending: Ending & { readonly taken: readonly string[] }): void {
    this.#end(ending, ending.taken);
  }

  /**
   * What is still heard of those that were named before stays what it was, and so do those that were named lately, and all behind
   * a door that nobody opened.
   */
  #end({ visit, nowMs, named }: Ending, gone: readonly string[]): void {
    const isKept = ([epc, one]: readonly [string, Named]): boolean =>
      this.#door.isShutThroughout || this.#isHeardAgain(epc, one) || wasNamedLately(one, nowMs);
    this.#named = new Map([...this.#named].filter(isKept));
    for (const epc of named) {
      this.#named.delete(epc);
      this.#named.set(epc, { visit, atMs: nowMs, sinceMs: null });
    }
    for (const epc of gone) this.#inside.delete(epc);
    this.#isVisitOver = true;
  }

  #isHeardAgain(epc: string, { sinceMs }: Named): boolean {
    return sinceMs !== null && this.#presence.presence(epc) === 'present';
  }

  /** After a start: tags that were named before, and those that came. */
  recall(named: readonly string[], came: readonly string[]): void {
    for (const epc of named) this.#named.set(epc, { visit: null, atMs: null, sinceMs: null });
    for (const epc of came) this.#came.set(epc, null);
  }
}

/** Whoever has it is near still; of before the start nobody knows how long ago it was. */
function wasNamedLately({ atMs }: Named, nowMs: number): boolean {
  return atMs === null || nowMs - atMs < heardBesideMs;
}
