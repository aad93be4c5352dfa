import { answerOddsMax, belief } from './layout.ts';
import {
  type ArticleEvidence,
  type LaneEvidence,
  type Seen,
  type WeightEvidence,
  surelySilent,
} from './lane-evidence.ts';

/** One account of what happened to a lane; numbers by the order of its articles, and of what may have come in. */
export interface LaneHypothesis {
  /** Pieces that have left the cabinet. */
  readonly taken: readonly number[];
  /** Pieces that have left the lane and are elsewhere inside. */
  readonly elsewhere: readonly number[];
  readonly incoming: readonly number[];
  /** Prior times likelihood, not normalised. */
  readonly mass: number;
}

export interface LanePosterior {
  /** The most probable first. */
  readonly hypotheses: readonly LaneHypothesis[];
  /** At most so much mass has none of them. */
  readonly leftOut: number;
}

/**
 * Shares of the tags that a common cause silences, with their weights: a hand or water any share, a dead antenna all. The first
 * one stands for no common cause, and the lane's own shadow takes its place.
 */
const causes: readonly { readonly share: number; readonly weight: number }[] = [
  { share: 0, weight: 1 - belief.commonCause },
  ...[0.3, 0.7].map((share) => ({ share, weight: belief.commonCause / 4 })),
  { share: 1, weight: belief.commonCause / 2 },
];
/** At most so many pieces come in, or are put elsewhere, of one lane: more is nonsense of the scale, and so doubt. */
const movedMax = 2;
/** Accounts that are so much less probable than the best one are counted as left out. */
const keptShare = 1e-9;
/** Numbers in a table of factors for each count of pieces that were taken. */
const width = (movedMax + 1) * causes.length;
/** Pieces of goods differ by about this share (one σ), for a step of which nothing else is known. */
const usualSpread = 0.012;
/** A tag that is there and listened to is heard, but for so much. */
const heardChance = 0.999;

/** A lane with no more counts of pieces than that is walked through whole: what is improbable is cut off on the way. */
const wholeMax = 10_000;

/** How far the enumeration goes from each of its centres, so that a lane stays within some thousands of accounts. */
function radiusFor(articles: readonly ArticleEvidence[]): number {
  const whole = articles.reduce((product, a) => product * (pieceCountOf(a) + 1), 1);
  if (whole <= wholeMax) return articles.reduce((sum, a) => sum + pieceCountOf(a), movedMax);
  if (articles.length <= 8) return 4;
  return articles.length <= 16 ? 3 : 2;
}

const pieceCountOf = (a: ArticleEvidence): number => a.silent.length + a.heard + a.untagged;

function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}

/** The camera's word on an article of which pieces left, or none did. */
function seenFactor(seen: Seen | null, hasLeft: boolean): number {
  if (seen === null) return 1;
  const floor = belief.seenWrongMin;
  const bounded = (p: number): number => Math.min(1 - floor, Math.max(floor, p));
  const changed = bounded(seen.changed);
  if (!hasLeft) return floor + (1 - floor) * (1 - changed);
  // Nothing seen to have left says nothing of what it was.
  return floor + (1 - floor) * changed * (1 - changed + changed * bounded(seen.named));
}

/** The pieces whose tags fit best are those that have left. */
function goneOf(
  a: ArticleEvidence,
  taken: number,
): { readonly silentGone: number; readonly untaggedGone: number; readonly heardGone: number } {
  const silentGone = Math.min(a.silent.length, taken);
  const untaggedGone = Math.min(a.untagged, taken - silentGone);
  return { silentGone, untaggedGone, heardGone: taken - silentGone - untaggedGone };
}

