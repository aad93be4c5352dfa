import type { LocalText } from '../../shared/model/catalog.schema.ts';
import { differenceHead, differenceRow } from '../../shared/node/difference-table.ts';
import type { StockDifference } from '../../shared/model/stock.schema.ts';
import { byteOrderMark, csvOf } from '../../shared/util/csv.ts';

/** Differences of this cabinet as a file for spreadsheets, in the order that they come in. */
export function differencesFile(
  cabinetId: string,
  differences: readonly StockDifference[],
  nameOf: (sku: string) => LocalText | null,
): Buffer {
  const rows = differences.map((one) => differenceRow(cabinetId, { ...one, name: nameOf(one.sku) }));
  return Buffer.from(byteOrderMark + csvOf(differenceHead, rows), 'utf8');
}
