import { z } from 'zod';
import { unreachable } from '../../shared/assert.ts';
import type { VisitId } from '../../shared/ids.ts';
import { lineCountMax, pieceCountMax } from '../../shared/model/basket.ts';
import { type CapacityVerdict, finalEpsilon } from '../../shared/reading-capacity.ts';
import { type Catalog, epcSchema, skuSchema } from '../../shared/model/catalog.schema.ts';
import { doorMax, doorNumberSchema } from '../../shared/model/lock-spec.ts';
import type { UnnamedGoods } from '../../shared/model/unnamed-goods.ts';
import { type TagLookup, makeTagLookup, unnamedOf } from '../basket/tag-lookup.ts';
import {
  type BaselineInventory,
  type Estimate,
  type FinalEstimate,
  type InventoryLine,
  makeBaseline,
  withExpired,
} from './inventory.ts';
import {
  type BaselineOptions,
  type InventoryEstimator,
  type Observation,
  type SensorHealth,
  unnamedReaderId,
} from './inventory-estimator.ts';
import { BehindDoors } from './behind-doors.ts';
import { DoorWatch } from './door-watch.ts';
import { HeardBeside } from './heard-beside.ts';
import {
  type Ago,
  type FinalPresence,
  type Mark,
  PresenceEstimator,
  inventoryReadCount,
  liveEpsilon,
  mayHaveOneCause,
  startMark,
} from './presence.ts';
import { RecentMarks } from './recent-marks.ts';

/** Without a report for this long the reader is not believed to see the shelf, ms (a sweep comes every 2 s). */
const readerQuietMaxMs = 3_500;
/**
 * A reader that reports, and for so long was never heard to work between two reports (its link hands them over in lumps,
 * or it pauses after each): nothing would ever count as gone, ms.
 */
const uselessMaxMs = 15_000;
/** A reader that was received for less of the time after the door closed has given no final reading. */
const readingShareMin = 0.5;
/** Confidence in what the final reading leaves open. */
const unsureConfidence = 0.5;

/** Goods that are silent behind a shut door for so much listening are told to somebody, ms. */
const vanishedQuietMs = 10_000;
/** The same of goods that were there when the program ended, ms: after a start, nobody knows how well each is heard. */
const unheardQuietMs = 60_000;

/**
 * A contact says "open" a little late: no quick hand has taken what was silent for so long when it was last read as shut, ms of
 * listening.
 */
const silentBeforeOpenMs = 2_000;
/**
 * Of a slow reader that is too short to be certain. The chance that goods which are there were silent for so long just then:
 * below it a human looks, instead of a bill; above it the reader has most likely missed them a few times
 * (docs/decisions/0105-silent-too-shortly-to-be-certain.md).
 */
const silentByChanceMax = 1e-3;

/** The tags of the baseline, which of them were last said to be taken, and which were silent before it was made. */
const memorySchema = z.object({
  tags: z.array(z.object({ epc: epcSchema, sku: skuSchema.nullable() })).max(pieceCountMax),
  taken: z.array(epcSchema).max(pieceCountMax),
  /** Absent in what an earlier version stored, and when there are none. */
  doubtful: z.array(epcSchema).max(pieceCountMax).optional(),
  /** The door has been shut ever since the baseline, as far as anybody knows. */
  unopened: z.literal(true).optional(),
  /** Nobody watched them, and they have not been heard since; absent when there are none, and in what an earlier version stored. */
  unwatched: z.array(epcSchema).max(pieceCountMax).optional(),
  /** Heard through the door, most likely beside the cabinet, when the baseline was made; absent as above. */
  beside: z.array(epcSchema).max(pieceCountMax).optional(),
  /** Goods in no baseline that were heard behind the door before it was opened; absent as above. */
  late: z.array(epcSchema).max(pieceCountMax).optional(),
  /** Behind those of several doors that have been shut since the baseline; absent as above. */
  outOfReach: z
    .array(z.object({ door: doorNumberSchema, tags: z.array(epcSchema).max(pieceCountMax) }))
    .max(doorMax)
    .optional(),
  /** Past their day, of articles whose pieces are known by their tags; absent as above. */
  pastDay: z
    .array(z.object({ sku: skuSchema, tags: z.array(epcSchema).max(pieceCountMax) }))
    .max(lineCountMax)
    .optional(),
});

const tagsSchema = z.array(epcSchema).max(pieceCountMax);
/**
 * Goods behind the shut door, as they are remembered over a restart between two visits: `present` as far as anybody was told,
 * `silent` for so long that staff was told; `missed`, `own` and `named` (by the last final reading): whatever the door does, absent when there are none. Earlier
 * versions kept the silent ones alone, as a list.
 */
