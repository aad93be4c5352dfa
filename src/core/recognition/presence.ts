import { pieceCountMax } from '../../shared/model/basket.ts';
import { type CapacityVerdict, finalEpsilon, judgeCapacity } from '../../shared/reading-capacity.ts';
import { ReadingSource, readProbabilityOf } from './reading-source.ts';

/**
 * Is a tag still in the cabinet? A reader misses tags all the time, so silence is only evidence once it is long
 * compared with how often this very tag used to be heard, and only of a reader that itself listens and that used to
 * hear this tag: each reader has its own listening time and its own rhythm.
 *
 * Model: a reader goes round its tags; one round takes `roundMs`, and a tag that is there is heard in a round with
 * probability p, independently (slotted ALOHA inventory, EPC Gen2 §6.3.2). The mean time between two reads is then
 * roundMs / p, from which p is learned per tag and reader. After m silent rounds the chance that the tag is there all the
 * same is (1 - p)^m, and of several readers the product; below `epsilon` it counts as gone. Time in which a reader said
 * nothing does not count at all.
 */

/** The chance of a wrong "gone" that the live basket accepts per decision … */
export const liveEpsilon = 1e-5;
/** … and (the bill accepts less, shared/reading-capacity.ts) of the silence after the door closed, for a tag that was gone before: it may have come back just then. */
const putBackEpsilon = liveEpsilon;

/** A tag that came back counts as back after this many reads (a hand passing by is not a put-back). */
export const returnReadCount = 2;
/**
 * What is read within so much listening after the door has shut may come from beside it, or from before: a piece in a hand, a
 * buffer, a link, ms.
 */
const strayMaxMs = 500;
/**
 * Reads of one tag that are nearer to each other than this, by the reader's own time, are one: its antennas overlap, its line says
 * everything twice, or a few tags are read faster than anybody has to know, ms.
 */
const sameReadMs = 10;
/** Reads of one tag that are nearer to each other than this share of a round are of one and the same. */
const sameRoundShare = 0.5;
/** Reads that a tag must have given before it is part of what is on the shelf (a stray read is not goods). */
export const inventoryReadCount = 2;
/** A tag's mean gap is the plain mean of its first gaps, and from this many on a slowly moving one. */
const gapMeanCount = 100;
/** Fewer gaps than this say nothing yet of one tag. */
const gapKnownCount = 8;
/** Rounds that have become so much longer or shorter are those of a reader that has changed its pace, and no noise. */
const changedFactor = 1.5;
/** A reader that hears a tag less well than this share of the best one is no evidence of its own. */
const goodShareMin = 0.5;
/** A tag that is gone must be heard again within this many rounds for its reads to add up to a return. */
const returnRoundCount = 4;
/** So many tags that fall silent together with their antenna, of several that their reader has, may still be there. */
const withAntennaCountMin = 2;
/** A tag that was put elsewhere is its new antenna's after so many more reads at most. */
const antennaLeadMax = 20;
/** When all tags of an antenna fall silent at one instant, their last reads lie within so many rounds. */
const silentTogetherRounds = 2;
/** So many tags, and this share of those that a reader heard, that fall silent at one instant may have a common cause. */
const togetherCountMin = 4;
const togetherShareMin = 0.5;
/** More readers than a cabinet has: the one that was heard first makes room. */
const sourceCountMax = 32;
/** So much more than is there must fit before a cabinet that was beyond its reader's capacity counts as within it. */
const capacityMargin = 1.1;

/** A read by the reader's listening time, and the number of its report. */
interface RoundRead {
  readonly atMs: number;
  readonly report: number;
}

/** What one reader knows of one tag; times are that reader's listening time. */
interface Hearing {
  /** Gaps between reads that the means are made of. */
  gaps: number;
  meanGapMs: number;
  /** Mean of the usual length of a round while these gaps were made. */
  meanRoundMs: number;
  lastReadMs: number;
  /** When the last read that was one of its own was heard: that time, and the reader's own. */
  counted: { readonly ms: number; readonly atMs: number };
  /** Its last two reads in rounds of their own, the later one first. */
  inRounds: readonly [RoundRead, RoundRead | null];
  /** Since when neither it nor any other reader has heard the tag. */
  silentSinceMs: number;
  /**
   * Which of the reader's antennas mostly hears it (undefined: the reader does not say), and by how many of its last reads: a
   * stray read by another one moves no tag.
   */
  antenna: number | undefined;
  antennaLead: number;
  /** Others hear the tag, and it has not for so long that its silence says nothing any more. */
  lapsed: boolean;
}

