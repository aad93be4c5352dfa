import { type Cluster, chanceOfAtLeast, placeOf } from './joint-posterior.ts';
import { weightMisfit } from './weight-factor.ts';
import { type ArticleEvidence, type LaneEvidence, type Seen, surelySilent } from './lane-evidence.ts';
import { askFrom, holdFrom, leftOutMax, sureAfterAnswer, sureEnough } from './layout.ts';

/** What one kind of sensor says of a line: for it, against it, that nothing changed there, or nothing that counts. */
type Word = 'for' | 'against' | 'unseen' | 'nothing';

/** What each kind of sensor says of a line. */
export interface Witnesses {
  readonly tags: Word;
  readonly scale: Word;
  readonly camera: Word;
}

/** Why a line is not simply billed. */
export type Doubt = 'improbable' | 'contradicted' | 'unsupported' | 'too_much_happened';

export interface FusedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly decision: 'bill' | 'ask' | 'hold';
  /** The chance that at least as many have left. */
  readonly probability: number;
  readonly witnesses: Witnesses;
  /** Null: billed. */
  readonly doubt: Doubt | null;
}

/** A line as it is judged. */
interface Judged {
  /** Kinds of sensors that this lane has by its profile, working or not. */
  readonly kinds: number;
  /** The shopper was shown at least so many, confirmed them, and they were gone before the door shut. */
  readonly confirmed: number;
  /** The one answer, if there was one: about this article. */
  readonly answer: boolean | null;
}

/** A scale contradicts an account from so many σ on. */
const misfitMax = 4;
/** Of a lane with several kinds of sensors, what a person confirmed is billed from here on: people confirm without reading. */
const confirmedFrom = 0.95;
/** More left out than that, and not even what a person confirmed is billed. */
const confirmedLeftOutMax = 0.05;

/** The lines of one article: so many billed, so many more asked or held. */
export function linesOf(cluster: Cluster, sku: string, judged: Judged): FusedLine[] {
  const [i, j] = placeOf(cluster, sku);
  const finding = cluster.findings[i];
  const article = finding?.evidence.articles[j];
  if (finding === undefined || article === undefined) return [];
  const pieces = article.silent.length + article.heard + article.untagged;
  const lines: FusedLine[] = [];
  for (let count = 1; count <= pieces; count++) {
    const probability = chanceOfAtLeast(cluster, sku, count);
    if (probability < holdFrom) break;
    const witnesses = witnessesOf(cluster, finding.evidence, sku, count);
    const doubt = doubtOf(cluster, { count, probability, witnesses }, judged);
    const decision = decide(probability, doubt, judged.answer);
    const last = lines.at(-1);
    const one = {
      sku,
      quantity: 1,
      decision,
      probability,
      witnesses,
      doubt: decision === 'bill' ? null : doubt,
    };
    if (last?.decision === decision) lines[lines.length - 1] = { ...one, quantity: last.quantity + 1 };
    // Nothing is billed of an article beyond a piece that is in doubt.
    else if (decision === 'bill' && last !== undefined) lines.push({ ...one, decision: 'hold', doubt });
    else lines.push(one);
  }
  return lines;
}

function decide(probability: number, doubt: Doubt | null, answer: boolean | null): FusedLine['decision'] {
  if (doubt === null && answer !== false) return 'bill';
  if (answer === true && probability >= sureAfterAnswer) return 'bill';
  // No second question.
  return answer === null && probability >= askFrom ? 'ask' : 'hold';
}

function doubtOf(
  cluster: Cluster,
  line: { readonly count: number; readonly probability: number; readonly witnesses: Witnesses },
  { kinds, confirmed }: Judged,
): Doubt | null {
  const words = Object.values(line.witnesses) as Word[];
  const support = words.filter((word) => word === 'for').length;
  const isUnseen = words.includes('unseen');
  if (words.includes('against')) return 'contradicted';
  // Two that agree outweigh a camera that saw nothing; one does not.
  if (isUnseen && support < 2) return 'contradicted';
  if (support === 0) return 'unsupported';
  const isLikely = line.probability >= (kinds > 1 ? confirmedFrom : askFrom);
  // A scale says how heavy, not what: where another kind could have named it, one has to.
  const isNamed = kinds < 2 || line.witnesses.tags === 'for' || line.witnesses.camera === 'for';
  const isConfirmed = line.count <= confirmed && !isUnseen && isLikely && isNamed;
  if (isConfirmed && cluster.leftOut <= confirmedLeftOutMax) return null;
  if (cluster.leftOut > leftOutMax) return 'too_much_happened';
  if (line.probability < sureEnough) return 'improbable';
  return support >= Math.min(2, kinds) ? null : 'unsupported';
}

