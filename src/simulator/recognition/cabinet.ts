import type { SeededRandom } from '../../shared/random.ts';
import type { FusedLayout, FusedStock } from '../../core/recognition/fusion/layout.ts';
import { antennaCount, articleCount, articlesOfLane, cameraCount, laneCount } from './faults.ts';
import { hearing, tagFaults } from './physics.ts';

/** One piece of goods. */
export interface Piece {
  /** What it truly is. */
  readonly article: number;
  /** What its tag says it is. */
  tagArticle: number;
  readonly epc: string;
  readonly weightG: number;
  readonly isTagDead: boolean;
  /** Chance to be heard in a round by its lane's own antenna; and what the cabinet believes of it. */
  readonly hearing: number;
  readonly believed: number;
  /** Where it lies; null: it has left. */
  lane: number | null;
  /** Its tag lies in the cabinet, whatever became of the piece. */
  isTornOff: boolean;
}

/** An article as it truly is. */
export interface TrueArticle {
  readonly sku: string;
  readonly lane: number;
  readonly weightG: number;
  readonly spread: number;
  readonly kind: 'dry' | 'bottle' | 'can';
  readonly priceMinor: number;
}

const piecesOfArticle = 5;
const skuOf = (article: number): string => `S${String(article).padStart(2, '0')}`;
/** Two of three of these are in a lane with another of their weight. */
const equalWeightShare = 0.1;

/** A standard normal number (Box and Muller). */
export function normalOf(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

/** Goods, where they stand, and what is known of them. */
export class SimulatedCabinet {
  readonly articles: readonly TrueArticle[];
  /** What the operator's catalogue says of their weights. */
  readonly #catalogueG: readonly number[];
  pieces: Piece[] = [];
  #serial = 0;
  readonly #random: SeededRandom;
  readonly #weightFactor = new Map<number, number>();

  constructor(random: SeededRandom) {
    this.#random = random;
    const weights: number[] = [];
    this.articles = Array.from({ length: articleCount }, (_, article) => {
      const own = Math.round(40 * Math.exp(random.unit() * Math.log(650 / 40)));
      const before = weights[article - 1];
      const isEqual = article % articlesOfLane > 0 && random.chance(equalWeightShare);
      const weightG = isEqual && before !== undefined ? before : own;
      weights.push(weightG);
      const draw = random.unit();
      return {
        sku: skuOf(article),
        lane: Math.floor(article / articlesOfLane),
        weightG: weightG * (1 + 0.005 * normalOf(random)),
        spread: 0.003 + 0.012 * random.unit(),
        kind: draw < 0.5 ? 'dry' : draw < 0.8 ? 'bottle' : 'can',
        priceMinor: 100 * random.between(2, 15),
      };
    });
    this.#catalogueG = weights;
    this.fillUp();
  }

  /** From now on pieces of this article that are filled in weigh so much more or less. */
  changeBatch(article: number, factor: number): void {
    this.#weightFactor.set(article, factor);
  }

  fillUp(): void {
    for (const article of this.articles.keys()) {
      const there = this.pieces.filter((p) => p.lane !== null && p.article === article).length;
      for (let n = there; n < piecesOfArticle; n++) this.pieces.push(this.#makePiece(article));
    }
  }

  #makePiece(article: number): Piece {
    const random = this.#random;
    const one = this.articles[article];
    if (one === undefined) throw new Error(`no article ${article}`);
    const { facing, sideways, bottle, can, knownWithin } = hearing;
    const dry = random.chance(0.6) ? facing : sideways;
    const heard = one.kind === 'dry' ? dry : one.kind === 'bottle' ? bottle : can;
    const believed = Math.min(0.95, Math.max(0.05, heard * Math.exp(knownWithin * normalOf(random))));
    const factor = this.#weightFactor.get(article) ?? 1;
    return {
      article,
      tagArticle: article,
      epc: (++this.#serial).toString(16).toUpperCase().padStart(8, '0'),
      weightG: factor * one.weightG * (1 + one.spread * normalOf(random)),
      isTagDead: random.chance(tagFaults.dead),
      hearing: heard,
      believed,
      lane: one.lane,
      isTornOff: false,
    };
  }

  /** Between visits: what left is forgotten, what was misplaced is put right by whoever fills up, torn tags are swept out. */
  tidy(): void {
    this.pieces = this.pieces.filter((p) => p.lane !== null);
    for (const piece of this.pieces) piece.lane = this.articles[piece.article]?.lane ?? piece.lane;
    for (const article of this.articles.keys())
      if (this.pieces.filter((p) => p.article === article).length < 2) {
        this.fillUp();
        return;
      }
  }

  /** What is known to lie there when the bolt moves: tags by what they say they are, and how many were filled in without one. */
  stock(): FusedStock[] {
    return this.articles.map(({ sku }, article) => {
      const there = this.pieces.filter((p) => p.lane !== null && p.tagArticle === article);
      const tags = there.filter((p) => !p.isTagDead).map(({ epc }) => epc);
      return { sku, tags, untagged: there.length - tags.length };
    });
  }

  /** What this cabinet has of sensors, by kind. */
  layout(has: { readonly tags: boolean; readonly scales: boolean; readonly cameras: boolean }): FusedLayout {
    return {
      articles: this.articles.map(({ sku }, article) => ({
        sku,
        weightG: this.#catalogueG[article] ?? 1,
        spread: 0.012,
      })),
      lanes: Array.from({ length: laneCount }, (_, lane) => ({
        lane: `L${lane}`,
        skus: this.articles.filter((one) => one.lane === lane).map(({ sku }) => sku),
        scale: has.scales ? scaleId(lane) : null,
        antennas: has.tags ? antennasOf(lane).map(antennaId) : [],
        camera: has.cameras ? cameraId(cameraOf(lane)) : null,
      })),
    };
  }
}

export const scaleId = (lane: number): string => `scale-${lane}`;
export const antennaId = (antenna: number): string => `antenna-${antenna}`;
export const cameraId = (camera: number): string => `camera-${camera}`;
export const cameraOf = (lane: number): number => Math.floor((lane * cameraCount) / laneCount);

/** The antenna before a lane, and the next one. */
export function antennasOf(lane: number): [number, number] {
  const own = Math.floor((lane * antennaCount) / laneCount);
  return [own, own + 1 < antennaCount ? own + 1 : own - 1];
}
