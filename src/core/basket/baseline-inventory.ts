import { z } from 'zod';
import { type Catalog, epcSchema, productSchema, skuSchema } from '../../shared/model/catalog.schema.ts';
import { makeTagLookup } from './tag-lookup.ts';

/**
 * What stood in the cabinet when it was unlocked, with the names and prices of that moment: the baseline of the visit.
 * Only what is in here can be billed to this shopper. It is journaled with the visit.
 */
export const baselineInventorySchema = z.object({
  catalogVersion: z.string(),
  products: z.array(productSchema).max(500),
  tags: z.array(z.object({ epc: epcSchema, sku: skuSchema.nullable() })).max(5_000),
});
export type BaselineInventory = z.infer<typeof baselineInventorySchema>;

/** Freezes the tags that are present now, with the catalogue as it is now. */
export function takeBaseline(presentEpcs: readonly string[], catalog: Catalog): BaselineInventory {
  const lookup = makeTagLookup(catalog);
  const tags = [...presentEpcs].sort().map((epc) => ({ epc, sku: lookup(epc)?.sku ?? null }));
  const needed = new Set(tags.map((t) => t.sku));
  return {
    catalogVersion: catalog.version,
    products: catalog.products.filter((p) => needed.has(p.sku)),
    tags,
  };
}
