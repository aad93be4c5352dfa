import { belief } from './layout.ts';
import type { LaneEvidence, LaneHypothesis } from './lane-evidence.ts';
import type { LanePosterior } from './lane-posterior.ts';

export interface LaneFinding {
  readonly evidence: LaneEvidence;
  readonly posterior: LanePosterior;
}

/** An account of several lanes together: what left the cabinet, by article, and of which lane's account each part is. */
export interface Account {
  readonly lanes: readonly LaneHypothesis[];
  readonly probability: number;
}

/** Lanes between which pieces may have moved, judged together. */
export interface Cluster {
  readonly findings: readonly LaneFinding[];
  /** The most probable first; their probabilities and `leftOut` sum to one. */
  readonly accounts: readonly Account[];
  /** The chance of all accounts that were not looked at: an upper bound. */
  readonly leftOut: number;
  /** `[lane][article][count]`: the chance that at least so many have left. */
  readonly atLeast: readonly (readonly (readonly number[])[])[];
}

/** More accounts of several lanes than that are not looked at, … */
const accountsMax = 5_000;
/** … nor those of a lane that are so much less probable than its best one. */
const joinedShare = 1e-7;

/**
 * Joins what was found in each lane: a piece that left one and came into another was put elsewhere. Lanes are joined only when
 * one of them may have received something; all others stand for themselves. `mayBeLost`: some lane has no scale that works.
 */
export function joinLanes(findings: readonly LaneFinding[], mayBeLost: boolean): Cluster[] {
  const receiving = findings.filter(({ evidence }) => evidence.incoming.length > 0);
  const wanted = new Set(receiving.flatMap(({ evidence }) => evidence.incoming.map(({ sku }) => sku)));
  const gives = ({ evidence }: LaneFinding): boolean => evidence.articles.some(({ sku }) => wanted.has(sku));
  const joined = findings.filter((one) => receiving.includes(one) || gives(one));
  const alone = findings.filter((one) => !joined.includes(one));
  const groups = [...alone.map((one) => [one]), ...(joined.length === 0 ? [] : [joined])];
  return groups.map((group) => clusterOf(group, mayBeLost));
}

function clusterOf(findings: readonly LaneFinding[], mayBeLost: boolean): Cluster {
  const isAlone = findings.length === 1;
  const most = isAlone
    ? Number.MAX_SAFE_INTEGER
    : Math.max(2, Math.floor(accountsMax ** (1 / findings.length)));
  // What is cut off here counts as left out: its share of each lane's whole mass.
  let leftOut = 0;
  const lists = findings.map(({ posterior }) => {
    const all = posterior.hypotheses.reduce((sum, h) => sum + h.mass, 0);
    const least = !isAlone ? joinedShare * (posterior.hypotheses[0]?.mass ?? 0) : 0;
    const count = posterior.hypotheses.findIndex((h, i) => i >= most || h.mass < least);
    const kept = posterior.hypotheses.slice(0, count < 0 ? undefined : count);
    const cut = all - kept.reduce((sum, h) => sum + h.mass, 0);
    leftOut += (cut + posterior.leftOut) / (all + posterior.leftOut || 1);
    return kept.map((h) => ({ h, mass: h.mass / (all || 1) }));
  });
  const accounts: { lanes: LaneHypothesis[]; mass: number }[] = [];
  const moved = new MovedPieces(findings, mayBeLost);
  const chosen: LaneHypothesis[] = [];
  const walk = (i: number, mass: number): void => {
    const list = lists[i];
    if (list === undefined) {
      accounts.push({ lanes: chosen.slice(), mass: mass * moved.factorOf(chosen) });
      return;
    }
    for (const { h, mass: own } of list) {
      chosen.push(h);
      walk(i + 1, mass * own);
      chosen.pop();
    }
  };
  walk(0, 1);
  const seen = accounts.reduce((sum, one) => sum + one.mass, 0);
  const whole = seen + leftOut;
  const sorted = accounts
    .sort((a, b) => b.mass - a.mass)
    .map(({ lanes, mass }) => ({ lanes, probability: whole === 0 ? 0 : mass / whole }));
  return {
    findings,
    accounts: sorted,
    leftOut: whole === 0 ? 1 : leftOut / whole,
    atLeast: atLeastOf(findings, sorted),
  };
}