/** By how many are taken: how probable it is that the tags are as they are, when such a share of those that are there is silenced. */
function tagFactors(a: ArticleEvidence, silenced: number): number[] {
  const heard = (1 - silenced) * heardChance;
  const factors = new Array<number>(pieceCountOf(a) + 1);
  for (let taken = 0; taken < factors.length; taken++) {
    const { silentGone, heardGone } = goneOf(a, taken);
    let factor = belief.heardThoughGone ** heardGone * heard ** (a.heard - heardGone);
    for (let i = silentGone; i < a.silent.length; i++)
      factor *= silenced + (1 - silenced) * (a.silent[i] ?? 1);
    factors[taken] = factor;
  }
  return factors;
}

/** `table[(taken, elsewhere, cause)]`; `most`: the largest of them. */
interface Factors {
  readonly pieces: number;
  readonly table: Float64Array;
  readonly most: number;
}

/**
 * By taken, elsewhere and cause: how probable it is that the tags and the camera say what they say, times the ways to choose the
 * pieces. Of all choices the one counts whose tags fit best: any other is rarer by a shadow and a torn tag at once.
 */
function factorsOf(a: ArticleEvidence, { shadow, elsewhereChance }: LaneEvidence): Factors {
  const pieces = pieceCountOf(a);
  const table = new Float64Array((pieces + 1) * width);
  const tags = causes.map(({ share }, g) => tagFactors(a, g === 0 ? shadow : share));
  for (let taken = 0; taken <= pieces; taken++) {
    const { silentGone, untaggedGone, heardGone } = goneOf(a, taken);
    const ways =
      choose(a.silent.length, silentGone) * choose(a.untagged, untaggedGone) * choose(a.heard, heardGone);
    const code = a.isCodeShown && taken > 0 ? Math.sqrt(answerOddsMax) : 1;
    const stays = (1 - elsewhereChance) ** taken;
    for (let elsewhere = 0; elsewhere <= Math.min(movedMax, pieces - taken); elsewhere++) {
      const moved = choose(pieces - taken, elsewhere) * elsewhereChance ** elsewhere;
      const rest = ways * code * stays * moved * seenFactor(a.seen, taken + elsewhere > 0);
      for (let g = 0; g < causes.length; g++)
        table[taken * width + elsewhere * causes.length + g] = rest * (tags[g]?.[taken] ?? 0);
    }
  }
  return { pieces, table, most: table.reduce((most, f) => Math.max(most, f), 0) };
}

/** By how many pieces left the lane: how probable that is, shared among the ways to choose them. */
function priorsOf(pieces: number): number[] {
  let chance = (1 - belief.laneUntouched) * (1 - belief.onceMore);
  return Array.from({ length: pieces + 1 }, (_, n) => {
    if (n === 0) return belief.laneUntouched;
    if (n > 1) chance *= n <= belief.grabFrom ? belief.onceMore : belief.grabMore;
    return chance / choose(pieces, n);
  });
}

function incomingPrior(count: number, candidates: number): number {
  return count === 0 ? 1 : (belief.incoming / Math.max(1, candidates)) ** count;
}

const root2pi = Math.sqrt(2 * Math.PI);
function normal(x: number, variance: number): number {
  return Math.exp((-0.5 * x * x) / variance) / (root2pi * Math.sqrt(variance));
}

/** A step of a scale as such: how probable it is as nonsense, against a piece of goods of just that weight. */
function nonsenseShare({ sigmaG, nonsense }: WeightEvidence, stepG: number): number {
  const goods = sigmaG * sigmaG + (usualSpread * stepG) ** 2;
  return Math.min(1, nonsense / belief.nonsenseRangeG / normal(0, goods));
}

/**
 * How probable these steps of the scale are when so much should have changed; the variance is of the goods alone. One of them may
 * be nonsense (a hand, somebody's own thing) while the others hold, or each of them may.
 */
function weightFactor(
  { stepsG, sigmaG, nonsense }: WeightEvidence,
  { sumG, shares }: StepSums,
  meanG: number,
  variance: number,
): number {
  const whole = variance + sigmaG * sigmaG;
  const flat = nonsense / belief.nonsenseRangeG;
  let factor = (1 - nonsense) * normal(sumG - meanG, whole);
  if (stepsG.length < 2) return factor + flat;
  let all = flat;
  for (const [i, step] of stepsG.entries()) {
    const share = shares[i] ?? 0;
    factor += share * normal(sumG - step - meanG, whole);
    if (i > 0) all *= share;
  }
  return factor + all;
}

