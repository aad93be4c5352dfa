import type { GoodsProblem } from '../../shared/console/goods.schema.ts';
import { normalGtin } from '../../shared/epc.ts';
import { tagNumberOf } from '../../core/basket/tag-lookup.ts';
import { lineCountMax } from '../../shared/model/basket.ts';
import type { Catalog, Product } from '../../shared/model/catalog.schema.ts';
import { epcSchema, localTextSchema, productSchema, tagCountMax } from '../../shared/model/catalog.schema.ts';
import { amountMaxMinor, minor } from '../../shared/money.ts';
import { readsAsWritten } from '../../shared/util/plain-words.ts';
import type { ServedCatalog } from '../fleet/catalog.ts';
import { controlWordsOf, serveCatalog } from '../fleet/catalog.ts';
import type { Table } from './table-bounds.ts';

/**
 * What is wrong in a spreadsheet of goods, and how it is put right. Without a row: of the whole. `code` and `about` (what stands
 * there, or what should) are what other languages make their words of.
 */
export interface Problem extends GoodsProblem {
  readonly fix: string;
}

/** Pictures that the operator keeps (fleet/goods-pictures.ts), by the file that they were, or the row in which they stood. */
interface SentPictures {
  readonly pictures: readonly { readonly file: string; readonly name: string }[];
  readonly rowPictures: readonly { readonly row: number; readonly name: string }[];
}

export interface ReadGoods {
  /** What could be read; null where something is wrong. */
  readonly served: ServedCatalog | null;
  readonly problems: readonly Problem[];
  /** Nothing is wrong, but somebody has to look. */
  readonly warnings: readonly Problem[];
}

type Column = 'sku' | 'zh' | 'en' | 'price' | 'weight' | 'gtin' | 'picture' | 'epc';
/** How a column may be called, in lower case without spaces. */
const columns: Readonly<Record<Column, readonly string[]>> = {
  sku: ['sku', '编号', '商品编号', '货号'],
  zh: ['name_zh', 'zh', '名称', '商品名称', '品名', '中文名'],
  en: ['name_en', 'en', '英文名', '英文名称'],
  price: ['price', 'price_yuan', '价格', '售价', '单价', '价格（元）', '售价（元）', '价格(元)', '售价(元)'],
  weight: ['weight_g', 'weight', '重量', '克重', '重量（克）', '重量(克)', '净重'],
  gtin: ['gtin', 'ean', 'barcode', '条码', '条形码', '商品条码'],
  picture: ['picture', '图片'],
  epc: ['epc', 'tag', '标签', '电子标签'],
};
const needed: readonly Column[] = ['sku', 'zh', 'price', 'weight'];
/** So many problems say enough. */
const problemsMax = 1_000;
/** A price that is so many times the one before, or the reverse, is in another unit. */
const otherUnit = 100;

/** Of several in one cell: what is shorter is a piece of a number that was written with blanks in it, as many tools show it. */
const epcPieceMax = 16;

type Cells = Partial<Record<Column, string>>;
interface Row {
  readonly number: number;
  readonly cells: Cells;
}

/**
 * Makes a catalogue of a spreadsheet: a row an article, its price in units with at most two decimals (3.5 is 3.50). A row that
 * has an article's number and an EPC alone is one more tag of that article. Each row that is wrong is named with what to do;
 * with any of these there is no catalogue. `before`: the one in force, for prices that look like another unit,
 * and for pictures.
 */
