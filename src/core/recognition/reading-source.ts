import { listeningGapMaxMs, readProbabilityTypical } from '../../shared/reading-capacity.ts';
import { ReadingRate } from './reading-rate.ts';
import { RoundWatch } from './round-watch.ts';

/** Assumed mean gap before a tag is known, and bounds of what is learned, ms. */
const gapDefaultMs = 400;
const gapMinMs = 20;
const gapMaxMs = 30_000;
/** The most recent gaps of all tags, whose median is the length of a round. */
const gapWindowCount = 128;
/** Fewer gaps than this say nothing yet. */
const gapKnownCount = 16;
/** Longer gaps, in rounds, are those of tags that were away meanwhile: they say nothing of how well one is heard. */
const gapRoundsMax = 12;
/** A listening spell teaches the rhythm only once it is longer than any usual gap, ms. */
const spellKnownMs = 800;
/** Bounds of the learned probability of a read in one round. */
const readProbabilityMin = 0.08;
const readProbabilityMax = 0.97;
/** Reads of an antenna that are nearer to each other than this share of a round are of one and the same; so many are kept. */
const antennaRoundShare = 0.5;
const antennaRoundCount = 16;
/** Before anything is known of the rhythm; and how much worse than all a tag may be of which little is known. */
const readProbabilityAssumed = 0.5;
const unknownTagFactor = 0.9;

/** Of a reader's own time. */
export interface Moment {
  readonly atMs: number;
  readonly sinceMs: number | undefined;
  readonly isListening: boolean;
}

/**
 * One reader: how long it has listened, and in which rhythm it goes round its tags. Its silence is evidence for its own
 * listening time alone, measured in its own rounds. Times of its reports are the reader's own monotonic milliseconds; a
 * jump back (restarted process) only loses that one gap.
 */
export class ReadingSource {
  #listeningMs = 0;
  #lastAtMs: number | null = null;
  /** When it last began to listen without a pause. */
  #spellStartMs = 0;
  #medianGapMs = gapDefaultMs;
  #readProbabilityOfUnknown = readProbabilityAssumed;
  readonly #recentGapsMs: number[] = [];
  readonly #rate = new ReadingRate();
  readonly #rounds = new RoundWatch();
  /** Of each antenna the last rounds in which it heard anything, by the listening time. */
  readonly #antennas = new Map<number, number[]>();
  #readCount = 0;
  #notedMs = 0;

  /** How long it has been heard to work, ms (silent stretches left out). */
  get listeningMs(): number {
    return this.#listeningMs;
  }

