import { decodeSgtin96, normalGtin } from '../../shared/epc.ts';
import type { Catalog, Product } from '../../shared/model/catalog.schema.ts';

/** The product that a tag hangs on, or null when nothing certain says so. */
export type TagLookup = (epc: string) => Product | null;

/**
 * How a tag finds its product: by the catalogue's table of tags; a tag that is not in it, by the GTIN in its number
 * (SGTIN-96). The table wins: a tag in it that names no known product stays unknown. A GTIN that two products claim names
 * neither.
 */
export function makeTagLookup(catalog: Pick<Catalog, 'tags' | 'products'>): TagLookup {
  const productOf = new Map(catalog.products.map((product) => [product.sku, product]));
  const skuOf = new Map(catalog.tags.map((tag) => [tag.epc, tag.sku]));
  const byGtin = new Map<string, Product | null>();
  for (const product of catalog.products) {
    const gtin = product.gtin === undefined ? null : normalGtin(product.gtin);
    if (gtin !== null) byGtin.set(gtin, byGtin.has(gtin) ? null : product);
  }
  return (epc) => {
    const sku = skuOf.get(epc);
    if (sku !== undefined) return productOf.get(sku) ?? null;
    if (byGtin.size === 0) return null;
    const tag = decodeSgtin96(epc);
    return tag.ok ? (byGtin.get(tag.value.gtin) ?? null) : null;
  };
}
