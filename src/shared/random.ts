import { assert } from './assert.ts';

/**
 * Randomness is an argument, as time is: nothing draws it from the system by itself (system: node/system-random.ts). Only
 * keys and nonces of encryption are drawn where they are used, from node:crypto: nothing must be able to put a seed there
 * (main/platform/secrets.ts, main/face/face-encryption.ts).
 */
export interface Random {
  /** So many random bytes. */
  bytes(count: number): Uint8Array;
  /** Uniform in [0, 1). */
  unit(): number;
}

/** The same seed gives the same draws, byte for byte, as long as the calls come in the same order: tests, simulation. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    assert(Number.isSafeInteger(seed), 'a seed is a whole number');
    // Folds both halves of a 53-bit seed into 32 bits; never 0, which xorshift would keep for ever.
    this.#state = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0 || 0x9e3779b9;
    for (let i = 0; i < 8; i++) this.#next();
  }

  unit(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    assert(min <= max, 'an empty range');
    return min + Math.floor(this.unit() * (max - min + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#next() >>> 24);
  }

  /** The same things in another order (Fisher–Yates). */
  shuffled<T>(things: readonly T[]): T[] {
    const all = [...things];
    for (let i = all.length - 1; i > 0; i--) {
      const j = this.between(0, i);
      const a = all[i];
      const b = all[j];
      if (a !== undefined && b !== undefined) [all[i], all[j]] = [b, a];
    }
    return all;
  }

  /** xorshift32 (Marsaglia 2003, 13/17/5). */
  #next(): number {
    let x = this.#state;
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }
}
