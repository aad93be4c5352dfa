import type { Catalog } from '../../shared/model/catalog.schema.ts';
import {
  type BaselineInventory,
  type InventoryLine,
  makeBaseline,
} from '../../core/recognition/inventory.ts';

/** The lines that an estimator makes of these tags, by the table of tags of the catalogue. */
export function linesOfTags(epcs: readonly string[], { tags }: Catalog): InventoryLine[] {
  const skuOf = new Map(tags.map(({ epc, sku }) => [epc, sku]));
  const skus = [...new Set(epcs)].map((epc) => skuOf.get(epc) ?? null);
  return [...new Set(skus)].map((sku) => ({
    sku,
    quantity: skus.filter((other) => other === sku).length,
    confidence: 1,
    sources: ['tags'],
  }));
}

/** The baseline of a cabinet with these tags in it. */
export function baselineOfTags(epcs: readonly string[], catalog: Catalog): BaselineInventory {
  return makeBaseline(linesOfTags(epcs, catalog), catalog);
}
