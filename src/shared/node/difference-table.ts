import type { LocalText } from '../model/catalog.schema.ts';
import type { StockDifference } from '../model/stock.schema.ts';

/** Differences of a cabinet as a table: the same columns from the cabinet's screen and from the console. */
export const differenceHead: readonly string[] = [
  ...['cabinet', 'found_at', 'counted_before_at', 'sku', 'name_zh', 'name_en', 'expected', 'counted'],
  ...['difference', 'between_count', 'between'],
];

/** `between`: visits and staff who had the door between the two counts, the last ones of `between_count`. */
export function differenceRow(
  cabinetId: string,
  one: StockDifference & { readonly name: LocalText | null },
): (string | number | null)[] {
  const { sku, name, expected, counted, betweenCount, between } = one;
  const times = [one.atMs, one.sinceMs].map((atMs) => new Date(atMs).toISOString());
  return [
    ...[cabinetId, ...times, sku, name?.zh ?? null, name?.en ?? null],
    ...[expected, counted, counted - expected, betweenCount, between.join(' ')],
  ];
}
