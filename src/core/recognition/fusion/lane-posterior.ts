import {
  type ArticleEvidence,
  type Incoming,
  type LaneEvidence,
  type LaneHypothesis,
  surelySilent,
} from './lane-evidence.ts';
import {
  type Factors,
  type MassAhead,
  causeWeights,
  causes,
  factorsOf,
  incomingPrior,
  massAheadOf,
  movedMax,
  pieceCountOf,
  priorsOf,
  waysToComeIn,
  width,
} from './lane-factors.ts';
import { WeightFactor, weightFactorMax } from './weight-factor.ts';

export interface LanePosterior {
  /** The most probable first. */
  readonly hypotheses: readonly LaneHypothesis[];
  /** At most so much mass has none of them. */
  readonly leftOut: number;
}

/** Accounts that are so much less probable than the best one are counted as left out. */
const keptShare = 1e-9;
/** A lane with no more counts of pieces than that is walked through whole: what is improbable is cut off on the way. */
const wholeMax = 10_000;

/** How far the enumeration goes from each of its centres, so that a lane stays within some thousands of accounts. */
function radiusFor(articles: readonly ArticleEvidence[]): number {
  const whole = articles.reduce((product, a) => product * (pieceCountOf(a) + 1), 1);
  if (whole <= wholeMax) return articles.reduce((sum, a) => sum + pieceCountOf(a), movedMax);
  if (articles.length <= 8) return 4;
  return articles.length <= 16 ? 3 : 2;
}

/**
 * Exact enumeration of what may have happened to one lane: all accounts within a few pieces of "nothing", of what the tags
 * say and of what was decided before; and a bound of all others.
 */
export function lanePosterior(evidence: LaneEvidence): LanePosterior {
  const walk = new LaneWalk(evidence);
  const { enumerated, found, dropped, best } = walk.run();
  const outside = Math.max(0, walk.total - enumerated);
  const kept = found.filter((one) => one.mass >= best * keptShare).sort((a, b) => b.mass - a.mass);
  const lost = found.reduce((sum, one) => (one.mass < best * keptShare ? sum + one.mass : sum), 0);
  const sup = evidence.weight === null ? 1 : weightFactorMax(evidence.weight);
  return { hypotheses: kept, leftOut: outside * sup + dropped + lost };
}

const causeCount = causes.length;
/** "Nothing", what the tags say, what was decided before. */
const centreCount = 3;

/**
 * One walk through the accounts of a lane, article by article. There can be some hundred thousand of them: what is known on
 * the way stands in tables by article, and all accounts that go on from one place are cut off together, as soon as none of
 * them can be kept. What they come to without the scale is known, so that they are bounded by the most that the scale can
 * give any of them.
 */
class LaneWalk {
  readonly #articles: readonly ArticleEvidence[];
  readonly #incoming: readonly Incoming[];
  readonly #weight: WeightFactor | null;
  readonly #factors: readonly Factors[];
  readonly #priors: Float64Array;
  /** The largest prior of so many pieces or more. */
  readonly #priorsAhead: Float64Array;
  /** By how many have come in. */
  readonly #incomingPriors: Float64Array;
  readonly #radius: number;
  /** `[article][centre]` */
  readonly #centres: Int32Array;
  /** For each article: what the articles from it on can still multiply a mass with, at most. */
  readonly #mostAhead: Float64Array;
  /** `[article][cause]`: the product of the factors so far. */
  readonly #parts: Float64Array;
  /** `[article][centre]`: the distance so far. */
  readonly #distances: Int32Array;
  /** `[article]`, then `[incoming]`: the change of weight so far, and its variance; and of one piece. */
  readonly #meansG: Float64Array;
  readonly #variances: Float64Array;
  readonly #oneG: Float64Array;
  readonly #oneVariance: Float64Array;
  readonly #taken: number[];
  readonly #elsewhere: number[];
  readonly #came: number[];
  /** `[article]`: what can still be removed from there on; and the most that can still come in. */
  readonly #removableG: Float64Array;
  readonly #comingG: number;
  readonly #varianceAhead: Float64Array;
  readonly #ahead: MassAhead;
  readonly #waysIn: number;
  readonly total: number;
  readonly found: LaneHypothesis[] = [];
  enumerated = 0;
  dropped = 0;
  best = 0;

