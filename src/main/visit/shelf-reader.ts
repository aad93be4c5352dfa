import { isDeepStrictEqual } from 'node:util';
import { withExpired } from '../../core/recognition/inventory.ts';
import { withPromotions } from '../../core/pricing/baseline.ts';
import type { InventoryEstimator, Observation } from '../../core/recognition/inventory-estimator.ts';
import type { VisitEvent, VisitStateName } from '../../core/visit/visit-model.ts';
import { type Visit, mustSurvive } from '../../core/visit/visit.ts';
import type { Clock } from '../../shared/clock.ts';
import type { VisitId } from '../../shared/ids.ts';
import { type CapacityVerdict, forceBeforeMs } from '../../shared/reading-capacity.ts';
import type { PromotionOrder } from '../../shared/model/promotion.schema.ts';
import type { UnnamedGoods } from '../../shared/model/unnamed-goods.ts';
import type { StockMark } from '../../shared/model/visit.ts';
import type { DeviceEvent } from '../devices/device-host.ts';
import type { DeviceStatus } from './device-status.ts';
import { observationsOf } from './observations.ts';

export interface ShelfReaderOptions {
  /** How many of each article are past their best-before day. */
  readonly expired: () => ReadonlyMap<string, number>;
  /** Tags of those, where each piece of the article is known by its tag. */
  readonly pastDay: () => ReadonlyMap<string, ReadonlySet<string>>;
  /** All that is drawn up; null: nothing. */
  readonly promotions: () => PromotionOrder | null;
  readonly clock: Clock;
  readonly devices: DeviceStatus;
  readonly estimator: InventoryEstimator;
  /** False: it may be heard, and what it says now decides about no visit. */
  readonly isReaderFit: () => boolean;
  readonly visit: () => Visit;
  /** What it has to say: `baseline`, `evidence`, `finalReading`. */
  readonly dispatch: (event: VisitEvent) => void;
}

/** A scale that has said nothing for so long rests, ms (core/recognition/fusion/scale-lane.ts needs a little less). */
const scaleRestsMs = 300;
/** Staff is told of goods that fell silent no more often than this, ms. */
const vanishedAgainMs = 600_000;

/** What was counted behind a door that has stayed shut holds for so long while a piece is not heard for a moment, ms. */
export const countHeldMs = 10_000;
/** It is looked for no more often than this, ms. */
const countEveryMs = 1_000;

/**
 * Reads the shelf for the visit: the baseline before the bolt moves, what differs from it while the door is open, the
 * final reading after it has shut. A reading that does not settle in time answers shortly before the wait of the
 * visit ends, with what it has.
 */
export class ShelfReader {
  readonly #options: ShelfReaderOptions;
  #isBaselineWanted = false;
  #isFinalWanted = false;
  #toldVanished = 0;
  #toldVanishedMs = Number.NEGATIVE_INFINITY;
  #toldAtOdds: readonly number[] = [];
  #lookCount = 0;
  #counted: { readonly tags: ReadonlyMap<string, readonly string[]>; readonly atMs: number } | null = null;
  #countedMs = Number.NEGATIVE_INFINITY;

  constructor(options: ShelfReaderOptions) {
    this.#options = options;
  }

  /** The reader has been received lately: what it says of the shelf is believed. */
  get isAlive(): boolean {
    return this.#options.estimator.isAlive(this.#nowMs);
  }

  /** False: the reader reports, and nothing can be made of it. */
  get isUseful(): boolean {
    return this.#options.estimator.isUseful(this.#nowMs);
  }

  /** Whether what is in stock can be read to the end after a visit; null: not known yet. */
  get capacity(): CapacityVerdict | null {
    return this.#options.estimator.capacity();
  }

  /** Whether nothing at all is in the cabinet between visits; null: not known. */
  get isEmpty(): boolean | null {
    return this.#options.estimator.isEmpty(this.#nowMs);
  }

