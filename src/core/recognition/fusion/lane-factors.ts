import { answerOddsMax, belief } from './layout.ts';
import type { ArticleEvidence, LaneEvidence, Seen } from './lane-evidence.ts';

/**
 * Shares of the tags that a common cause silences, with their weights: a hand or water any share, a dead antenna all. The first
 * one stands for no common cause, and the lane's own shadow takes its place.
 */
export const causes: readonly { readonly share: number; readonly weight: number }[] = [
  { share: 0, weight: 1 - belief.commonCause },
  ...[0.3, 0.7].map((share) => ({ share, weight: belief.commonCause / 4 })),
  { share: 1, weight: belief.commonCause / 2 },
];
export const causeWeights = Float64Array.from(causes, ({ weight }) => weight);
/** At most so many pieces come in, or are put elsewhere, of one lane: more is nonsense of the scale, and so doubt. */
export const movedMax = 2;
/** Numbers in a table of factors for each count of pieces that were taken. */
export const width = (movedMax + 1) * causes.length;
/** A tag that is there and listened to is heard, but for so much. */
const heardChance = 0.999;

export const pieceCountOf = (a: ArticleEvidence): number => a.silent.length + a.heard + a.untagged;

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
export interface Factors {
  readonly pieces: number;
  readonly table: Float64Array;
  readonly most: number;
}

/**
 * By taken, elsewhere and cause: how probable it is that the tags and the camera say what they say, times the ways to choose the
 * pieces. Of all choices the one counts whose tags fit best: any other is rarer by a shadow and a torn tag at once.
 */
export function factorsOf(a: ArticleEvidence, { shadow, elsewhereChance }: LaneEvidence): Factors {
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
export function priorsOf(pieces: number): number[] {
  let chance = (1 - belief.laneUntouched) * (1 - belief.onceMore);
  return Array.from({ length: pieces + 1 }, (_, n) => {
    if (n === 0) return belief.laneUntouched;
    if (n > 1) chance *= n <= belief.grabFrom ? belief.onceMore : belief.grabMore;
    return chance / choose(pieces, n);
  });
}

export function incomingPrior(count: number, candidates: number): number {
  return count === 0 ? 1 : (belief.incoming / Math.max(1, candidates)) ** count;
}

/** What all ways in which something came in come to, of so many articles that may have. */
export function waysToComeIn(count: number): number {
  let came = 1;
  for (let n = 1; n <= (count === 0 ? 0 : movedMax); n++)
    came += choose(count + n - 1, n) * incomingPrior(n, count);
  return came;
}

/**
 * What prior times tags and camera come to over all accounts that go on from one place, without a list of them: of one cause
 * the articles factorise. At most `movedMax` pieces of a lane are elsewhere, and as many have come in: that is part of what
 * is believed.
 */
export interface MassAhead {
  /** Over every account there is, for nothing that came in. */
  readonly total: number;
  /** From this article on, when so many before it are elsewhere, and so many have left the lane in all; times the cause's weight. */
  of(cause: number, article: number, elsewhere: number, left: number): number;
}

export function massAheadOf(
  factors: readonly Factors[],
  priors: readonly number[],
  elsewhereMax: number,
): MassAhead {
  const [counts, moves] = [priors.length, movedMax + 1];
  const table = new Float64Array(causes.length * (factors.length + 1) * moves * counts);
  const at = (g: number, j: number, elsewhere: number, left: number): number =>
    ((g * (factors.length + 1) + j) * moves + elsewhere) * counts + left;
  for (let g = 0; g < causes.length; g++) {
    for (let elsewhere = 0; elsewhere <= elsewhereMax; elsewhere++)
      for (const [left, prior] of priors.entries())
        table[at(g, factors.length, elsewhere, left)] = (causeWeights[g] ?? 0) * prior;
    for (const [j, one] of [...factors.entries()].reverse())
      for (let elsewhere = 0; elsewhere <= elsewhereMax; elsewhere++)
        for (let left = 0; left + one.pieces < counts; left++) {
          let sum = 0;
          for (let taken = 0; taken <= one.pieces; taken++)
            for (let e = 0; e <= Math.min(elsewhereMax - elsewhere, one.pieces - taken); e++)
              sum +=
                (one.table[taken * width + e * causes.length + g] ?? 0) *
                (table[at(g, j + 1, elsewhere + e, left + taken + e)] ?? 0);
          table[at(g, j, elsewhere, left)] = sum;
        }
  }
  let total = 0;
  for (let g = 0; g < causes.length; g++) total += table[at(g, 0, 0, 0)] ?? 0;
  return { total, of: (g, j, elsewhere, left) => table[at(g, j, elsewhere, left)] ?? 0 };
}