export function readGoods(
  table: Table,
  { version, currency }: Pick<Catalog, 'version' | 'currency'>,
  before: Catalog | null,
  sent: SentPictures = { pictures: [], rowPictures: [] },
): ReadGoods {
  const pictureOf = picturesOf(sent, before);
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const add: Add = (row, column, [code, about], what, fix) => {
    if (problems.length < problemsMax)
      problems.push({ row, column, code, about: shortened(about), what, fix });
  };
  const places = placesOf(table[0] ?? [], add);
  const rows = places === null ? [] : rowsOf(table, places, add);
  const seen = {
    sku: new Map<string, number>(),
    gtin: new Map<string, number>(),
    epc: new Map<string, number>(),
  };
  const products: Product[] = [];
  const tags: { epc: string; sku: string }[] = [];
  const isOnce = (what: keyof typeof seen, key: string, row: number): boolean => {
    const first = seen[what].get(key);
    if (first === undefined) seen[what].set(key, row);
    else
      add(
        row,
        what,
        ['twice', String(first)],
        `${what.toUpperCase()} stands in row ${first} already`,
        'leave it in one row',
      );
    return first === undefined;
  };
  // More than there may be, or as much wrong as is told: the rest says nothing new, and would hold everybody else up.
  const isEnough = (): boolean =>
    seen.sku.size > lineCountMax || tags.length > tagCountMax || problems.length >= problemsMax;
  for (const { number, cells } of rows) {
    if (isEnough()) break;
    const { sku = '', epc = '' } = cells;
    const isTagAlone = epc !== '' && Object.keys(cells).every((one) => one === 'sku' || one === 'epc');
    if (!isTagAlone && isOnce('sku', sku, number)) {
      const product = productOf(number, cells, pictureOf(number, cells), add);
      if (product !== null) products.push(product);
      const gtin = product?.gtin === undefined ? null : normalGtin(product.gtin);
      if (gtin !== null) isOnce('gtin', gtin, number);
    }
    const numbers = tagsIn(epc);
    if (numbers.length > 1 && numbers.some((one) => one.length < epcPieceMax)) {
      add(number, 'epc', ['in_pieces', epc], `${epc} is in pieces`, 'write each EPC without blanks in it');
      continue;
    }
    for (const one of numbers) {
      if (!epcSchema.safeParse(one).success)
        add(
          number,
          'epc',
          ['no_epc', one],
          `${one} is no EPC`,
          'hexadecimal, so many digits that four divides them',
        );
      else if (controlWordsOf(one) !== '')
        add(
          number,
          'epc',
          ['pc_word', one.slice(controlWordsOf(one).length)],
          `${one} begins with its PC word`,
          `write ${one.slice(controlWordsOf(one).length)}`,
        );
      else if (isOnce('epc', tagNumberOf(one), number)) tags.push({ epc: one, sku });
    }
  }
  for (const { number, cells } of rows)
    if (!isEnough() && cells.epc !== undefined && !seen.sku.has(cells.sku ?? ''))
      add(
        number,
        'sku',
        ['no_article', cells.sku ?? ''],
        `no article is called ${cells.sku ?? ''}`,
        'add a row with its name and price',
      );
  if (seen.sku.size > lineCountMax)
    add(
      null,
      null,
      ['too_many', String(lineCountMax)],
      `more than ${lineCountMax} articles`,
      `a cabinet knows ${lineCountMax} at most`,
    );
  warnOfUnits(products, before, (about, what, fix) =>
    warnings.push({ row: null, column: 'price', code: 'other_unit', about, what, fix }),
  );
  if (problems.length > 0) return { served: null, problems, warnings };
  // Whatever else the service would refuse at its start.
  const served = serveCatalog({ version, currency, products, tags }, 'the catalogue');
  if (served.ok) return { served: served.value, problems, warnings };
  add(
    null,
    null,
    ['refused', served.error.message],
    served.error.message,
    'put that right in the spreadsheet',
  );
  return { served: null, problems, warnings };
}

/** A cell may name several. */
function tagsIn(cell: string): readonly string[] {
  return cell
    .toUpperCase()
    .split(/[\s,;|]+/u)
    .filter((text) => text !== '');
}

type Add = (
  row: number | null,
  column: string | null,
  code: readonly [code: GoodsProblem['code'], about: string],
  what: string,
  fix: string,
) => void;

const aboutMax = 100;
const shortened = (text: string): string =>
  text.length > aboutMax ? `${text.slice(0, aboutMax).replace(/\p{Surrogate}$/u, '')}…` : text;

/** Where each column is; null: one that is needed is missing, or stands twice. */
function placesOf(head: Table[number], add: Add): ReadonlyMap<number, Column> | null {
  const places = new Map<number, Column>();
  for (const [at, cell] of head.entries()) {
    const name = (cell ?? '').normalize('NFKC').trim().toLowerCase().replaceAll(' ', '');
    const column = (Object.keys(columns) as Column[]).find((one) =>
      columns[one].some((known) => known.normalize('NFKC') === name),
    );
    if (column === undefined) continue;
    if ([...places.values()].includes(column)) {
      add(1, name, ['column_twice', name], 'this column stands twice', 'leave one of them');
      return null;
    }
    places.set(at, column);
  }
  const missing = needed.filter((column) => ![...places.values()].includes(column));
  for (const column of missing)
    add(
      1,
      column,
      ['column_missing', columns[column].join(', ')],
      'this column is missing',
      `call it one of: ${columns[column].join(', ')}`,
    );
  return missing.length === 0 ? places : null;
}

/** Rows in which anything stands, without what no name may have in it. */
function rowsOf(table: Table, places: ReadonlyMap<number, Column>, add: Add): Row[] {
  return table.slice(1).flatMap((cells, at) => {
    const number = at + 2;
    const row: Cells = {};
    for (const [place, column] of places) {
      const cell = cells[place];
      if (cell === null) add(number, column, ['formula', ''], 'is a formula', 'put its value there');
      const text = (cell ?? '').trim();
      if (!readsAsWritten(text))
        add(number, column, ['unseen', ''], 'has signs in it that nobody sees', 'type it anew');
      else if (column !== 'price' && /^[=+\-@＝＋－＠]/.test(text))
        add(number, column, ['as_formula', text], 'begins as a formula does', 'begin with a letter or digit');
      else if (text !== '') row[column] = text;
    }
    return Object.keys(row).length === 0 ? [] : [{ number, cells: row }];
  });
}