/** What each kind of sensor says of "at least so many of this article have left". */
export function witnessesOf(cluster: Cluster, evidence: LaneEvidence, sku: string, count: number): Witnesses {
  const article = evidence.articles.find((a) => a.sku === sku);
  if (article === undefined) return { tags: 'nothing', scale: 'nothing', camera: 'nothing' };
  return {
    tags: wordOfTags(article, count),
    scale: wordOfScale(cluster, evidence, article, count),
    camera: wordOfCamera(article.seen),
  };
}

function wordOfTags(article: ArticleEvidence, count: number): Word {
  if (surelySilent(article) >= count) return 'for';
  return surelySilent(article) + article.untagged < count ? 'against' : 'nothing';
}

/** It fits the most probable account, and would not fit one in which these were still there. */
function wordOfScale(
  cluster: Cluster,
  evidence: LaneEvidence,
  article: ArticleEvidence,
  count: number,
): Word {
  if (evidence.weight === null) return 'nothing';
  const i = cluster.findings.findIndex((one) => one.evidence === evidence);
  const j = evidence.articles.indexOf(article);
  const best = cluster.accounts.find(({ lanes }) => (lanes[i]?.taken[j] ?? 0) >= count)?.lanes[i];
  if (best === undefined) return 'against';
  // One step may be somebody's own thing, or a hand; a scale of one step has no other.
  const { stepsG } = evidence.weight;
  const leaveOut = [null, ...(stepsG.length < 2 ? [] : stepsG.keys())];
  const without = leaveOut.find((step) => weightMisfit(evidence, best, step) <= misfitMax);
  if (without === undefined) return 'against';
  const taken = best.taken.map((n, k) => (k === j ? count - 1 : n));
  return weightMisfit(evidence, { ...best, taken }, without) > misfitMax ? 'for' : 'nothing';
}

function wordOfCamera(seen: Seen | null): Word {
  if (seen === null) return 'nothing';
  if (seen.changed >= 0.9) {
    if (seen.named >= 0.5) return 'for';
    return seen.named <= 0.1 ? 'against' : 'nothing';
  }
  return seen.changed <= 0.05 ? 'unseen' : 'nothing';
}

/** One question: were there at least `count` of this; `or`: what it is most likely to have been otherwise. */
export interface Question {
  readonly sku: string;
  readonly count: number;
  readonly or: string | null;
  /** What an honest answer tells, bits. */
  readonly information: number;
}

/** The binary question that tells most; null: nothing is to be asked. */
export function bestQuestion(
  clusters: readonly { readonly cluster: Cluster; readonly lines: readonly FusedLine[] }[],
): Question | null {
  let best: Question | null = null;
  for (const { cluster, lines } of clusters)
    for (const line of lines) {
      if (line.decision !== 'ask') continue;
      const before = lines.filter((one) => one.sku === line.sku && one.decision === 'bill');
      const count = before.reduce((sum, { quantity }) => sum + quantity, 0) + line.quantity;
      const information = entropyOf(line.probability);
      if (best !== null && best.information >= information) continue;
      best = { sku: line.sku, count, or: otherwise(cluster, line.sku, count), information };
    }
  return best;
}

function entropyOf(p: number): number {
  if (p <= 0 || p >= 1) return 0;
  return -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
}

function otherwise(cluster: Cluster, sku: string, count: number): string | null {
  const [i, j] = placeOf(cluster, sku);
  const other = cluster.accounts.find(({ lanes }) => (lanes[i]?.taken[j] ?? 0) < count);
  const others = other?.lanes[i]?.taken ?? [];
  const k = others.findIndex((n, at) => at !== j && n > (cluster.accounts[0]?.lanes[i]?.taken[at] ?? 0));
  return cluster.findings[i]?.evidence.articles[k]?.sku ?? null;
}
