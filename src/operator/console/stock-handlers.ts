import { ok } from '../../shared/result.ts';
import type { LocalText } from '../../shared/model/catalog.schema.ts';
import { putPlan } from '../fleet/planograms.ts';
import { type StockReading, readCabinetStock } from '../fleet/stock.ts';
import type { ConsoleHandlers } from './handlers.ts';
import { someone } from './staff-handlers.ts';
import type { StaffKeys } from '../staff/seal.ts';
import type { SearchParts } from './search.ts';

export interface StockParts extends StockReading {
  readonly keys: StaffKeys;
  readonly served: SearchParts['served'];
}

/** What lies in cabinets. */
export function stockHandlers(parts: StockParts): Pick<ConsoleHandlers, 'stock' | 'putPlan'> {
  const { served } = parts;
  return {
    putPlan: ({ who, params, body }) => putPlan(parts, someone(who), { ...params, ...body }),
    stock: async ({ params: { cabinetId } }) => ok(await readCabinetStock(parts, cabinetId, nameIn(served))),
  };
}

/** Names as they are sold now. */
export function nameIn({
  catalog,
}: Pick<SearchParts['served'], 'catalog'>): (sku: string) => LocalText | null {
  const names = new Map(catalog.products.map(({ sku, name }) => [sku, name]));
  return (sku) => names.get(sku) ?? null;
}
