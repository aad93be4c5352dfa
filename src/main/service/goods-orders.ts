import { stateOfLot } from '../../core/stock/lots.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { GoodsOrder } from '../../shared/model/goods-order.schema.ts';
import type { ServiceView } from '../../shared/model/service.schema.ts';
import type { StockLedger } from '../stock/stock-ledger.ts';
import type { Outcome } from './outcome.ts';

type OpenView = Extract<ServiceView, { screen: 'open' }>;
type OrderOf<A extends GoodsOrder['act']> = Extract<GoodsOrder, { act: A }>;
type Orders = { readonly [A in GoodsOrder['act']]: (order: OrderOf<A>) => Outcome };

/** Of the goods that were other than they should be: the newest. */
const shownDifferences = 40;

export interface GoodsOrdersOptions {
  readonly ledger: Pick<StockLedger, 'addLot' | 'removeLot' | 'book' | 'differences' | 'today'>;
  readonly catalog: () => Catalog | null;
}

/** What restockers say of goods, and what they see of them; judged and put on record by whoever calls. */
export class GoodsOrders {
  readonly #o: GoodsOrdersOptions;
  readonly #orders: Orders;
  #scanned: OpenView['scanned'] = null;

  constructor(options: GoodsOrdersOptions) {
    this.#o = options;
    const { ledger, catalog } = options;
    this.#orders = {
      addLot: ({ lot }) => {
        const isSold = catalog()?.products.some(({ sku }) => sku === lot.sku) === true;
        return isSold
          ? outcomeOf(ledger.addLot(lot, ledger.today))
          : { outcome: 'refused', detail: 'unknown' };
      },
      removeLot: ({ lot }) => outcomeOf(ledger.removeLot(lot)),
    };
  }

  /** Somebody has signed in. */
  begin(): void {
    this.#scanned = null;
  }

  perform<A extends GoodsOrder['act']>(order: OrderOf<A>): Promise<Outcome> {
    return Promise.resolve(this.#orders[order.act](order));
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

  view(): Pick<OpenView, 'products' | 'lots' | 'scanned' | 'differences'> {
    const { ledger, catalog } = this.#o;
    const products = (catalog()?.products ?? []).map(({ sku, name }) => ({ sku, name }));
    const names = new Map(products.map(({ sku, name }) => [sku, name]));
    const nameOf = (sku: string) => names.get(sku) ?? null;
    const { today } = ledger;
    return {
      products,
      lots: (ledger.book()?.lots ?? []).map((lot) => ({
        ...lot,
        name: nameOf(lot.sku),
        state: stateOfLot(lot, today),
      })),
      scanned: this.#scanned,
      differences: ledger.differences(shownDifferences).map((one) => ({ ...one, name: nameOf(one.sku) })),
    };
  }
}

function outcomeOf(done: ReturnType<StockLedger['addLot']>): Outcome {
  if (done.ok) return { outcome: 'done' };
  return { outcome: 'refused', detail: done.error.code.startsWith('storage') ? 'storage' : done.error.code };
}
