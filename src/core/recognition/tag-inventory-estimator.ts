import { z } from 'zod';
import { pieceCountMax } from '../../shared/model/basket.ts';
import { type CapacityVerdict, finalEpsilon, judgeCapacity } from '../../shared/reading-capacity.ts';
import { type Catalog, epcSchema, skuSchema } from '../../shared/model/catalog.schema.ts';
import { type TagLookup, makeTagLookup } from '../basket/tag-lookup.ts';
import {
  type BaselineInventory,
  type Estimate,
  type FinalEstimate,
  type InventoryLine,
  makeBaseline,
} from './inventory.ts';
import type { InventoryEstimator, Observation } from './inventory-estimator.ts';
import { PresenceEstimator, liveEpsilon } from './presence.ts';

/** Without a report for this long the reader is not believed to see the shelf, ms (a sweep comes every 2 s). */
const readerQuietMaxMs = 3_500;
/** A reader that was received for less of the time after the door closed has given no final reading. */
const readingShareMin = 0.5;
/** Confidence in what the final reading leaves open. */
const unsureConfidence = 0.5;

/** So many tags, and this share of the baseline, that fall silent at one instant may have a common cause. */
const togetherCountMin = 4;
const togetherShareMin = 0.5;

/** So much more than is there must fit before a cabinet that was beyond its reader's capacity counts as within it. */
const capacityMargin = 1.1;

/** The tags of the baseline, and which of them were last said to be taken. */
const memorySchema = z.object({
  tags: z.array(z.object({ epc: epcSchema, sku: skuSchema.nullable() })).max(pieceCountMax),
  taken: z.array(epcSchema).max(pieceCountMax),
});

/** The inventory by RFID tags: each tag is one piece, and is present as long as the reader reads it. */
export class TagInventoryEstimator implements InventoryEstimator {
  readonly #catalog: () => Catalog | null;
  readonly #presence = new PresenceEstimator();
  /** Article of each tag of the baseline. */
  #baseline: ReadonlyMap<string, string | null> = new Map();
  #taken: ReadonlySet<string> = new Set();
  /** Since the program goes on with a visit: tags of the baseline that have not been heard; nobody watched them. */
  readonly #unwatched = new Set<string>();
  /** Tags of no product that were put in during a visit: somebody's own things, nobody's loss when they leave. */
  readonly #ownThings = new Set<string>();
  #lastReportMs = Number.NEGATIVE_INFINITY;
  #isDoorShut = false;
  /** Listening time at which the door was last shut, and at which the final reading began. */
  #shutMark = 0;
  #finalMark = 0;
  #finalStartMs = Number.NEGATIVE_INFINITY;
  #isBeyond = false;
  #counted: { readonly catalog: Catalog; readonly skus: readonly string[] } | null = null;
  #lookup: { readonly catalog: Catalog; readonly skuOf: TagLookup } | null = null;

  constructor(catalog: () => Catalog | null) {
    this.#catalog = catalog;
  }

