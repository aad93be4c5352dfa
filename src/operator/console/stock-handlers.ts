import { ok } from '../../shared/result.ts';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import { readCabinetStock } from '../fleet/stock.ts';
import type { Db } from '../storage/storage.ts';
import type { ConsoleHandlers } from './handlers.ts';
import type { SearchParts } from './search.ts';

export interface StockParts {
  readonly db: Db;
  readonly served: SearchParts['served'];
}

/** What lies in cabinets. */
export function stockHandlers({ db, served }: StockParts): Pick<ConsoleHandlers, 'stock'> {
  return {
    stock: async ({ params: { cabinetId } }) => ok(await readCabinetStock(db, cabinetId, nameIn(served))),
  };
}

/** Names as they are sold now. */
export function nameIn({
  catalog,
}: Pick<SearchParts['served'], 'catalog'>): (sku: string) => LocalText | null {
  const names = new Map(catalog.products.map(({ sku, name }) => [sku, name]));
  return (sku) => names.get(sku) ?? null;
}
