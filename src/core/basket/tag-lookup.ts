import { decodeSgtin96, normalGtin } from '../../shared/epc.ts';
import type { Catalog, Product } from '../../shared/model/catalog.schema.ts';
import { type UnnamedGoods, unnamedGoods } from '../../shared/model/unnamed-goods.ts';

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
  const named = makeNaming(catalog);
  return (epc) => {
    const found = named(epc);
    return typeof found === 'string' ? null : found;
  };
}

/** Why these tags hang on no product, each reason once. Tags that do are left out. */
export function unnamedOf(
  catalog: Pick<Catalog, 'tags' | 'products'>,
  epcs: readonly string[],
): UnnamedGoods[] {
  const named = makeNaming(catalog);
  const found = new Set(epcs.map(named));
  return unnamedGoods.filter((reason) => found.has(reason));
}

/** The product of a tag, or why it has none. */
function makeNaming(catalog: Pick<Catalog, 'tags' | 'products'>): (epc: string) => Product | UnnamedGoods {
  const productOf = new Map<string, Product | UnnamedGoods>();
  for (const product of catalog.products) {
    const known = productOf.get(product.sku);
    const isAlike =
      known === undefined || (typeof known !== 'string' && known.priceMinor === product.priceMinor);
    productOf.set(product.sku, isAlike ? product : 'goods_at_two_prices');
  }
  const skuOf = new Map<string, string | null>();
  for (const { epc, sku } of catalog.tags) {
    const number = tagNumberOf(epc);
    const known = skuOf.get(number);
    skuOf.set(number, known === undefined || known === sku ? sku : null);
  }
  const byGtin = new Map<string, Product | UnnamedGoods>();
  for (const product of catalog.products) {
    const gtin = product.gtin === undefined ? null : normalGtin(product.gtin);
    if (gtin === null) continue;
    const known = byGtin.get(gtin);
    byGtin.set(gtin, known === undefined ? product : contradictionOf(known, product));
  }
  return (epc) => {
    const number = tagNumberOf(epc);
    const sku = skuOf.get(number);
    if (sku === null) return 'goods_of_two_products';
    if (sku !== undefined) return productOf.get(sku) ?? 'goods_of_no_product';
    if (byGtin.size === 0) return 'goods_of_no_product';
    const tag = decodeSgtin96(number);
    return (tag.ok ? byGtin.get(tag.value.gtin) : undefined) ?? 'goods_of_no_product';
  };
}

/** What two entries of one GTIN say of the goods that carry it. */
function contradictionOf(known: Product | UnnamedGoods, product: Product): UnnamedGoods {
  if (typeof known === 'string') return known;
  return known.sku === product.sku ? 'goods_at_two_prices' : 'goods_of_two_products';
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
