import { stateOfLot } from '../../core/stock/lots.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { GoodsOrder } from '../../shared/model/goods-order.schema.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import type { ShelfPhotos } from '../goods/shelf-photos.ts';
import type { PlanKeeper } from '../stock/plan-keeper.ts';
import type { RestockKeeper } from '../stock/restock-keeper.ts';
import { differencesFile } from '../stock/differences-file.ts';
import { type StockLedger, differencesKept } from '../stock/stock-ledger.ts';
import type { SavedFile } from '../support/stick-file.ts';
import type { Outcome } from './outcome.ts';
import { ownOf } from '../../shared/util/own.ts';

type OpenView = Extract<ServiceView, { screen: 'open' }>;
type OrderOf<A extends GoodsOrder['act']> = Extract<GoodsOrder, { act: A }>;

/** Of the goods that were other than they should be: the newest. */
const shownDifferences = 40;

/** What a restock wants of the rest of service mode. */
export interface RestockHands {
  readonly actor: string;
  /** The door was opened since the goods were counted: there may be more of them. */
  readonly isOpened: boolean;
  /** Releases the bolt for the staff. */
  readonly open: () => Promise<Outcome>;
  /** What lies inside now is right. */
  readonly accept: () => Outcome;
}
type Orders = {
  readonly [A in GoodsOrder['act']]: (order: OrderOf<A>, hands: RestockHands) => Outcome | Promise<Outcome>;
};

export interface GoodsOrdersOptions {
  readonly ledger: Pick<
    StockLedger,
    'accept' | 'addLot' | 'removeLot' | 'book' | 'differences' | 'today' | 'expired'
  >;
  readonly plans: Pick<
    PlanKeeper,
    'inForce' | 'draft' | 'problem' | 'apply' | 'places' | 'move' | 'undoMove' | 'settle'
  >;
  readonly restock: RestockKeeper;
  readonly photos: Pick<ShelfPhotos, 'take' | 'undo' | 'end' | 'view'>;
  readonly catalog: () => Catalog | null;
  /** What lies inside, by SKU, behind the shut door; null: not settled. */
  readonly counted: () => ReadonlyMap<string, number> | null;
  readonly cabinetId: string;
  /** Onto a USB stick; answers the name that it has there. */
  readonly saveFile: (ending: string, bytes: Uint8Array) => Promise<SavedFile>;
  readonly tellStaff: (detail: string) => void;
  readonly nowMs: () => number;
}

/** What restockers say of goods, and what they see of them; judged and put on record by whoever calls. */
export class GoodsOrders {
  readonly #o: GoodsOrdersOptions;
  readonly #orders: Orders;
  #scanned: OpenView['scanned'] = null;

