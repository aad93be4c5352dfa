import type { Article, Gallery } from './gallery.ts';
import type { Descriptor } from './head.ts';
import { dot } from './linear.ts';

/** How alike, from −1 to 1, best first. */
export interface Match {
  readonly sku: string;
  readonly score: number;
  /** How probable, given that one of the gallery, nothing, or something else is on the picture. */
  readonly probability: number;
}

export interface Judgement {
  readonly matches: readonly Match[];
  /** Something that is not in the gallery. */
  readonly none: number;
  readonly empty: number;
  /** Of an empty slot, −1 without pictures of one. */
  readonly emptyScore: number;
  /** The higher, the less it is something unknown: the best score, and half of its lead. */
  readonly known: number;
}

/** Fitted per head and kind of camera, so that what is said to be probable comes true as often. */
export interface Calibration {
  readonly temperature: number;
  /** What something unknown scores: the rival that stands in every comparison. */
  readonly noneScore: number;
}

export const usualCalibration: Calibration = { temperature: 0.04, noneScore: 0.35 };

/** From a score on, a slot is empty for certain. */
export const emptyFrom = 0.65;
/**
 * A label is sure when its score and its lead over the next are at least so high: chosen so that of photographs of packaged
 * goods that are not in the gallery none is named (docs/goods.md).
 */
const sureScore = 0.42;
const sureLead = 0.15;

/** `candidates`: only these are possible (weight, tags and plan of the shelf say so); null: the whole gallery. */
export function judge(
  gallery: Gallery,
  descriptor: Descriptor,
  { temperature, noneScore }: Calibration = usualCalibration,
  candidates: ReadonlySet<string> | null = null,
): Judgement {
  const scored = gallery.articles
    .filter(({ sku }) => candidates === null || candidates.has(sku))
    .map((article) => ({ sku: article.sku, score: likeness(article, descriptor) }))
    .sort((a, b) => b.score - a.score);
  const emptyScore = gallery.empty === null ? -1 : likeness(gallery.empty, descriptor);
  const top = Math.max(noneScore, emptyScore, scored[0]?.score ?? -1);
  const weight = (score: number): number => Math.exp((score - top) / temperature);
  const empty = gallery.empty === null ? 0 : weight(emptyScore);
  const sum = scored.reduce((all, { score }) => all + weight(score), weight(noneScore) + empty);
  const [first, second] = scored;
  return {
    matches: scored.map(({ sku, score }) => ({ sku, score, probability: weight(score) / sum })),
    none: weight(noneScore) / sum,
    empty: empty / sum,
    emptyScore,
    known: first === undefined ? -1 : first.score + (first.score - (second?.score ?? -1)) / 2,
  };
}

export function likeness({ centroid }: Article, descriptor: Descriptor): number {
  return dot(centroid, descriptor);
}

/** What a slot holds: an article, nothing (null), and whether that is sure. */
export interface Label {
  readonly sku: string | null;
  readonly isSure: boolean;
}

export function labelOf({ matches, emptyScore }: Judgement): Label {
  if (emptyScore >= emptyFrom) return { sku: null, isSure: true };
  const [first, second] = matches;
  if (first === undefined) return { sku: null, isSure: false };
  const lead = first.score - Math.max(second?.score ?? -1, emptyScore);
  return { sku: first.sku, isSure: first.score >= sureScore && lead >= sureLead };
}
