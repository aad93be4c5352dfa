import { z } from 'zod';
import { unreachable } from '../../shared/assert.ts';
import type { VisitId } from '../../shared/ids.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { UnnamedGoods } from '../../shared/model/unnamed-goods.ts';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import type { WeighedShelf } from '../../shared/model/weighed-shelf.ts';
import type { CapacityVerdict } from '../../shared/reading-capacity.ts';
import type { Basket } from './fusion/fused-estimator.ts';
import type { FusedLine } from './fusion/line-verdict.ts';
import { answerOddsMax, askFrom, sureAfterAnswer } from './fusion/layout.ts';
import {
  type BaselineInventory,
  type Estimate,
  type FinalEstimate,
  type InventoryLine,
  quantityOf,
} from './inventory.ts';
import type { ShelfAnswer } from '../../shared/model/shelf-question.ts';
import type {
  BaselineOptions,
  InventoryEstimator,
  Observation,
  ShelfQuestion,
} from './inventory-estimator.ts';
import { TagInventoryEstimator } from './tag-inventory-estimator.ts';
import { WeighedLanes, weighedVisitSchema } from './weighed-lanes.ts';

const memorySchema = z.object({ weighed: weighedVisitSchema });
const betweenVisitsSchema = z.object({ learned: z.unknown() });

/**
 * The inventory of a cabinet whose lanes have scales: by tags and weights together for the goods of those lanes, by tags alone for
 * all others. What the tags say is worked out as everywhere (`TagInventoryEstimator`); the scales raise or lower how sure that
 * is, and where the two do not agree it is doubt (docs/decisions/0143-scales-beside-the-tags.md).
 */
export class WeighedInventoryEstimator implements InventoryEstimator {
  readonly #catalog: () => Catalog | null;
  readonly #tags: TagInventoryEstimator;
  readonly #lanes: WeighedLanes;
  #nowMs = 0;
  /** As `estimate` said it last. */
  #taken: readonly InventoryLine[] = [];
  #question: ShelfQuestion | null = null;
  #denied: { readonly sku: string; readonly count: number } | null = null;

  constructor(catalog: () => Catalog | null, shelf: WeighedShelf, cameras: readonly ShelfCamera[] = []) {
    this.#catalog = catalog;
    this.#tags = new TagInventoryEstimator(catalog);
    this.#lanes = new WeighedLanes(shelf, this.#tags, cameras);
  }

  observe(observation: Observation): boolean {
    const { atMs, kind } = observation;
    this.#nowMs = Math.max(this.#nowMs, atMs);
    const isUsed = this.#tags.observe(observation);
    switch (kind) {
      case 'tags':
        this.#lanes.heard(
          observation.reads.map(({ epc }) => epc),
          atMs,
        );
        return isUsed;
      case 'weight':
        return this.#lanes.observeWeight(observation) || isUsed;
      case 'door':
        if (observation.door !== 'closed') {
          [this.#question, this.#denied] = [null, null];
          this.#lanes.doorOpened();
        }
        return isUsed;
      case 'sensors':
        if (observation.sensors.length === 0) this.#lanes.lost(atMs);
        return isUsed;
      case 'image':
        return this.#lanes.observePicture(observation) || isUsed;
      case 'barcode':
        return isUsed;
      default:
        return unreachable(kind);
    }
  }

  released(door: number): void {
    this.#tags.released(door);
  }

  isAlive(nowMs: number): boolean {
    return this.#tags.isAlive(nowMs);
  }

  isUseful(nowMs: number): boolean {
    return this.#tags.isUseful(nowMs);
  }

