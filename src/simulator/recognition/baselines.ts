import type { FusedObservation } from '../../core/recognition/fusion/fused-observation.ts';
import type { FusedLayout, FusedStock } from '../../core/recognition/fusion/layout.ts';

/** What is done with a visit in the end. */
export interface Outcome {
  readonly billed: ReadonlyMap<string, number>;
  readonly held: ReadonlyMap<string, number>;
  /** The article of the one question; null: none was asked. */
  readonly asked: string | null;
}

/** A tag that is as silent as that counts as gone. */
const goneBelow = 1e-6;

/** The plain way with tags: what is not heard in the last report is billed. */
export class LastTagDifference {
  readonly #stock: readonly FusedStock[];
  readonly #antennasOf: ReadonlyMap<string, readonly string[]>;
  readonly #silent = new Map<string, ReadonlySet<string>>();
  readonly #strays = new Map<string, ReadonlySet<string>>();

  constructor({ lanes }: FusedLayout, stock: readonly FusedStock[]) {
    this.#stock = stock;
    this.#antennasOf = new Map(
      lanes.flatMap((lane) => lane.skus.map((sku) => [sku, lane.antennas] as const)),
    );
  }

  observe(observation: FusedObservation): void {
    if (observation.kind !== 'tags') return;
    const { deviceId, silent, strays } = observation;
    this.#silent.set(
      deviceId,
      new Set(silent.filter((one) => one.missChance < goneBelow).map(({ epc }) => epc)),
    );
    this.#strays.set(deviceId, new Set(strays));
  }

  outcome(): Outcome {
    const billed = new Map<string, number>();
    const heardElsewhere = new Set([...this.#strays.values()].flatMap((epcs) => [...epcs]));
    for (const { sku, tags } of this.#stock) {
      const antennas = this.#antennasOf.get(sku) ?? [];
      const isSilent = (epc: string): boolean =>
        !heardElsewhere.has(epc) && antennas.every((one) => this.#silent.get(one)?.has(epc) === true);
      const gone = tags.filter(isSilent).length;
      if (gone > 0) billed.set(sku, gone);
    }
    return { billed, held: new Map(), asked: null };
  }
}

/** A scale's change below this is none, grams. */
const nothingG = 20;

/** The plain way with scales: each lane's change is the article, or the two, of the nearest weight. */
export class NearestWeight {
  readonly #layout: FusedLayout;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #last = new Map<string, number[]>();
  readonly #first = new Map<string, number>();

  constructor(layout: FusedLayout) {
    this.#layout = layout;
    this.#weights = new Map(layout.articles.map(({ sku, weightG }) => [sku, weightG]));
  }

  begin(): void {
    this.#first.clear();
    for (const scale of this.#last.keys()) this.#first.set(scale, this.#medianOf(scale));
  }

  observe(observation: FusedObservation): void {
    if (observation.kind !== 'weight' || observation.grams === null) return;
    const last = [...(this.#last.get(observation.deviceId) ?? []), observation.grams].slice(-3);
    this.#last.set(observation.deviceId, last);
  }

  #medianOf(scale: string): number {
    const last = [...(this.#last.get(scale) ?? [])].sort((a, b) => a - b);
    return last[Math.floor(last.length / 2)] ?? 0;
  }

  outcome(): Outcome {
    const billed = new Map<string, number>();
    for (const { scale, skus } of this.#layout.lanes) {
      if (scale === null) continue;
      const goneG = (this.#first.get(scale) ?? 0) - this.#medianOf(scale);
      if (goneG < nothingG) continue;
      for (const sku of this.#nearest(skus, goneG)) billed.set(sku, (billed.get(sku) ?? 0) + 1);
    }
    return { billed, held: new Map(), asked: null };
  }

  #nearest(skus: readonly string[], goneG: number): readonly string[] {
    const pairs = skus.flatMap((a, i) => skus.slice(i).map((b) => [a, b]));
    let best: readonly string[] = [];
    let nearestG = Infinity;
    for (const some of [...skus.map((sku) => [sku]), ...pairs]) {
      const offG = Math.abs(goneG - some.reduce((sum, sku) => sum + (this.#weights.get(sku) ?? 0), 0));
      if (offG < nearestG) [best, nearestG] = [some, offG];
    }
    return best;
  }
}
