import type { FusedObservation, View } from './fused-observation.ts';
import { type FusedArticle, type FusedLane, type FusedLayout, type FusedStock, belief } from './layout.ts';
import type { ArticleEvidence, Incoming, LaneEvidence } from './lane-evidence.ts';
import {
  LearnedChance,
  LearnedWeight,
  SensorTrust,
  learnedChanceSchema,
  learnedWeightSchema,
  sensorTrustSchema,
} from './learning.ts';
import { z } from 'zod';
import { ownOf } from '../../../shared/util/own.ts';
import { ScaleLane, type ScaleMemory } from './scale-lane.ts';

/** An antenna that has said nothing for so long says nothing, ms. */
const antennaSilentMs = 3_000;
/** A tag's silence counts as one from here on; before, it says nothing. */
const silentBelow = 0.3;
/** A lane of which no tag is as silent as that, and nothing else was said, needs no look. */
const quietMiss = 0.005;
/** Shorter chances than that say no more: a shadow is likelier by far. */
const missChanceMin = 1e-4;
/** A tag is lastingly shadowed in one of so many visits of a lane, until more is known (Beta prior of that worth). */
const shadowPrior = { hits: 1, visits: 200 } as const;
/** What is believed of a scale's nonsense is worth so many visits. */
const nonsenseWorth = 100;
/** How much a step of a scale may differ from a piece that came in, in σ. */
const incomingSigmas = 5;
/** So many articles at most are thought of as what came into a lane. */
const incomingMax = 3;

/** What was learned, by lane, article and device: no more of each than the cabinet has. */
export const learnedSchema = z.object({
  weights: z.record(z.string(), learnedWeightSchema),
  shadows: z.record(z.string(), learnedChanceSchema),
  nonsense: z.record(z.string(), learnedChanceSchema),
  trust: z.record(z.string(), sensorTrustSchema),
});
export type Learned = z.infer<typeof learnedSchema>;

interface Listening {
  readonly atMs: number;
  readonly sinceMs: number;
  readonly silent: ReadonlyMap<string, number>;
  readonly strays: ReadonlySet<string>;
}

/** What all devices said last, and what was learned of them: makes the evidence of each lane out of it. */
export class FusedSensors {
  readonly #lanes: readonly FusedLane[];
  #articles: ReadonlyMap<string, FusedArticle>;
  readonly #scales = new Map<string, ScaleLane>();
  readonly #antennas = new Map<string, Listening>();
  readonly #views = new Map<string, { readonly view: View; readonly atMs: number }>();
  readonly #codes = new Set<string>();
  readonly #weights = new Map<string, LearnedWeight>();
  readonly #shadows = new Map<string, LearnedChance>();
  readonly #trust = new Map<string, SensorTrust>();
  readonly #cameraOf = new Map<string, string>();
  #stock: ReadonlyMap<string, FusedStock> = new Map();
  #shutMs = Number.POSITIVE_INFINITY;
  readonly #nonsense = new Map<string, LearnedChance>();

  constructor({ articles, lanes }: FusedLayout) {
    this.#lanes = lanes;
    this.#articles = new Map(articles.map((a) => [a.sku, a]));
    for (const { scale, skus, camera } of lanes) {
      if (scale !== null) this.#scales.set(scale, new ScaleLane());
      for (const sku of skus) if (camera !== null) this.#cameraOf.set(sku, camera);
    }
  }