  /** Of which products there is no or one piece between visits; nothing while that is not known. */
  get stock(): Readonly<Record<string, StockMark>> {
    const stock = [...(this.#options.estimator.stock(this.#nowMs) ?? [])];
    const marked = stock.filter(([, count]) => count <= 1);
    return Object.fromEntries(marked.map(([sku, count]) => [sku, count === 0 ? 'sold_out' : 'last_one']));
  }

  /** What is in the cabinet between visits, by SKU; null: not known. */
  get counts(): ReadonlyMap<string, number> | null {
    const { tags } = this;
    return tags && new Map([...tags].map(([sku, epcs]) => [sku, epcs.length]));
  }

  /** Their tags. */
  get tags(): ReadonlyMap<string, readonly string[]> | null {
    this.#count();
    const isHeld = this.#counted !== null && this.#nowMs <= this.#counted.atMs + countHeldMs;
    return isHeld ? (this.#counted?.tags ?? null) : null;
  }

  /** Each round misses a piece or two, and then nothing is settled for a moment: what was counted before stays known. */
  #count(): void {
    const [atMs, tags] = [this.#nowMs, this.#options.estimator.stockTags(this.#nowMs)];
    this.#countedMs = atMs;
    if (tags !== null) this.#counted = { tags, atMs };
  }

  /** Whatever has fallen silent so far is explained, and is not told. */
  acceptVanished(): void {
    this.#toldVanished = this.#options.estimator.vanished();
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  /** Gives the estimator what this tells of the shelf. */
  observe(event: DeviceEvent): void {
    const { estimator } = this.#options;
    let isNews = false;
    for (const observation of observationsOf(event, this.#nowMs)) {
      const isUsed = estimator.observe(observation);
      // Door and health are told to the visit by themselves; they say nothing of goods.
      isNews ||= isUsed && observation.kind !== 'door' && observation.kind !== 'sensors';
    }
    if (event.type === 'door' && event.door !== 'closed') this.#counted = null;
    else if (event.type === 'tags' && this.#nowMs >= this.#countedMs + countEveryMs) this.#count();
    if (isNews) this.#onNews();
    if (isNews && event.type === 'weight') this.#lookAtRest();
  }

  /** The bolt of this one of several doors is let go. */
  released(door: number): void {
    this.#options.estimator.released(door);
  }

  /** Gives the estimator what a camera inside sees. */
  see(observation: Extract<Observation, { kind: 'image' }>): void {
    if (this.#options.estimator.observe(observation)) this.#onNews();
  }

  /** A scale tells only what changes: that it rests is in its saying nothing more. */
  #lookAtRest(): void {
    const { clock } = this.#options;
    const look = ++this.#lookCount;
    clock.after(scaleRestsMs, () => {
      if (look === this.#lookCount) this.#onNews();
    });
  }

  /** Goods may have been seen: says what has changed for the visit. */
  #onNews(): void {
    const { estimator, visit, dispatch } = this.#options;
    this.#tryBaseline(false);
    if (visit().context.baseline === null || !mustSurvive(visit())) return;
    dispatch({ type: 'evidence', ...estimator.estimate(this.#nowMs) });
    this.#tryFinalReading(false);
  }

  /** The visit that those are most likely of; null: none is known. */
  get vanishedAfter(): VisitId | null {
    return this.#options.estimator.vanishedAfter();
  }

  /** Pieces that have fallen silent behind the shut door, when there are more than were told before; at most once in ten minutes. */
  newlyVanished(): number {
    const count = this.#options.estimator.vanished();
    this.#toldVanished = Math.min(this.#toldVanished, count);
    const nowMs = this.#nowMs;
    if (count === this.#toldVanished || nowMs < this.#toldVanishedMs + vanishedAgainMs) return 0;
    [this.#toldVanished, this.#toldVanishedMs] = [count, nowMs];
    return count;
  }

  /**
   * Pieces that were silent before this visit's door was opened, or left while nobody watched, and have not been heard again; 0
   * also: not to be told now. `mayHaveBeenOpen`: it was read as open, or not read for a while.
   */
  unheard(mayHaveBeenOpen: boolean): number {
    return this.#options.estimator.unheard(mayHaveBeenOpen);
  }

  /** Visits of which something was named as gone and lies inside after all, since this was asked last; null: one of before. */
  newlyFoundAgain(): readonly (VisitId | null)[] {
    return [...new Set(this.#options.estimator.foundAgain())];
  }

  /** Lanes whose scale has lost its say since this was asked last. */
  newlyAtOdds(): readonly number[] {
    const lanes = this.#options.estimator.scalesAtOdds();
    const news = lanes.filter((lane) => !this.#toldAtOdds.includes(lane));
    this.#toldAtOdds = lanes;
    return news;
  }

  /** Why there is no product for goods that are missing after the visit. */
  get unnamed(): readonly UnnamedGoods[] {
    return this.#options.estimator.unnamed();
  }

  /** What is behind the shut door between two visits, to be remembered over a restart; null: it cannot be said just now. */
  get betweenVisits(): unknown {
    return this.#options.estimator.betweenVisits();
  }

  /** Goes on with what `betweenVisits` gave in the run before. */
  recallBetweenVisits(memory: unknown): void {
    this.#options.estimator.recallBetweenVisits(memory);
  }

  /** What must be remembered over a restart to go on with the visit. */
  memory(): unknown {
    return this.#options.estimator.memory();
  }

  /** Goes on with what `memory` gave; false: that is none. `isUnwatched`: after so long that others may have come. */
  restore(memory: unknown, isUnwatched: boolean): boolean {
    return this.#options.estimator.restore(memory, isUnwatched);
  }

  /** Wanted until the visit leaves `preparing`. */
  startBaseline(): void {
    this.#isBaselineWanted = true;
    this.#beforeTimeout(() => {
      this.#tryBaseline(true);
    });
    this.#tryBaseline(false);
  }

  /** Wanted until it is told, or the visit leaves `checking`. */
  startFinalReading(): void {
    this.#options.estimator.startFinal(this.#nowMs, this.#options.visit().context.visitId);
    this.#isFinalWanted = true;
    this.#beforeTimeout(() => {
      if (!this.#isFinalWanted || this.#tryFinalReading(false)) return;
      // Its answer is waited for, from now on.
      if (this.#options.visit().context.question !== null) return;
      if (this.#options.estimator.hearsFinal(this.#nowMs))
        this.#options.dispatch({ type: 'readingContinues' });
      else this.#tryFinalReading(true);
    });
  }

  /** The shopper has answered the one question. */
  useAnswer(): void {
    const { question, answered } = this.#options.visit().context;
    if (question === null || answered === null) return;
    this.#options.estimator.answer(question, answered);
    this.#tryFinalReading(false);
  }

  /** A slow reader reads on, once, for as long as the visit waits now; then it answers with what it has. */
  continueFinalReading(): void {
    this.#beforeTimeout(() => {
      this.#tryFinalReading(true);
    });
  }

  /** Call with each state that the visit enters. */
  onStateEntered(state: VisitStateName): void {
    if (state !== 'checking') this.#isFinalWanted = false;
    if (state !== 'preparing') this.#isBaselineWanted = false;
  }

  /**
   * The shelf counts as read once the lock answers, the door is shut and a reader that is fit for it has settled every tag,
   * whatever the screen lets people do meanwhile.
   */
  #tryBaseline(force: boolean): void {
    const { clock, devices, estimator, isReaderFit, dispatch } = this.#options;
    if (!this.#isBaselineWanted || devices.door !== 'closed') return;
    if (!devices.isReady('lock') || !isReaderFit()) return;
    let pastDay: ReadonlyMap<string, ReadonlySet<string>> = new Map();
    const inventory = estimator.baseline({
      ...{ force, nowMs: this.#nowMs },
      // The book of goods is read from the disk: not with each report that settles nothing yet.
      pastDay: () => {
        pastDay = this.#options.pastDay();
        return pastDay;
      },
    });
    if (inventory === null) return;
    this.#isBaselineWanted = false;
    const atMs = clock.nowMs();
    const byLot = [...this.#options.expired()].filter(([sku]) => !pastDay.has(sku));
    const good = withExpired(inventory, new Map(byLot));
    const priced = withPromotions(good, this.#options.promotions(), atMs);
    const { doors, stuckDoors } = devices;
    const ofDoors = doors === undefined ? {} : { doorCount: doors.length };
    const ofStuck = stuckDoors.length === 0 ? {} : { stuckDoors };
    dispatch({ type: 'baseline', inventory: priced, atMs, ...ofDoors, ...ofStuck });
  }

  /** False: it says nothing yet. */
  #tryFinalReading(force: boolean): boolean {
    const { estimator, visit, dispatch } = this.#options;
    if (!this.#isFinalWanted || visit().context.baseline === null) return false;
    const { confirmed } = visit().context;
    const reading = estimator.final({ force, nowMs: this.#nowMs, confirmed });
    if (reading === null) {
      this.#tellQuestion();
      return false;
    }
    this.#isFinalWanted = false;
    dispatch({ type: 'finalReading', reading });
    return true;
  }

  /** What the estimator would ask is asked, and taken back as soon as it would ask something else. */
  #tellQuestion(): void {
    const { estimator, visit, dispatch } = this.#options;
    const { question: asked, isAsked, answered } = visit().context;
    const question = estimator.question();
    if (answered !== null || isDeepStrictEqual(question, asked)) return;
    if (asked !== null) dispatch({ type: 'question', question: null });
    else if (!isAsked && question !== null) dispatch({ type: 'question', question });
  }

  /** Calls `fn` shortly before the current wait of the visit ends, if that wait is still the current one. */
  #beforeTimeout(fn: () => void): void {
    const { timer } = this.#options.visit().context;
    if (timer === null) return;
    this.#options.clock.after(timer.durationMs - forceBeforeMs, () => {
      if (this.#options.visit().context.timer?.seq === timer.seq) fn();
    });
  }
}
