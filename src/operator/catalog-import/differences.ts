import { tagNumberOf } from '../../core/basket/tag-lookup.ts';
import type { Catalog, Product } from '../../shared/model/catalog.schema.ts';
import { priceText } from './read-goods.ts';

/** What a new catalogue changes of the one in force. */
export interface CatalogDifference {
  readonly added: readonly string[];
  readonly gone: readonly string[];
  readonly prices: readonly {
    readonly sku: string;
    readonly beforeMinor: number;
    readonly afterMinor: number;
  }[];
  readonly tags: { readonly before: number; readonly after: number };
}

export function differenceOf(before: Catalog | null, after: Catalog): CatalogDifference {
  const [was, is] = [before?.products ?? [], after.products].map(
    (products) => new Map(products.map(({ sku, priceMinor }) => [sku, priceMinor as number])),
  ) as [Map<string, number>, Map<string, number>];
  return {
    added: [...is.keys()].filter((sku) => !was.has(sku)),
    gone: [...was.keys()].filter((sku) => !is.has(sku)),
    prices: [...is].flatMap(([sku, afterMinor]) => {
      const beforeMinor = was.get(sku);
      return beforeMinor === undefined || beforeMinor === afterMinor
        ? []
        : [{ sku, beforeMinor, afterMinor }];
    }),
    tags: { before: before?.tags.length ?? 0, after: after.tags.length },
  };
}

/** The same for people who agree to it: whatever makes another bill of the same goods, in words. */
export function changesOf(before: Catalog | null, after: Catalog) {
  const { gone, prices } = differenceOf(before, after);
  const was = new Map(before?.products.map((product) => [product.sku, product]));
  return {
    added: after.products
      .filter(({ sku }) => !was.has(sku))
      .map(({ sku, name, priceMinor }) => `${sku} ${name.zh} ${priceText(priceMinor)}`),
    gone,
    newPrices: prices.map(
      ({ sku, beforeMinor, afterMinor }) => `${sku} ${priceText(beforeMinor)} → ${priceText(afterMinor)}`,
    ),
    otherwise: after.products.flatMap((product) => changesOfOne(was.get(product.sku), product)),
    otherTags: tagChanges(before, after),
  };
}

const nothing = '–';
/** By what goods are known, and what they are called. */
const saidOf: readonly ((product: Product) => string)[] = [
  ({ name }) => name.zh,
  ({ name }) => name.en,
  ({ weightG }) => `${weightG} g`,
  ({ gtin }) => gtin ?? nothing,
];

function changesOfOne(was: Product | undefined, is: Product): string[] {
  if (was === undefined) return [];
  return saidOf.flatMap((said) => (said(was) === said(is) ? [] : [`${is.sku} ${said(was)} → ${said(is)}`]));
}

/** From which article to which, and how many tags: thousands may have come. */
function tagChanges(before: Catalog | null, after: Catalog): string[] {
  const [was, is] = [before?.tags ?? [], after.tags].map(
    (tags) => new Map(tags.map(({ epc, sku }) => [tagNumberOf(epc), sku])),
  ) as [Map<string, string>, Map<string, string>];
  const counts = new Map<string, number>();
  for (const number of new Set([...was.keys(), ...is.keys()])) {
    const change = `${was.get(number) ?? nothing} → ${is.get(number) ?? nothing}`;
    if (was.get(number) !== is.get(number)) counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  return [...counts].map(([change, tags]) => `${change}: ${tags}`);
}
