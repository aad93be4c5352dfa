import { FusedEstimator, type FusedVerdict } from '../../core/recognition/fusion/fused-estimator.ts';
import type { FusedObservation } from '../../core/recognition/fusion/fused-observation.ts';
import { SeededRandom } from '../../shared/random.ts';
import { LastTagDifference, NearestWeight, type Outcome } from './baselines.ts';
import { SimulatedCabinet } from './cabinet.ts';
import type { Fault } from './faults.ts';
import { type Physics, shoppers } from './physics.ts';
import { type Score, newScore } from './scoring.ts';
import { type Watcher, playVisit } from './visit.ts';

/** One row of the table. */
export interface Row {
  readonly name: string;
  readonly has: { readonly tags: boolean; readonly scales: boolean; readonly cameras: boolean };
  readonly physics: Physics;
  /** One of its devices is lost in the middle of each visit, and says so. */
  readonly losesOne: boolean;
  readonly estimator: 'fused' | 'last-tag-difference' | 'nearest-weight';
}

/** A shopper comes so often, ms. */
const visitEveryMs = 600_000;
/** A device that is lost is lost so long after the baseline, ms. */
const lostAfterMs = 3_000;
/** Stories of so many visits are kept. */
const storiesMax = 5;

/** Plays so many visits at one cabinet and counts. Each row has the same seed: the same shoppers before other sensors. */
export function simulateRow(
  row: Row,
  options: { readonly visits: number; readonly seed: number; readonly faults: readonly Fault[] },
): Score {
  const cabinet = new SimulatedCabinet(new SeededRandom(options.seed));
  const score = newScore();
  const watcher = new ScoringWatcher(row, cabinet, score, options.seed);
  for (let number = 0; number < options.visits; number++) {
    // Of its own, so that how long one visit is read changes no other.
    const random = new SeededRandom(options.seed * 1_000_003 + number);
    const faults = options.faults.filter(
      ({ from, to, chance }) => number >= from && number <= to && random.chance(chance),
    );
    prepare(cabinet, faults, random);
    watcher.number = number;
    const truth = playVisit({
      ...{ cabinet, random, faults, watcher, physics: row.physics },
      startMs: number * visitEveryMs,
    });
    watcher.end(truth, faults);
    cabinet.tidy();
  }
  return score;
}

/** What whoever filled the cabinet up did wrong. */
function prepare(cabinet: SimulatedCabinet, faults: readonly Fault[], random: SeededRandom): void {
  for (const fault of faults) {
    if (fault.kind === 'goods-exchanged') {
      const [a, b] = fault.articles;
      const homes = [cabinet.articles[a]?.lane ?? null, cabinet.articles[b]?.lane ?? null] as const;
      for (const piece of cabinet.pieces) {
        if (piece.article === a) piece.lane = homes[1];
        else if (piece.article === b) piece.lane = homes[0];
      }
    } else if (fault.kind === 'tags-exchanged') {
      const [a, b] = fault.articles;
      for (const piece of cabinet.pieces) {
        if (piece.article !== a && piece.article !== b) continue;
        piece.tagArticle = random.chance(fault.share) ? (piece.article === a ? b : a) : piece.article;
      }
    } else if (fault.kind === 'other-batch') cabinet.changeBatch(fault.article, fault.factor);
  }
}

/** Looks on at visits with the sensors of one row, and counts what comes of them. */
class ScoringWatcher implements Watcher {
  number = 0;
  readonly #row: Row;
  readonly #cabinet: SimulatedCabinet;
  readonly #score: Score;
  readonly #random: SeededRandom;
  readonly #fused: FusedEstimator | null;
  #rival: LastTagDifference | NearestWeight | null = null;
  #truth: ReadonlyMap<string, number> = new Map();
  #changedMs: number | null = null;
  #lost: string | null = null;
  #beganMs = 0;
  #verdict: FusedVerdict | null = null;

