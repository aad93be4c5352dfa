import type { Clock } from '../../shared/clock.ts';
import type { SeededRandom } from '../../shared/random.ts';
import { normalOf } from '../recognition/cabinet.ts';
import { scaleFaults } from '../recognition/physics.ts';

/** What lies on one shelf beside its goods, and how its scale behaves. */
interface Manner {
  leanG: number;
  spikeG: number;
  frozenG: number | null;
  isFrozen: boolean;
  isShaking: boolean;
  driftG: number;
  driftGPerMinute: number;
  atMs: number;
}

const hourMs = 3_600_000;

/** How the scales of a cabinet say what lies on them: rightly, unless they are told otherwise. */
export class ScaleManners {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #isPhysical: boolean;
  readonly #of = new Map<number, Manner>();

  /** `isPhysical`: with the noise, the drift and the wrong values of cheap cells (recognition/physics.ts). */
  constructor(options: {
    readonly clock: Clock;
    readonly random: SeededRandom;
    readonly isPhysical: boolean;
  }) {
    [this.#clock, this.#random, this.#isPhysical] = [options.clock, options.random, options.isPhysical];
  }

  /** Something that is no goods lies on this shelf, or leans on it; 0: nothing any more. */
  lean(shelf: number, grams: number): void {
    this.#mannerOf(shelf).leanG = grams;
  }

  /** It says what it said last, whatever lies on it. */
  freeze(shelf: number, isFrozen: boolean): void {
    Object.assign(this.#mannerOf(shelf), { isFrozen, frozenG: null });
  }

  /** Its next reading is so much off, and says that it rests. */
  spike(shelf: number, grams: number): void {
    this.#mannerOf(shelf).spikeG = grams;
  }

  /** It never rests (a compressor). */
  shake(shelf: number, isShaking: boolean): void {
    this.#mannerOf(shelf).isShaking = isShaking;
  }

  drift(shelf: number, gramsPerMinute: number): void {
    this.#mannerOf(shelf).driftGPerMinute = gramsPerMinute;
  }

  isShaking(shelf: number): boolean {
    return this.#mannerOf(shelf).isShaking;
  }

  /** What it says of so much. */
  weigh(shelf: number, loadG: number): number {
    const manner = this.#mannerOf(shelf);
    const nowMs = this.#clock.monotonicMs();
    const passedMs = nowMs - manner.atMs;
    manner.atMs = nowMs;
    manner.driftG += (manner.driftGPerMinute * passedMs) / 60_000;
    let saidG = loadG + manner.leanG + manner.driftG + manner.spikeG;
    manner.spikeG = 0;
    if (this.#isPhysical) saidG += this.#noiseG(manner, passedMs);
    if (manner.isShaking) saidG += 40 * normalOf(this.#random);
    if (manner.isFrozen) saidG = manner.frozenG ??= saidG;
    return Math.round(saidG);
  }

  #noiseG(manner: Manner, passedMs: number): number {
    const { sigmaG, driftG, spikesAnHour, spikeG } = scaleFaults;
    const random = this.#random;
    manner.driftG += driftG * Math.sqrt(passedMs / hourMs) * normalOf(random);
    const isSpike = random.chance((spikesAnHour * passedMs) / hourMs);
    const spike = isSpike ? random.between(spikeG[0], spikeG[1]) * (random.chance(0.5) ? 1 : -1) : 0;
    return sigmaG * normalOf(random) + spike;
  }

  #mannerOf(shelf: number): Manner {
    let manner = this.#of.get(shelf);
    if (manner === undefined) {
      const atMs = this.#clock.monotonicMs();
      manner = {
        ...{ leanG: 0, spikeG: 0, frozenG: null, isFrozen: false, isShaking: false },
        ...{ driftG: 0, driftGPerMinute: 0, atMs },
      };
      this.#of.set(shelf, manner);
    }
    return manner;
  }
}