const shelfSchema = z.object({
  present: tagsSchema,
  silent: tagsSchema,
  missed: z.object({ tags: tagsSchema, visits: z.int().min(0) }).optional(),
  own: tagsSchema.optional(),
  named: tagsSchema.optional(),
  /** Heard beside the cabinet, as far as anybody knows. */
  came: tagsSchema.optional(),
});
type Shelf = z.infer<typeof shelfSchema>;
const betweenVisitsSchema = z.union([
  shelfSchema,
  tagsSchema.transform((silent): Shelf => ({ present: [], silent })),
]);

/** `isInDoubt`: its tag was silent before the door was opened, so that it says nothing. */
export interface TaggedPiece {
  readonly epc: string;
  readonly sku: string;
  readonly isInDoubt: boolean;
}

/** The inventory by RFID tags: each tag is one piece, and is present as long as the reader reads it. */
export class TagInventoryEstimator implements InventoryEstimator {
  readonly #catalog: () => Catalog | null;
  readonly #presence = new PresenceEstimator();
  readonly #recentMarks = new RecentMarks();
  readonly #door = new DoorWatch(() => this.#presence.mark());
  readonly #behind = new BehindDoors();
  readonly #beside = new HeardBeside(this.#presence, this.#door);
  /** Article of each tag of the baseline. */
  #baseline: ReadonlyMap<string, string | null> = new Map();
  #taken: ReadonlySet<string> = new Set();
  /** Tags of what was past its day when the visit began, of articles whose pieces are known by their tags. */
  #pastDay: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  /** As it was when the final reading began. */
  #takenBefore: ReadonlySet<string> = new Set();
  /** Since the program goes on with a visit: tags of the baseline, not taken before, that have not been heard again. */
  readonly #notHeardAgain = new Set<string>();
  /**
   * Of the baseline: not heard again since a break in which nobody watched them, or since a silence before the door was
   * opened that was too short to be certain. Who has them, if anybody, is open: they may have gone before the door was
   * opened, with this shopper, or with somebody else.
   */
  readonly #unwatched = new Set<string>();
  /** Tags of no product that were put in during a visit, or came behind the shut door: somebody's own things, nobody's loss when they leave. */
  readonly #ownThings = new Set<string>();
  /**
   * Of the baseline: silent before the door was opened, though it had been shut since they were heard. Until they are
   * heard again nobody can say when they went, so that they are no part of the visit.
   */
  #doubtful = new Set<string>();
  /**
   * Behind a shut door when the program ended, neither heard nor the door opened since: in doubt, as if the program had
   * gone on; and whether staff was told of them then.
   */
  readonly #recalled = new Map<string, { readonly wasTold: boolean }>();
  /**
   * Goods that were in doubt in visits before this one, and were not heard since: gone, or there before a blind antenna; and in
   * how many visits since then the door was opened, this one too.
   */
  readonly #missed = new Set<string>();
  #missedVisits = 0;
  /**
   * In no baseline, though they were heard behind the shut door before it was opened: put in so shortly before the visit that a
   * slow reader had hardly heard them. They are on no list, so that nobody can be asked to pay for them.
   */
  readonly #late = new Set<string>();
  /** What the last final reading missed of the baseline; null: it gave none, and what was shown stands in for it. */
  #missing: readonly string[] | null = null;
  /** When each reader last reported, the cabinet's own time; and whether each that the cabinet has is ready. */
  readonly #lastReportMs = new Map<string, number>();
  /** When each was last heard to work, or first reported, the cabinet's own time. */
  readonly #lastUsefulMs = new Map<string, number>();
  readonly #readers = new Map<string, boolean>();
  /** When the final reading began, and of which visit it is. */
  #finalVisit: VisitId | null = null;
  #finalMark: Mark = startMark;
  #finalStartMs = Number.NEGATIVE_INFINITY;
  #counted: { readonly catalog: Catalog; readonly skus: readonly string[] } | null = null;
  #lookup: { readonly catalog: Catalog; readonly skuOf: TagLookup } | null = null;

  constructor(catalog: () => Catalog | null) {
    this.#catalog = catalog;
  }

  observe(observation: Observation): boolean {
    switch (observation.kind) {
      case 'tags':
        this.#observeTags(observation);
        return true;
      case 'sensors':
        this.#observeReaders(observation.sensors.filter(({ kind }) => kind === 'tag-reader'));
        return true;
      case 'door':
        this.#observeDoor(observation);
        return true;
      case 'weight':
      case 'image':
      case 'barcode':
        // Goods are known by their tags alone.
        return false;
      default:
        return unreachable(observation);
    }
  }

  released(door: number): void {
    this.#behind.released(door);
  }