  constructor(evidence: LaneEvidence) {
    const { articles, incoming, weight, decided } = evidence;
    [this.#articles, this.#incoming] = [articles, incoming];
    this.#factors = articles.map((a) => factorsOf(a, evidence));
    const priors = priorsOf(articles.reduce((sum, a) => sum + pieceCountOf(a), 0));
    this.#ahead = massAheadOf(this.#factors, priors, weight === null ? 0 : movedMax);
    this.#waysIn = waysToComeIn(incoming.length);
    this.total = this.#ahead.total * this.#waysIn;
    this.#priors = Float64Array.from(priors);
    this.#priorsAhead = Float64Array.from(priors, (_, n) => Math.max(...priors.slice(n)));
    this.#incomingPriors = Float64Array.from({ length: movedMax + 1 }, (_, n) =>
      incomingPrior(n, incoming.length),
    );
    this.#radius = radiusFor(articles);
    this.#centres = Int32Array.from(articles.flatMap((a, j) => [0, surelySilent(a), decided[j] ?? 0]));
    this.#mostAhead = Float64Array.from(mostAheadOf(this.#factors));
    this.#parts = new Float64Array((articles.length + 1) * causeCount).fill(1, 0, causeCount);
    this.#distances = new Int32Array((articles.length + 1) * centreCount);
    const all = [...articles, ...incoming];
    this.#meansG = new Float64Array(all.length + 1);
    this.#variances = new Float64Array(all.length + 1);
    this.#oneG = Float64Array.from(all, ({ weightG }) => weightG);
    this.#oneVariance = Float64Array.from(all, ({ weightG, spread }) => (weightG * spread) ** 2);
    this.#taken = articles.map(() => 0);
    this.#elsewhere = articles.map(() => 0);
    this.#came = incoming.map(() => 0);
    this.#weight = weight === null ? null : new WeightFactor(weight);
    this.#removableG = aheadOf(this.#factors, ({ pieces }, i) => pieces * (articles[i]?.weightG ?? 0));
    this.#comingG = movedMax * Math.max(0, ...incoming.map(({ weightG }) => weightG));
    const comingVariance = movedMax * Math.max(0, ...this.#oneVariance.slice(articles.length));
    this.#varianceAhead = aheadOf(this.#factors, ({ pieces }, i) => pieces * (this.#oneVariance[i] ?? 0)).map(
      (variance) => variance + comingVariance,
    );
  }

  run(): this {
    // What the tags say, first: what is far less probable is then cut off early.
    this.best = this.#massOf(this.#articles.map(surelySilent));
    this.#fromArticle(0, 0, 0);
    return this;
  }

