import { decodeSgtin96, normalGtin } from '../../shared/epc.ts';
import type { Catalog, Product } from '../../shared/model/catalog.schema.ts';

/** The product that a tag hangs on, or null when nothing certain says so. */
export type TagLookup = (epc: string) => Product | null;

/** Hex digits of an SGTIN-96. */
const sgtin96Length = 24;

/**
 * How a tag finds its product: by the catalogue's table of tags; a tag that is not in it, by the GTIN in its number
 * (SGTIN-96). The table wins: a tag in it that names no known product stays unknown. What the catalogue contradicts
 * itself about names nothing: a GTIN that two products claim, a tag on two products, a product that is in it twice
 * and not alike. Such goods are of no product, and a human looks when they leave.
 */
export function makeTagLookup(catalog: Pick<Catalog, 'tags' | 'products'>): TagLookup {
  const productOf = new Map<string, Product | null>();
  for (const product of catalog.products) {
    const known = productOf.get(product.sku);
    const isAlike = known === undefined || known?.priceMinor === product.priceMinor;
    productOf.set(product.sku, isAlike ? product : null);
  }
  const skuOf = new Map<string, string | null>();
  for (const { epc, sku } of catalog.tags) {
    const number = tagNumberOf(epc);
    const known = skuOf.get(number);
    skuOf.set(number, known === undefined || known === sku ? sku : null);
  }
  const byGtin = new Map<string, Product | null>();
  for (const product of catalog.products) {
    const gtin = product.gtin === undefined ? null : normalGtin(product.gtin);
    if (gtin !== null) byGtin.set(gtin, byGtin.has(gtin) ? null : product);
  }
  return (epc) => {
    const number = tagNumberOf(epc);
    const sku = skuOf.get(number);
    if (sku !== undefined) return sku === null ? null : (productOf.get(sku) ?? null);
    if (byGtin.size === 0) return null;
    const tag = decodeSgtin96(number);
    return tag.ok ? (byGtin.get(tag.value.gtin) ?? null) : null;
  };
}

/**
 * A tag whose word count is larger than its number needs is read with zeros behind it: the same SGTIN-96. Of other
 * schemes nobody can say where the number ends.
 */
export function tagNumberOf(epc: string): string {
  const number = epc.slice(0, sgtin96Length);
  const isPadded = epc.length > sgtin96Length && /^0+$/.test(epc.slice(sgtin96Length));
  return isPadded && decodeSgtin96(number).ok ? number : epc;
}
