import type { LaneEvidence, LaneHypothesis, WeightEvidence } from './lane-evidence.ts';
import { belief } from './layout.ts';

/** Pieces of goods differ by about this share (one σ), for a step of which nothing else is known. */
const usualSpread = 0.012;
const root2pi = Math.sqrt(2 * Math.PI);
function normal(x: number, variance: number): number {
  return Math.exp((-0.5 * x * x) / variance) / (root2pi * Math.sqrt(variance));
}

/** A step of a scale as such: how probable it is as nonsense, against a piece of goods of just that weight. */
function nonsenseShare({ sigmaG, nonsense }: WeightEvidence, stepG: number): number {
  const goods = sigmaG * sigmaG + (usualSpread * stepG) ** 2;
  return Math.min(1, nonsense / belief.nonsenseRangeG / normal(0, goods));
}

/** Beside what else a factor has, a normal density is nothing from so many halves of squared σ on: e⁻⁵⁰ is 2e-22. */
const nothingFrom = 50;

/**
 * How probable the steps of a scale are when so much should have changed. One of them may be nonsense (a hand, somebody's own
 * thing) while the others hold, or each of them may. Asked for each account of a lane, so that what is alike for all of them is
 * worked out once.
 */
export class WeightFactor {
  readonly #scaleVariance: number;
  readonly #sense: number;
  readonly #sumG: number;
  /** The sum without each step, and the share of that step's being nonsense; none where there is but one. */
  readonly #withoutG: Float64Array;
  readonly #shares: Float64Array;
  /** All steps are nonsense. */
  readonly #all: number;
  readonly #nothingFrom: number;

  constructor(weight: WeightEvidence) {
    const { stepsG, sigmaG, nonsense } = weight;
    this.#scaleVariance = sigmaG * sigmaG;
    this.#sense = 1 - nonsense;
    this.#sumG = stepsG.reduce((sum, step) => sum + step, 0);
    const isOne = stepsG.length < 2;
    this.#withoutG = Float64Array.from(isOne ? [] : stepsG, (step) => this.#sumG - step);
    this.#shares = Float64Array.from(isOne ? [] : stepsG, (step) => nonsenseShare(weight, step));
    this.#all = this.#shares.slice(1).reduce((all, share) => all * share, nonsense / belief.nonsenseRangeG);
    this.#nothingFrom = nothingFrom - Math.log(this.#all);
  }

  /** `variance` is of the goods alone. */
  of(meanG: number, variance: number): number {
    const whole = variance + this.#scaleVariance;
    const most = 1 / (root2pi * Math.sqrt(whole));
    let factor = this.#sense * this.#normal(this.#sumG - meanG, whole) * most;
    for (let i = 0; i < this.#shares.length; i++)
      factor += (this.#shares[i] ?? 0) * this.#normal((this.#withoutG[i] ?? 0) - meanG, whole) * most;
    return factor + this.#all;
  }

  /** The most that it is for any mean and variance between these. */
  most(
    mean: { readonly fromG: number; readonly toG: number },
    variance: { readonly from: number; readonly to: number },
  ): number {
    const least = 1 / (root2pi * Math.sqrt(variance.from + this.#scaleVariance));
    const widest = variance.to + this.#scaleVariance;
    let most = this.#sense * this.#normal(apart(this.#sumG, mean), widest) * least;
    for (let i = 0; i < this.#shares.length; i++)
      most += (this.#shares[i] ?? 0) * this.#normal(apart(this.#withoutG[i] ?? 0, mean), widest) * least;
    return most + this.#all;
  }

  #normal(x: number, variance: number): number {
    const halves = (0.5 * x * x) / variance;
    return halves > this.#nothingFrom ? 0 : Math.exp(-halves);
  }
}

/** How far this is from the nearest of them. */
function apart(x: number, { fromG, toG }: { readonly fromG: number; readonly toG: number }): number {
  return Math.max(0, fromG - x, x - toG);
}

/** No account of the lane has more than that. */
export function weightFactorMax({ sigmaG }: WeightEvidence): number {
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