  #observeTags(observation: Extract<Observation, { kind: 'tags' }>): void {
    const { deviceId, atMs, reads, readerMs, sinceMs } = observation;
    const isUnnamed = deviceId === unnamedReaderId;
    if (isUnnamed && !this.#lastReportMs.has(deviceId)) {
      // No report says of which reader it is, so that none is waited for.
      for (const id of this.#readers.keys()) this.#presence.forget(id);
    }
    this.#lastReportMs.set(deviceId, atMs);
    const epcs = reads.map(({ epc }) => epc);
    this.#behind.heard(epcs, observation.behindDoor);
    // While one of several readers is away, what is silent may be what that one used to hear.
    const isListening = !isUnnamed || this.#areAllReady;
    const late = this.#beside.heardTooLate(
      deviceId,
      epcs,
      (epc) => this.#recalled.has(epc) || this.#missed.has(epc),
    );
    const listenedMs = this.#presence.listenedMs(deviceId);
    this.#presence.observe(deviceId, { reads, atMs: readerMs, sinceMs, isListening });
    if (this.#presence.listenedMs(deviceId) > listenedMs || !this.#lastUsefulMs.has(deviceId))
      this.#lastUsefulMs.set(deviceId, atMs);
    this.#recentMarks.note(atMs, () => this.#presence.mark());
    this.#noteLate(epcs);
    for (const { epc } of reads) {
      this.#notHeardAgain.delete(epc);
      // A stray read is no return: as gone as it still counts, it would be shown as taken, or told as vanished.
      const isThere = this.#presence.presence(epc) === 'present';
      this.#beside.noteRead(epc, { atMs, isThere, isLate: late.has(epc) });
      if (!isThere) continue;
      this.#doubtful.delete(epc);
      this.#unwatched.delete(epc);
      this.#recalled.delete(epc);
      this.#missed.delete(epc);
    }
  }

  foundAgain(): readonly (VisitId | null)[] {
    return this.#beside.takeFoundAgain();
  }

