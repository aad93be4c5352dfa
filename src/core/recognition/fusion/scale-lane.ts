import { z } from 'zod';

/** One weight as a scale reports it. */
export interface WeightReading {
  readonly atMs: number;
  /** Null: it gives none. */
  readonly grams: number | null;
  /** The scale itself says that it is at rest. */
  readonly isStable: boolean;
  /** It has said nothing since, and tells only what changes: of its noise that says nothing. */
  readonly isRepeated?: boolean;
}

/** More steps in one visit than that are those of a scale that never rests. */
const stepsMax = 500;
/** What is kept of a scale in a visit over a restart. */
export const scaleMemorySchema = z.object({
  stillG: z.number(),
  stepsG: z.array(z.number()).max(stepsMax),
  sigmaG: z.number().positive(),
});
export type ScaleMemory = z.infer<typeof scaleMemorySchema>;

/** A scale is still once so many readings in a row, … */
const stillCount = 3;
/** … over so long, ms, … */
const stillMs = 200;
/** A reading that comes sooner than this after the one before, ms, tells nothing that those beside it do not. */
const readingMs = 60;
/** … lie within so many σ of each other. */
const stillSigmas = 4;
/** A cheap cell with its amplifier, grams, until its own noise is known. */
const startSigmaG = 1.5;
const [sigmaMinG, sigmaMaxG] = [0.5, 15];
/** Noise is learned from readings between which nothing moved, this much from each. */
const learned = 0.02;
/** Drift, grams for the root of an hour; creep, share of the load that was changed. */
const driftG = 2;
const creepShare = 5e-4;
const hourMs = 3_600_000;
/** Two still states that differ by less than so many σ are one. */
const sameSigmas = 4;
/** A scale that has said nothing for so long is not there, ms. */
const silentMs = 3_000;

/**
 * One lane's scale: which of its readings count, and by how much it changed from one still state to the next. A single wrong
 * reading is never a still state, a shaking scale has none, and a hand that leans on it makes two steps that cancel.
 */
export class ScaleLane {
  #window: WeightReading[] = [];
  #stillG: number | null = null;
  #stillAtMs = Number.NEGATIVE_INFINITY;
  #steps: number[] = [];
  #startMs = 0;
  /** Drift from before: the visit began in a run of the program that is over. */
  #driftedG = 0;
  #sigmaG = startSigmaG;
  #lastMs = Number.NEGATIVE_INFINITY;
  #isGone = true;
  #hadGap = false;
  #movedMs = Number.NEGATIVE_INFINITY;
  #unrestMs = Number.NEGATIVE_INFINITY;

  /** From each still state since the baseline to the next, grams. */
  get stepsG(): readonly number[] {
    return this.#steps;
  }

  /** When it last began to move, or was last found elsewhere. */
  get movedMs(): number {
    return this.#movedMs;
  }

  /** It rested after this moment. */
  isStillSince(atMs: number): boolean {
    return this.#stillAtMs >= atMs;
  }

  /** It gives weights, and has given them without a gap since the baseline. */
  isUsable(nowMs: number): boolean {
    return !this.#isGone && !this.#hadGap && this.#stillG !== null && nowMs - this.#lastMs <= silentMs;
  }

