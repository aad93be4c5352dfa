import { z } from 'zod';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { laneSchema } from '../../shared/model/scale.ts';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import type { WeighedShelf } from '../../shared/model/weighed-shelf.ts';
import { type Basket, FusedEstimator, type FusedVerdict } from './fusion/fused-estimator.ts';
import { type Learned, learnedSchema } from './fusion/fused-sensors.ts';
import type { FusedArticle, FusedLane, FusedStock } from './fusion/layout.ts';
import type { FusedLine } from './fusion/line-verdict.ts';
import { type ScaleMemory, scaleMemorySchema } from './fusion/scale-lane.ts';
import type { Observation } from './inventory-estimator.ts';
import { ShelfPictures } from './shelf-pictures.ts';
import type { TagInventoryEstimator } from './tag-inventory-estimator.ts';

/** A scale that tells only what changes is taken to have said the same again this far apart, ms, … */
const repeatedMs = 100;
/** … and no more often than this at once: enough to know that it rests. */
const repeatedMax = 4;
/** The list is worked out anew no more often than this, ms, unless a scale has moved. */
const judgedAgainMs = 150;
/** Chances of silence are told apart by this factor: what says the same is not worked out again. */
const chanceStep = Math.sqrt(10);

type WeightObservation = Extract<Observation, { kind: 'weight' }>;

interface Held {
  readonly grams: number | null;
  readonly isStable: boolean;
  fedMs: number;
}

/** What must be remembered of a visit: of each lane that had a scale when the bolt moved; null: it has none any more. */
export const weighedVisitSchema = z.object({
  lanes: z.array(z.object({ lane: laneSchema, scale: scaleMemorySchema.nullable() })).max(99),
});
export type WeighedVisit = z.infer<typeof weighedVisitSchema>;

/**
 * The lanes of this cabinet that have a scale, before the fused estimator: what devices report becomes what it is told, and what it
 * finds is told by article. In a visit only those lanes take part whose scale worked when the bolt moved.
 */
export class WeighedLanes {
  readonly #shelf: WeighedShelf;
  readonly #lanes: readonly FusedLane[];
  readonly #tags: TagInventoryEstimator;
  readonly #fused: FusedEstimator;
  readonly #held = new Map<number, Held>();
  readonly #heardMs = new Map<string, number>();
  /** Of this visit: tags of each lane; and when it began, and its door was shut. */
  #tagsOf: ReadonlyMap<string, readonly string[]> = new Map();
  #active: ReadonlySet<string> = new Set();
  readonly #pictures: ShelfPictures;
  #beganMs = 0;
  #shutMs: number | null = null;
  #weighedBy: Catalog | null = null;
  #recalled: Learned | null = null;
  #judged: { readonly atMs: number; readonly steps: number; readonly basket: Basket } | null = null;

