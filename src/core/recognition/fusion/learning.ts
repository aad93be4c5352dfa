import { z } from 'zod';

/** What is remembered of learning over a restart. */
export const learnedChanceSchema = z.object({ hits: z.number().min(0), tries: z.number().positive() });
export const learnedWeightSchema = z.object({
  /** What the catalogue said then: when it says something else, what was learned is of another thing. */
  catalogueG: z.number().positive(),
  count: z.number().min(1),
  meanG: z.number().positive(),
  squares: z.number().min(0),
});
export const sensorTrustSchema = z.object({ mismatch: z.number().min(0).max(1), isFit: z.boolean() });

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

  memory(): z.infer<typeof learnedChanceSchema> {
    return { hits: this.#hits, tries: this.#tries };
  }

  recall({ hits, tries }: z.infer<typeof learnedChanceSchema>): void {
    if (hits <= tries) [this.#hits, this.#tries] = [hits, tries];
  }
}

/** A piece's weight counts as known after so many were weighed; until then what the catalogue says is worth as much. */
const catalogueWorth = 20;
/** Pieces of one article differ by no less than this share (one σ). */
const spreadMin = 0.003;

/** What one piece of an article weighs, and how much pieces differ, learned from visits of which all sensors agreed. */
export class LearnedWeight {
  readonly #catalogueG: number;
  #count = catalogueWorth;
  #meanG: number;
  #squares: number;

  constructor(weightG: number, spread: number) {
    this.#catalogueG = weightG;
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

  get catalogueG(): number {
    return this.#catalogueG;
  }

  /** Null: nothing was learned. */
  memory(): z.infer<typeof learnedWeightSchema> | null {
    if (this.#count === catalogueWorth) return null;
    const [catalogueG, count, meanG, squares] = [this.#catalogueG, this.#count, this.#meanG, this.#squares];
    return { catalogueG, count, meanG, squares };
  }

  recall({ catalogueG, count, meanG, squares }: z.infer<typeof learnedWeightSchema>): void {
    if (catalogueG === this.#catalogueG) [this.#count, this.#meanG, this.#squares] = [count, meanG, squares];
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

  memory(): z.infer<typeof sensorTrustSchema> {
    return { mismatch: this.#mismatch, isFit: this.#isFit };
  }

  recall({ mismatch, isFit }: z.infer<typeof sensorTrustSchema>): void {
    [this.#mismatch, this.#isFit] = [mismatch, isFit];
  }
}
