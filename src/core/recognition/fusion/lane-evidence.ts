/** What sensors say of one article in its lane, for the enumeration. */
export interface ArticleEvidence {
  readonly sku: string;
  readonly weightG: number;
  readonly spread: number;
  /**
   * Of each tag of the baseline that is silent now: the chance that a tag which is there is as silent as that by chance alone; the
   * smallest first.
   */
  readonly silent: readonly number[];
  /** Tags that are heard. */
  readonly heard: number;
  /** Pieces of which no tag can say anything: dead, not listened to since, or no reader. */
  readonly untagged: number;
  /** Of the camera; null: no picture. */
  readonly seen: Seen | null;
  /** Its code was shown to the scanner while the door was open. */
  readonly isCodeShown: boolean;
}

/** A tag that is as silent as that is most likely gone, or in a shadow: so many are. */
export function surelySilent({ silent }: ArticleEvidence): number {
  return silent.filter((missChance) => missChance <= silentEnough).length;
}
const silentEnough = 0.05;

/** A camera's verdict on the front of an article, calibrated. */
export interface Seen {
  /** Chance that something has gone from there. */
  readonly changed: number;
  /** Chance that what has gone was this article, if something has. */
  readonly named: number;
}

/** What a lane's scale says since the baseline. */
export interface WeightEvidence {
  /** From each still state to the next, grams: minus when something left. */
  readonly stepsG: readonly number[];
  /** One σ of the sum, of the scale alone. */
  readonly sigmaG: number;
  /** Chance that it talks nonsense: more when it did so lately. */
  readonly nonsense: number;
}

/** A piece that may have been put here from elsewhere. */
export interface Incoming {
  readonly sku: string;
  readonly weightG: number;
  readonly spread: number;
}

export interface LaneEvidence {
  readonly lane: string;
  readonly articles: readonly ArticleEvidence[];
  /** Null: no scale, or one that says nothing now. */
  readonly weight: WeightEvidence | null;
  /** Chance of a lasting shadow of one tag in one visit. */
  readonly shadow: number;
  /** Chance that a piece which left the lane is elsewhere inside. */
  readonly elsewhereChance: number;
  readonly incoming: readonly Incoming[];
  /** What has been decided of it before, by article: the enumeration looks around that too. */
  readonly decided: readonly number[];
}

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
