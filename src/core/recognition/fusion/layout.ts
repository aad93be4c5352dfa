/**
 * What the fused estimator knows of a cabinet before anything happens: goods, where they stand, which sensors look at them.
 * Every sensor may be missing, in the profile or from some moment on.
 */

/** An article, as its weight is known: `spread` is the share of its weight by which single pieces differ (one σ). */
export interface FusedArticle {
  readonly sku: string;
  readonly weightG: number;
  readonly spread: number;
}

/** One place for goods: maybe weighed, maybe before an antenna, maybe seen by a camera. An article has one lane. */
export interface FusedLane {
  readonly lane: string;
  readonly skus: readonly string[];
  /** The device that weighs it; null: none does. */
  readonly scale: string | null;
  /** The antennas that hear it. */
  readonly antennas: readonly string[];
  /** The camera that sees the front of each article here; null: none does. */
  readonly camera: string | null;
}

export interface FusedLayout {
  readonly articles: readonly FusedArticle[];
  readonly lanes: readonly FusedLane[];
  /** Whether there are places in the cabinet that belong to none of these lanes. Left out: there are none. */
  readonly hasOtherPlaces?: () => boolean;
}

/** How many pieces of an article lie in its lane when the bolt moves. */
export interface FusedStock {
  readonly sku: string;
  /** Tags that are heard there. */
  readonly tags: readonly string[];
  /** Pieces more than tags, by what was filled in: their tags are dead, or there never was one. */
  readonly untagged: number;
}

/**
 * How the world is thought to be. Shares and chances without a source of their own are proposals, to be replaced by
 * measurements in the field; none was chosen by what the simulation gives.
 */
export const belief = {
  /** Nobody takes anything of one lane in a visit … */
  laneUntouched: 0.85,
  /** … and each piece more is so much rarer. */
  onceMore: 0.3,
  /** … but whoever takes more than that of one lane grabs. */
  grabFrom: 3,
  grabMore: 0.5,
  /** A piece that left its place is put elsewhere in the cabinet. */
  misplaced: 0.03,
  /** … where no scale of ours feels it, though every lane has one that works; and where some lane has none. */
  lostOnScales: 2e-4,
  lostElsewhere: 1e-2,
  /** A lane gets a piece that belongs elsewhere; ten times as rare when nobody took it in this visit. */
  incoming: 0.02,
  foreign: 0.1,
  /** A tag is heard though its piece has gone: torn off, or held against the glass. */
  heardThoughGone: 0.005,
  /** Many tags of a lane are silent for one reason: an antenna, a hand, water. */
  commonCause: 0.02,
  /** A scale talks nonsense, spread over so many grams. */
  nonsense: 0.02,
  nonsenseRangeG: 1500,
  /** A camera's verdict is worth no more than this chance of being wrong. */
  seenWrongMin: 0.01,
} as const;

/** A bill costs this much when it is false, a question so much, a look by a person so much (one unit: a person's look). */
const cost = { falseBill: 100, ask: 0.1, look: 1 } as const;
/** Billed unasked from here on; billed after an answer from here on: then only a person's look is left instead. */
export const sureEnough = 1 - cost.ask / cost.falseBill;
export const sureAfterAnswer = 1 - cost.look / cost.falseBill;
/** Less than that is not asked, … */
export const askFrom = 0.5;
/** … and less than that is not even held: a look costs about a tenth of what a line brings. */
export const holdFrom = 0.1;
/** What the enumeration may have left out before that alone is doubt. */
export const leftOutMax = 1e-4;
/** People err and cheat: an answer, or a code that is shown, moves the odds by no more than that. */
export const answerOddsMax = 20;
