import type { GoodsCheck, GoodsCheckRequest, GoodsFilePictures } from '../../shared/console/goods.schema.ts';
import { differenceOf } from '../catalog-import/differences.ts';
import { readGoods } from '../catalog-import/read-goods.ts';
import { isZip, readTable } from '../catalog-import/table.ts';
import { readXlsxPictures } from '../catalog-import/xlsx-pictures.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';

/**
 * What a spreadsheet of goods would make, and what is wrong in it; nothing is changed. Never throws for what is in it. `served`: the
 * same as it would be served; null: nothing is made.
 */
export function checkGoods(
  { catalog: before }: ServedCatalog,
  { version, file, pictures = [], rowPictures = [] }: GoodsCheckRequest,
): { readonly check: GoodsCheck; readonly served: ServedCatalog | null } {
  const nothing = { unreadable: null, problems: [], warnings: [], made: null };
  const table = readTable(Buffer.from(file, 'base64'));
  if (!table.ok) return { check: { ...nothing, unreadable: table.error.message }, served: null };
  const { served, problems, warnings } = readGoods(
    table.value,
    { version, currency: before.currency },
    before,
    { pictures, rowPictures },
  );
  if (served === null) return { check: { ...nothing, problems, warnings }, served };
  const { catalog } = served;
  const made = {
    ...differenceOf(before, catalog),
    articles: catalog.products.length,
    file: `${JSON.stringify(catalog, null, 2)}\n`,
  };
  return { check: { unreadable: null, problems, warnings, made }, served };
}

/** The pictures in a spreadsheet; a CSV has none. */
export function picturesInFile({ file }: Pick<GoodsCheckRequest, 'file'>): GoodsFilePictures {
  const bytes = Buffer.from(file, 'base64');
  const none = { unreadable: null, pictures: [], rows: [], left: [] };
  if (!isZip(bytes)) return none;
  const found = readXlsxPictures(bytes);
  return found.ok ? found.value : { ...none, unreadable: found.error.message };
}
