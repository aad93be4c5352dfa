import { makeTagLookup } from '../../core/basket/tag-lookup.ts';
import type { Placing } from '../../core/service/heat-map.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';

/** Which article each tag hangs on, by this catalogue, and where the plan in force wants it. */
export function placingOf(catalog: Catalog | null, slots: Placing['slots']): Placing {
  const lookup = catalog === null ? null : makeTagLookup(catalog);
  const names = new Map(catalog?.products.map(({ sku, name }) => [sku, name]));
  return {
    slots,
    nameOf: (sku) => names.get(sku) ?? null,
    skuOf: (epc) => lookup?.(epc)?.sku ?? null,
  };
}