/** Of all steps together, and of each of them its share of nonsense. */
interface StepSums {
  readonly sumG: number;
  readonly shares: readonly number[];
}

function sumsOf(weight: WeightEvidence | null): StepSums {
  if (weight === null) return { sumG: 0, shares: [] };
  const { stepsG } = weight;
  return {
    sumG: stepsG.reduce((sum, step) => sum + step, 0),
    shares: stepsG.map((step) => nonsenseShare(weight, step)),
  };
}

/** No account of the lane has more than that. */
function weightFactorMax({ sigmaG }: WeightEvidence): number {
  // A step that is left out costs its share, and no more of them than there are can be.
  return 2 * normal(0, sigmaG * sigmaG) + 1 / belief.nonsenseRangeG;
}

/** How far the scale is from an account, in σ; `without`: this one of its steps is left out. */
export function weightMisfit(
  evidence: LaneEvidence,
  hypothesis: LaneHypothesis,
  without: number | null,
): number {
  const { weight } = evidence;
  if (weight === null) return 0;
  const { meanG, variance } = expectedOf(evidence, hypothesis);
  const sum = weight.stepsG.reduce((all, step, i) => (i === without ? all : all + step), 0);
  return Math.abs(sum - meanG) / Math.sqrt(variance + weight.sigmaG ** 2);
}

function expectedOf(
  { articles, incoming }: LaneEvidence,
  hypothesis: LaneHypothesis,
): { readonly meanG: number; readonly variance: number } {
  let [meanG, variance] = [0, 0];
  const add = (count: number, weightG: number, spread: number): void => {
    meanG += count * weightG;
    variance += Math.abs(count) * (weightG * spread) ** 2;
  };
  for (const [j, { weightG, spread }] of articles.entries())
    add(-(hypothesis.taken[j] ?? 0) - (hypothesis.elsewhere[j] ?? 0), weightG, spread);
  for (const [k, { weightG, spread }] of incoming.entries())
    add(hypothesis.incoming[k] ?? 0, weightG, spread);
  return { meanG, variance };
}

/**
 * All of prior times tags and camera, over every account there is, without a list of them: the causes factorise. At most
 * `movedMax` pieces of a lane are elsewhere, and as many have come in: that is part of what is believed.
 */
