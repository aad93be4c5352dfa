/** A chance learned by counting, from a belief that is worth some counts by itself. */
export class LearnedChance {
  #hits: number;
  #tries: number;

  constructor(hits: number, tries: number) {
    this.#hits = hits;
    this.#tries = tries;
  }

  get chance(): number {
    return this.#hits / this.#tries;
  }

  note(hits: number, tries: number): void {
    this.#hits += hits;
    this.#tries += tries;
  }
}

/** A piece's weight counts as known after so many were weighed; until then what the catalogue says is worth as much. */
const catalogueWorth = 20;
/** Pieces of one article differ by no less than this share (one σ). */
const spreadMin = 0.003;

/** What one piece of an article weighs, and how much pieces differ, learned from visits of which all sensors agreed. */
export class LearnedWeight {
  #count = catalogueWorth;
  #meanG: number;
  #squares: number;

  constructor(weightG: number, spread: number) {
    this.#meanG = weightG;
    this.#squares = catalogueWorth * (weightG * spread) ** 2;
  }

  get weightG(): number {
    return this.#meanG;
  }

  get spread(): number {
    return Math.max(spreadMin, Math.sqrt(this.#squares / this.#count) / this.#meanG);
  }

  /** One piece was weighed; `noiseG`: one σ of the scale, which is no spread of the goods. */
  note(grams: number, noiseG: number): void {
    this.#count += 1;
    const before = grams - this.#meanG;
    this.#meanG += before / this.#count;
    this.#squares += Math.max(0, before * (grams - this.#meanG) - noiseG ** 2);
  }
}

/** Of the last visits in which the others agreed, the newest counts so much. */
const newest = 0.2;
/** From this share of mismatches on, a sensor says nothing any more, until it has agreed often enough again. */
const [unfitFrom, fitAgainBelow] = [0.6, 0.25];

/** Whether a sensor says what the two other kinds say together. One mismatch is the world's; a row of them is its own. */
export class SensorTrust {
  #mismatch = 0;
  #isFit = true;

  get isFit(): boolean {
    return this.#isFit;
  }

  /** 1: it always agreed lately; 0: it never did. */
  get health(): number {
    return 1 - this.#mismatch;
  }

  note(agrees: boolean): void {
    this.#mismatch += newest * ((agrees ? 0 : 1) - this.#mismatch);
    if (this.#mismatch >= unfitFrom) this.#isFit = false;
    else if (this.#mismatch < fitAgainBelow) this.#isFit = true;
  }
}
