import type { FusedObservation } from './fused-observation.ts';
import { FusedSensors } from './fused-sensors.ts';
import {
  type Cluster,
  type LaneFinding,
  answered,
  chanceOfAtLeast,
  joinLanes,
  lostChance,
} from './joint-posterior.ts';
import type { LaneEvidence } from './lane-evidence.ts';
import { lanePosterior } from './lane-posterior.ts';
import {
  type FusedLane,
  type FusedLayout,
  type FusedStock,
  answerOddsMax,
  askFrom,
  belief,
} from './layout.ts';
import { type FusedLine, type Question, bestQuestion, linesOf } from './line-verdict.ts';
import type { ScaleMemory } from './scale-lane.ts';
import { VisitLearning } from './visit-learning.ts';

/** So many of an article have left, most likely: what the screen shows. */
export type Basket = ReadonlyMap<string, number>;

export interface FusedVerdict {
  readonly lines: readonly FusedLine[];
  /** Null: there is nothing to ask, or it was asked. */
  readonly question: Question | null;
  /** False: a sensor still settles, and a longer reading may say more. */
  readonly isSettled: boolean;
  /** The largest chance in any lane that something happened which was not looked at. */
  readonly leftOut: number;
}

/** A tag whose silence may be chance more often than that is still listened for. */
const undecidedMiss = 0.01;

/**
 * What left the cabinet, by all sensors that it has: tags, scales, cameras, codes shown. Pure and deterministic; observations
 * come in one by one, and only lanes of which something new was said are judged anew. It lives as long as the program, because
 * it learns; `startVisit` begins a visit with what lies there.
 */
export class FusedEstimator {
  readonly #layout: FusedLayout;
  readonly #sensors: FusedSensors;
  readonly #learning: VisitLearning;
  #nowMs = 0;
  #closedMs: number | null = null;
  #confirmed: Basket | null = null;
  #answer: { readonly sku: string; readonly count: number; readonly isTrue: boolean } | null = null;
  /** By lane: what was most probable when it was judged last. */
  readonly #decided = new Map<string, readonly number[]>();
  /** By lane: what was said of it last, and what came of that. */
  readonly #found = new Map<string, { readonly key: string; readonly finding: LaneFinding }>();
  #clusters: readonly Cluster[] | null = null;

  constructor(layout: FusedLayout) {
    this.#layout = layout;
    this.#sensors = new FusedSensors(layout);
    this.#learning = new VisitLearning(layout, this.#sensors);
  }