  baseline(options: BaselineOptions): BaselineInventory | null {
    const inventory = this.#tags.baseline(options);
    const catalog = this.#catalog();
    if (inventory === null || catalog === null) return inventory;
    [this.#taken, this.#question, this.#denied] = [[], null, null];
    this.#lanes.startVisit(catalog, options.nowMs);
    return inventory;
  }

  vanished(): number {
    return this.#tags.vanished();
  }

  vanishedAfter(): VisitId | null {
    return this.#tags.vanishedAfter();
  }

  unheard(mayHaveBeenOpen: boolean): number {
    return this.#tags.unheard(mayHaveBeenOpen);
  }

  /** With what was learned of sensors and goods. */
  betweenVisits(): unknown {
    const shelf = this.#tags.betweenVisits();
    return shelf === null ? null : { ...shelf, learned: this.#lanes.learned() };
  }

  recallBetweenVisits(memory: unknown): void {
    this.#tags.recallBetweenVisits(memory);
    const parsed = betweenVisitsSchema.safeParse(memory);
    if (parsed.success) this.#lanes.recall(parsed.data.learned);
  }

  capacity(): CapacityVerdict | null {
    return this.#tags.capacity();
  }

  stock(nowMs: number): ReadonlyMap<string, number> | null {
    return this.#tags.stock(nowMs);
  }

  stockTags(nowMs: number): ReadonlyMap<string, readonly string[]> | null {
    return this.#tags.stockTags(nowMs);
  }

  isEmpty(nowMs: number): boolean | null {
    return this.#tags.isEmpty(nowMs);
  }

  scalesAtOdds(): readonly number[] {
    return this.#lanes.atOdds;
  }

  estimate(nowMs = this.#nowMs): Estimate {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const byTags = this.#tags.estimate();
    if (!this.#takesPart()) {
      this.#taken = byTags.taken;
      return byTags;
    }
    const basket = this.#lanes.basket(this.#nowMs);
    const lines = this.#lanes.lines();
    const skus = [...new Set([...byTags.taken.map(({ sku }) => sku), ...basket.keys()])];
    const named = skus.filter((sku) => sku !== null).sort();
    const taken = named.flatMap((sku): InventoryLine[] => {
      const heard = byTags.taken.filter((line) => line.sku === sku);
      if (!this.#lanes.isWeighed(sku)) return heard;
      const [gone, felt] = [quantityOf(heard, sku), basket.get(sku) ?? 0];
      // A scale on which a hand lies, or that is gone, says nothing against a tag.
      const quantity = this.#lanes.isAtRest(sku) ? felt : Math.max(gone, felt);
      return quantity === 0 ? [] : [{ ...lineOf(lines, sku, gone), quantity, ...pastDayOf(heard, quantity) }];
    });
    this.#taken = [...taken, ...byTags.taken.filter(({ sku }) => sku === null)];
    return { ...byTags, taken: this.#taken };
  }

  startFinal(nowMs: number, visit: VisitId | null = null): void {
    this.#question = null;
    this.#tags.startFinal(nowMs, visit);
    this.#lanes.doorShut(nowMs);
  }

  foundAgain(): readonly (VisitId | null)[] {
    return this.#tags.foundAgain();
  }

  final(options: {
    readonly force: boolean;
    readonly nowMs: number;
    readonly confirmed?: readonly InventoryLine[] | null;
  }): FinalEstimate | null {
    if (!this.#takesPart()) return this.#tags.final(options);
    const { force, nowMs, confirmed = null } = options;
    if (force) this.#lanes.giveUpWaiting(nowMs);
    const { lines, question, isSettled: isStill } = this.#lanes.verdict(nowMs, basketOf(confirmed));
    // What is sure by itself waits for no picture.
    const isDoubtful = lines.some(({ decision }) => decision !== 'bill');
    const isSettled = isStill && !(isDoubtful && this.#lanes.awaitsPicture(nowMs));
    this.#question = isSettled && !this.#lanes.isAnswered && mayDecide(question, lines) ? question : null;
    if (!force && (!isSettled || this.#question !== null)) return null;
    const byTags = this.#tags.final(options);
    if (byTags === null) return force || this.#lanes.isAnswered ? this.#withoutTags(lines) : null;
    this.#lanes.endVisit();
    return this.#joined(byTags, lines);
  }

  #joined(byTags: FinalEstimate, lines: readonly FusedLine[]): FinalEstimate {
    const { absent: gone, unsure, unseen = [], ...rest } = byTags;
    const isApart = ({ sku }: InventoryLine): boolean => !this.#lanes.isWeighed(sku);
    const [absent, doubtful] = [gone.filter(isApart), unseen.filter(isApart)];
    const all = [...lines.map(({ sku }) => sku), ...[...gone, ...unsure, ...unseen].map(({ sku }) => sku)];
    for (const sku of [...new Set(all)].filter((one) => one !== null).sort()) {
      if (!this.#lanes.isWeighed(sku)) continue;
      const own = lines.filter((line) => line.sku === sku);
      const billed = sumOf(own.filter(({ decision }) => decision === 'bill'));
      const inDoubt = sumOf(own.filter(({ decision }) => decision !== 'bill'));
      // A scale that says nothing now cannot say either that a tag in doubt is there.
      const silent = this.#lanes.isAtRest(sku) ? gone : [...gone, ...unsure, ...unseen];
      const told = sumOf(silent.filter((line) => line.sku === sku));
      const denied = this.#denied?.sku === sku ? this.#denied.count : 0;
      const contradicted = Math.max(0, Math.max(told, denied) - billed - inDoubt);
      const line = lineOf(own, sku, sumOf(gone.filter((one) => one.sku === sku)));
      // Of both together, as they are one when it comes to what is past its day.
      const { expired } = pastDayOf(
        gone.filter((one) => one.sku === sku),
        billed + inDoubt + contradicted,
      );
      const held = expired === undefined ? {} : { expired: billed > 0 ? 0 : expired };
      if (billed > 0) absent.push({ ...line, quantity: billed, ...(expired !== undefined && { expired }) });
      if (inDoubt + contradicted > 0) doubtful.push({ ...line, quantity: inDoubt + contradicted, ...held });
    }
    return {
      ...rest,
      absent,
      unsure: unsure.filter(isApart),
      ...(doubtful.length === 0 ? {} : { unseen: doubtful }),
    };
  }

  /** No tag was listened to since the door shut. What the weight alone tells is for people to look at, unless the shopper has. */
  #withoutTags(lines: readonly FusedLine[]): FinalEstimate | null {
    const isByTags = ({ sources }: InventoryLine): boolean => sources.includes('tags');
    const shown = this.#taken.filter(isByTags);
    const byWeight = [
      ...this.#taken.filter((line) => !isByTags(line)).map(({ sku }) => sku),
      ...lines.map(({ sku }) => sku),
    ];
    if (byWeight.every((sku) => shown.some((line) => line.sku === sku))) return null;
    const unsure = shown.filter(({ sku }) => !this.#lanes.isWeighed(sku));
    const seen = this.#taken.filter(({ sku }) => this.#lanes.isWeighed(sku));
    return this.#joined({ absent: [], unsure, unseen: seen }, lines);
  }

  question(): ShelfQuestion | null {
    return this.#question;
  }

  answer({ sku, count, or }: ShelfQuestion, answer: ShelfAnswer): void {
    this.#question = null;
    // Whoever says no is not billed, and what made the question is looked at all the same.
    this.#denied = answer === 'this' ? null : { sku, count };
    if (answer === 'other' && or !== null) this.#lanes.answerOneMore(or);
    else this.#lanes.answer(sku, count, answer === 'this');
  }

  unnamed(): readonly UnnamedGoods[] {
    return this.#tags.unnamed();
  }

  hearsFinal(nowMs: number): boolean {
    return this.#tags.hearsFinal(nowMs);
  }

  memory(): unknown {
    return { ...this.#tags.memory(), weighed: this.#lanes.memory() };
  }

  /** What an estimator by tags alone remembered of a visit: such it stays. */
  restore(memory: unknown, isUnwatched = false): boolean {
    if (!this.#tags.restore(memory, isUnwatched)) return false;
    const parsed = memorySchema.safeParse(memory);
    this.#lanes.resumeVisit(parsed.success ? parsed.data.weighed : { lanes: [] }, this.#nowMs);
    return true;
  }

  #takesPart(): boolean {
    const catalog = this.#catalog();
    return catalog !== null && this.#lanes.takesPart(catalog);
  }
}

/** A question of which no answer would make a bill is none: people look, whatever is said. */
function mayDecide(question: ShelfQuestion | null, lines: readonly FusedLine[]): boolean {
  const line = lines.find(({ sku, decision }) => sku === question?.sku && decision === 'ask');
  if (line === undefined) return false;
  const most = line.probability * answerOddsMax;
  return most / (most + 1 - line.probability) >= sureAfterAnswer;
}

function sumOf(lines: readonly { readonly quantity: number }[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

function basketOf(lines: readonly InventoryLine[] | null): Basket | null {
  if (lines === null) return null;
  return new Map(lines.flatMap(({ sku, quantity }) => (sku === null ? [] : [[sku, quantity] as const])));
}

/** Tags that name as many pieces as have left name those that are past their day. */
function pastDayOf(byTags: readonly InventoryLine[], count: number): Pick<InventoryLine, 'expired'> {
  const [line, ...others] = byTags;
  const isAll = line !== undefined && others.length === 0 && line.quantity === count;
  return isAll && line.expired !== undefined ? { expired: line.expired } : {};
}

/** By what it was seen, and how sure that is. `gone`: tags of it that count as gone. */
function lineOf(lines: readonly FusedLine[], sku: string, gone: number): Omit<InventoryLine, 'quantity'> {
  const own = lines.filter((line) => line.sku === sku && line.probability > askFrom);
  const confidence = Math.min(...(own.length === 0 ? [askFrom] : own.map(({ probability }) => probability)));
  const byTags = own.length === 0 ? gone > 0 : own.every(({ witnesses }) => witnesses.tags === 'for');
  const byWeight = own.some(({ witnesses }) => witnesses.scale === 'for');
  const byPicture = own.some(({ witnesses }) => witnesses.camera === 'for');
  const sources = [
    ...(byTags ? (['tags'] as const) : []),
    ...(byWeight ? (['weight'] as const) : []),
    ...(byPicture ? (['image'] as const) : []),
  ];
  return { sku, confidence, sources: sources.length === 0 ? ['tags'] : sources };
}