  constructor(shelf: WeighedShelf, tags: TagInventoryEstimator, cameras: readonly ShelfCamera[] = []) {
    this.#shelf = shelf;
    this.#tags = tags;
    this.#lanes = shelf.lanes.map(({ lane, goods }) => ({
      lane: String(lane),
      skus: goods.map(({ sku }) => sku),
      scale: scaleId(lane),
      antennas: [tagsId(lane)],
      camera: cameraOver(goods, cameras),
    }));
    const hasOtherPlaces = (): boolean => tags.goods().some(({ sku }) => !this.isWeighed(sku));
    this.#fused = new FusedEstimator({ articles: [], lanes: this.#lanes, hasOtherPlaces });
    this.#pictures = new ShelfPictures(this.#fused, new Set(cameras.map(({ id }) => id)));
  }

  /** False: no camera of ours. */
  observePicture(observation: Extract<Observation, { kind: 'image' }>): boolean {
    this.#judged = null;
    return this.#pictures.observe(observation);
  }

  /** A camera that has a picture from before the door opened still looks at what is there now. */
  awaitsPicture(nowMs: number): boolean {
    return this.#shutMs !== null && this.#pictures.isAwaited(nowMs - this.#shutMs);
  }

  /** Some lane takes part in this visit. Of a visit of the run before, the catalogue has to say first what goods weigh. */
  takesPart(catalog: Catalog): boolean {
    if (this.#active.size === 0) return false;
    if (this.#weighedBy === null) this.#useCatalog(catalog);
    return true;
  }

  /** The device host is gone: nothing is weighed until it says so again. */
  lost(nowMs: number): void {
    for (const lane of this.#held.keys()) {
      this.#held.set(lane, { grams: null, isStable: false, fedMs: nowMs });
      this.#feed(lane, nowMs, false);
    }
  }

  /** Of this visit: a lane with a scale has it, and its scale worked when the bolt moved. */
  isWeighed(sku: string | null): boolean {
    return sku !== null && this.#lanes.some(({ lane, skus }) => this.#active.has(lane) && skus.includes(sku));
  }

  /** Its scale works now, and rests. */
  isAtRest(sku: string): boolean {
    const lane = this.#laneOf(sku);
    const scale = lane === undefined ? null : this.#fused.sensors.scaleOf(lane);
    return lane !== undefined && scale !== null && this.#isScaleUsed(lane) && scale.isAtRest;
  }

  #isScaleUsed(lane: FusedLane): boolean {
    return this.#fused.sensors.isWeighed(lane, this.#fused.nowMs);
  }

  /** Lanes of which the scale has contradicted the tags for so long that it has no say any more. */
  get atOdds(): readonly number[] {
    return this.#shelf.lanes
      .map(({ lane }) => lane)
      .filter((lane) => !this.#fused.sensors.trustIn(scaleId(lane)).isFit);
  }

  /** False: no lane of ours. */
  observeWeight({ lane, milligrams, isStable, atMs }: WeightObservation): boolean {
    if (!this.#shelf.lanes.some((one) => one.lane === lane)) return false;
    // What it said before, up to what it says now: not beside it.
    this.catchUp(atMs - repeatedMs);
    this.#held.set(lane, { grams: milligrams === null ? null : milligrams / 1000, isStable, fedMs: atMs });
    this.#feed(lane, atMs, false);
    return true;
  }

  heard(epcs: readonly string[], atMs: number): void {
    for (const epc of epcs) this.#heardMs.set(epc, atMs);
  }

  /** The time is so late: a scale that has said nothing since says what it said last. */
  catchUp(nowMs: number): void {
    for (const [lane, held] of this.#held) {
      const count = Math.min(repeatedMax, Math.floor((nowMs - held.fedMs) / repeatedMs));
      for (let n = count - 1; n >= 0; n--) this.#feed(lane, nowMs - n * repeatedMs, true);
    }
  }

  #feed(lane: number, atMs: number, isRepeated: boolean): void {
    const held = this.#held.get(lane);
    if (held === undefined) return;
    held.fedMs = atMs;
    const { grams, isStable } = held;
    this.#fused.observe({ kind: 'weight', deviceId: scaleId(lane), atMs, grams, isStable, isRepeated });
  }

  /** The bolt moves. */
  startVisit(catalog: Catalog, nowMs: number): void {
    this.catchUp(nowMs);
    this.#pictures.startVisit();
    this.#useCatalog(catalog);
    this.#fused.startVisit(this.#begin(nowMs), nowMs);
    this.#active = new Set(this.#lanes.filter((one) => this.#isScaleUsed(one)).map(({ lane }) => lane));
  }

  /** Goes on with a visit of the run before. */
  resumeVisit(visit: WeighedVisit, nowMs: number): void {
    const scales = new Map<string, ScaleMemory>();
    for (const { lane, scale } of visit.lanes) if (scale !== null) scales.set(scaleId(lane), scale);
    this.#fused.resumeVisit(this.#begin(nowMs), scales, nowMs);
    const known = new Set(visit.lanes.map(({ lane }) => String(lane)));
    // The scales have to be heard first.
    this.#held.clear();
    this.#active = new Set(this.#lanes.map(({ lane }) => lane).filter((lane) => known.has(lane)));
  }

  memory(): WeighedVisit {
    const lanes = this.#lanes.filter(({ lane }) => this.#active.has(lane));
    return {
      lanes: lanes.map((one) => ({
        lane: Number(one.lane),
        scale: this.#fused.sensors.scaleOf(one)?.memory() ?? null,
      })),
    };
  }

  #begin(nowMs: number): FusedStock[] {
    [this.#beganMs, this.#shutMs, this.#judged] = [nowMs, null, null];
    const goods = this.#tags.goods();
    const of = ({ skus }: FusedLane): string[] =>
      goods.flatMap(({ epc, sku, isInDoubt }) => (!isInDoubt && skus.includes(sku) ? [epc] : []));
    this.#tagsOf = new Map(this.#lanes.map((lane) => [lane.lane, of(lane)]));
    const known = new Set(goods.map(({ epc }) => epc));
    for (const epc of this.#heardMs.keys()) if (!known.has(epc)) this.#heardMs.delete(epc);
    return this.#lanes.flatMap(({ skus }) =>
      skus.map((sku) => {
        const all = goods.filter((one) => one.sku === sku);
        const tags = all.filter(({ isInDoubt }) => !isInDoubt).map(({ epc }) => epc);
        return { sku, tags, untagged: all.length - tags.length };
      }),
    );
  }

  /** The weights of goods, as this catalogue says. */
  #useCatalog(catalog: Catalog): void {
    if (this.#weighedBy === catalog) return;
    this.#weighedBy = catalog;
    const goods = this.#shelf.lanes.flatMap((lane) => lane.goods);
    const articles = goods.flatMap(({ sku, spreadPercent }): FusedArticle[] => {
      const product = catalog.products.find((one) => one.sku === sku);
      return product === undefined ? [] : [{ sku, weightG: product.weightG, spread: spreadPercent / 100 }];
    });
    this.#fused.sensors.articlesChanged(articles);
    if (this.#recalled !== null) this.#fused.sensors.recall(this.#recalled);
    this.#recalled = null;
  }

  doorOpened(): void {
    this.#shutMs = null;
    this.#judged = null;
    this.#pictures.doorOpened();
    this.#fused.doorOpened();
  }

  doorShut(nowMs: number): void {
    this.catchUp(nowMs);
    this.#shutMs = nowMs;
    this.#judged = null;
    this.#fused.doorShut(nowMs);
  }

  answer(sku: string, count: number, isTrue: boolean): void {
    this.#fused.answer({ sku, count }, isTrue);
  }

  /** One more of this article has left than is certain. */
  answerOneMore(sku: string): void {
    const sure = this.#fused.verdict(null).lines.filter((one) => one.sku === sku && one.decision === 'bill');
    this.answer(sku, sure.reduce((sum, { quantity }) => sum + quantity, 0) + 1, true);
  }

  get isAnswered(): boolean {
    return this.#fused.isAnswered;
  }

  /** So many of each article have left, most likely. */
  basket(nowMs: number): Basket {
    this.catchUp(nowMs);
    const steps = this.#stepCount;
    const before = this.#judged;
    if (before !== null && before.steps === steps && nowMs - before.atMs < judgedAgainMs)
      return before.basket;
    this.#listen(nowMs);
    const basket = this.#fused.basket();
    this.#judged = { atMs: nowMs, steps, basket };
    return basket;
  }

  /** What is behind the list. */
  lines(): readonly FusedLine[] {
    return this.#fused.verdict(null).lines;
  }

  verdict(nowMs: number, confirmed: Basket | null): FusedVerdict {
    this.catchUp(nowMs);
    this.#listen(nowMs);
    return this.#fused.verdict(confirmed);
  }

  /** No more is waited for: a scale that has not come to rest since the door was shut has said nothing. */
  giveUpWaiting(nowMs: number): void {
    const { sensors } = this.#fused;
    for (const lane of this.#lanes) {
      const isStill = sensors.scaleOf(lane)?.isStillSince(this.#shutMs ?? nowMs) === true;
      if (!isStill && lane.scale !== null)
        this.#fused.observe({ kind: 'lost', deviceId: lane.scale, atMs: nowMs });
    }
  }

  endVisit(): void {
    this.#fused.endVisit();
  }

  learned(): Learned {
    return this.#recalled ?? this.#fused.sensors.learned();
  }

  /** Goes on with what was learned in a run before, as soon as the catalogue says what it is about; anything else is none. */
  recall(memory: unknown): void {
    const parsed = learnedSchema.safeParse(memory);
    if (parsed.success) this.#recalled = parsed.data;
  }

  get #stepCount(): number {
    return this.#lanes.reduce((n, lane) => n + (this.#fused.sensors.scaleOf(lane)?.stepsG.length ?? 0), 0);
  }

  #laneOf(sku: string): FusedLane | undefined {
    return this.#lanes.find(({ skus }) => skus.includes(sku));
  }

  /** What the tags of each lane say since its scale has moved last. */
  #listen(nowMs: number): void {
    const isAlive = this.#tags.isAlive(nowMs);
    for (const lane of this.#lanes) {
      if (!this.#active.has(lane.lane)) continue;
      const deviceId = tagsId(Number(lane.lane));
      if (!isAlive) {
        this.#fused.observe({ kind: 'lost', deviceId, atMs: nowMs });
        continue;
      }
      const movedMs = this.#fused.sensors.scaleOf(lane)?.movedMs ?? Number.NEGATIVE_INFINITY;
      const listenedSinceMs = Math.max(movedMs, this.#beganMs, this.#shutMs ?? Number.NEGATIVE_INFINITY);
      const silent = (this.#tagsOf.get(lane.lane) ?? []).flatMap((epc) => {
        const { chanceThere, isGone } = this.#tags.silenceOf(epc);
        const isHeard = !isGone && (this.#heardMs.get(epc) ?? Number.NEGATIVE_INFINITY) > listenedSinceMs;
        return isHeard ? [] : [{ epc, missChance: roundedUp(chanceThere) }];
      });
      this.#fused.observe({ kind: 'tags', deviceId, atMs: nowMs, listenedSinceMs, silent, strays: [] });
    }
  }
}

/** One camera sees all of a lane's goods that any sees (`problemsOfCameras`). */
function cameraOver(
  goods: readonly { readonly sku: string }[],
  cameras: readonly ShelfCamera[],
): string | null {
  const isSeen = ({ slots }: ShelfCamera): boolean =>
    slots.some((slot) => goods.some(({ sku }) => sku === slot.sku));
  return cameras.find(isSeen)?.id ?? null;
}

const scaleId = (lane: number): string => `scale-${lane}`;
const tagsId = (lane: number): string => `tags-${lane}`;

function roundedUp(chance: number): number {
  return Math.min(1, chanceStep ** Math.ceil(Math.log(chance) / Math.log(chanceStep)));
}