  constructor(options: GoodsOrdersOptions) {
    this.#o = options;
    const { ledger, restock, plans, photos, nowMs } = options;
    this.#orders = {
      addLot: ({ lot }, { isOpened }) => {
        if (!this.#isSold(lot.sku)) return { outcome: 'refused', detail: 'unknown' };
        // The count before the door opens would find no such pieces, and forget their day.
        if (!isOpened && this.#undatedOf(lot.sku) < lot.count)
          return { outcome: 'refused', detail: 'not_inside' };
        return outcomeOf(ledger.addLot(lot, ledger.today));
      },
      removeLot: ({ lot }) => outcomeOf(ledger.removeLot(lot)),
      beginRestock: async (_, { actor, open }) => {
        // On the disk before the bolt moves: a power cut finds it.
        const begun = outcomeOf(restock.begin(actor, nowMs()));
        return begun.outcome === 'done' ? open() : begun;
      },
      nextRestock: (_, hands) => this.#next(hands),
      breakOffRestock: () => {
        const { current } = restock;
        return { ...outcomeOf(restock.breakOff()), data: { brokenOff: current } };
      },
      moveProduct: ({ act: _, ...wanted }, { actor }) => movedOutcome(plans.move(wanted, actor)),
      undoMove: () => movedOutcome(plans.undoMove()),
      saveDifferences: () => this.#saveDifferences(),
      takePhoto: async ({ camera, slot, sku }) => {
        if (sku !== null && !this.#isSold(sku)) return { outcome: 'refused', detail: 'unknown' };
        const taken = await photos.take(camera, slot, sku);
        return { ...outcomeOf(taken), data: taken.ok ? { photos: taken.value } : {} };
      },
      undoPhoto: () => {
        const undone = photos.undo();
        return { ...outcomeOf(undone), data: undone.ok ? { photos: undone.value } : {} };
      },
    };
  }

  /** Somebody has signed in. */
  begin(): void {
    this.#scanned = null;
  }

  /** Nobody is signed in any more. */
  end(): void {
    this.#o.photos.end();
  }

  perform<A extends GoodsOrder['act']>(order: OrderOf<A>, hands: RestockHands): Promise<Outcome> {
    return Promise.resolve(this.#orders[order.act](order, hands));
  }

  /** What lies inside is right, and what was moved counts: both, or neither. */
  accept(counted: ReadonlyMap<string, number>): ReturnType<PlanKeeper['settle']> {
    const { ledger, plans } = this.#o;
    return ledger.accept(counted, () => plans.settle());
  }

  /** A bar code was held before the scanner: the product that carries it. False: it is none. */
  scanned(text: string): boolean {
    const digits = text.trim();
    if (!/^\d{8,14}$/.test(digits)) return false;
    // The same article with and without the zeros in front (GTIN-8 to GTIN-14).
    const isIt = (gtin = ''): boolean => gtin !== '' && gtin.padStart(14, '0') === digits.padStart(14, '0');
    const product = this.#o.catalog()?.products.find(({ gtin }) => isIt(gtin));
    this.#scanned = { text: digits, sku: product?.sku ?? null, seq: (this.#scanned?.seq ?? 0) + 1 };
    return true;
  }

  view(): Pick<
    OpenView,
    'products' | 'lots' | 'scanned' | 'differences' | 'restock' | 'plan' | 'places' | 'photos'
  > {
    const { ledger, catalog, restock } = this.#o;
    const products = (catalog()?.products ?? []).map(({ sku, name }) => ({ sku, name }));
    const names = new Map(products.map(({ sku, name }) => [sku, name]));
    const nameOf = (sku: string) => names.get(sku) ?? null;
    const { today } = ledger;
    const { current } = restock;
    return {
      products,
      lots: (ledger.book()?.lots ?? []).map((lot) => ({
        ...lot,
        name: nameOf(lot.sku),
        state: stateOfLot(lot, today),
      })),
      scanned: this.#scanned,
      differences: ledger.differences(shownDifferences).map((one) => ({ ...one, name: nameOf(one.sku) })),
      restock: current && { ...current, isInterrupted: restock.isInterrupted },
      plan: this.#plan(nameOf),
      places: this.#places(nameOf),
      photos: this.#o.photos.view(),
    };
  }

  #plan(nameOf: (sku: string) => OpenView['products'][number]['name'] | null): OpenView['plan'] {
    const { plans, counted } = this.#o;
    const draft = plans.draft();
    const problem = plans.problem();
    // The newer one, unless it cannot be filled here.
    const plan = draft !== null && problem === null ? draft : plans.inForce();
    if (plan === null && draft === null) return null;
    const now = counted();
    return {
      version: plan?.version ?? null,
      draftVersion: draft?.version ?? null,
      problem,
      lines: (plan?.slots ?? []).map((slot) => ({
        ...slot,
        name: nameOf(slot.sku),
        now: now?.get(slot.sku) ?? null,
      })),
    };
  }

  /** All that are kept here: the operator has older ones. */
  async #saveDifferences(): Promise<Outcome> {
    const { ledger, catalog, cabinetId, saveFile } = this.#o;
    const differences = ledger.differences(differencesKept);
    const products = new Map((catalog()?.products ?? []).map(({ sku, name }) => [sku, name]));
    const file = differencesFile(cabinetId, differences, (sku) => products.get(sku) ?? null);
    const saved = await saveFile('-differences.csv', file);
    if (!saved.ok) return { outcome: 'failed', detail: saved.error.code };
    return { outcome: 'done', detail: saved.value, data: { differences: differences.length } };
  }

  #places(nameOf: (sku: string) => OpenView['products'][number]['name'] | null): OpenView['places'] {
    const places = this.#o.plans.places();
    if (places === null) return null;
    const moveOf = new Map(places.moves.map((move) => [move.sku, move]));
    return places.planned.map(({ sku, slot }) => {
      const move = moveOf.get(sku);
      return {
        ...{ sku, name: nameOf(sku), planned: slot, isWaiting: places.waiting.has(sku) },
        slot: move === undefined ? slot : move.slot,
        moved: move === undefined ? null : { by: move.by, atMs: move.atMs },
      };
    });
  }

  #next({ actor, accept }: RestockHands): Outcome {
    const { restock, plans, ledger, counted, tellStaff } = this.#o;
    const expiredCount = [...ledger.expired().values()].reduce((sum, count) => sum + count, 0);
    const step = restock.current?.step;
    const data: Record<string, unknown> = { step, plan: plans.inForce()?.version ?? null };
    if (step === 'plan' && plans.draft() !== null) {
      const problem = plans.problem();
      const applied = problem === null ? plans.apply() : null;
      if (applied?.ok === false) return { outcome: 'failed', detail: 'storage' };
      // The one before goes on to count; who has drawn it up hears of it.
      if (problem !== null) tellStaff(`planogram_does_not_fit: ${problem}`);
      Object.assign(data, { plan: plans.inForce()?.version ?? null, problem });
    }
    if (step === 'count') {
      const accepted = accept();
      if (accepted.outcome !== 'done') return accepted;
      Object.assign(data, accepted.data, { toPlan: this.#differencesToPlan() });
    }
    return { ...outcomeOf(restock.next(actor, { expiredCount, isCounted: counted() !== null })), data };
  }

  #isSold(wanted: string): boolean {
    return this.#o.catalog()?.products.some(({ sku }) => sku === wanted) === true;
  }

  /** How many lie there in no lot. */
  #undatedOf(sku: string): number {
    const { counts = {}, lots = [] } = this.#o.ledger.book() ?? {};
    const dated = lots.reduce((sum, lot) => (lot.sku === sku ? sum + lot.count : sum), 0);
    return (ownOf(counts, sku) ?? 0) - dated;
  }

  /** By how much each article of the plan is other than it wants, as it was counted. */
  #differencesToPlan(): Readonly<Record<string, number>> {
    const { plans, counted } = this.#o;
    const now = counted();
    const slots = plans.inForce()?.slots ?? [];
    const differing = slots.map(({ sku, target }) => [sku, (now?.get(sku) ?? 0) - target] as const);
    return Object.fromEntries(differing.filter(([, by]) => by !== 0));
  }
}

/** On record with where each article stood, and where it stands then. */
function movedOutcome(moved: ReturnType<PlanKeeper['move']> | ReturnType<PlanKeeper['undoMove']>): Outcome {
  return { ...outcomeOf(moved), data: moved.ok ? { places: moved.value } : {} };
}

type Done = { readonly ok: true } | { readonly ok: false; readonly error: { readonly code: string } };
function outcomeOf(done: Done): Outcome {
  if (done.ok) return { outcome: 'done' };
  return { outcome: 'refused', detail: done.error.code.startsWith('storage') ? 'storage' : done.error.code };
}
