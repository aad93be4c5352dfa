import { pieceCountMax } from '../../shared/model/basket.ts';
import { finalEpsilon, readProbabilityTypical } from '../../shared/reading-capacity.ts';
import { ReadingRate } from './reading-rate.ts';

/**
 * Is a tag still in the cabinet? A reader misses tags all the time, so silence is only evidence once it is long
 * compared with how often this very tag used to be heard, and only while the reader hears anything at all.
 *
 * Model: the reader goes round its tags; one round takes `roundMs`, and a tag that is there is heard in a round with
 * probability p, independently (slotted ALOHA inventory, EPC Gen2 §6.3.2). The mean time between two reads is then
 * roundMs / p, which is learned per tag. After m silent rounds the chance that the tag is there all the same is
 * (1 - p)^m; below `epsilon` it counts as gone. Time in which the reader said nothing does not count at all.
 */

/** The chance of a wrong "gone" that the live basket accepts per decision … */
export const liveEpsilon = 1e-5;
/** … and (the bill accepts less, shared/reading-capacity.ts) of the silence after the door closed, for a tag that was gone before: it may have come back just then. */
const putBackEpsilon = liveEpsilon;

/** Two messages of the reader further apart than this: it did not listen in between (duty pause, silence), ms. */
export const listeningGapMaxMs = 250;
/** A tag that came back counts as back after this many reads (a hand passing by is not a put-back). */
export const returnReadCount = 2;
/** Reads that a tag must have given before it is part of what is on the shelf (a stray read is not goods). */
export const inventoryReadCount = 2;
/** Assumed mean gap before a tag is known, and bounds of what is learned, ms. */
const gapDefaultMs = 400;
const gapMinMs = 20;
const gapMaxMs = 5_000;
/** A tag's mean gap is the plain mean of its first gaps, and from this many on a slowly moving one. */
const gapMeanCount = 100;
/** The most recent gaps of all tags, whose median is the length of a round. */
const gapWindowCount = 128;
/** Fewer gaps than this say nothing yet: of all tags, of one tag. */
const gapKnownCount = 16;
const gapTagKnownCount = 8;
/** A listening spell teaches the rhythm only once it is longer than any usual gap, ms. */
const spellKnownMs = 800;
/** A tag that is gone must be heard again within this many rounds for its reads to add up to a return. */
const returnRoundCount = 4;
/** When all tags of an antenna fall silent at one instant, their last reads lie within so many rounds. */
const silentTogetherRounds = 2;
/** Bounds of the learned probability of a read in one round. */
const readProbabilityMin = 0.08;
/** Before anything is known of the rhythm; and how much worse than all a tag may be of which little is known. */
const readProbabilityAssumed = 0.5;
const unknownTagFactor = 0.9;
const readProbabilityMax = 0.97;
interface Tag {
  reads: number;
  /** Gaps between reads that `meanGapMs` is made of. */
  gaps: number;
  /** Reads since it was last declared gone (or first heard). */
  readsSinceAbsent: number;
  lastReadMs: number;
  meanGapMs: number;
  absent: boolean;
}

export interface TagRead {
  epc: string;
  atMs: number;
}

export type Presence = 'present' | 'absent' | 'unsure';

/** Times are the reader's own monotonic milliseconds; a jump back (restarted process) only loses that one gap. */
export class PresenceEstimator {
  readonly #tags = new Map<string, Tag>();
  #listeningMs = 0;
  #lastAtMs: number | null = null;
  /** When the reader last began to listen without a pause. */
  #spellStartMs = 0;
  #roundMs = gapDefaultMs;
  #readProbabilityOfUnknown = readProbabilityAssumed;
  readonly #recentGapsMs: number[] = [];
  readonly #rate = new ReadingRate();

  /** Reads a second while it listens, over all tags; null: not known yet. */
  get readsPerS(): number | null {
    return this.#rate.perS;
  }

  /** How long the reader has been heard to work, ms (silent stretches left out). */
  get listeningMs(): number {
    return this.#listeningMs;
  }