  /** Readers that the cabinet has no more are forgotten; one that has not been heard yet is waited for. */
  #observeReaders(readers: readonly SensorHealth[]): void {
    // The device host is about to begin anew, and will name them again.
    if (readers.length === 0) return;
    const gone = new Set([...this.#readers.keys(), ...this.#lastReportMs.keys()]);
    gone.delete(unnamedReaderId);
    this.#readers.clear();
    for (const { deviceId, isReady } of readers) {
      this.#readers.set(deviceId, isReady);
      gone.delete(deviceId);
      if (!this.#lastReportMs.has(unnamedReaderId)) this.#presence.expect(deviceId);
    }
    for (const id of gone) {
      this.#presence.forget(id);
      this.#lastReportMs.delete(id);
      this.#lastUsefulMs.delete(id);
    }
  }

  #observeDoor({ atMs, door, doors, unreadMs }: Extract<Observation, { kind: 'door' }>): void {
    this.#behind.observe(doors);
    const wasShutThroughout = this.#door.isShutThroughout;
    const { isBreak, shutUntil } = this.#door.observe(door, unreadMs);
    if (isBreak) this.#noteBreak();
    if (shutUntil !== null) {
      const { since, agoMs } = shutUntil;
      const ago = { ms: agoMs, notBefore: this.#recentMarks.before(atMs - agoMs) };
      this.#doubtSilentSince(since, ago, wasShutThroughout);
    }
    if (door !== 'open') return;
    this.#recalled.clear();
    this.#beside.doorOpened(atMs);
  }

  /**
   * Goods that fell silent while the door was read as shut, last so long ago, are in doubt; those of which that is likely and
   * not certain are unwatched. What fell silent later, while nobody looked at the door, may have been taken; so may what is
   * unwatched already, unless it was so when the baseline was made and nobody can have been at the goods since.
   */
  #doubtSilentSince(since: Mark, ago: Ago, wasShutThroughout: boolean): void {
    const silence = { quietMinMs: silentBeforeOpenMs, ago };
    const silentOf = (chanceMax: number): string[] => {
      const silent = this.#presence.silentSince(since, { ...silence, chanceMax });
      return silent.filter((epc) => this.#baseline.has(epc) && this.#skuOf(epc) !== null);
    };
    for (const epc of silentOf(finalEpsilon)) {
      if (this.#unwatched.has(epc) && !wasShutThroughout) continue;
      this.#unwatched.delete(epc);
      this.#doubtful.add(epc);
    }
    for (const epc of silentOf(silentByChanceMax)) if (!this.#doubtful.has(epc)) this.#unwatched.add(epc);
  }

  /**
   * The bolt may move, the door was not opened yet as far as anybody knows, and nobody watches it for a while: whatever is
   * missing from here on is unwatched.
   */
  #noteBreak(): void {
    for (const epc of this.#baseline.keys()) if (!this.#doubtful.has(epc)) this.#unwatched.add(epc);
  }

  /** Of these tags, the goods that lie behind the door of a visit that nobody has opened yet, and are not in its baseline. */
  #noteLate(epcs: readonly string[]): void {
    if (!this.#door.isShutThroughout) return;
    for (const epc of this.#unaskedOf(epcs))
      if (!this.#baseline.has(epc) && this.#late.size < pieceCountMax) this.#late.add(epc);
  }

  /** Goods behind a door that was shut all through the visit, and that have fallen silent there: on no charge. */
  #outOfReachAndSilent(): number {
    return [...this.#baseline.keys()].filter(
      (epc) =>
        this.#behind.isOutOfReach(epc) &&
        !this.#doubtful.has(epc) &&
        this.#baseline.get(epc) !== null &&
        this.#presence.presence(epc) === 'absent',
    ).length;
  }

  /** Of the late ones, those that have left; a single one that was read once is a stray read, and nobody's goods. */
  #lateThatLeft(): string[] {
    const isThere = (epc: string): boolean =>
      this.#missing === null
        ? this.#presence.presence(epc) === 'present'
        : this.#presence.finalPresence(epc, this.#finalMark, { isLast: true }) === 'present';
    const left = [...this.#late].filter((epc) => !isThere(epc));
    const isStray =
      left.length === 1 && left.every((epc) => this.#presence.readCount(epc) < inventoryReadCount);
    return isStray ? [] : left;
  }

  get #areAllReady(): boolean {
    return [...this.#readers.values()].every((isReady) => isReady);
  }

  isUseful(nowMs: number): boolean {
    return [...this.#lastReportMs].every(([id, reportMs]) => {
      const isReporting = nowMs - reportMs < readerQuietMaxMs;
      return !isReporting || nowMs - (this.#lastUsefulMs.get(id) ?? nowMs) < uselessMaxMs;
    });
  }

  isAlive(nowMs: number): boolean {
    const isUnnamed = this.#lastReportMs.has(unnamedReaderId);
    if (this.#lastReportMs.size === 0 || (isUnnamed && !this.#areAllReady)) return false;
    if (!this.isUseful(nowMs)) return false;
    const isHeard = (id: string): boolean =>
      nowMs - (this.#lastReportMs.get(id) ?? Number.NEGATIVE_INFINITY) < readerQuietMaxMs;
    // Each that the cabinet has: goods that only one of them hears would leave unseen.
    return (isUnnamed ? [unnamedReaderId] : [...this.#readers.keys(), ...this.#lastReportMs.keys()]).every(
      isHeard,
    );
  }

  baseline({ force, nowMs, pastDay }: BaselineOptions): BaselineInventory | null {
    const catalog = this.#catalog();
    const { present, settled } = this.#presence.inventorySince(this.#door.shutMark);
    if (catalog === null || !this.isAlive(nowMs) || !(settled || force)) return null;
    const room = Math.max(0, pieceCountMax - present.length);
    const doubtful = this.#silentBehindDoor().slice(0, room);
    const unwatched = this.#unheardSinceUnread([...present, ...doubtful]).slice(0, room - doubtful.length);
    const tags = [...present, ...doubtful, ...unwatched].sort();
    // That nothing is there is no decision to be forced.
    if (tags.length === 0 && !settled) return null;
    this.#baseline = new Map(tags.map((epc) => [epc, this.#skuOf(epc)]));
    this.#pastDay = new Map();
    const missed = this.#missedSoFar;
    this.#missed.clear();
    for (const epc of missed.tags) this.#missed.add(epc);
    this.#missedVisits = missed.visits + (this.#door.isShutThroughout ? 0 : 1);
    this.#doubtful = new Set(doubtful);
    // What the shopper wears, or a bag.
    for (const epc of this.#beside.startVisit(tags)) if (this.#skuOf(epc) === null) this.#ownThings.add(epc);
    this.#door.startVisit();
    this.#behind.startVisit();
    this.#taken = new Set();
    this.#notHeardAgain.clear();
    this.#unwatched.clear();
    for (const epc of unwatched) this.#unwatched.add(epc);
    this.#late.clear();
    this.#noteLate(this.#presence.heardSince(this.#door.shutMark));
    // Gone, or meanwhile of a product: then they are goods like any.
    for (const epc of this.#ownThings) if (this.#baseline.get(epc) !== null) this.#ownThings.delete(epc);
    const unsure = new Set(doubtful.map((epc) => this.#skuOf(epc)));
    const lines = this.#linesOf(tags, 1 - liveEpsilon).map((line) =>
      unsure.has(line.sku) ? { ...line, confidence: unsureConfidence } : line,
    );
    const baseline = makeBaseline(lines, catalog);
    this.#pastDay = pastDay?.() ?? new Map();
    return withExpired(baseline, this.#pastDayAmong(tags));
  }

  /** How many of these are past their day, of each article whose pieces are known by their tags. */
  #pastDayAmong(epcs: readonly string[]): ReadonlyMap<string, number> {
    const isOf = (sku: string, past: ReadonlySet<string>) => (epc: string) =>
      past.has(epc) && this.#baseline.get(epc) === sku;
    return new Map([...this.#pastDay].map(([sku, past]) => [sku, epcs.filter(isOf(sku, past)).length]));
  }

  vanished(): number {
    return this.#door.isShut ? this.#vanishedGoods().length : 0;
  }

  vanishedAfter(): VisitId | null {
    return (
      this.#vanishedGoods()
        .map((epc) => this.#beside.heardBackIn(epc))
        .find((visit) => visit !== null) ?? null
    );
  }

  #vanishedGoods(): string[] {
    const silent = this.#presence.silentSince(this.#door.openedMark, { quietMinMs: vanishedQuietMs });
    const isHeardOut = this.#presence.listenedSince(startMark) >= unheardQuietMs;
    const unheard = [...this.#recalled].flatMap(([epc, { wasTold }]) =>
      isHeardOut && !wasTold && this.#presence.presence(epc) === 'absent' ? [epc] : [],
    );
    return this.#unaskedOf([...new Set([...silent, ...unheard, ...this.#heardOnce()])]);
  }

  /**
   * Goods behind the shut door that were read once and then never again, when they are many of those that are there: their
   * reader reports each tag but once (it is in another session), and nobody would see them leave. One alone is a stray read.
   */
  #heardOnce(): string[] {
    const since = this.#door.openedMark;
    const shelf = this.#unaskedOf(this.#presence.shelfSince(since));
    const known = new Set(shelf);
    const silent = this.#presence.silentSince(since, { quietMinMs: unheardQuietMs, readMin: 1 });
    const once = this.#unaskedOf(silent).filter((epc) => !known.has(epc));
    return mayHaveOneCause(once.length, shelf.length + once.length) ? once : [];
  }

  /** What counts as gone behind a door that was not opened since it was heard, in this run or the one before. */
  #silentBehindDoor(): string[] {
    const gone = this.#presence.goneSince(this.#door.openedMark);
    return this.#unaskedOf([...new Set([...gone, ...this.#recalled.keys(), ...this.#heardOnce()])]);
  }

  /**
   * Not heard again since the door was not read for a while, and not silent for long enough to count as gone: known is neither
   * that they were there when it was read again, nor that they were not.
   */
  #unheardSinceUnread(known: readonly string[]): string[] {
    const others = new Set(known);
    return this.#unaskedOf(this.#presence.shelfSince(this.#door.openedMark)).filter(
      (epc) => !others.has(epc),
    );
  }

  betweenVisits(): Shelf | null {
    const { tags, visits } = this.#missedSoFar;
    const { named, came } = this.#beside;
    const lasting = {
      ...(tags.length === 0 ? {} : { missed: { tags: tags.sort(), visits } }),
      ...(this.#ownThings.size === 0 ? {} : { own: [...this.#ownThings].sort() }),
      ...(named.length === 0 ? {} : { named: newestOf(named) }),
      ...(came.length === 0 ? {} : { came: newestOf(came) }),
    };
    if (!this.#door.isShut) return { present: [], silent: [], ...lasting };
    // Without a catalogue, which may still be on its way, nobody knows what is goods.
    if (this.#catalog() === null) return null;
    const told = [...this.#recalled].flatMap(([epc, { wasTold }]) => (wasTold ? [epc] : []));
    const silent = new Set([...told, ...this.#vanishedGoods()]);
    const shelf = this.#presence.shelfSince(this.#door.openedMark);
    const all = this.#unaskedOf([...new Set([...this.#recalled.keys(), ...shelf, ...silent])]).sort();
    return {
      present: all.filter((epc) => !silent.has(epc)).slice(0, pieceCountMax),
      silent: all.filter((epc) => silent.has(epc)).slice(0, pieceCountMax),
      ...lasting,
    };
  }

  recallBetweenVisits(memory: unknown): void {
    const parsed = betweenVisitsSchema.safeParse(memory);
    if (!parsed.success) return;
    const { present, silent, missed, own = [], named = [], came = [] } = parsed.data;
    for (const epc of own) this.#ownThings.add(epc);
    for (const epc of missed?.tags ?? []) this.#missed.add(epc);
    this.#missedVisits = missed?.visits ?? 0;
    // What was behind the door may have left since it was opened.
    const { hasOpened } = this.#door;
    this.#beside.recall(named, hasOpened ? [] : came);
    for (const epc of hasOpened ? [] : present) this.#recalled.set(epc, { wasTold: false });
    for (const epc of hasOpened ? [] : silent) this.#recalled.set(epc, { wasTold: true });
    for (const epc of this.#presence.present()) {
      this.#recalled.delete(epc);
      this.#missed.delete(epc);
    }
  }

  /** With what the last visit leaves in doubt, once its door may have been open. */
  get #missedSoFar(): { tags: string[]; visits: number } {
    const doubtful = this.#doubtfulAndUnasked;
    const isNew = !this.#door.isShutThroughout && doubtful.length > 0;
    const tags = new Set([...this.#missed, ...(isNew ? doubtful : [])]);
    return { tags: [...tags].slice(0, pieceCountMax), visits: isNew ? 0 : this.#missedVisits };
  }

  /** What was named before is with somebody already. */
  get #doubtfulAndUnasked(): string[] {
    return [...this.#doubtful].filter((epc) => !this.#beside.wasNamedBefore(epc));
  }

  /** Of these tags, the goods that nobody has been asked about yet; what is strange may be a passer-by's. */
  #unaskedOf(epcs: readonly string[]): string[] {
    return epcs.filter((epc) => !this.#beside.isNamed(epc) && this.#skuOf(epc) !== null);
  }

  unheard(mayHaveBeenOpen: boolean): number {
    const gone = new Set(this.#missing ?? this.#taken);
    const held = [...this.#unwatched].filter(
      (epc) => gone.has(epc) && this.#baseline.get(epc) !== null && !this.#beside.isOfVisit(epc),
    );
    if (!mayHaveBeenOpen && this.#door.isShutThroughout) return held.length;
    const count =
      this.#doubtfulAndUnasked.length +
      held.length +
      this.#lateThatLeft().length +
      this.#outOfReachAndSilent();
    if (count > 0 || !mayHaveBeenOpen) return count;
    // Four times as far each time, so that what has left for good is not told for ever.
    const isDue = Number.isInteger(Math.log2(this.#missedVisits) / 2);
    return isDue ? [...this.#missed].filter((epc) => this.#skuOf(epc) !== null).length : 0;
  }

  capacity(): CapacityVerdict | null {
    return this.#presence.capacity();
  }

  stock(nowMs: number): ReadonlyMap<string, number> | null {
    const tags = this.stockTags(nowMs);
    return tags && new Map([...tags].map(([sku, epcs]) => [sku, epcs.length]));
  }

  stockTags(nowMs: number): ReadonlyMap<string, readonly string[]> | null {
    const catalog = this.#catalog();
    // Asked each second, also while somebody shops.
    if (catalog === null || !this.#door.isShut) return null;
    const { present, settled } = this.#presence.inventorySince(this.#door.shutMark);
    if (!settled || !this.isAlive(nowMs)) return null;
    const unknown = new Set(this.#silentBehindDoor().map((epc) => this.#skuOf(epc)));
    const countable = this.#countable(catalog).filter((sku) => !unknown.has(sku));
    const stock = new Map(countable.map((sku): [string, string[]] => [sku, []]));
    for (const epc of present) {
      const sku = this.#skuOf(epc);
      if (sku !== null) stock.get(sku)?.push(epc);
    }
    return stock;
  }

  isEmpty(nowMs: number): boolean | null {
    const { present, settled } = this.#presence.inventorySince(this.#door.shutMark);
    if (present.length > 0) return false;
    if (this.#catalog() === null || !this.#door.isShut || !settled || !this.isAlive(nowMs)) return null;
    const doubtful = this.#silentBehindDoor();
    return doubtful.length === 0 && this.#unheardSinceUnread(doubtful).length === 0;
  }

  /** Products each piece of which is known by its tag: there are tags for it, and the catalogue says nothing else of them. */
  #countable(catalog: Catalog): readonly string[] {
    if (this.#counted?.catalog === catalog) return this.#counted.skus;
    const tagged = new Set(catalog.tags.map(({ sku }) => sku));
    const unclear = new Set(
      catalog.tags.filter(({ epc, sku }) => this.#skuOf(epc) !== sku).map(({ sku }) => sku),
    );
    const gtins = catalog.products.map(({ gtin }) => gtin);
    const skus = catalog.products
      .filter(({ sku, gtin }) => {
        if (gtin === undefined) return tagged.has(sku);
        return gtins.indexOf(gtin) === gtins.lastIndexOf(gtin);
      })
      .map(({ sku }) => sku)
      .filter((sku) => !unclear.has(sku));
    this.#counted = { catalog, skus };
    return skus;
  }

  estimate(): Estimate {
    const taken = [...this.#baseline.keys()].filter((epc) => {
      if (this.#doubtful.has(epc) || this.#behind.isOutOfReach(epc)) return false;
      const presence = this.#presence.presence(epc);
      return presence === 'absent' || (presence === 'unsure' && this.#taken.has(epc));
    });
    this.#taken = new Set(taken);
    const added = this.#presence.present().filter((epc) => !this.#baseline.has(epc));
    for (const epc of added) {
      if (this.#skuOf(epc) === null && this.#ownThings.size < pieceCountMax) this.#ownThings.add(epc);
    }
    const confidence = 1 - liveEpsilon;
    return {
      taken: this.#linesOf(taken, confidence),
      added: this.#linesOf(added, confidence),
      ...this.#unwatchedOf(taken),
    };
  }

  startFinal(nowMs: number, visit: VisitId | null = null): void {
    this.#missing = null;
    this.#finalVisit = visit;
    this.#takenBefore = this.#taken;
    this.#finalMark = this.#presence.mark();
    this.#finalStartMs = nowMs;
  }

  final({ force, nowMs }: { force: boolean; nowMs: number }): FinalEstimate | null {
    const goods = this.#goodsOfVisit();
    const answers = goods.map((epc) => [epc, this.#finalPresence(epc, force)] as const);
    const thoseThatAre = (which: FinalPresence): string[] =>
      answers.flatMap(([epc, presence]) => (presence === which ? [epc] : []));
    const silent = thoseThatAre('absent');
    const unsure = thoseThatAre('unsure');
    const stray = thoseThatAre('doubtful');
    if (unsure.length > 0 && !force) return null;
    // Nothing at all was received since the door closed, or too little to tell: that is no reading.
    if (!this.hearsFinal(nowMs) && (unsure.length > 0 || this.#finalListenedMs === 0)) {
      // What was shown stands in for it.
      const taken = [...this.#taken];
      const named = [...taken, ...this.#doubtful];
      if (force) this.#beside.readingLost({ visit: this.#finalVisit, nowMs, named, taken });
      return null;
    }
    const together = this.#presence.silentTogether(silent, goods);
    // The reader, rather than a hand, may not be what it was before the program's break.
    const lost = silent.filter((epc) => this.#notHeardAgain.has(epc));
    if (mayHaveOneCause(lost.length, goods.length)) for (const epc of lost) together.add(epc);
    const absent = silent.filter((epc) => !together.has(epc));
    const doubtful = [...unsure, ...together];
    const unseen = [...doubtful.filter((epc) => !this.#taken.has(epc)), ...stray];
    const shown = doubtful.filter((epc) => this.#taken.has(epc));
    this.#missing = [...silent, ...unsure, ...stray];
    this.#noteEnd(this.#missing, thoseThatAre('present'), nowMs);
    return {
      absent: this.#linesOf(absent, 1 - finalEpsilon),
      unsure: this.#linesOf(shown, unsureConfidence),
      ...(unseen.length === 0 ? {} : { unseen: this.#linesOf(unseen, unsureConfidence) }),
      ...this.#unwatchedOf(absent),
    };
  }

  #noteEnd(missing: readonly string[], present: readonly string[], nowMs: number): void {
    this.#beside.readToEnd({
      visit: this.#finalVisit,
      nowMs,
      missing,
      named: [...missing, ...this.#doubtful],
      back: present.filter((epc) => this.#takenBefore.has(epc)),
      others: this.#presence.present().filter((epc) => !this.#baseline.has(epc)),
    });
  }

  /**
   * What the baseline has of the cabinet's: not what its shopper wears, nor what nobody knows the whereabouts of; nor, behind a
   * door that was shut all the time, what was heard beside it, nor what lies behind one of several that was.
   */
  #goodsOfVisit(): string[] {
    const isApart = (epc: string): boolean =>
      (this.#door.isShutThroughout && this.#beside.isOfVisit(epc)) || this.#behind.isOutOfReach(epc);
    return [...this.#baseline.keys()].filter(
      (epc) => !this.#ownThings.has(epc) && !this.#doubtful.has(epc) && !isApart(epc),
    );
  }

  #finalPresence(epc: string, isLast: boolean): FinalPresence {
    return this.#presence.finalPresence(epc, this.#finalMark, {
      wasGone: this.#takenBefore.has(epc),
      isLast,
    });
  }

  /** Whoever hears tags alone has nothing to ask of which an answer would make a bill. */
  question(): null {
    return null;
  }

  answer(): void {
    return;
  }

  scalesAtOdds(): readonly number[] {
    return [];
  }

  /** The pieces of this visit by their tags, for an estimator that knows more than tags. */
  goods(): readonly TaggedPiece[] {
    return [...this.#baseline].flatMap(([epc, sku]) => {
      if (sku === null || this.#ownThings.has(epc) || this.#behind.isOutOfReach(epc)) return [];
      const isInDoubt = this.#doubtful.has(epc);
      return [{ epc, sku, isInDoubt }];
    });
  }

  /** Chance that a piece is there although its tag is as silent as it is now; and whether it counts as gone. */
  silenceOf(epc: string): { readonly chanceThere: number; readonly isGone: boolean } {
    return {
      chanceThere: this.#presence.chanceThere(epc),
      isGone: this.#presence.presence(epc) === 'absent',
    };
  }

  unnamed(): readonly UnnamedGoods[] {
    const catalog = this.#catalog();
    const missing = (this.#missing ?? [...this.#taken]).filter(
      (epc) => this.#baseline.get(epc) === null && !this.#ownThings.has(epc),
    );
    return catalog === null || missing.length === 0 ? [] : unnamedOf(catalog, missing);
  }

  hearsFinal(nowMs: number): boolean {
    const listenedMs = this.#finalListenedMs;
    return listenedMs > 0 && listenedMs >= (nowMs - this.#finalStartMs) * readingShareMin;
  }

  get #finalListenedMs(): number {
    return this.#presence.listenedSince(this.#finalMark);
  }

  #unwatchedOf(epcs: readonly string[]): { unwatched?: InventoryLine[] } {
    const unwatched = epcs.filter((epc) => this.#unwatched.has(epc) || this.#beside.isOfVisit(epc));
    return unwatched.length === 0 ? {} : { unwatched: this.#linesOf(unwatched, 1 - liveEpsilon) };
  }

  memory(): z.infer<typeof memorySchema> {
    const outOfReach = this.#behind.memory(this.#baseline.keys());
    return {
      tags: [...this.#baseline].map(([epc, sku]) => ({ epc, sku })),
      taken: [...this.#taken],
      ...(this.#doubtful.size === 0 ? {} : { doubtful: [...this.#doubtful] }),
      ...(this.#door.mayBeUnopened ? { unopened: true as const } : {}),
      ...(this.#unwatched.size === 0 ? {} : { unwatched: [...this.#unwatched] }),
      ...(this.#beside.ofVisit.length === 0 ? {} : { beside: [...this.#beside.ofVisit] }),
      ...(this.#late.size === 0 ? {} : { late: [...this.#late] }),
      ...(outOfReach === undefined ? {} : { outOfReach }),
      ...(this.#pastDay.size === 0 ? {} : { pastDay: this.#pastDayOfVisit() }),
    };
  }

  #pastDayOfVisit(): { sku: string; tags: string[] }[] {
    return [...this.#pastDay].map(([sku, past]) => ({
      sku,
      tags: [...past].filter((epc) => this.#baseline.has(epc)).slice(0, pieceCountMax),
    }));
  }

  restore(memory: unknown, isUnwatched = false): boolean {
    const parsed = memorySchema.safeParse(memory);
    if (!parsed.success) return false;
    this.#baseline = new Map(parsed.data.tags.map(({ epc, sku }) => [epc, sku]));
    this.#taken = new Set(parsed.data.taken);
    this.#pastDay = new Map((parsed.data.pastDay ?? []).map(({ sku, tags }) => [sku, new Set(tags)]));
    this.#doubtful = new Set(parsed.data.doubtful);
    this.#beside.resumeVisit(this.#baseline.keys(), parsed.data.beside ?? []);
    const isUnopened = parsed.data.unopened === true;
    this.#door.resumeVisit(isUnopened);
    this.#behind.resumeVisit(parsed.data.outOfReach ?? []);
    this.#unwatched.clear();
    for (const epc of parsed.data.unwatched ?? []) this.#unwatched.add(epc);
    this.#late.clear();
    for (const epc of parsed.data.late ?? []) this.#late.add(epc);
    this.#notHeardAgain.clear();
    for (const epc of this.#baseline.keys()) {
      // What seemed taken before the door was opened was not.
      if (isUnopened || !this.#taken.has(epc)) this.#notHeardAgain.add(epc);
    }
    if (isUnwatched) for (const epc of this.#notHeardAgain) this.#unwatched.add(epc);
    if (isUnopened) this.#noteBreak();
    return true;
  }

  /** One line for each article, in the order of their names; what no catalogue knows comes last. */
  #linesOf(epcs: readonly string[], confidence: number): InventoryLine[] {
    const quantities = new Map<string | null, number>();
    for (const epc of epcs) {
      const known = this.#baseline.get(epc);
      const sku = known === undefined ? this.#skuOf(epc) : known;
      quantities.set(sku, (quantities.get(sku) ?? 0) + 1);
    }
    const skus = [...quantities.keys()].filter((sku) => sku !== null).sort();
    const pastDay = this.#pastDayAmong(epcs);
    return [...skus, null].flatMap((sku) => {
      const quantity = quantities.get(sku) ?? 0;
      if (quantity === 0) return [];
      const expired = sku === null ? undefined : pastDay.get(sku);
      return [
        { sku, quantity, confidence, sources: ['tags' as const], ...(expired !== undefined && { expired }) },
      ];
    });
  }

  #skuOf(epc: string): string | null {
    const catalog = this.#catalog();
    if (catalog === null) return null;
    if (this.#lookup?.catalog !== catalog) this.#lookup = { catalog, skuOf: makeTagLookup(catalog) };
    return this.#lookup.skuOf(epc)?.sku ?? null;
  }
}

/** As many as are kept. */
function newestOf(epcs: readonly string[]): string[] {
  return epcs.slice(-pieceCountMax).sort();
}