  /** One σ of the sum of its steps, of the scale alone: two readings, drift since the baseline, creep. */
  sigmaG(nowMs: number): number {
    const drift = driftG * Math.sqrt(Math.max(0, nowMs - this.#startMs) / hourMs);
    const creep = creepShare * this.#steps.reduce((sum, step) => sum + Math.abs(step), 0);
    return Math.sqrt(2 * this.#sigmaG ** 2 + drift ** 2 + this.#driftedG ** 2 + creep ** 2);
  }

  /** It has rested since it last moved. */
  get isAtRest(): boolean {
    return this.#stillAtMs >= this.#movedMs && this.#stillAtMs > this.#unrestMs;
  }

  /** What is there now is the baseline of a visit. */
  startVisit(nowMs: number): void {
    this.#steps = [];
    this.#startMs = nowMs;
    this.#driftedG = 0;
    this.#hadGap = this.#stillG === null || this.#isGone;
  }

  /** What has to be remembered of it to go on with the visit; null: nothing that helps. */
  memory(): ScaleMemory | null {
    if (this.#hadGap || this.#stillG === null) return null;
    return { stillG: this.#stillG, stepsG: this.#steps.slice(0, stepsMax), sigmaG: this.#sigmaG };
  }

  /** Goes on with a visit: what it weighs now against what it weighed then is a step as any. Null: it was not there. */
  resumeVisit(memory: ScaleMemory | null, nowMs: number): void {
    [this.#startMs, this.#hadGap] = [nowMs, memory === null];
    [this.#window, this.#isGone] = [[], true];
    if (memory === null) return;
    [this.#stillG, this.#steps, this.#sigmaG] = [memory.stillG, [...memory.stepsG], memory.sigmaG];
    this.#driftedG = driftG;
  }

  observe(reading: WeightReading): void {
    const { atMs, grams, isStable } = reading;
    if (grams === null) {
      this.#isGone = true;
      this.#hadGap = true;
      this.#window = [];
      return;
    }
    if (atMs - this.#lastMs > silentMs && this.#lastMs > Number.NEGATIVE_INFINITY) this.#window = [];
    [this.#isGone, this.#lastMs] = [false, Math.max(this.#lastMs, atMs)];
    if (!isStable) {
      this.#movedMs = Math.max(this.#movedMs, atMs);
      this.#unrestMs = Math.max(this.#unrestMs, atMs);
      this.#window = this.#window.filter((one) => one.atMs > this.#unrestMs);
      return;
    }
    if (atMs <= this.#unrestMs) return;
    if (!this.#take(reading)) return;
    this.#window = this.#window.slice(-2 * stillCount);
    this.#settle();
  }

  /** Into the window, by time: what the scale says before what it is taken to have said again. False: nothing new. */
  #take(reading: WeightReading): boolean {
    const near = this.#window.findIndex((one) => Math.abs(one.atMs - reading.atMs) < readingMs);
    const beside = this.#window[near];
    if (beside === undefined) this.#window.push(reading);
    else if (beside.isRepeated === true && reading.isRepeated !== true) this.#window[near] = reading;
    else return false;
    this.#window.sort((a, b) => a.atMs - b.atMs);
    return true;
  }

  #settle(): void {
    // So many, and more where they come quicker.
    const end = this.#window.at(-1);
    const isLong = (one: WeightReading): boolean => end !== undefined && end.atMs - one.atMs >= stillMs;
    const begin = Math.min(this.#window.findLastIndex(isLong), this.#window.length - stillCount);
    if (end === undefined || begin < 0) return;
    const last = this.#window.slice(begin);
    const grams = last.flatMap((one) => (one.grams === null ? [] : [one.grams])).sort((a, b) => a - b);
    const [low, high] = [grams[0], grams.at(-1)];
    if (low === undefined || high === undefined) return;
    if (high - low > stillSigmas * this.#sigmaG) {
      this.#movedMs = end.atMs;
      return;
    }
    const mean = grams.reduce((sum, g) => sum + g, 0) / grams.length;
    if (last.every(({ isRepeated }) => isRepeated !== true)) this.#learn(grams, mean);
    const change = mean - (this.#stillG ?? mean);
    if (this.#stillG === null || Math.abs(change) > sameSigmas * this.#sigmaG) {
      if (this.#stillG !== null && this.#steps.length < stepsMax) this.#steps.push(change);
      if (this.#stillG !== null) this.#movedMs = end.atMs;
    }
    // What creeps along is drift, and nobody's step.
    this.#stillG = mean;
    this.#stillAtMs = end.atMs;
  }

  #learn(grams: readonly number[], mean: number): void {
    const variance = grams.reduce((sum, g) => sum + (g - mean) ** 2, 0) / (grams.length - 1);
    const next = (1 - learned) * this.#sigmaG ** 2 + learned * variance;
    this.#sigmaG = Math.min(sigmaMaxG, Math.max(sigmaMinG, Math.sqrt(next)));
  }
}