  startVisit(stock: readonly FusedStock[], nowMs: number): void {
    this.#stock = new Map(stock.map((one) => [one.sku, one]));
    this.#shutMs = Number.POSITIVE_INFINITY;
    this.#views.clear();
    this.#codes.clear();
    for (const scale of this.#scales.values()) scale.startVisit(nowMs);
  }

  doorShut(atMs: number): void {
    this.#shutMs = atMs;
  }

  resumeScale(scale: string, memory: ScaleMemory | null, nowMs: number): void {
    this.#scales.get(scale)?.resumeVisit(memory, nowMs);
  }

  /** It was not the end: something may leave again. */
  doorOpened(): void {
    this.#shutMs = Number.POSITIVE_INFINITY;
  }

  /** The catalogue says what articles weigh: of one that it says something else of now, nothing is known any more. */
  articlesChanged(articles: readonly FusedArticle[]): void {
    this.#articles = new Map(articles.map((a) => [a.sku, a]));
    for (const [sku, weight] of this.#weights)
      if (this.#articles.get(sku)?.weightG !== weight.catalogueG) this.#weights.delete(sku);
  }

  learned(): Learned {
    const weights = [...this.#weights].flatMap(([sku, one]) => {
      const memory = one.memory();
      return memory === null ? [] : [[sku, memory] as const];
    });
    const of = <T, M>(all: ReadonlyMap<string, T & { memory(): M }>): Record<string, M> =>
      Object.fromEntries([...all].sort(byKey).map(([key, one]) => [key, one.memory()]));
    return {
      weights: Object.fromEntries(weights.sort(byKey)),
      shadows: of(this.#shadows),
      nonsense: of(this.#nonsense),
      trust: of(this.#trust),
    };
  }

  /** Of what the cabinet has no more nothing is taken over. */
  recall({ weights, shadows, nonsense, trust }: Learned): void {
    for (const sku of this.#articles.keys()) {
      const weight = ownOf(weights, sku);
      if (weight !== undefined) this.weightOf(sku).recall(weight);
    }
    for (const { lane, scale, antennas, camera } of this.#lanes) {
      if (shadows[lane] !== undefined) this.shadowOf(lane).recall(shadows[lane]);
      if (nonsense[lane] !== undefined) this.nonsenseOf(lane).recall(nonsense[lane]);
      for (const device of [scale, camera, ...antennas])
        if (device !== null && trust[device] !== undefined) this.trustIn(device).recall(trust[device]);
    }
  }

  observe(observation: FusedObservation): void {
    const { deviceId, atMs } = observation;
    switch (observation.kind) {
      case 'tags':
        this.#observeTags(deviceId, atMs, observation);
        break;
      case 'weight':
        this.#scales.get(deviceId)?.observe({ ...observation });
        break;
      case 'pictures':
        for (const view of observation.views) this.#observeView(view, atMs);
        break;
      case 'barcode':
        this.#codes.add(observation.sku);
        break;
      case 'lost':
        this.#antennas.delete(deviceId);
        this.#scales.get(deviceId)?.observe({ atMs, grams: null, isStable: false });
        for (const [sku, camera] of this.#cameraOf) if (camera === deviceId) this.#views.delete(sku);
        break;
    }
  }

  #observeTags(
    deviceId: string,
    atMs: number,
    { listenedSinceMs, silent, strays }: Extract<FusedObservation, { kind: 'tags' }>,
  ): void {
    const before = this.#antennas.get(deviceId);
    if (before !== undefined && before.atMs > atMs) return;
    const now = new Map(silent.map(({ epc, missChance }) => [epc, missChance]));
    // Two reports of one instant: what either of them heard is heard.
    if (before?.atMs === atMs) for (const epc of now.keys()) if (!before.silent.has(epc)) now.delete(epc);
    // Nothing leaves through a shut door: what was heard since it shut is there, however silent it is later.
    if (before !== undefined && before.sinceMs >= this.#shutMs)
      for (const epc of now.keys()) if (!before.silent.has(epc)) now.delete(epc);
    const sinceMs = before?.atMs === atMs ? Math.max(before.sinceMs, listenedSinceMs) : listenedSinceMs;
    const heard = new Set([...strays, ...(before?.atMs === atMs ? before.strays : [])]);
    this.#antennas.set(deviceId, { atMs, sinceMs, silent: now, strays: heard });
  }

  #observeView(view: View, atMs: number): void {
    const before = this.#views.get(view.sku);
    if (before !== undefined && before.atMs > atMs) return;
    const doubtOf = (one: View): number => Math.abs(one.changed - 0.5);
    // Two pictures of one instant: the one that is less sure.
    const keepsBefore =
      before?.atMs === atMs &&
      (doubtOf(before.view) < doubtOf(view) ||
        (doubtOf(before.view) === doubtOf(view) && before.view.named <= view.named));
    if (!keepsBefore) this.#views.set(view.sku, { view, atMs });
  }

  trustIn(deviceId: string): SensorTrust {
    let trust = this.#trust.get(deviceId);
    if (trust === undefined) this.#trust.set(deviceId, (trust = new SensorTrust()));
    return trust;
  }

  weightOf(sku: string): LearnedWeight {
    let weight = this.#weights.get(sku);
    if (weight === undefined) {
      const article = this.#articles.get(sku);
      weight = new LearnedWeight(article?.weightG ?? 1, article?.spread ?? 1);
      this.#weights.set(sku, weight);
    }
    return weight;
  }

  shadowOf(lane: string): LearnedChance {
    let shadow = this.#shadows.get(lane);
    if (shadow === undefined)
      this.#shadows.set(lane, (shadow = new LearnedChance(shadowPrior.hits, shadowPrior.visits)));
    return shadow;
  }

  /** How often this lane's scale talked nonsense when something moved. */
  nonsenseOf(lane: string): LearnedChance {
    let nonsense = this.#nonsense.get(lane);
    if (nonsense === undefined)
      this.#nonsense.set(
        lane,
        (nonsense = new LearnedChance(belief.nonsense * nonsenseWorth, nonsenseWorth)),
      );
    return nonsense;
  }

  scaleOf(lane: FusedLane): ScaleLane | null {
    return lane.scale === null ? null : (this.#scales.get(lane.scale) ?? null);
  }

  /** It gives weights that count: there, without a gap since the baseline, not at odds with the others for long. */
  isWeighed(lane: FusedLane, nowMs: number): boolean {
    return (
      lane.scale !== null && this.scaleOf(lane)?.isUsable(nowMs) === true && this.trustIn(lane.scale).isFit
    );
  }

  /** Antennas of this lane that report. */
  listening(lane: FusedLane, nowMs: number): readonly Listening[] {
    return lane.antennas.flatMap((antenna) => {
      const one = this.#antennas.get(antenna);
      const isThere = one !== undefined && nowMs - one.atMs <= antennaSilentMs;
      return isThere && this.trustIn(antenna).isFit ? [one] : [];
    });
  }

  viewOf(sku: string): View | null {
    return this.#views.get(sku)?.view ?? null;
  }

  /** The silent tags of an article of this lane, by how long: of all antennas that report. */
  silentOf(sku: string, listening: readonly Listening[]): readonly { epc: string; missChance: number }[] {
    if (listening.length === 0) return [];
    const antennas = [...this.#antennas.values()];
    return (this.#stock.get(sku)?.tags ?? []).flatMap((epc) => {
      if (antennas.some(({ strays }) => strays.has(epc))) return [];
      // A piece that was moved is lost by one antenna and heard by another: whichever was the last to hear it counts.
      let missChance = 0;
      for (const { silent } of listening) {
        const one = silent.get(epc);
        if (one === undefined) return [];
        missChance = Math.max(missChance, one);
      }
      return [{ epc, missChance }];
    });
  }

  #articleEvidence(sku: string, lane: FusedLane, nowMs: number): ArticleEvidence {
    const listening = this.listening(lane, nowMs);
    const stock = this.#stock.get(sku);
    const tagCount = stock?.tags.length ?? 0;
    const all = this.silentOf(sku, listening);
    const silent = all
      .map(({ missChance }) => Math.max(missChanceMin, missChance))
      .filter((missChance) => missChance < silentBelow)
      .sort((one, other) => one - other);
    const movedMs = this.scaleOf(lane)?.movedMs ?? Number.NEGATIVE_INFINITY;
    const isFresh = listening.length > 0 && listening.some(({ sinceMs }) => sinceMs >= movedMs);
    const heard = isFresh ? tagCount - all.length : 0;
    const camera = this.#cameraOf.get(sku);
    const isSeen = camera !== undefined && this.trustIn(camera).isFit;
    const weight = this.weightOf(sku);
    return {
      sku,
      weightG: weight.weightG,
      spread: weight.spread,
      silent,
      heard,
      untagged: (stock?.untagged ?? 0) + tagCount - silent.length - heard,
      seen: isSeen ? this.viewOf(sku) : null,
      isCodeShown: this.#codes.has(sku),
    };
  }

  /** Null: every sensor of this lane says that nothing happened, so that nothing of it can be billed. */
  evidenceOf(lane: FusedLane, nowMs: number, decided: readonly number[]): LaneEvidence | null {
    const scale = this.scaleOf(lane);
    const isWeighed = this.isWeighed(lane, nowMs) && scale !== null;
    const steps = isWeighed ? withoutCancelled(scale.stepsG, scale.sigmaG(nowMs)) : [];
    const articles = lane.skus.map((sku) => this.#articleEvidence(sku, lane, nowMs));
    const isQuiet = steps.length === 0 && articles.every(isQuietArticle);
    if (isQuiet) return null;
    return {
      lane: lane.lane,
      articles,
      weight: isWeighed
        ? {
            stepsG: steps,
            sigmaG: Math.ceil(10 * scale.sigmaG(nowMs)) / 10,
            nonsense: this.nonsenseOf(lane.lane).chance,
          }
        : null,
      shadow: this.shadowOf(lane.lane).chance,
      elsewhereChance: belief.misplaced,
      incoming: isWeighed ? this.#incomingOf(lane, steps, scale.sigmaG(nowMs)) : [],
      decided,
    };
  }

  /** Goods of other lanes that fit a step upwards: the few that fit best. */
  #incomingOf(lane: FusedLane, steps: readonly number[], sigmaG: number): Incoming[] {
    const up = steps.filter((step) => step > 4 * sigmaG);
    if (up.length === 0) return [];
    const fitting = [...this.#articles.keys()].flatMap((sku) => {
      if (lane.skus.includes(sku)) return [];
      const { weightG, spread } = this.weightOf(sku);
      const oneG = Math.hypot(sigmaG, weightG * spread);
      const misfit = Math.min(...up.map((step) => Math.abs(step - weightG) / oneG));
      return misfit <= incomingSigmas ? [{ sku, weightG, spread, misfit }] : [];
    });
    return fitting.sort((a, b) => a.misfit - b.misfit).slice(0, incomingMax);
  }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isQuietArticle({ silent, seen, isCodeShown }: ArticleEvidence): boolean {
  const isHeard = (silent[0] ?? 1) > quietMiss;
  return isHeard && !isCodeShown && (seen === null || seen.changed < 0.2);
}

/** Steps that cancel each other (a hand, a piece that was put back) are none. */
function withoutCancelled(steps: readonly number[], sigmaG: number): number[] {
  const left: number[] = [];
  for (const step of steps) {
    const before = left.at(-1);
    if (before !== undefined && Math.abs(before + step) <= 4 * sigmaG) left.pop();
    else left.push(step);
  }
  return left;
}