function productOf(row: number, cells: Cells, picture: string, add: Add): Product | null {
  const { sku, zh = '', gtin } = cells;
  if (!productSchema.shape.sku.safeParse(sku).success)
    add(
      row,
      'sku',
      ['bad_sku', sku ?? ''],
      `${sku ?? 'nothing'} is no number`,
      'letters A-Z, digits, - and _, up to 32',
    );
  const name = localTextSchema.safeParse({ zh, en: cells.en ?? zh });
  if (!name.success)
    add(row, 'name_zh', ['bad_name', zh], 'no name, or one that is too long', '1 to 60 letters');
  const priceMinor = minorOf(cells.price ?? '');
  if (priceMinor === null)
    add(
      row,
      'price',
      ['bad_price', cells.price ?? ''],
      `${cells.price ?? 'nothing'} is no price`,
      'digits, and a point with one or two behind it: 3.50',
    );
  const weightG = /^\d{1,5}$/.test(cells.weight ?? '') ? Number(cells.weight) : 0;
  if (!productSchema.shape.weightG.safeParse(weightG).success)
    add(
      row,
      'weight_g',
      ['bad_weight', cells.weight ?? ''],
      `${cells.weight ?? 'nothing'} is no weight`,
      'whole grams, 1 to 50000',
    );
  if (gtin !== undefined && normalGtin(gtin) === null)
    add(
      row,
      'gtin',
      ['bad_gtin', gtin],
      `${gtin} is no GTIN`,
      '8, 12, 13 or 14 digits, the last is its check; format the column as text',
    );
  if (!productSchema.shape.picture.safeParse(picture).success)
    add(
      row,
      'picture',
      ['bad_picture', picture],
      `${picture} is no name of a picture`,
      'a-z, digits and -, up to 40',
    );
  const read = productSchema.safeParse({
    ...{ sku, name: name.data, priceMinor, weightG, picture },
    ...(gtin === undefined ? {} : { gtin }),
  });
  return read.success ? read.data : null;
}

/**
 * The picture of an article: the file that its row names, or that is called as the article is; else the
 * one that stands in the row itself; what stands there, else; the one
 * that it has, where nothing does.
 */
function picturesOf(
  { pictures, rowPictures }: SentPictures,
  before: Catalog | null,
): (row: number, cells: Cells) => string {
  const plain = (file: string): string => file.toLowerCase().replace(/\.(?:png|jpe?g|webp)$/u, '');
  const byFile = new Map(pictures.map(({ file, name }) => [plain(file), name]));
  const byRow = new Map(rowPictures.map(({ row, name }) => [row, name]));
  const had = new Map(before?.products.map(({ sku, picture }) => [sku, picture]));
  return (row, { sku = '', picture }) =>
    byFile.get(plain(picture ?? sku)) ?? byRow.get(row) ?? picture ?? had.get(sku) ?? 'goods';
}

/** Exactly, digit by digit: no float comes near it. Full-width digits, a sign of the currency before or behind are read. */
export function minorOf(text: string): number | null {
  const plain = text.normalize('NFKC').replaceAll(/^[¥$€\s]+|[元圆\s]+$/gu, '');
  const [, whole, decimals = ''] = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(plain) ?? [];
  if (whole === undefined) return null;
  const amount = Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
  return amount <= amountMaxMinor ? minor(amount) : null;
}

/** 分 for 元, or the reverse: nothing else makes a price a hundred times what it was. */
function warnOfUnits(
  products: readonly Product[],
  before: Catalog | null,
  warn: (about: string, what: string, fix: string) => void,
): void {
  const earlier = new Map(before?.products.map(({ sku, priceMinor }) => [sku, priceMinor]));
  for (const { sku, priceMinor } of products) {
    const was = earlier.get(sku);
    if (was === undefined || was === 0 || priceMinor === 0) continue;
    const isOther = priceMinor >= was * otherUnit || was >= priceMinor * otherUnit;
    const change = `${sku}: ${priceText(was)} → ${priceText(priceMinor)}`;
    if (isOther)
      warn(
        change,
        `${sku}: ${priceText(was)} becomes ${priceText(priceMinor)}`,
        'is it in 元, and not in 分?',
      );
  }
}

/** As a price stands in a spreadsheet. */
export const priceText = (minorUnits: number): string => (minorUnits / 100).toFixed(2);