  /** One message of the reader: reads in time order, possibly none (an empty round: it listens and hears nothing). */
  observe(reads: readonly TagRead[], atMs: number): void {
    const beforeMs = this.#listeningMs;
    let count = 0;
    for (const read of reads) {
      // The first after a pause: nobody knows how long the reader had listened for it.
      if (this.#advance(read.atMs)) count++;
      this.#receive(read.epc);
    }
    this.#advance(atMs);
    this.#rate.note(count, this.#listeningMs - beforeMs);
    this.#learnFromAll();
    for (const tag of this.#tags.values()) {
      if (!tag.absent && this.#chanceStillPresent(tag, tag.lastReadMs) < liveEpsilon) {
        tag.absent = true;
        tag.readsSinceAbsent = 0;
      }
    }
  }

  /** Tags that are on the shelf as far as the evidence says. */
  present(): string[] {
    return [...this.#tags.entries()].filter(([, t]) => isPresent(t)).map(([epc]) => epc);
  }

  /** Live answer, for the screen. */
  presence(epc: string): Presence {
    const tag = this.#tags.get(epc);
    if (tag === undefined) return this.#chanceUnread(0) < liveEpsilon ? 'absent' : 'unsure';
    if (isPresent(tag)) return 'present';
    return tag.absent ? 'absent' : 'unsure';
  }

  /**
   * Answer for the bill, from what was heard since `sinceListeningMs` (the reading of `listeningMs` when the door
   * closed): heard since then = present; silent for long enough since then = gone; otherwise unsure. `wasGone`: it was
   * gone when the door closed; then its silence before that counts too.
   */
  finalPresence(epc: string, sinceListeningMs: number, wasGone = false): Presence {
    const tag = this.#tags.get(epc);
    if (tag === undefined) return this.#chanceUnread(sinceListeningMs) < finalEpsilon ? 'absent' : 'unsure';
    if (tag.lastReadMs > sinceListeningMs) return 'present';
    const chance = this.#chanceStillPresent(tag, sinceListeningMs);
    const before = wasGone ? this.#chanceStillPresent(tag, tag.lastReadMs) : 1;
    const isGone = chance < finalEpsilon || (before < finalEpsilon && chance < putBackEpsilon);
    return isGone ? 'absent' : 'unsure';
  }

  /**
   * Those of these tags that fell silent within two rounds together with so many others of them: a reader's antenna
   * rather than a hand may be the cause.
   */
  silentTogether(epcs: readonly string[], count: number): Set<string> {
    const tags = epcs
      .flatMap((epc) => {
        const tag = this.#tags.get(epc);
        return tag === undefined ? [] : [{ epc, atMs: tag.lastReadMs }];
      })
      .sort((a, b) => a.atMs - b.atMs);
    const together = new Set<string>();
    for (let first = 0, last = 0; last < tags.length; last++) {
      while ((tags[last]?.atMs ?? 0) - (tags[first]?.atMs ?? 0) > silentTogetherRounds * this.#roundMs)
        first++;
      if (last - first + 1 < count) continue;
      for (const { epc } of tags.slice(first, last + 1)) together.add(epc);
    }
    return together;
  }

  /**
   * The shelf for a baseline, from what was heard since `sinceListeningMs` (when the door was last shut): a tag that
   * was not heard since then may have left with somebody else. `settled` is false while that is open for any tag.
   */
  inventorySince(sinceListeningMs: number): { present: string[]; settled: boolean } {
    const present: string[] = [];
    let settled = this.#chanceUnread(sinceListeningMs) < liveEpsilon;
    for (const [epc, tag] of this.#tags) {
      if (tag.lastReadMs > sinceListeningMs) {
        if (isPresent(tag)) present.push(epc);
        // It fell silent a moment ago behind a shut door: most likely the reader missed it. The next rounds decide.
        else if (tag.absent && this.#chanceStillPresent(tag, tag.lastReadMs) >= finalEpsilon) settled = false;
      } else if (this.#chanceStillPresent(tag, sinceListeningMs) >= liveEpsilon) settled = false;
    }
    return { present, settled };
  }

  /** Whether the reader has listened without a pause since the last time. */
  #advance(atMs: number): boolean {
    const gapMs = this.#lastAtMs === null ? Number.POSITIVE_INFINITY : atMs - this.#lastAtMs;
    this.#lastAtMs = atMs;
    if (gapMs > listeningGapMaxMs) this.#spellStartMs = this.#listeningMs;
    else if (gapMs > 0) this.#listeningMs += gapMs;
    return gapMs <= listeningGapMaxMs;
  }

  #receive(epc: string): void {
    const tag = this.#tags.get(epc);
    if (tag === undefined) {
      // Full: the one that was not heard for longest makes room, so that no stray tags of years hide new goods.
      const [oldest] = this.#tags.keys();
      if (this.#tags.size >= pieceCountMax && oldest !== undefined) this.#tags.delete(oldest);
      const first = {
        reads: 1,
        readsSinceAbsent: 1,
        lastReadMs: this.#listeningMs,
        gaps: 0,
        meanGapMs: gapDefaultMs,
        absent: false,
      };
      this.#tags.set(epc, first);
      return;
    }
    // The order of the map is that of the last reads.
    this.#tags.delete(epc);
    this.#tags.set(epc, tag);
    const gapMs = Math.min(Math.max(this.#listeningMs - tag.lastReadMs, gapMinMs), gapMaxMs);
    if (tag.absent) {
      if (gapMs > returnRoundCount * this.#roundMs) tag.readsSinceAbsent = 0;
    } else if (this.#rhythmIsTrue(tag)) {
      // The first measured gap replaces the assumption (weight 1).
      tag.gaps++;
      tag.meanGapMs += (gapMs - tag.meanGapMs) / Math.min(tag.gaps, gapMeanCount);
      this.#recentGapsMs.push(gapMs);
      if (this.#recentGapsMs.length > gapWindowCount) this.#recentGapsMs.shift();
    }
    tag.reads++;
    tag.readsSinceAbsent++;
    tag.lastReadMs = this.#listeningMs;
    if (tag.absent && tag.readsSinceAbsent >= returnReadCount) tag.absent = false;
  }

  /**
   * Gaps across a pause are not counted, nor those in a listening spell too short to hold a long gap: they falsify
   * it.
   */
  #rhythmIsTrue(tag: Tag): boolean {
    const spellMs = this.#listeningMs - this.#spellStartMs;
    return spellMs >= spellKnownMs && tag.lastReadMs >= this.#spellStartMs;
  }

  /**
   * While tags are heard in more than half of the rounds, the median gap is one round. A tag of its own little known is
   * taken for somewhat worse than all of them together.
   */
  #learnFromAll(): void {
    const gaps = this.#recentGapsMs;
    if (gaps.length < gapKnownCount) return;
    const sorted = [...gaps].sort((a, b) => a - b);
    this.#roundMs = sorted[Math.floor(sorted.length / 2)] ?? this.#roundMs;
    this.#readProbabilityOfUnknown =
      unknownTagFactor * this.#readProbabilityOf(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length);
  }

  /** Probability of a read in one round, from the mean gap between reads. */
  #readProbabilityOf(meanGapMs: number): number {
    return Math.min(Math.max(this.#roundMs / meanGapMs, readProbabilityMin), readProbabilityMax);
  }

  #chanceStillPresent(tag: Tag, silentSinceMs: number): number {
    const readProbability =
      tag.gaps < gapTagKnownCount ? this.#readProbabilityOfUnknown : this.#readProbabilityOf(tag.meanGapMs);
    // The round that is under way may still hear it: one is taken off.
    const silentRounds = (this.#listeningMs - silentSinceMs) / this.#roundMs - 1;
    return silentRounds <= 0 ? 1 : (1 - readProbability) ** silentRounds;
  }

  /** Chance that a typical tag which is there has not been heard since `sinceListeningMs`. */
  #chanceUnread(sinceListeningMs: number): number {
    const rounds = (this.#listeningMs - sinceListeningMs) / this.#roundMs - 1;
    return rounds <= 0 ? 1 : (1 - readProbabilityTypical) ** rounds;
  }
}

function isPresent(tag: Tag): boolean {
  return !tag.absent && tag.reads >= inventoryReadCount;
}