function totalOf(evidence: LaneEvidence, factors: readonly Factors[], priors: readonly number[]): number {
  const most = evidence.weight === null ? 0 : movedMax;
  let total = 0;
  for (const [g, { weight }] of causes.entries()) {
    // `[elsewhere][left the lane]`, over the articles so far.
    let ways: number[][] = [[1]];
    for (const { pieces, table } of factors) {
      const next = Array.from({ length: most + 1 }, () =>
        new Array<number>((ways[0]?.length ?? 0) + pieces).fill(0),
      );
      for (let taken = 0; taken <= pieces; taken++)
        for (let elsewhere = 0; elsewhere <= Math.min(most, pieces - taken); elsewhere++) {
          const f = table[taken * width + elsewhere * causes.length + g] ?? 0;
          for (const [before, row] of ways.entries()) {
            const into = next[before + elsewhere];
            if (into === undefined) continue;
            for (const [n, way] of row.entries())
              into[n + taken + elsewhere] = (into[n + taken + elsewhere] ?? 0) + way * f;
          }
        }
      ways = next;
    }
    for (const row of ways) total += weight * row.reduce((sum, way, n) => sum + way * (priors[n] ?? 0), 0);
  }
  const count = evidence.incoming.length;
  let came = 1;
  for (let n = 1; n <= (count === 0 ? 0 : movedMax); n++)
    came += choose(count + n - 1, n) * incomingPrior(n, count);
  return total * came;
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

/** One walk through the accounts of a lane, article by article. What is cut off on the way is bounded as all that is not looked at. */
class LaneWalk {
  readonly #evidence: LaneEvidence;
  readonly #factors: readonly Factors[];
  readonly #priors: readonly number[];
  /** The largest prior of so many pieces or more. */
  readonly #priorsAhead: readonly number[];
  readonly #radius: number;
  readonly #centres: readonly (readonly number[])[];
  /** For each article: what the articles from it on can still multiply a mass with, at most. */
  readonly #mostAhead: readonly number[];
  /** `[article][cause]`: the product of the factors so far. */
  readonly #parts: Float64Array;
  /** `[article][centre]`: the distance so far. */
  readonly #distances: Int32Array;
  readonly #taken: number[];
  readonly #elsewhere: number[];
  readonly #came: number[];
  readonly #sums: StepSums;
  readonly #sup: number;
  readonly found: LaneHypothesis[] = [];
  enumerated = 0;
  dropped = 0;
  best = 0;

  constructor(evidence: LaneEvidence) {
    const { articles, incoming, weight, decided } = evidence;
    this.#evidence = evidence;
    this.#factors = articles.map((a) => factorsOf(a, evidence));
    this.#priors = priorsOf(articles.reduce((sum, a) => sum + pieceCountOf(a), 0));
    this.#priorsAhead = this.#priors.map((_, n) => Math.max(...this.#priors.slice(n)));
    this.#radius = radiusFor(articles);
    this.#centres = [articles.map(() => 0), articles.map(surelySilent), decided];
    this.#mostAhead = mostAheadOf(this.#factors);
    this.#parts = new Float64Array((articles.length + 1) * causes.length).fill(1, 0, causes.length);
    this.#distances = new Int32Array((articles.length + 1) * this.#centres.length);
    this.#taken = articles.map(() => 0);
    this.#elsewhere = articles.map(() => 0);
    this.#came = incoming.map(() => 0);
    this.#sums = sumsOf(weight);
    this.#sup = weight === null ? 1 : weightFactorMax(weight);
  }

  get total(): number {
    return totalOf(this.#evidence, this.#factors, this.#priors);
  }

  run(): this {
    // What the tags say, first: what is far less probable is then cut off early.
    this.best = this.#massOf(this.#evidence.articles.map(surelySilent));
    this.#fromArticle(0, 0, 0, 0, 0);
    return this;
  }

  #fromArticle(j: number, left: number, moved: number, meanG: number, variance: number): void {
    const a = this.#evidence.articles[j];
    const factors = this.#factors[j];
    if (a === undefined || factors === undefined) {
      this.#fromIncoming(0, left, this.#radius - this.#nearest(j), 0, meanG, variance);
      return;
    }
    for (let t = 0; t <= factors.pieces; t++) {
      this.#goFrom(j, t);
      const nearest = this.#nearest(j + 1);
      if (nearest > this.#radius) continue;
      const most =
        this.#evidence.weight === null
          ? 0
          : Math.min(movedMax - moved, this.#radius - nearest, factors.pieces - t);
      for (let e = 0; e <= most; e++) {
        if (e > 0) this.#goFurther(j);
        const ahead = (this.#mostAhead[j + 1] ?? 1) * (this.#priorsAhead[left + t + e] ?? 0);
        if (this.#multiply(j, factors, t, e) * ahead * this.#sup < this.best * keptShare) continue;
        [this.#taken[j], this.#elsewhere[j]] = [t, e];
        const gone = t + e;
        const more = gone * (a.weightG * a.spread) ** 2;
        this.#fromArticle(j + 1, left + gone, moved + e, meanG - gone * a.weightG, variance + more);
      }
    }
    [this.#taken[j], this.#elsewhere[j]] = [0, 0];
  }

  #massOf(taken: readonly number[]): number {
    let [left, meanG, variance] = [0, 0, 0];
    for (const [j, t] of taken.entries()) {
      const [a, factors] = [this.#evidence.articles[j], this.#factors[j]];
      if (a === undefined || factors === undefined) continue;
      this.#multiply(j, factors, t, 0);
      left += t;
      meanG -= t * a.weightG;
      variance += t * (a.weightG * a.spread) ** 2;
    }
    return this.#weighed(this.#restOf(left, 0), meanG, variance);
  }

  /** Prior times tags and camera of the account that was walked to. */
  #restOf(left: number, cameCount: number): number {
    const at = this.#factors.length * causes.length;
    let sum = 0;
    for (let g = 0; g < causes.length; g++) sum += (causes[g]?.weight ?? 0) * (this.#parts[at + g] ?? 0);
    return sum * (this.#priors[left] ?? 0) * incomingPrior(cameCount, this.#came.length);
  }

  #weighed(rest: number, meanG: number, variance: number): number {
    const { weight } = this.#evidence;
    return weight === null ? rest : rest * weightFactor(weight, this.#sums, meanG, variance);
  }

  /** Distances after article `j` when so many of it are taken. */
  #goFrom(j: number, taken: number): void {
    const n = this.#centres.length;
    for (let c = 0; c < n; c++)
      this.#distances[(j + 1) * n + c] =
        (this.#distances[j * n + c] ?? 0) + Math.abs(taken - (this.#centres[c]?.[j] ?? 0));
  }

  /** One more of article `j` is elsewhere. */
  #goFurther(j: number): void {
    const n = this.#centres.length;
    for (let c = 0; c < n; c++)
      this.#distances[(j + 1) * n + c] = (this.#distances[(j + 1) * n + c] ?? 0) + 1;
  }

  #nearest(j: number): number {
    const n = this.#centres.length;
    let nearest = Number.MAX_SAFE_INTEGER;
    for (let c = 0; c < n; c++) nearest = Math.min(nearest, this.#distances[j * n + c] ?? 0);
    return nearest;
  }

  /** The products after article `j`; returns what they come to. */
  #multiply(j: number, { table }: Factors, taken: number, elsewhere: number): number {
    const n = causes.length;
    let sum = 0;
    for (let g = 0; g < n; g++) {
      const factor = table[taken * width + elsewhere * n + g] ?? 0;
      const part = (this.#parts[j * n + g] ?? 0) * factor;
      this.#parts[(j + 1) * n + g] = part;
      sum += (causes[g]?.weight ?? 0) * part;
    }
    return sum;
  }

  #fromIncoming(
    k: number,
    left: number,
    budget: number,
    count: number,
    meanG: number,
    variance: number,
  ): void {
    const one = this.#evidence.incoming[k];
    if (one === undefined) {
      this.#end(left, count, meanG, variance);
      return;
    }
    for (let n = 0; n <= Math.min(budget, movedMax - count); n++) {
      this.#came[k] = n;
      const more = n * (one.weightG * one.spread) ** 2;
      this.#fromIncoming(k + 1, left, budget - n, count + n, meanG + n * one.weightG, variance + more);
    }
    this.#came[k] = 0;
  }

  #end(left: number, count: number, meanG: number, variance: number): void {
    const rest = this.#restOf(left, count);
    this.enumerated += rest;
    const mass = this.#weighed(rest, meanG, variance);
    if (mass === 0 || mass < this.best * keptShare) {
      this.dropped += mass;
      return;
    }
    this.best = Math.max(this.best, mass);
    this.found.push({
      taken: [...this.#taken],
      elsewhere: [...this.#elsewhere],
      incoming: [...this.#came],
      mass,
    });
  }
}

function mostAheadOf(factors: readonly Factors[]): number[] {
  const ahead = new Array<number>(factors.length + 1).fill(1);
  for (let j = factors.length - 1; j >= 0; j--) ahead[j] = (ahead[j + 1] ?? 1) * (factors[j]?.most ?? 1);
  return ahead;
}