interface Tag {
  reads: number;
  /** Reads since it was last declared gone (or first heard). */
  readsSinceAbsent: number;
  absent: boolean;
  /** Number of the report that read it last. */
  lastReport: number;
  readonly hearings: Map<ReadingSource, Hearing>;
}

/** That a reader has heard this tag. */
export interface EpcRead {
  epc: string;
  atMs: number;
  /** The reader's own number of the antenna that has heard it; left out: it does not say. */
  antenna?: number | undefined;
}

/** One message of a reader: reads in time order, possibly none (an empty round: it listens and hears nothing). */
export interface ReaderReport {
  readonly reads: readonly EpcRead[];
  readonly atMs: number;
  /** It has listened without a pause from then on (a round began); left out: it does not say. */
  readonly sinceMs?: number | undefined;
  /** False: it stands for several readers of which one is away, so that silence means nothing. */
  readonly isListening?: boolean;
}

export type Presence = 'present' | 'absent' | 'unsure';
/** `doubtful`: it was heard, though not so that it must be there; nothing more is to be learned of it. */
export type FinalPresence = Presence | 'doubtful';

/** A moment, to ask later what was heard since. */
export interface Mark {
  /** Reports until then. */
  readonly reportCount: number;
  /** Listening time of each reader; one that is not in it had not been heard by then. */
  readonly listeningMs: ReadonlyMap<ReadingSource, number>;
}
/**
 * How long ago something was: so much of the cabinet's time, ms, in which a reader has listened as long at most, and no longer
 * than since `notBefore`, a moment from before that (null: none is known).
 */
export interface Ago {
  readonly ms: number;
  readonly notBefore: Mark | null;
}
const now: Ago = { ms: 0, notBefore: null };

export interface SilenceOptions {
  readonly quietMinMs?: number;
  readonly ago?: Ago;
  readonly chanceMax?: number;
  /** Tags that were read fewer times are left out. */
  readonly readMin?: number;
}

/** The moment before anything was heard. */
export const startMark: Mark = { reportCount: 0, listeningMs: new Map() };

export class PresenceEstimator {
  readonly #tags = new Map<string, Tag>();
  readonly #sources = new Map<string, ReadingSource>();
  #reportCount = 0;
  #isBeyond = false;

