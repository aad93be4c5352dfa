import { z } from 'zod';
import type { InventoryEstimator, Observation } from '../../core/recognition/inventory-estimator.ts';
import type {
  BaselineInventory,
  Estimate,
  FinalEstimate,
  InventoryLine,
} from '../../core/recognition/inventory.ts';
import { makeBaseline } from '../../core/recognition/inventory.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { UnnamedGoods } from '../../shared/model/unnamed-goods.ts';

const memorySchema = z.object({
  tags: z.array(z.string()),
  taken: z.array(z.string()),
  unwatched: z.array(z.string()),
});

interface CountedShelf {
  readonly of: ReadonlySet<string>;
  readonly catalog: Catalog | null;
  readonly stock: ReadonlyMap<string, number>;
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

/**
 * Goods that are recognised without any doubt: each report names every piece that is there. What tags, readers and doors may
 * do wrong is tried elsewhere (simulator/system); here it is about the money alone.
 */
export class ExactShelf implements InventoryEstimator {
  readonly #catalog: () => Catalog | null;
  /** Of the catalogue that was asked for last: the product of each tag. */
  #known: { catalog: Catalog | null; skuOf: ReadonlyMap<string, string> } = {
    catalog: null,
    skuOf: new Map(),
  };
  /** Null: nothing was reported yet. */
  #present: ReadonlySet<string> | null = null;
  /** What `stock` has counted last. */
  #counted: CountedShelf | null = null;
  #baseline: readonly string[] = [];
  /** What was missing as it was last said, for the time until there is a report. */
  #taken: readonly string[] = [];
  /** Of the baseline: nobody watched them for so long that whoever has them is not known. */
  #unwatched: ReadonlySet<string> = new Set();
  #isFinal = false;
  readonly #isDeaf: () => boolean;

  /** `isDeaf`: the reader reports nothing just now, so that of the end of a visit nothing is known. */
  constructor(catalog: () => Catalog | null, isDeaf: () => boolean) {
    this.#catalog = catalog;
    this.#isDeaf = isDeaf;
  }

  observe(observation: Observation): boolean {
    if (observation.kind !== 'tags') return false;
    this.#present = new Set(observation.reads.map(({ epc }) => epc));
    this.#taken = this.#missing();
    return true;
  }
  released(): void {
    return;
  }
  isAlive(): boolean {
    return this.#present !== null;
  }
  isUseful(): boolean {
    return true;
  }
  baseline(): BaselineInventory | null {
    const catalog = this.#catalog();
    if (catalog === null || this.#present === null) return null;
    this.#baseline = [...this.#present].sort();
    [this.#taken, this.#unwatched, this.#isFinal] = [[], new Set(), false];
    return makeBaseline(this.#linesOf(this.#baseline), catalog);
  }
  estimate(): Estimate {
    return { taken: this.#linesOf(this.#taken), added: [], unwatched: this.#linesOf(this.#nobodys()) };
  }
  vanishedAfter(): null {
    return null;
  }
  foundAgain(): readonly null[] {
    return [];
  }
  startFinal(): void {
    this.#isFinal = false;
  }
  final(): FinalEstimate | null {
    if (this.#present === null || this.#isDeaf()) return null;
    this.#isFinal = true;
    const absent = this.#linesOf(this.#missing());
    return { absent, unsure: [], unseen: [], unwatched: this.#linesOf(this.#nobodys()) };
  }
  question(): null {
    return null;
  }

  answer(): void {
    return;
  }

  scalesAtOdds(): readonly number[] {
    return [];
  }

  hearsFinal(): boolean {
    return !this.#isDeaf() && !this.#isFinal;
  }
  memory(): unknown {
    return { tags: this.#baseline, taken: this.#taken, unwatched: [...this.#unwatched] };
  }
  restore(memory: unknown, isUnwatched = false): boolean {
    const kept = memorySchema.safeParse(memory);
    if (!kept.success) return false;
    [this.#baseline, this.#taken] = [kept.data.tags, kept.data.taken];
    const unseen = this.#baseline.filter((epc) => !this.#taken.includes(epc));
    this.#unwatched = new Set(isUnwatched ? [...kept.data.unwatched, ...unseen] : kept.data.unwatched);
    return true;
  }
  stock(): ReadonlyMap<string, number> | null {
    return this.#count()?.stock ?? null;
  }
  stockTags(): ReadonlyMap<string, readonly string[]> | null {
    return this.#count()?.tags ?? null;
  }
  #count(): CountedShelf | null {
    if (this.#present === null) return null;
    const [of, catalog] = [this.#present, this.#catalog()];
    // Asked for four times a second, and seldom another one.
    if (this.#counted?.of !== of || this.#counted.catalog !== catalog) {
      const skuOf = this.#skus();
      const tags = new Map<string, string[]>();
      for (const epc of of) {
        const sku = skuOf.get(epc);
        if (sku !== undefined) tags.set(sku, [...(tags.get(sku) ?? []), epc]);
      }
      const stock = new Map([...tags].map(([sku, epcs]) => [sku, epcs.length]));
      this.#counted = { of, catalog, stock, tags };
    }
    return this.#counted;
  }
  isEmpty(): boolean | null {
    return this.#present === null ? null : this.#present.size === 0;
  }
  capacity(): 'fits' {
    return 'fits';
  }
  vanished(): number {
    return 0;
  }
  unheard(): number {
    return 0;
  }
  betweenVisits(): unknown {
    return null;
  }
  recallBetweenVisits(): void {
    // Nothing between visits is ever in doubt here.
  }
  unnamed(): readonly UnnamedGoods[] {
    return [];
  }

  #missing(): string[] {
    return this.#baseline.filter((epc) => this.#present?.has(epc) === false);
  }
  #nobodys(): string[] {
    return this.#taken.filter((epc) => this.#unwatched.has(epc));
  }

  #skus(): ReadonlyMap<string, string> {
    const catalog = this.#catalog();
    if (catalog !== this.#known.catalog)
      this.#known = { catalog, skuOf: new Map(catalog?.tags.map(({ epc, sku }) => [epc, sku])) };
    return this.#known.skuOf;
  }

  #linesOf(epcs: readonly string[]): InventoryLine[] {
    const skuOf = this.#skus();
    const counts = new Map<string, number>();
    for (const epc of epcs) {
      const sku = skuOf.get(epc);
      if (sku !== undefined) counts.set(sku, (counts.get(sku) ?? 0) + 1);
    }
    return [...counts].map(([sku, quantity]) => ({ sku, quantity, confidence: 1, sources: ['tags'] }));
  }
}