  constructor(row: Row, cabinet: SimulatedCabinet, score: Score, seed: number) {
    [this.#row, this.#cabinet, this.#score] = [row, cabinet, score];
    // Of its own, so that what the estimator asks moves nothing else.
    this.#random = new SeededRandom(seed + 1_000_003);
    const layout = cabinet.layout(row.has);
    this.#fused = row.estimator === 'fused' ? new FusedEstimator(layout) : null;
    if (row.estimator === 'nearest-weight') this.#rival = new NearestWeight(layout);
  }

  begin(nowMs: number): void {
    [this.#truth, this.#changedMs, this.#lost, this.#verdict] = [new Map(), null, null, null];
    this.#beganMs = nowMs;
    const layout = this.#cabinet.layout(this.#row.has);
    if (this.#rival instanceof NearestWeight) this.#rival.begin();
    else if (this.#fused === null) this.#rival = new LastTagDifference(layout, this.#cabinet.stock());
    this.#fused?.startVisit(this.#cabinet.stock(), nowMs);
    if (this.#row.losesOne) this.#lost = this.#random.shuffled(devicesOf(layout))[0] ?? null;
  }

  observe(observation: FusedObservation): void {
    const { tags, scales, cameras } = this.#row.has;
    if (observation.kind === 'tags' && !tags) return;
    if (observation.kind === 'weight' && !scales) return;
    if (observation.kind === 'pictures' && !cameras) return;
    this.#rival?.observe(observation);
    if (!this.#isLost(observation)) this.#fused?.observe(observation);
  }

  #isLost({ deviceId, atMs }: FusedObservation): boolean {
    return deviceId === this.#lost && atMs >= this.#beganMs + lostAfterMs;
  }

  changed(truth: ReadonlyMap<string, number>, atMs: number): void {
    if (this.#changedMs !== null) this.#score.neverRight++;
    [this.#truth, this.#changedMs] = [truth, atMs];
    if (this.#lost !== null && this.#fused !== null && atMs >= this.#beganMs + lostAfterMs)
      this.#fused.observe({ kind: 'lost', deviceId: this.#lost, atMs });
  }

  glance(atMs: number): void {
    if (this.#changedMs === null || this.#fused === null) return;
    if (!sameCounts(this.#fused.basket(), this.#truth)) return;
    this.#score.rightAfterMs.push(atMs - this.#changedMs);
    this.#changedMs = null;
  }

  review(ifRight: boolean, ifWrong: boolean): void {
    if (this.#fused === null) return;
    const isRight = sameCounts(this.#fused.basket(), this.#truth);
    if (isRight ? ifRight : ifWrong) this.#fused.confirm();
  }

  shut(atMs: number): void {
    if (this.#changedMs !== null) this.#score.neverRight++;
    this.#changedMs = null;
    this.#fused?.doorShut(atMs);
  }

  isDone(isLast: boolean): boolean {
    if (this.#fused === null) return isLast;
    this.#verdict = this.#fused.verdict();
    return isLast || this.#verdict.isSettled;
  }

  /** Asks where there is something to ask, and counts. */
  end(truth: ReadonlyMap<string, number>, faults: readonly Fault[]): void {
    const outcome = this.#rival === null ? this.#decide(truth) : this.#rival.outcome();
    const score = this.#score;
    score.visits++;
    if (outcome.asked !== null) score.askedVisits++;
    if (outcome.held.size > 0) score.heldVisits++;
    for (const sku of new Set([...truth.keys(), ...outcome.billed.keys(), ...outcome.held.keys()])) {
      const [taken, billed] = [truth.get(sku) ?? 0, outcome.billed.get(sku) ?? 0];
      const held = outcome.held.get(sku) ?? 0;
      const price = this.#cabinet.articles.find((one) => one.sku === sku)?.priceMinor ?? 0;
      const isAsked = outcome.asked === sku;
      if (taken > 0) score.lines++;
      if (taken > 0 && billed === taken && !isAsked) score.rightUnasked++;
      if (isAsked) score.askedLines++;
      if (held > 0) score.heldLines++;
      if (billed > taken) score.falseLines++;
      score.valueMinor += taken * price;
      score.missedMinor += Math.max(0, taken - billed - held) * price;
      if (billed > taken && score.stories.length < storiesMax)
        score.stories.push(this.#story(sku, taken, billed, faults));
    }
  }

  #decide(truth: ReadonlyMap<string, number>): Outcome {
    const fused = this.#fused;
    if (fused === null || this.#verdict === null) return { billed: new Map(), held: new Map(), asked: null };
    const { question, lines } = this.#verdict;
    for (const { sku, decision, doubt, witnesses } of lines) {
      if (decision === 'bill') continue;
      const { tags, scale, camera } = witnesses;
      const isTaken = truth.has(sku) ? 'taken' : 'not taken';
      const words = `tags ${tags}, scale ${scale}, camera ${camera}`;
      const what = `${isTaken}: ${decision}, ${doubt ?? 'sure'}, ${words}`;
      this.#score.doubts.set(what, (this.#score.doubts.get(what) ?? 0) + 1);
    }
    let asked: string | null = null;
    if (question !== null) {
      asked = question.sku;
      if (this.#random.chance(shoppers.answers)) {
        const isTrue = (truth.get(question.sku) ?? 0) >= question.count;
        fused.answer(question, this.#random.chance(shoppers.truly) ? isTrue : !isTrue);
      }
    }
    const billed = new Map<string, number>();
    const held = new Map<string, number>();
    for (const line of fused.verdict().lines) {
      const of = line.decision === 'bill' ? billed : held;
      of.set(line.sku, (of.get(line.sku) ?? 0) + line.quantity);
    }
    fused.endVisit();
    return { billed, held, asked };
  }

  #story(sku: string, taken: number, billed: number, faults: readonly Fault[]): string {
    const kinds = faults.map(({ kind }) => kind).join(', ');
    const lines = this.#fused?.verdict().lines.filter((line) => line.sku === sku) ?? [];
    const said = lines.map((line) => JSON.stringify({ p: line.probability, ...line.witnesses })).join(' ');
    return `visit ${this.number}: ${sku} billed ${billed}, taken ${taken} (${kinds || 'no fault'}) ${said}`;
  }
}

function devicesOf({ lanes }: ReturnType<SimulatedCabinet['layout']>): string[] {
  const all = lanes.flatMap(({ scale, antennas, camera }) => [scale, camera, ...antennas]);
  return [...new Set(all.filter((one) => one !== null))].sort();
}

function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([sku, count]) => b.get(sku) === count);
}