  mark(): Mark {
    const listeningMs = new Map([...this.#sources.values()].map((one) => [one, one.listeningMs]));
    return { reportCount: this.#reportCount, listeningMs };
  }

  /** How long the reader that listened most has been heard to work since then, ms (silent stretches left out). */
  listenedSince(mark: Mark): number {
    return Math.max(0, ...[...this.#sources.values()].map((one) => one.listeningMs - sinceOf(one, mark)));
  }

  /** How long this reader has been heard to work so far, ms. */
  listenedMs(sourceId: string): number {
    return this.#sources.get(sourceId)?.listeningMs ?? 0;
  }

  /** There is such a reader, though it may not have been heard yet: what it has not listened to is open. */
  expect(sourceId: string): void {
    this.#sourceOf(sourceId);
  }

  /** Nothing more is to be heard of this reader, and what it has said is forgotten. */
  forget(sourceId: string): void {
    const source = this.#sources.get(sourceId);
    if (source === undefined) return;
    this.#sources.delete(sourceId);
    for (const [epc, tag] of this.#tags) {
      if (!tag.hearings.delete(source)) continue;
      if (tag.hearings.size === 0) this.#tags.delete(epc);
      for (const [other, hearing] of tag.hearings) {
        if (hearing.lapsed) [hearing.lapsed, hearing.silentSinceMs] = [false, other.listeningMs];
      }
    }
  }

  /** Takes in what a reader has said. */
  observe(sourceId: string, { reads, atMs, sinceMs, isListening = true }: ReaderReport): void {
    const source = this.#sourceOf(sourceId);
    this.#reportCount++;
    let isAfterPause = false;
    for (const [i, read] of reads.entries()) {
      // The first after a pause, of a reader that does not say: nobody knows how long it had listened for it.
      const isListeningKnown = source.advance({ atMs: read.atMs, sinceMs, isListening });
      if (i === 0) isAfterPause = !isListeningKnown;
      const isCounted = this.#receive(read, source);
      source.noteRead(read, { isCounted, isListeningKnown });
    }
    // That a report waited for more reads shows no listening after a pause: its link may hand over in lumps. The next
    // read tells, when it follows closely.
    if (!isAfterPause) source.advance({ atMs, sinceMs, isListening });
    source.learn();
    for (const tag of this.#tags.values()) {
      if (!tag.absent && chancePresent(tag) < liveEpsilon) {
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
    if (tag === undefined) return this.#chanceUnread(startMark) < liveEpsilon ? 'absent' : 'unsure';
    if (isPresent(tag)) return 'present';
    return tag.absent ? 'absent' : 'unsure';
  }

  /**
   * Answer for the bill, from what was heard since `since` (when the door closed): silent for long enough since then = gone;
   * heard in two rounds, and not only in the first moment = present; otherwise unsure. One read shows neither: a tag that
   * is silent afterwards stays doubtful. `wasGone`: it was gone when the door closed; then its silence before that counts
   * too, and to be present it must not have fallen silent again. `isLast`: nothing more will be heard; of a tag that was
   * there all the time one read is enough.
   */
  finalPresence(
    epc: string,
    since: Mark,
    { wasGone = false, isLast = false }: { wasGone?: boolean; isLast?: boolean } = {},
  ): FinalPresence {
    const tag = this.#tags.get(epc);
    if (tag === undefined) return this.#chanceUnread(since) < finalEpsilon ? 'absent' : 'unsure';
    const chance = chancePresent(tag, since);
    if (!wasHeardSince(tag, since)) {
      const before = wasGone ? chancePresent(tag) : 1;
      const isGone = chance < finalEpsilon || (before < finalEpsilon && chance < putBackEpsilon);
      return isGone ? 'absent' : 'unsure';
    }
    if (wasHeardAgainSince(tag, since) && !(wasGone && tag.absent)) return 'present';
    if (chance < finalEpsilon) return 'doubtful';
    if (!isLast) return 'unsure';
    return wasGone || tag.absent ? 'doubtful' : 'present';
  }

  /**
   * Of these tags, those that fell silent within two rounds together with half of all that their reader heard of `goods`, or
   * together with an antenna of it: the reader or its antenna rather than a hand may be the cause.
   */
  silentTogether(epcs: readonly string[], goods: readonly string[]): Set<string> {
    const together = new Set<string>();
    for (const source of this.#sources.values()) {
      const heard = this.#silencesOf(goods, source);
      const tags = this.#silencesOf(epcs, source).sort((a, b) => a.atMs - b.atMs);
      for (let first = 0, last = 0; last < tags.length; last++) {
        const lastMs = tags[last]?.atMs ?? 0;
        while (lastMs - (tags[first]?.atMs ?? 0) > silentTogetherRounds * source.roundMs) first++;
        if (!mayHaveOneCause(last - first + 1, heard.length)) continue;
        for (const { epc } of tags.slice(first, last + 1)) together.add(epc);
      }
      for (const epc of silentWithAntenna(source, tags)) together.add(epc);
    }
    return together;
  }

  /**
   * The shelf for a baseline, from what was heard since `since` (when the door was last shut): a tag that was not heard
   * since then may have left with somebody else. `settled` is false while that is open for any tag.
   */
  inventorySince(since: Mark): { present: string[]; settled: boolean } {
    const present: string[] = [];
    let settled = this.#chanceUnread(since) < liveEpsilon;
    for (const [epc, tag] of this.#tags) {
      if (wasHeardSince(tag, since)) {
        if (isPresent(tag)) present.push(epc);
        // It fell silent a moment ago behind a shut door: most likely the reader missed it. The next rounds decide.
        else if (tag.absent && chancePresent(tag) >= finalEpsilon) settled = false;
      } else if (chancePresent(tag, since) >= liveEpsilon) settled = false;
    }
    return { present, settled };
  }

  /** All tags that were heard since then, a stray read too. */
  heardSince(since: Mark): string[] {
    return [...this.#tags].flatMap(([epc, tag]) => (wasHeardSince(tag, since) ? [epc] : []));
  }

  /** Whether anybody has read this tag since then. */
  wasHeardSince(epc: string, since: Mark): boolean {
    const tag = this.#tags.get(epc);
    return tag !== undefined && wasHeardSince(tag, since);
  }

  /** Chance that a usual tag which is there has not been read by this reader since then. */
  chanceUnread(sourceId: string, since: Mark): number {
    const source = this.#sources.get(sourceId);
    return source === undefined ? 1 : source.chanceUnread(sinceOf(source, since));
  }

  /** Chance that this tag is there although it is as silent as it is now; of one that counts as gone, no more than that takes. */
  chanceThere(epc: string): number {
    const tag = this.#tags.get(epc);
    if (tag === undefined) return this.#chanceUnread(startMark);
    return tag.absent ? Math.min(liveEpsilon, chancePresent(tag)) : chancePresent(tag);
  }

  /** How often this tag was read. */
  readCount(epc: string): number {
    return this.#tags.get(epc)?.reads ?? 0;
  }

  /** Tags that were on the shelf and were heard since then, silent by now or not. */
  shelfSince(since: Mark): string[] {
    return [...this.#tags].flatMap(([epc, tag]) => (wasOnShelfSince(tag, since) ? [epc] : []));
  }

  /** Of those, the ones that count as gone now, whether that is certain or not. */
  goneSince(since: Mark): string[] {
    return this.shelfSince(since).filter((epc) => this.#tags.get(epc)?.absent === true);
  }

  /**
   * Of those, the ones that had been silent `ago` already, for at least `quietMinMs` of listening, and for so many rounds that
   * the chance of a tag that is there to be so by mere chance was below `chanceMax`.
   */
  silentSince(
    since: Mark,
    {
      quietMinMs = 0,
      ago = now,
      chanceMax = finalEpsilon,
      readMin = inventoryReadCount,
    }: SilenceOptions = {},
  ): string[] {
    return [...this.#tags].flatMap(([epc, tag]) => {
      if (tag.reads < readMin || !wasHeardSince(tag, since)) return [];
      const quietMs = [...tag.hearings].map(
        ([source, one]) => source.listeningMs - listenedMsOf(source, ago) - one.silentSinceMs,
      );
      if (Math.max(...quietMs) < quietMinMs) return [];
      return chancePresent(tag, undefined, ago) < chanceMax ? [epc] : [];
    });
  }

  /** Whether each reader can follow what it hears, by the one that is worst off; null: not known yet. */
  capacity(): CapacityVerdict | null {
    const counts = new Map<ReadingSource, number>();
    for (const tag of this.#tags.values()) {
      const source = isPresent(tag) ? bestSourceOf(tag) : undefined;
      if (source !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1);
    }
    const verdicts: CapacityVerdict[] = [];
    for (const source of this.#sources.values()) {
      if (source.readsPerS === null) return null;
      const count = counts.get(source) ?? 0;
      // Once beyond, some room is asked for, so that noise of the measurement does not open and shut the way in.
      const margin = this.#isBeyond ? capacityMargin : 1;
      verdicts.push(judgeCapacity(count, source.readsPerS / margin));
    }
    const worst = (['beyond', 'slow', 'fits'] as const).find((one) => verdicts.includes(one)) ?? null;
    this.#isBeyond = worst === 'beyond';
    return worst;
  }

  #sourceOf(sourceId: string): ReadingSource {
    const known = this.#sources.get(sourceId);
    if (known !== undefined) return known;
    const [oldest] = this.#sources.keys();
    if (this.#sources.size >= sourceCountMax && oldest !== undefined) this.forget(oldest);
    const source = new ReadingSource();
    this.#sources.set(sourceId, source);
    return source;
  }

  /** False: it is one with the read before. */
  #receive({ epc, atMs, antenna }: EpcRead, source: ReadingSource): boolean {
    const tag = this.#tags.get(epc);
    if (tag === undefined) {
      // Full: the one that was not heard for longest makes room, so that no stray tags of years hide new goods.
      const [oldest] = this.#tags.keys();
      if (this.#tags.size >= pieceCountMax && oldest !== undefined) this.#tags.delete(oldest);
      const hearings = new Map([[source, firstHearing(source, { atMs, antenna }, this.#reportCount)]]);
      const lastReport = this.#reportCount;
      this.#tags.set(epc, { reads: 1, readsSinceAbsent: 1, absent: false, lastReport, hearings });
      return true;
    }
    // The order of the map is that of the last reads.
    this.#tags.delete(epc);
    this.#tags.set(epc, tag);
    const hearing = tag.hearings.get(source);
    const isCounted = hearing === undefined || Math.abs(atMs - hearing.counted.atMs) >= sameReadMs;
    if (hearing === undefined)
      tag.hearings.set(source, firstHearing(source, { atMs, antenna }, this.#reportCount));
    else {
      hearAgain(tag, source, hearing, isCounted ? atMs : null);
      noteRound(hearing, source, this.#reportCount);
      noteAntenna(hearing, antenna);
    }
    for (const [other, one] of tag.hearings) {
      if (other === source) continue;
      if (!one.lapsed && chanceOf(other, one, one.lastReadMs) < liveEpsilon) one.lapsed = true;
      one.silentSinceMs = other.listeningMs;
    }
    tag.lastReport = this.#reportCount;
    if (!isCounted) return false;
    tag.reads++;
    tag.readsSinceAbsent++;
    if (tag.absent && tag.readsSinceAbsent >= returnReadCount) tag.absent = false;
    return true;
  }

  #silencesOf(epcs: readonly string[], source: ReadingSource): Silence[] {
    return epcs.flatMap((epc) => {
      const hearing = this.#tags.get(epc)?.hearings.get(source);
      if (hearing === undefined || hearing.lapsed) return [];
      return [{ epc, atMs: hearing.silentSinceMs, antenna: hearing.antenna }];
    });
  }

  /** Chance that a typical tag which is there, before whichever reader, has not been heard since then. */
  #chanceUnread(since: Mark): number {
    if (this.#sources.size === 0) return 1;
    return Math.max(...[...this.#sources.values()].map((one) => one.chanceUnread(sinceOf(one, since))));
  }
}

/** So many pieces that are silent since one instant, of so many that there were: not a hand, but what hears them. */
export function mayHaveOneCause(silentCount: number, heardCount: number): boolean {
  return silentCount >= Math.max(togetherCountMin, heardCount * togetherShareMin);
}

/** Since when a reader has not heard a tag, by its listening time, and by which antenna it mostly heard it. */
interface Silence {
  readonly epc: string;
  readonly atMs: number;
  readonly antenna: number | undefined;
}

/**
 * Of these tags of a reader, those that fell silent with their antenna: it has hardly worked since, if at all. A reader of one
 * antenna is judged as a whole.
 */
function silentWithAntenna(source: ReadingSource, tags: readonly Silence[]): string[] {
  const { antennas } = source;
  if (antennas.length < 2) return [];
  return antennas.flatMap((number) => {
    const silent = tags.filter(
      ({ antenna, atMs }) =>
        antenna === number && source.antennaRoundsSince(number, atMs) <= silentTogetherRounds,
    );
    return silent.length < withAntennaCountMin ? [] : silent.map(({ epc }) => epc);
  });
}

function firstHearing(
  source: ReadingSource,
  { atMs, antenna }: Pick<EpcRead, 'atMs' | 'antenna'>,
  report: number,
): Hearing {
  const nowMs = source.listeningMs;
  const means = { gaps: 0, meanGapMs: 0, meanRoundMs: 0 };
  const read = {
    lastReadMs: nowMs,
    counted: { ms: nowMs, atMs },
    silentSinceMs: nowMs,
    inRounds: [{ atMs: nowMs, report }, null] as const,
  };
  return { ...means, ...read, antenna, antennaLead: 1, lapsed: false };
}

/** A read counts for a round of its own when it is far enough from the last that did. */
function noteRound(hearing: Hearing, source: ReadingSource, report: number): void {
  const { listeningMs: atMs, usualRoundMs } = source;
  const [last] = hearing.inRounds;
  if (atMs - last.atMs >= usualRoundMs * sameRoundShare) hearing.inRounds = [{ atMs, report }, last];
}

function noteAntenna(hearing: Hearing, antenna: number | undefined): void {
  if (hearing.antenna === antenna) hearing.antennaLead = Math.min(hearing.antennaLead + 1, antennaLeadMax);
  else if (hearing.antennaLead > 1) hearing.antennaLead--;
  else [hearing.antenna, hearing.antennaLead] = [antenna, 1];
}

/** `countedAtMs`: the reader's time; null: it is one with the read before. */
function hearAgain(tag: Tag, source: ReadingSource, hearing: Hearing, countedAtMs: number | null): void {
  const isRhythmKnown = source.isRhythmKnown;
  // Also what was thought to be gone teaches how long a round is: many that return mean that rounds have become long.
  const gapMs = countedAtMs === null ? null : source.gapSince(hearing.counted.ms);
  if (tag.absent) {
    if (source.listeningMs - hearing.lastReadMs > returnRoundCount * source.roundMs) tag.readsSinceAbsent = 0;
  } else if (gapMs !== null && isRhythmKnown && !hearing.lapsed) {
    hearing.gaps++;
    const weight = 1 / Math.min(hearing.gaps, gapMeanCount);
    hearing.meanGapMs += (gapMs - hearing.meanGapMs) * weight;
    hearing.meanRoundMs += (source.usualRoundMs - hearing.meanRoundMs) * weight;
  }
  hearing.lastReadMs = hearing.silentSinceMs = source.listeningMs;
  if (countedAtMs !== null) hearing.counted = { ms: source.listeningMs, atMs: countedAtMs };
  hearing.lapsed = false;
}

function probabilityOf(source: ReadingSource, hearing: Hearing): number {
  if (!isKnown(hearing)) return source.readProbabilityOfUnknown;
  const { usualRoundMs } = source;
  const { meanRoundMs, meanGapMs } = hearing;
  // Other rounds than those in which its gaps were made: the gaps will follow, and how well it is heard stays.
  const ratio = usualRoundMs / meanRoundMs;
  const hasChanged = ratio > changedFactor || ratio < 1 / changedFactor;
  return readProbabilityOf(hasChanged ? meanRoundMs : usualRoundMs, meanGapMs);
}

/** Chance that a tag is there although this reader has not heard it since then. */
function chanceOf(source: ReadingSource, hearing: Hearing, sinceMs: number): number {
  const rounds = source.roundsSince(sinceMs);
  return rounds === 0 ? 1 : (1 - probabilityOf(source, hearing)) ** rounds;
}

/**
 * Chance that a tag is there although nobody has heard it: since it was last heard, or since a later moment. The readers that
 * knew it well are evidence, each by itself; while none did, all that have heard it at all must be silent. `ago`: by the
 * silence that there was so long ago.
 */
function chancePresent(tag: Tag, since?: Mark, ago = now): number {
  let best = 0;
  let largest = 0;
  for (const [source, hearing] of tag.hearings) {
    if (hearing.lapsed) continue;
    largest = Math.max(largest, chanceUnheard(source, hearing, since, ago));
    if (isKnown(hearing)) best = Math.max(best, probabilityOf(source, hearing));
  }
  if (best === 0 || tag.hearings.size === 1) return largest;
  let product = 1;
  for (const [source, hearing] of tag.hearings) {
    const isEvidence = !hearing.lapsed && isKnown(hearing);
    if (!isEvidence || probabilityOf(source, hearing) < best * goodShareMin) continue;
    product *= chanceUnheard(source, hearing, since, ago);
  }
  return product;
}

function chanceUnheard(source: ReadingSource, hearing: Hearing, since: Mark | undefined, ago: Ago): number {
  const { silentSinceMs } = hearing;
  const sinceMs = since === undefined ? silentSinceMs : Math.max(sinceOf(source, since), silentSinceMs);
  return chanceOf(source, hearing, sinceMs + listenedMsOf(source, ago));
}

/** For how long a reader may have listened since then, ms: not while it was not heard itself. */
function listenedMsOf(source: ReadingSource, { ms, notBefore }: Ago): number {
  return notBefore === null ? ms : Math.min(ms, source.listeningMs - sinceOf(source, notBefore));
}

function isKnown({ gaps }: Hearing): boolean {
  return gaps >= gapKnownCount;
}

function wasHeardSince(tag: Tag, since: Mark): boolean {
  return tag.lastReport > since.reportCount;
}

function wasOnShelfSince(tag: Tag, since: Mark): boolean {
  return tag.reads >= inventoryReadCount && wasHeardSince(tag, since);
}

/** One and the same reader has heard it in two rounds since then, in the later one not as a stray. */
function wasHeardAgainSince({ hearings }: Tag, since: Mark): boolean {
  return [...hearings].some(([source, hearing]) => {
    const [last, before] = hearing.inRounds;
    if (before === null || before.report <= since.reportCount) return false;
    return last.atMs - sinceOf(source, since) >= strayMaxMs;
  });
}

function sinceOf(source: ReadingSource, mark: Mark): number {
  return mark.listeningMs.get(source) ?? 0;
}

/** The reader that hears a tag best. */
function bestSourceOf(tag: Tag): ReadingSource | undefined {
  const heard = [...tag.hearings].filter(([, { lapsed }]) => !lapsed);
  const gapOf = (one: Hearing): number => (isKnown(one) ? one.meanGapMs : Number.POSITIVE_INFINITY);
  return heard.reduce<(typeof heard)[number] | undefined>(
    (best, one) => (best === undefined || gapOf(one[1]) < gapOf(best[1]) ? one : best),
    undefined,
  )?.[0];
}

function isPresent(tag: Tag): boolean {
  return !tag.absent && tag.reads >= inventoryReadCount;
}
