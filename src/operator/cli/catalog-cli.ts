import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { currencySchema } from '../../shared/money.schema.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { differenceOf } from '../catalog-import/differences.ts';
import type { Problem } from '../catalog-import/read-goods.ts';
import { readGoods } from '../catalog-import/read-goods.ts';
import { tableBounds } from '../catalog-import/table-bounds.ts';
import { readTable } from '../catalog-import/table.ts';
import { loadCatalog } from '../fleet/catalog.ts';

const usage = `usage: npm run catalog -- <act> <goods.csv or goods.xlsx>
                          [--now <catalog.json in force>] [--currency CNY]
  check           what is wrong in it, row by row, and what it would change
  make --version <name>
                  the same, and the catalogue on stdout: for CATALOG_FILE
Columns: sku, name_zh, name_en, price (3.50), weight_g, gtin, picture, epc; or 编号, 名称, 英文名, 价格, 克重, 条码, 图片, 标签.`;

/** 0: nothing is wrong; 1: something is, and no catalogue was made; 2: wrong usage, or a file that cannot be read. */
export interface CatalogReport {
  readonly exitCode: 0 | 1 | 2;
  /** The catalogue; empty: none was made. */
  readonly out: string;
  readonly lines: readonly string[];
}

/** Reads a spreadsheet of goods. Never throws for what is in it. */
export function catalogs(args: readonly string[]): CatalogReport {
  const given = readArgs(args);
  if (given === null) return { exitCode: 2, out: '', lines: [usage] };
  const { act, file, now, currency, version } = given;
  const before = now === undefined ? null : loadCatalog(now);
  if (before !== null && !before.ok) return { exitCode: 2, out: '', lines: [before.error.message] };
  const bytes = bytesOf(file);
  if (typeof bytes === 'string') return { exitCode: 2, out: '', lines: [`${file}: ${bytes}`] };
  const table = readTable(bytes);
  if (!table.ok) return { exitCode: 1, out: '', lines: [`${file}: ${table.error.message}`] };
  const inForce: Catalog | null = before?.value.catalog ?? null;
  const { served, problems, warnings } = readGoods(table.value, { version, currency }, inForce);
  const lines = [...problems.map(wordsOf), ...warnings.map((one) => `look at this: ${wordsOf(one)}`)];
  if (served === null) return { exitCode: 1, out: '', lines };
  const { catalog } = served;
  const changes = JSON.stringify(differenceOf(inForce, catalog));
  const out = act === 'make' ? `${JSON.stringify(catalog, null, 2)}\n` : '';
  return { exitCode: 0, out, lines: [...lines, `${catalog.products.length} articles; ${changes}`] };
}

function wordsOf({ row, column, what, fix }: Problem): string {
  const where = [row === null ? [] : [`row ${row}`], column === null ? [] : [column]].flat().join(', ');
  return `${where === '' ? '' : `${where}: `}${what}; ${fix}`;
}

/** Its bytes, or in words why not. */
function bytesOf(file: string): Buffer | string {
  try {
    const { size } = statSync(file);
    return size > tableBounds.bytes ? `${size} bytes are too many` : readFileSync(file);
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

const text = { type: 'string' } as const;

function readArgs(args: readonly string[]) {
  try {
    const options = { now: text, currency: text, version: text };
    const parsed = parseArgs({ args: [...args], strict: true, allowPositionals: true, options });
    const { now, version } = parsed.values;
    const [act, file, ...more] = parsed.positionals;
    const currency = currencySchema.safeParse(parsed.values.currency ?? 'CNY');
    const isAct = act === 'check' || (act === 'make' && version !== undefined);
    if (!isAct || file === undefined || more.length > 0 || !currency.success) return null;
    return { act, file, now, currency: currency.data, version: version ?? 'checked' };
  } catch {
    return null;
  }
}

if (isProgram(import.meta.url)) {
  const { exitCode, out, lines } = catalogs(process.argv.slice(2));
  for (const line of lines) console.error(line);
  process.stdout.write(out);
  process.exitCode = exitCode;
}
