import type { FusedSensors } from './fused-sensors.ts';
import { type Cluster, chanceOfAtLeast, placeOf } from './joint-posterior.ts';
import { type LaneEvidence, surelySilent } from './lane-evidence.ts';
import { type FusedLane, type FusedLayout, type FusedStock, sureEnough } from './layout.ts';

/** A scale agrees with what the tags say within so many σ. */
const agreeSigmas = 4;
/** A tag that is as silent as that has left, or lies in a shadow. */
const goneBelow = 1e-6;
/** … and one that is as silent as that may have. */
const openBelow = 0.05;
/** A camera is sure from these chances on. */
const [surelyChanged, surelySame] = [0.9, 0.1];

/** Tags of a lane that were silent when a visit ended; and whether its scale had felt nothing at all. */
interface LeftSilent {
  readonly epcs: readonly string[];
  readonly wasUnfelt: boolean;
}

/** Learns from visits: shadows of tags, weights of goods, and which sensor is lastingly at odds with the others. */
export class VisitLearning {
  readonly #layout: FusedLayout;
  readonly #sensors: FusedSensors;
  readonly #leftSilent = new Map<string, LeftSilent>();

  constructor(layout: FusedLayout, sensors: FusedSensors) {
    this.#layout = layout;
    this.#sensors = sensors;
  }

  endVisit(clusters: readonly Cluster[], nowMs: number): void {
    for (const lane of this.#layout.lanes) {
      this.#compare(lane, nowMs);
      const cluster = clusters.find(({ findings }) => findings.some((f) => f.evidence.lane === lane.lane));
      const finding = cluster?.findings.find((f) => f.evidence.lane === lane.lane);
      if (cluster !== undefined && finding !== undefined) this.#learnWeight(cluster, finding.evidence);
    }
  }

  /** The next baseline: a tag that came back unbidden was in a shadow, one that did not has left. */
  nextVisit(stock: readonly FusedStock[]): void {
    if (this.#leftSilent.size === 0) return;
    const heard = new Set(stock.flatMap(({ tags }) => tags));
    for (const lane of this.#layout.lanes) {
      const left = this.#leftSilent.get(lane.lane);
      const back = left?.epcs.filter((epc) => heard.has(epc)).length ?? 0;
      this.#sensors.shadowOf(lane.lane).note(back > 0 ? 1 : 0, 1);
      if (left?.wasUnfelt === true && lane.scale !== null)
        this.#sensors.trustIn(lane.scale).note(back === left.epcs.length);
    }
    this.#leftSilent.clear();
  }

  /** Who stands alone against two others is trusted less. */
  #compare(lane: FusedLane, nowMs: number): void {
    const sensors = this.#sensors;
    const scale = sensors.scaleOf(lane);
    const listening = sensors.listening(lane, nowMs);
    if (lane.scale === null || scale?.isUsable(nowMs) !== true || listening.length === 0) return;
    // A silence that was not waited out says nothing against a scale that felt something.
    const isOpen = lane.skus.some((sku) =>
      sensors
        .silentOf(sku, listening)
        .some((one) => one.missChance > goneBelow && one.missChance < openBelow),
    );
    if (isOpen) return;
    const said = lane.skus.map((sku) => {
      const silent = sensors
        .silentOf(sku, listening)
        .flatMap(({ epc, missChance }) => (missChance <= goneBelow ? [epc] : []));
      return { sku, silent, seen: this.#isSeenToHaveLeft(sku) };
    });
    const epcs = said.flatMap(({ silent }) => silent);
    const felt = scale.stepsG.reduce((all, step) => all + step, 0);
    const scaleAgrees = this.#feels(said, felt, scale.sigmaG(nowMs));
    if (epcs.length > 0) sensors.nonsenseOf(lane.lane).note(scaleAgrees ? 0 : 1, 1);
    const seen = said.filter((one) => one.seen !== null);
    const cameraAgrees = seen.length > 0 && seen.every((one) => one.seen === one.silent.length > 0);
    if (scaleAgrees && epcs.length > 0) {
      for (const antenna of lane.antennas) sensors.trustIn(antenna).note(true);
      if (lane.camera !== null && seen.length > 0) sensors.trustIn(lane.camera).note(cameraAgrees);
    }
    if (cameraAgrees && (epcs.length > 0 || !scaleAgrees)) sensors.trustIn(lane.scale).note(scaleAgrees);
    if (epcs.length > 0)
      this.#leftSilent.set(lane.lane, { epcs, wasUnfelt: !scaleAgrees && scale.stepsG.length === 0 });
  }

  #isSeenToHaveLeft(sku: string): boolean | null {
    const view = this.#sensors.viewOf(sku);
    if (view === null) return null;
    if (view.changed >= surelyChanged) return true;
    return view.changed <= surelySame ? false : null;
  }

  /** Whether the scale feels what these silent tags weigh, and nothing else. */
  #feels(
    said: readonly { readonly sku: string; readonly silent: readonly string[] }[],
    feltG: number,
    sigmaG: number,
  ): boolean {
    let [meanG, variance] = [0, sigmaG ** 2];
    for (const { sku, silent } of said) {
      const { weightG, spread } = this.#sensors.weightOf(sku);
      meanG -= silent.length * weightG;
      variance += silent.length * (weightG * spread) ** 2;
    }
    return Math.abs(feltG - meanG) <= agreeSigmas * Math.sqrt(variance);
  }

  /** One piece of one article left in one step, and all agree: that step is its weight. */
  #learnWeight(cluster: Cluster, { articles, weight }: LaneEvidence): void {
    const [only, ...others] = articles.filter((a) => surelySilent(a) > 0);
    const [step, ...more] = weight?.stepsG ?? [];
    if (weight === null || only === undefined || step === undefined) return;
    if (others.length > 0 || more.length > 0 || surelySilent(only) !== 1) return;
    const [i, j] = placeOf(cluster, only.sku);
    const isIt = cluster.accounts[0]?.lanes[i]?.taken[j] === 1;
    if (isIt && chanceOfAtLeast(cluster, only.sku, 1) >= sureEnough)
      this.#sensors.weightOf(only.sku).note(-step, weight.sigmaG);
  }
}