function atLeastOf(findings: readonly LaneFinding[], accounts: readonly Account[]): number[][][] {
  return findings.map(({ evidence }, i) =>
    evidence.articles.map((_, j) => {
      const chances: number[] = [];
      for (const { lanes, probability } of accounts) {
        const count = lanes[i]?.taken[j] ?? 0;
        while (chances.length <= count) chances.push(0);
        chances[count] = (chances[count] ?? 0) + probability;
      }
      for (let n = chances.length - 2; n >= 0; n--) chances[n] = (chances[n] ?? 0) + (chances[n + 1] ?? 0);
      return chances;
    }),
  );
}

/** What is put elsewhere should come in somewhere, and what comes in should have come from somewhere. */
class MovedPieces {
  /** By article, wherever it left or came in: what each piece costs that is nowhere, and how many are. */
  readonly #lostShare: number[] = [];
  readonly #open: Int32Array;
  /** `[lane][article]`, `[lane][what may have come in]`: which of them it is. */
  readonly #left: number[][];
  readonly #came: number[][];

  constructor(findings: readonly LaneFinding[], mayBeLost: boolean) {
    const numbers = new Map<string, number>();
    const numberOf = ({ sku }: { readonly sku: string }): number => {
      const known = numbers.get(sku);
      if (known !== undefined) return known;
      numbers.set(sku, numbers.size);
      this.#lostShare.push(lostChance(mayBeLost) / elsewhereChanceOf(findings, sku));
      return numbers.size - 1;
    };
    this.#left = findings.map(({ evidence }) => evidence.articles.map(numberOf));
    this.#came = findings.map(({ evidence }) => evidence.incoming.map(numberOf));
    this.#open = new Int32Array(numbers.size);
  }

  factorOf(lanes: readonly LaneHypothesis[]): number {
    const open = this.#open.fill(0);
    for (let i = 0; i < lanes.length; i++) {
      const [left, came] = [this.#left[i] ?? [], this.#came[i] ?? []];
      for (let j = 0; j < left.length; j++) this.#add(left[j] ?? 0, lanes[i]?.elsewhere[j] ?? 0);
      for (let k = 0; k < came.length; k++) this.#add(came[k] ?? 0, -(lanes[i]?.incoming[k] ?? 0));
    }
    let factor = 1;
    for (let n = 0; n < open.length; n++) {
      const count = open[n] ?? 0;
      if (count > 0) factor *= (this.#lostShare[n] ?? 1) ** count;
      else if (count < 0) factor *= belief.foreign ** -count;
    }
    return factor;
  }

  #add(article: number, count: number): void {
    this.#open[article] = (this.#open[article] ?? 0) + count;
  }
}

/** A piece that left its lane is where no scale feels it. */
export function lostChance(mayBeLost: boolean): number {
  return mayBeLost ? belief.lostElsewhere : belief.lostOnScales;
}

function elsewhereChanceOf(findings: readonly LaneFinding[], sku: string): number {
  const home = findings.find(({ evidence }) => evidence.articles.some((a) => a.sku === sku));
  return home?.evidence.elsewhereChance ?? 1;
}

/** The chance that at least so many of this article have left, within a cluster that has its lane. */
export function chanceOfAtLeast(cluster: Cluster, sku: string, count: number): number {
  const [i, j] = placeOf(cluster, sku);
  return cluster.atLeast[i]?.[j]?.[count] ?? 0;
}

/** Which of the cluster's lanes has this article, and where in it. */
export function placeOf({ findings }: Cluster, sku: string): readonly [lane: number, article: number] {
  for (const [i, { evidence }] of findings.entries()) {
    const j = evidence.articles.findIndex((a) => a.sku === sku);
    if (j >= 0) return [i, j];
  }
  return [-1, -1];
}

/** After an answer to "were there at least so many of this?", which moves the odds by no more than `odds`. */
export function answered(
  cluster: Cluster,
  statement: { readonly sku: string; readonly count: number; readonly isTrue: boolean },
  odds: number,
): Cluster {
  const [i, j] = placeOf(cluster, statement.sku);
  const fits = ({ lanes }: Account): boolean =>
    (lanes[i]?.taken[j] ?? 0) >= statement.count === statement.isTrue;
  const weighed = cluster.accounts.map((one) => ({ one, mass: one.probability * (fits(one) ? odds : 1) }));
  // What was left out may be on either side: it keeps all that it could have.
  const leftOut = cluster.leftOut * odds;
  const whole = weighed.reduce((sum, { mass }) => sum + mass, 0) + leftOut;
  const accounts = weighed
    .map(({ one, mass }) => ({ ...one, probability: mass / whole }))
    .sort((a, b) => b.probability - a.probability);
  const atLeast = atLeastOf(cluster.findings, accounts);
  return { ...cluster, accounts, leftOut: leftOut / whole, atLeast };
}
