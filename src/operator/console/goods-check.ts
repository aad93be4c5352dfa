import type { GoodsCheck, GoodsCheckRequest } from '../../shared/console/goods.schema.ts';
import { differenceOf } from '../catalog-import/differences.ts';
import { readGoods } from '../catalog-import/read-goods.ts';
import { readTable } from '../catalog-import/table.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';

/** What a spreadsheet of goods would make, and what is wrong in it; nothing is changed. Never throws for what is in it. */
export function checkGoods(
  { catalog: before }: ServedCatalog,
  { version, file, pictures = [] }: GoodsCheckRequest,
): GoodsCheck {
  const table = readTable(Buffer.from(file, 'base64'));
  if (!table.ok) return { unreadable: table.error.message, problems: [], warnings: [], made: null };
  const { catalog, problems, warnings } = readGoods(
    table.value,
    { version, currency: before.currency },
    before,
    pictures,
  );
  if (catalog === null) return { unreadable: null, problems, warnings, made: null };
  const made = {
    ...differenceOf(before, catalog),
    articles: catalog.products.length,
    file: `${JSON.stringify(catalog, null, 2)}\n`,
  };
  return { unreadable: null, problems, warnings, made };
}