  /** Its antennas that have heard anything; none where it does not tell them apart. */
  get antennas(): readonly number[] {
    return [...this.#antennas.keys()];
  }

  /** In how many rounds this antenna has heard anything since then; of many not all are counted. */
  antennaRoundsSince(antenna: number, sinceMs: number): number {
    return (this.#antennas.get(antenna) ?? []).filter((atMs) => atMs > sinceMs).length;
  }

  /** Reads a second while it listens, over all tags; null: not known yet. */
  get readsPerS(): number | null {
    return this.#rate.perS;
  }

  /** Length of a round by what was learned lately, ms. */
  get usualRoundMs(): number {
    return this.#medianGapMs;
  }

  /** Length of a round just now, ms: longer than usual as soon as it has become slow. */
  get roundMs(): number {
    return Math.max(this.#medianGapMs, this.#rounds.lengthMs);
  }

  /** For a tag of which little is known. */
  get readProbabilityOfUnknown(): number {
    return this.#readProbabilityOfUnknown;
  }

  get isRhythmKnown(): boolean {
    return this.#recentGapsMs.length >= gapKnownCount;
  }

  /**
   * Time goes on to this moment of the reader. `sinceMs`: from then on it has listened (undefined: it does not say).
   * `isListening` false: not all that this source stands for listens, so that silence means nothing. True: how long
   * it has listened for what it says now is known, and was counted; false of what comes after a pause otherwise.
   */
  advance({ atMs, sinceMs, isListening }: Moment): boolean {
    const lastMs = this.#lastAtMs ?? Number.NEGATIVE_INFINITY;
    const beganMs = Math.min(sinceMs ?? atMs, atMs);
    this.#lastAtMs = atMs;
    const hasListened = isListening && beganMs - lastMs <= listeningGapMaxMs;
    if (!hasListened) this.#spellStartMs = this.#listeningMs;
    if (isListening) this.#listeningMs += Math.max(atMs - (hasListened ? lastMs : beganMs), 0);
    return isListening && (hasListened || sinceMs !== undefined);
  }

  /** A tag was read now. `isCounted`: it is not one with the read before; `isListeningKnown`: so is how long it had listened for it. */
  noteRead(
    { epc, antenna }: { readonly epc: string; readonly antenna?: number | undefined },
    { isCounted, isListeningKnown }: Readonly<Record<'isCounted' | 'isListeningKnown', boolean>>,
  ): void {
    if (antenna !== undefined) this.#noteAntenna(antenna);
    if (!isCounted) return;
    if (isListeningKnown) this.#readCount++;
    this.#rounds.note(epc, this.#listeningMs);
  }

  #noteAntenna(antenna: number): void {
    const nowMs = this.#listeningMs;
    const rounds = this.#antennas.get(antenna) ?? [];
    this.#antennas.set(antenna, rounds);
    if (nowMs - (rounds.at(-1) ?? -Infinity) < antennaRoundShare * this.roundMs) return;
    rounds.push(nowMs);
    if (rounds.length > antennaRoundCount) rounds.shift();
  }

  /** At the end of each report: learns the rhythm from what was noted. */
  learn(): void {
    this.#rate.note(this.#readCount, this.#listeningMs - this.#notedMs);
    this.#readCount = 0;
    this.#notedMs = this.#listeningMs;
    const gaps = this.#recentGapsMs;
    if (!this.isRhythmKnown) return;
    // A typed array: five times as quick to sort, and this is done at each report of the reader.
    const sorted = Float64Array.from(gaps).sort();
    const median = sorted[Math.floor(sorted.length / 2)] ?? this.#medianGapMs;
    this.#medianGapMs = median;
    const usual = gaps.filter((gap) => gap <= gapRoundsMax * median);
    const mean = usual.reduce((sum, gap) => sum + gap, 0) / usual.length;
    this.#readProbabilityOfUnknown = unknownTagFactor * readProbabilityOf(median, mean);
  }

  /**
   * The time since this tag was last read, ms, which teaches the length of a round; null: it teaches nothing. Gaps across a
   * pause are not counted, nor those in a listening spell too short to hold a long gap: they falsify it.
   */
  gapSince(lastReadMs: number): number | null {
    const isTrue = this.#listeningMs - this.#spellStartMs >= spellKnownMs && lastReadMs >= this.#spellStartMs;
    if (!isTrue) return null;
    const gapMs = Math.min(Math.max(this.#listeningMs - lastReadMs, gapMinMs), gapMaxMs);
    this.#recentGapsMs.push(gapMs);
    if (this.#recentGapsMs.length > gapWindowCount) this.#recentGapsMs.shift();
    return gapMs;
  }

  /** Whole rounds of silence since then: the one that is under way may still hear a tag, and is taken off. */
  roundsSince(sinceMs: number): number {
    return Math.max((this.#listeningMs - sinceMs) / this.roundMs - 1, 0);
  }

  /** Chance that a typical tag which is there has not been heard since then. */
  chanceUnread(sinceMs: number): number {
    return (1 - readProbabilityTypical) ** this.roundsSince(sinceMs);
  }
}

/** Probability of a read in one round, from the length of a round and the mean gap between the reads of one tag. */
export function readProbabilityOf(roundMs: number, meanGapMs: number): number {
  return Math.min(Math.max(roundMs / meanGapMs, readProbabilityMin), readProbabilityMax);
}