  /** The bolt moves: what lies there now. Learns from what came back since the visit before. */
  startVisit(stock: readonly FusedStock[], nowMs: number): void {
    this.#learning.nextVisit(stock);
    this.#sensors.startVisit(stock, nowMs);
    [this.#nowMs, this.#closedMs, this.#confirmed, this.#answer] = [nowMs, null, null, null];
    this.#decided.clear();
    this.#found.clear();
    this.#clusters = null;
  }

  /** Goes on with a visit of the run before; `scales`: what was kept of each. */
  resumeVisit(stock: readonly FusedStock[], scales: ReadonlyMap<string, ScaleMemory>, nowMs: number): void {
    this.startVisit(stock, nowMs);
    for (const { scale } of this.#layout.lanes)
      if (scale !== null) this.#sensors.resumeScale(scale, scales.get(scale) ?? null, nowMs);
  }

  observe(observation: FusedObservation): void {
    this.#nowMs = Math.max(this.#nowMs, observation.atMs);
    this.#sensors.observe(observation);
    this.#clusters = null;
  }

  /** The shopper says that what the screen shows is right. Whatever changes later takes that back for its line. */
  confirm(): void {
    if (this.#closedMs === null) this.#confirmed = this.basket();
  }

  doorShut(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    this.#closedMs = atMs;
    this.#sensors.doorShut(atMs);
    this.#clusters = null;
  }

  /** It had not been the end. What was answered is taken back: something may be put back, or taken. */
  doorOpened(): void {
    [this.#closedMs, this.#answer] = [null, null];
    this.#sensors.doorOpened();
    this.#clusters = null;
  }

  /** The one answer to the one question. */
  answer({ sku, count }: Pick<Question, 'sku' | 'count'>, isTrue: boolean): void {
    this.#answer = { sku, count, isTrue };
    this.#clusters = null;
  }

  /** The latest moment that it was told of. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get isAnswered(): boolean {
    return this.#answer !== null;
  }

  /** What is told of a device from outside of visits, and what was learned of it. */
  get sensors(): FusedSensors {
    return this.#sensors;
  }

  /** How far this device agreed with the others lately, 0 to 1. */
  healthOf(deviceId: string): number {
    return this.#sensors.trustIn(deviceId).health;
  }

  basket(): Basket {
    const basket = new Map<string, number>();
    for (const cluster of this.#judge())
      for (const sku of skusOf(cluster)) {
        const count = mostLikely(cluster, sku);
        if (count > 0) basket.set(sku, count);
      }
    return basket;
  }

  /** `confirmed`: what the shopper has confirmed and stands; left out: as `confirm` has it. */
  verdict(confirmed: Basket | null = this.#confirmed): FusedVerdict {
    const judged = this.#judge().map((cluster) => ({
      cluster,
      lines: skusOf(cluster).flatMap((sku) =>
        linesOf(cluster, sku, {
          kinds: this.#kindsOf(sku),
          confirmed: confirmed?.get(sku) ?? 0,
          answer: this.#answerFor(sku),
        }),
      ),
    }));
    const lines = judged.flatMap((one) => one.lines);
    const doubtful = new Set(lines.filter(({ decision }) => decision !== 'bill').map(({ sku }) => sku));
    return {
      lines,
      question: this.#answer === null ? bestQuestion(judged) : null,
      isSettled: this.#layout.lanes.every((lane) => this.#isSettled(lane, doubtful)),
      leftOut: Math.max(0, ...judged.map(({ cluster }) => cluster.leftOut)),
    };
  }

  /** The visit is over: which sensors agreed, what a piece weighs. */
  endVisit(): void {
    this.#learning.endVisit(this.#judge(), this.#nowMs);
  }

  /** After the one question there is none: whoever says no is believed, and whatever else is in doubt goes to people. */
  #answerFor(sku: string): boolean | null {
    if (this.#answer === null) return null;
    return this.#answer.sku === sku ? this.#answer.isTrue : false;
  }

  #judge(): readonly Cluster[] {
    if (this.#clusters !== null) return this.#clusters;
    const { lanes } = this.#layout;
    const mayBeLost =
      this.#layout.hasOtherPlaces?.() === true ||
      !lanes.every((lane) => this.#sensors.isWeighed(lane, this.#nowMs));
    const evidences = lanes.flatMap((lane) => {
      const decided = this.#decided.get(lane.lane) ?? lane.skus.map(() => 0);
      return this.#sensors.evidenceOf(lane, this.#nowMs, decided) ?? [];
    });
    // What left a lane can be elsewhere where it may have come in, or where nobody feels it.
    const cameIn = new Set(evidences.flatMap(({ incoming }) => incoming.map((one) => one.sku)));
    const findings = evidences.map((evidence) => {
      const mayBeThere = evidence.articles.some((a) => cameIn.has(a.sku));
      return this.#findingOf({
        ...evidence,
        elsewhereChance: mayBeThere ? belief.misplaced : lostChance(mayBeLost),
      });
    });
    const { sku, count, isTrue } = this.#answer ?? {};
    this.#clusters = joinLanes(findings, mayBeLost).map((cluster) =>
      sku === undefined || count === undefined || isTrue === undefined || !skusOf(cluster).includes(sku)
        ? cluster
        : answered(cluster, { sku, count, isTrue }, answerOddsMax),
    );
    return this.#clusters;
  }

  /** What was said of a lane before is not worked out again. */
  #findingOf(evidence: LaneEvidence): LaneFinding {
    const { decided, ...said } = evidence;
    const key = JSON.stringify(said);
    const before = this.#found.get(evidence.lane);
    if (before?.key === key) return before.finding;
    const finding = { evidence, posterior: lanePosterior(evidence) };
    this.#found.set(evidence.lane, { key, finding });
    this.#decided.set(evidence.lane, finding.posterior.hypotheses[0]?.taken ?? decided);
    return finding;
  }

  #kindsOf(sku: string): number {
    const lane = this.#layout.lanes.find(({ skus }) => skus.includes(sku));
    if (lane === undefined) return 0;
    return [lane.antennas.length > 0, lane.scale !== null, lane.camera !== null].filter(Boolean).length;
  }

  /**
   * Its scale rested since the door was shut, and leaves nothing in doubt; or else its antennas listened since, and no silence is
   * too short to tell.
   */
  #isSettled(lane: FusedLane, doubtful: ReadonlySet<string>): boolean {
    const closedMs = this.#closedMs;
    if (closedMs === null) return false;
    const scale = this.#sensors.scaleOf(lane);
    const isWeighed = scale !== null && this.#sensors.isWeighed(lane, this.#nowMs);
    if (isWeighed && !scale.isStillSince(closedMs)) return false;
    if (isWeighed && !lane.skus.some((sku) => doubtful.has(sku))) return true;
    const listening = this.#sensors.listening(lane, this.#nowMs);
    if (listening.length === 0) return true;
    if (!listening.some(({ sinceMs }) => sinceMs >= closedMs)) return false;
    const silent = lane.skus.flatMap((sku) => this.#sensors.silentOf(sku, listening));
    return silent.every(({ missChance }) => missChance <= undecidedMiss);
  }
}

function skusOf(cluster: Cluster): string[] {
  return cluster.findings.flatMap(({ evidence }) => evidence.articles.map(({ sku }) => sku));
}

/** As many as have left more likely than not. */
function mostLikely(cluster: Cluster, sku: string): number {
  let count = 0;
  while (chanceOfAtLeast(cluster, sku, count + 1) > askFrom) count++;
  return count;
}
