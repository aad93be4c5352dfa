import { quantityOf } from '../../core/recognition/inventory.ts';
import { TagInventoryEstimator } from '../../core/recognition/tag-inventory-estimator.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import { SeededRandom } from '../../shared/random.ts';
import { finalReadingMaxMs, readProbabilityTypical } from '../../shared/reading-capacity.ts';

/** A report of the reader, ms; as the devices' host bundles them. */
const reportEveryMs = 50;
const warmUpMs = 60_000;
const baselineMaxMs = 30_000;
/** Goods that the shopper takes. */
const takenCount = 2;

export interface ReadingTimes {
  /** Cabinet's time from the shut door until the reading for the bill is there, ms; one for each visit. */
  readonly settledMs: number[];
  /** Visits whose reading named the taken goods, all of them and nothing else, within the longest wait. */
  readonly rightCount: number;
  /** CPU for one second of reading, ms: the estimator alone. */
  readonly cpuMsPerS: number;
}

/**
 * What the reading for the bill takes with so many tags on a reader of such a speed. Simulated: each round a tag that is
 * there is heard with chance 0.7. Time is counted, not waited for; only the CPU's share is measured. For the benchmark.
 */
export function measureReading(tagCount: number, readsPerS: number, visitCount: number): ReadingTimes {
  const settledMs: number[] = [];
  let [rightCount, cpuMs, readMs] = [0, 0, 0];
  for (let seed = 1; seed <= visitCount; seed++) {
    const cabinet = new ReadCabinet(tagCount, readsPerS, seed);
    cabinet.read(warmUpMs);
    cabinet.readUntil(() => cabinet.hasBaseline(), baselineMaxMs);
    const missing = cabinet.takeSome();
    const shutMs = cabinet.shut();
    cabinet.readUntil(() => cabinet.finalCount() !== null, finalReadingMaxMs);
    settledMs.push(cabinet.nowMs - shutMs);
    if (cabinet.finalCount() === missing) rightCount++;
    cpuMs += cabinet.cpuMs;
    readMs += cabinet.nowMs;
  }
  return { settledMs, rightCount, cpuMsPerS: (cpuMs * 1000) / readMs };
}

class ReadCabinet {
  nowMs = 0;
  cpuMs = 0;
  readonly #estimator: TagInventoryEstimator;
  readonly #inside: Set<string>;
  readonly #random: SeededRandom;
  readonly #readsPerS: number;
  /** Tags that are heard in the round under way and not told yet. */
  #round: string[] = [];
  #owed = 0;

  constructor(tagCount: number, readsPerS: number, seed: number) {
    const epcs = Array.from({ length: tagCount }, (_, i) => `E200${String(i).padStart(20, '0')}`);
    const name = { zh: '水', en: 'Water' };
    const product = { sku: 'WATER', name, priceMinor: 200, weightG: 500, picture: 'water' };
    const tags = epcs.map((epc) => ({ epc, sku: 'WATER' }));
    const catalog = catalogSchema.parse({ version: 'v1', currency: 'CNY', products: [product], tags });
    this.#estimator = new TagInventoryEstimator(() => catalog);
    this.#inside = new Set(epcs);
    this.#random = new SeededRandom(seed);
    this.#readsPerS = readsPerS;
    this.#door('closed');
  }

  read(ms: number): void {
    this.readUntil(() => false, ms);
  }
  readUntil(isDone: () => boolean, maxMs: number): void {
    for (const endMs = this.nowMs + maxMs; this.nowMs < endMs && !isDone();) {
      this.nowMs += reportEveryMs;
      this.#owed += (this.#readsPerS * reportEveryMs) / 1000;
      const reads = this.#next(Math.floor(this.#owed)).map((epc) => ({ epc, atMs: this.nowMs }));
      this.#owed -= Math.floor(this.#owed);
      const startMs = performance.now();
      const atMs = this.nowMs;
      this.#estimator.observe({ kind: 'tags', deviceId: 'tag-reader', atMs, reads, readerMs: atMs });
      this.cpuMs += performance.now() - startMs;
    }
  }
  hasBaseline(): boolean {
    return this.#estimator.baseline({ force: false, nowMs: this.nowMs }) !== null;
  }
  /** Answers how many pieces the shopper has taken. */
  takeSome(): number {
    this.#door('open');
    for (const epc of [...this.#inside].slice(0, takenCount)) this.#inside.delete(epc);
    // What is not there any more is not heard in the rest of the round either.
    this.#round = this.#round.filter((epc) => this.#inside.has(epc));
    return takenCount;
  }
  /** Answers when. */
  shut(): number {
    this.#door('closed');
    this.#estimator.startFinal(this.nowMs);
    return this.nowMs;
  }
  /** Pieces that are gone; null: not settled. */
  finalCount(): number | null {
    const reading = this.#estimator.final({ force: false, nowMs: this.nowMs });
    return reading === null ? null : quantityOf(reading.absent, 'WATER');
  }

  /** The next tags that are heard; a round begins anew when all of it was told. */
  #next(count: number): string[] {
    while (this.#round.length < count && this.#inside.size > 0)
      for (const epc of this.#inside) if (this.#random.chance(readProbabilityTypical)) this.#round.push(epc);
    return this.#round.splice(0, count);
  }
  #door(door: 'open' | 'closed'): void {
    this.#estimator.observe({ kind: 'door', deviceId: 'lock', atMs: this.nowMs, door });
  }
}