  observe(observation: Observation): void {
    if (observation.kind === 'tags') {
      this.#lastReportMs = observation.atMs;
      this.#presence.observe(observation.reads, observation.readerMs);
      for (const { epc } of observation.reads) this.#unwatched.delete(epc);
    } else if (observation.kind === 'door') {
      // What was read before may have left while it was open.
      const isShut = observation.door === 'closed';
      if (isShut && !this.#isDoorShut) this.#shutMark = this.#presence.listeningMs;
      this.#isDoorShut = isShut;
    }
  }

  isAlive(nowMs: number): boolean {
    return nowMs - this.#lastReportMs < readerQuietMaxMs;
  }

  baseline({ force, nowMs }: { force: boolean; nowMs: number }): BaselineInventory | null {
    const catalog = this.#catalog();
    const { present, settled } = this.#presence.inventorySince(this.#shutMark);
    if (catalog === null || !this.isAlive(nowMs) || !(settled || force)) return null;
    this.#baseline = new Map(present.sort().map((epc) => [epc, this.#skuOf(epc)]));
    this.#taken = new Set();
    this.#unwatched.clear();
    for (const epc of this.#ownThings) if (!this.#baseline.has(epc)) this.#ownThings.delete(epc);
    return makeBaseline(this.#linesOf(present, 1 - liveEpsilon), catalog);
  }

  capacity(): CapacityVerdict | null {
    const { readsPerS } = this.#presence;
    if (readsPerS === null) return null;
    const count = this.#presence.present().length;
    // Once beyond, some room is asked for, so that noise of the measurement does not open and shut the way in.
    const asked = this.#isBeyond ? Math.ceil(count * capacityMargin) : count;
    const verdict = judgeCapacity(asked, readsPerS);
    this.#isBeyond = verdict === 'beyond';
    return verdict;
  }

  stock(nowMs: number): ReadonlyMap<string, number> | null {
    const catalog = this.#catalog();
    const { present, settled } = this.#presence.inventorySince(this.#shutMark);
    if (catalog === null || !this.#isDoorShut || !settled || !this.isAlive(nowMs)) return null;
    const stock = new Map(this.#countable(catalog).map((sku) => [sku, 0]));
    for (const epc of present) {
      const sku = this.#skuOf(epc);
      const count = sku === null ? undefined : stock.get(sku);
      if (sku !== null && count !== undefined) stock.set(sku, count + 1);
    }
    return stock;
  }

  /** Products each piece of which is known by its tag: there are tags for it, and the catalogue says nothing else of them. */
  #countable(catalog: Catalog): readonly string[] {
    if (this.#counted?.catalog === catalog) return this.#counted.skus;
    const tagged = new Set(catalog.tags.map(({ sku }) => sku));
    const unclear = new Set(
      catalog.tags.filter(({ epc, sku }) => this.#skuOf(epc) !== sku).map(({ sku }) => sku),
    );
    const gtins = catalog.products.map(({ gtin }) => gtin);
    const skus = catalog.products
      .filter(({ sku, gtin }) => {
        if (gtin === undefined) return tagged.has(sku);
        return gtins.indexOf(gtin) === gtins.lastIndexOf(gtin);
      })
      .map(({ sku }) => sku)
      .filter((sku) => !unclear.has(sku));
    this.#counted = { catalog, skus };
    return skus;
  }

  estimate(): Estimate {
    const taken = [...this.#baseline.keys()].filter((epc) => {
      const presence = this.#presence.presence(epc);
      return presence === 'absent' || (presence === 'unsure' && this.#taken.has(epc));
    });
    this.#taken = new Set(taken);
    const added = this.#presence.present().filter((epc) => !this.#baseline.has(epc));
    for (const epc of added) {
      if (this.#skuOf(epc) === null && this.#ownThings.size < pieceCountMax) this.#ownThings.add(epc);
    }
    const confidence = 1 - liveEpsilon;
    return {
      taken: this.#linesOf(taken, confidence),
      added: this.#linesOf(added, confidence),
      ...this.#unwatchedOf(taken),
    };
  }

  startFinal(nowMs: number): void {
    this.#finalMark = this.#presence.listeningMs;
    this.#finalStartMs = nowMs;
  }

  final({ force, nowMs }: { force: boolean; nowMs: number }): FinalEstimate | null {
    const goods = [...this.#baseline.keys()].filter((epc) => !this.#ownThings.has(epc));
    const answers = goods.map(
      (epc) => [epc, this.#presence.finalPresence(epc, this.#finalMark, this.#taken.has(epc))] as const,
    );
    const silent = answers.filter(([, presence]) => presence === 'absent').map(([epc]) => epc);
    const unsure = answers.filter(([, presence]) => presence === 'unsure').map(([epc]) => epc);
    if (unsure.length > 0 && !force) return null;
    // Nothing at all was received since the door closed, or too little to tell: that is no reading.
    if (!this.hearsFinal(nowMs) && (unsure.length > 0 || this.#finalListenedMs === 0)) return null;
    const count = Math.max(togetherCountMin, this.#baseline.size * togetherShareMin);
    const together = this.#presence.silentTogether(silent, count);
    const absent = silent.filter((epc) => !together.has(epc));
    const doubtful = [...unsure, ...together];
    const unseen = doubtful.filter((epc) => !this.#taken.has(epc));
    const shown = doubtful.filter((epc) => this.#taken.has(epc));
    return {
      absent: this.#linesOf(absent, 1 - finalEpsilon),
      unsure: this.#linesOf(shown, unsureConfidence),
      ...(unseen.length === 0 ? {} : { unseen: this.#linesOf(unseen, unsureConfidence) }),
      ...this.#unwatchedOf(absent),
    };
  }

  hearsFinal(nowMs: number): boolean {
    const listenedMs = this.#finalListenedMs;
    return listenedMs > 0 && listenedMs >= (nowMs - this.#finalStartMs) * readingShareMin;
  }

  get #finalListenedMs(): number {
    return this.#presence.listeningMs - this.#finalMark;
  }

  #unwatchedOf(epcs: readonly string[]): { unwatched?: InventoryLine[] } {
    const unwatched = epcs.filter((epc) => this.#unwatched.has(epc));
    return unwatched.length === 0 ? {} : { unwatched: this.#linesOf(unwatched, 1 - liveEpsilon) };
  }

  memory(): z.infer<typeof memorySchema> {
    return {
      tags: [...this.#baseline].map(([epc, sku]) => ({ epc, sku })),
      taken: [...this.#taken],
    };
  }

  restore(memory: unknown, isUnwatched = false): boolean {
    const parsed = memorySchema.safeParse(memory);
    if (!parsed.success) return false;
    this.#baseline = new Map(parsed.data.tags.map(({ epc, sku }) => [epc, sku]));
    this.#taken = new Set(parsed.data.taken);
    this.#unwatched.clear();
    for (const epc of this.#baseline.keys()) {
      if (isUnwatched && !this.#taken.has(epc)) this.#unwatched.add(epc);
    }
    return true;
  }

  /** One line for each article, in the order of their names; what no catalogue knows comes last. */
  #linesOf(epcs: readonly string[], confidence: number): InventoryLine[] {
    const quantities = new Map<string | null, number>();
    for (const epc of epcs) {
      const known = this.#baseline.get(epc);
      const sku = known === undefined ? this.#skuOf(epc) : known;
      quantities.set(sku, (quantities.get(sku) ?? 0) + 1);
    }
    const skus = [...quantities.keys()].filter((sku) => sku !== null).sort();
    return [...skus, null].flatMap((sku) => {
      const quantity = quantities.get(sku) ?? 0;
      return quantity === 0 ? [] : [{ sku, quantity, confidence, sources: ['tags' as const] }];
    });
  }

  #skuOf(epc: string): string | null {
    const catalog = this.#catalog();
    if (catalog === null) return null;
    if (this.#lookup?.catalog !== catalog) this.#lookup = { catalog, skuOf: makeTagLookup(catalog) };
    return this.#lookup.skuOf(epc)?.sku ?? null;
  }
}