  #massOf(taken: readonly number[]): number {
    let left = 0;
    for (const [j, t] of taken.entries()) {
      this.#multiply(j, t, 0);
      this.#weigh(j, -t);
      left += t;
    }
    const j = taken.length;
    return (
      this.#restAt(j) *
      (this.#priors[left] ?? 0) *
      (this.#weight?.of(this.#meansG[j] ?? 0, this.#variances[j] ?? 0) ?? 1)
    );
  }

  #fromArticle(j: number, left: number, moved: number): void {
    const factors = this.#factors[j];
    if (factors === undefined) {
      const sum = this.#restAt(j) * (this.#priors[left] ?? 0);
      this.#fromIncoming(0, this.#radius - this.#nearest(j), 0, sum);
      return;
    }
    const { pieces } = factors;
    const [radius, isWeighed] = [this.#radius, this.#weight !== null];
    const ahead = this.#mostAhead[j + 1] ?? 1;
    const goesOn = j + 1 < this.#factors.length || this.#incoming.length > 0;
    for (let t = 0; t <= pieces; t++) {
      this.#goFrom(j, t);
      const nearest = this.#nearest(j + 1);
      if (nearest > radius) continue;
      const most = isWeighed ? Math.min(movedMax - moved, radius - nearest, pieces - t) : 0;
      for (let e = 0; e <= most; e++) {
        if (e > 0) this.#goFurther(j);
        const gone = t + e;
        const so = this.#multiply(j, t, e) * (this.#priorsAhead[left + gone] ?? 0);
        this.#weigh(j, -gone);
        // One account alone is looked at itself.
        if (goesOn && this.#isCut(j + 1, so * ahead, left + gone, moved + e)) continue;
        this.#taken[j] = t;
        this.#elsewhere[j] = e;
        this.#fromArticle(j + 1, left + gone, moved + e);
      }
    }
    this.#taken[j] = 0;
    this.#elsewhere[j] = 0;
  }

  /** Whether none of the accounts from here on can be kept, each at most `mostEach` without the scale; then they are bounded together. */
  #isCut(j: number, mostEach: number, left: number, moved: number): boolean {
    const most = this.#weight === null ? 1 : this.#mostOfScale(this.#weight, j);
    let all = 0;
    for (let g = 0; g < causeCount; g++)
      all += (this.#parts[j * causeCount + g] ?? 0) * this.#ahead.of(g, j, moved, left);
    all *= this.#waysIn;
    if (Math.min(mostEach, all) * most >= this.best * keptShare) return false;
    this.enumerated += all;
    this.dropped += all * most;
    return true;
  }

  #mostOfScale(weight: WeightFactor, j: number): number {
    const [meanG, variance] = [this.#meansG[j] ?? 0, this.#variances[j] ?? 0];
    return weight.most(
      { fromG: meanG - (this.#removableG[j] ?? 0), toG: meanG + this.#comingG },
      { from: variance, to: variance + (this.#varianceAhead[j] ?? 0) },
    );
  }

  /** `budget`: so many may still come in; `rest`: prior times tags and camera of the articles. */
  #fromIncoming(k: number, budget: number, count: number, rest: number): void {
    if (k === this.#incoming.length) {
      this.#end(rest * (this.#incomingPriors[count] ?? 0));
      return;
    }
    const most = Math.min(budget, movedMax - count);
    for (let n = 0; n <= most; n++) {
      this.#came[k] = n;
      this.#weigh(this.#articles.length + k, n);
      this.#fromIncoming(k + 1, budget - n, count + n, rest);
    }
    this.#came[k] = 0;
  }

  #end(rest: number): void {
    this.enumerated += rest;
    const at = this.#meansG.length - 1;
    const factor =
      this.#weight === null ? 1 : this.#weight.of(this.#meansG[at] ?? 0, this.#variances[at] ?? 0);
    const mass = rest * factor;
    if (mass === 0 || mass < this.best * keptShare) {
      this.dropped += mass;
      return;
    }
    this.best = Math.max(this.best, mass);
    this.found.push({
      taken: this.#taken.slice(),
      elsewhere: this.#elsewhere.slice(),
      incoming: this.#came.slice(),
      mass,
    });
  }

  /** The products after article `j`; returns what they come to. */
  #multiply(j: number, taken: number, elsewhere: number): number {
    const table = this.#factors[j]?.table;
    if (table === undefined) return 0;
    const [from, into, at] = [j * causeCount, (j + 1) * causeCount, taken * width + elsewhere * causeCount];
    let sum = 0;
    for (let g = 0; g < causeCount; g++) {
      const part = (this.#parts[from + g] ?? 0) * (table[at + g] ?? 0);
      this.#parts[into + g] = part;
      sum += (causeWeights[g] ?? 0) * part;
    }
    return sum;
  }

  /** Tags and camera of the account so far. */
  #restAt(j: number): number {
    let sum = 0;
    for (let g = 0; g < causeCount; g++)
      sum += (causeWeights[g] ?? 0) * (this.#parts[j * causeCount + g] ?? 0);
    return sum;
  }

  /** The change of weight after so many more of this article, or of what came in. */
  #weigh(at: number, count: number): void {
    this.#meansG[at + 1] = (this.#meansG[at] ?? 0) + count * (this.#oneG[at] ?? 0);
    this.#variances[at + 1] = (this.#variances[at] ?? 0) + Math.abs(count) * (this.#oneVariance[at] ?? 0);
  }

  /** Distances after article `j` when so many of it are taken. */
  #goFrom(j: number, taken: number): void {
    const at = j * centreCount;
    for (let c = at; c < at + centreCount; c++)
      this.#distances[c + centreCount] =
        (this.#distances[c] ?? 0) + Math.abs(taken - (this.#centres[c] ?? 0));
  }

  /** One more of article `j` is elsewhere. */
  #goFurther(j: number): void {
    const at = (j + 1) * centreCount;
    for (let c = at; c < at + centreCount; c++) this.#distances[c] = (this.#distances[c] ?? 0) + 1;
  }

  #nearest(j: number): number {
    const at = j * centreCount;
    return Math.min(this.#distances[at] ?? 0, this.#distances[at + 1] ?? 0, this.#distances[at + 2] ?? 0);
  }
}

function mostAheadOf(factors: readonly Factors[]): number[] {
  const ahead = new Array<number>(factors.length + 1).fill(1);
  for (let j = factors.length - 1; j >= 0; j--) ahead[j] = (ahead[j + 1] ?? 1) * (factors[j]?.most ?? 1);
  return ahead;
}

/** For each article: the sum of this over it and all after it. */
function aheadOf(factors: readonly Factors[], of: (one: Factors, j: number) => number): Float64Array {
  const ahead = new Float64Array(factors.length + 1);
  for (const [j, one] of [...factors.entries()].reverse()) ahead[j] = (ahead[j + 1] ?? 0) + of(one, j);
  return ahead;
}
