import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { lineCountMax } from '../../shared/model/basket.ts';
import { zipOf } from '../../testkit/operator/zip.ts';
import { sampleCatalog } from '../../testkit/operator/harness.ts';
import { catalogs } from '../cli/catalog-cli.ts';
import { serveCatalog } from '../fleet/catalog.ts';
import { csvOf } from '../../shared/util/csv.ts';
import { minorOf, readGoods } from './read-goods.ts';
import { tableBounds } from './table-bounds.ts';
import { readTable } from './table.ts';

const of = { version: 'v1', currency: 'CNY' } as const;
const read = (bytes: Buffer | string, before: Parameters<typeof readGoods>[2] = null) => {
  const table = readTable(Buffer.from(bytes));
  assert(table.ok, table.ok ? '' : table.error.message);
  const { served, ...found } = readGoods(table.value, of, before);
  return { ...found, catalog: served?.catalog ?? null };
};
const whyNot = (bytes: Buffer | string): string => {
  const table = readTable(Buffer.from(bytes));
  return table.ok ? '' : table.error.message;
};
const head = 'sku,name_zh,price,weight_g,gtin,epc\n';

const workbook = (sheet: string, more: Record<string, string | Buffer> = {}): Buffer =>
  zipOf({
    'xl/workbook.xml': '<workbook><sheets><sheet name="goods" sheetId="1" r:id="rId3"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId3" Target="worksheets/sheet2.xml"/></Relationships>',
    'xl/worksheets/sheet2.xml': `<worksheet><sheetData>${sheet}</sheetData></worksheet>`,
    'xl/sharedStrings.xml':
      '<sst><si><t>sku</t></si><si><t>name_zh</t></si><si><r><t>pri</t></r><r><t>ce</t></r></si>' +
      '<si><t>weight_g</t></si><si><t>可乐 &amp; 冰</t><rPh sb="0" eb="1"><t>kele</t></rPh></si></sst>',
    ...more,
  });
const headRow = '<row r="1">' + [0, 1, 2, 3].map((n) => `<c t="s"><v>${n}</v></c>`).join('') + '</row>';
const inline = (text: string): string => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
const row = (n: number, cells: string): string => `<row r="${n}">${cells}</row>`;
const good = row(3, `${inline('cola')}<c t="s"><v>4</v></c><c><v>3.5</v></c><c><v>352</v></c>`);

describe('a spreadsheet of goods', () => {
  it.each<[string, Buffer | string]>([
    ['commas', 'sku,name_zh,price,weight_g\ncola,"可乐, 冰",3.50,352\n'],
    ['semicolons, CR LF, a mark', '\uFEFFsku;name_zh;price;weight_g\r\ncola;可乐, 冰;3.5;352\r\n'],
    ['tabs, no end of line', 'sku\tname_zh\tprice\tweight_g\ncola\t可乐, 冰\t3.50\t352'],
    ['Chinese heads and signs', '编号,名称,售价（元）,克重\ncola,"可乐, 冰",￥３.50,352\n'],
    [
      'GB18030',
      // 编号,名称,价格,克重 / cola,"可乐, 冰",3.50,352
      Buffer.from(
        'b1e0bac52cc3fbb3c62cbcdbb8f12cbfcbd6d80a636f6c612c22bfc9c0d62cb1f9222c332e35302c3335320a',
        'hex',
      ),
    ],
  ])('is read with %s', (_name, bytes) => {
    const { catalog, problems } = read(bytes);
    expect(problems).toEqual([]);
    expect(catalog?.products).toMatchObject([{ sku: 'cola', priceMinor: 350, weightG: 352 }]);
    expect(catalog?.products[0]?.name.zh.replace(' ', '')).toBe('可乐,冰');
    expect(serveCatalog(catalog, 'test').ok).toBe(true);
  });

  it('is read from a workbook: shared and own texts, numbers, rows left out', () => {
    const { catalog, problems } = read(workbook(headRow + good));
    expect(problems).toEqual([]);
    expect(catalog?.products).toMatchObject([{ sku: 'cola', name: { zh: '可乐 & 冰' }, priceMinor: 350 }]);
  });

  it('may have a row for each further tag', () => {
    const rows =
      'a,x,1,5,,E28011700000020F12345678\na,,,,,E28011700000020F12345679\nz,,,,,E28011700000020F1234567A\n';
    const { problems } = read(head + rows);
    expect(problems).toMatchObject([{ row: 4, column: 'sku', what: 'no article is called z' }]);
    const { catalog } = read(`${head}${rows.split('z,')[0] ?? ''}`);
    expect(catalog?.tags.map(({ sku }) => sku)).toEqual(['a', 'a']);
  });

  it.each<[string, string, string, number, string]>([
    ['a number twice', 'a,x,1,5\na,y,1,5', 'sku', 3, 'stands in row 2 already'],
    ['a GTIN twice', 'a,x,1,5,2000417000103\nb,y,1,5,02000417000103', 'gtin', 3, 'stands in row 2 already'],
    [
      'a tag twice',
      'a,x,1,5,,E28011700000020F12345678\nb,y,1,5,,e28011700000020f12345678',
      ...(['epc', 3, 'stands in row 2 already'] as const),
    ],
    ['a tag written in fours', 'a,x,1,5,,E280 1170 0000 020F 1234 5678', 'epc', 2, 'is in pieces'],
    [
      'one of two tags in two pieces',
      'a,x,1,5,,E28011700000020F12345678 E280117000 00020F12345679',
      'epc',
      2,
      'in pieces',
    ],
    ['three decimals', 'a,x,3.555,5', 'price', 2, '3.555 is no price'],
    ['a float', 'a,x,3.4999999999999996,5', 'price', 2, 'is no price'],
    ['a price below nothing', 'a,x,-3,5', 'price', 2, 'is no price'],
    ['a price in another form', 'a,x,1e3,5', 'price', 2, 'is no price'],
    ['no weight', 'a,x,1,', 'weight_g', 2, 'is no weight'],
    ['a wrong check digit', 'a,x,1,5,2000417000104', 'gtin', 2, 'is no GTIN'],
    ['a formula', 'a,=HYPERLINK("http://x"),1,5', 'zh', 2, 'begins as a formula does'],
    ['one of full width', 'a,＝HYPERLINK(1),1,5', 'zh', 2, 'begins as a formula does'],
    ['another formula', '@SUM(1),x,1,5', 'sku', 2, 'begins as a formula does'],
    ['a direction that is turned', 'a,x\u202Ey,1,5', 'zh', 2, 'signs in it that nobody sees'],
    ['a name without end', `a,${'x'.repeat(61)},1,5`, 'name_zh', 2, 'too long'],
  ])('names the row with %s', (_name, rows, column, number, words) => {
    const { catalog, problems } = read(head + rows);
    expect(catalog).toBeNull();
    expect(problems).toContainEqual(
      expect.objectContaining({ row: number, column, what: expect.stringContaining(words) as string }),
    );
    for (const { fix } of problems) expect(fix).not.toBe('');
  });

  it('names a formula of a workbook, and does not compute it', () => {
    const sheet = row(2, `${inline('a')}${inline('x')}<c><f>1+2</f><v>3</v></c><c><v>5</v></c>`);
    expect(read(workbook(headRow + sheet)).problems).toContainEqual(
      expect.objectContaining({ row: 2, column: 'price', what: 'is a formula' }),
    );
  });

  it('says which columns are missing', () => {
    const { problems } = read('name,price\nx,1\n');
    expect(problems.map(({ column }) => column)).toEqual(['sku', 'zh', 'weight']);
    expect(read('sku,SKU,name_zh,price,weight_g\n').problems).toMatchObject([{ what: /twice/ }]);
  });

  it('is looked at again where a price is in another unit', () => {
    const before = serveCatalog(sampleCatalog, 'test');
    assert(before.ok, 'the test catalogue is right');
    const rows = 'A1,x,350,5\nB2,y,6.10,5\nC3,z,0.02,5\n';
    const { warnings, catalog } = read(head + rows, before.value.catalog);
    expect(catalog).not.toBeNull();
    expect(warnings.map(({ what }) => what)).toEqual(['A1: 3.50 becomes 350.00', 'C3: 2.00 becomes 0.02']);
  });

  it('of 50,000 rows is refused in one sentence, and of more before it is read', () => {
    const rows = (count: number) => head + Array.from({ length: count }, (_, n) => `s${n},x,1,5`).join('\n');
    const { problems } = read(rows(tableBounds.rows - 1));
    expect(problems).toMatchObject([{ row: null, fix: `a cabinet knows ${lineCountMax} at most` }]);
    expect(whyNot(rows(tableBounds.rows + 5))).toContain('more than 50000 rows');
    // Every row wrong: as much as anybody reads.
    const wrong = head + 'a,x,1,5\n'.repeat(40_000);
    expect(read(wrong).problems).toHaveLength(1_000);
  });
});

describe('what only looks like one', () => {
  const bomb = Buffer.alloc(tableBounds.unpackedBytes + 1, ' ');
  it.each<[string, () => Buffer | string, string]>([
    ['UTF-16', () => Buffer.from('\uFEFFsku', 'utf16le'), 'UTF-16'],
    ['neither encoding', () => Buffer.from([0x41, 0xff, 0xff, 0x0a]), 'neither UTF-8 nor GB18030'],
    ['a picture', () => Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), ''],
    ['too many bytes', () => Buffer.alloc(tableBounds.bytes + 1, 'a'), 'larger than 8 MB'],
    ['a quote without end', () => 'sku,"x\n'.repeat(3) + 'y', 'quote'],
    ['letters behind a quote', () => 'sku,"x"y\n', 'letters behind a quote'],
    ['columns without end', () => `${','.repeat(tableBounds.columns)}\n`, 'more than 40 columns'],
    ['a cell without end', () => `${'x'.repeat(tableBounds.cellLetters + 1)}\n`, 'more than 500 letters'],
    ['a bomb', () => workbook(headRow, { 'xl/sharedStrings.xml': bomb }), 'unpacked it is too large'],
    [
      'entities',
      () => workbook(headRow, { 'xl/sharedStrings.xml': '<!DOCTYPE x [<!ENTITY a "aa">]><sst/>' }),
      'defines entities',
    ],
    ['a row far away', () => workbook('<row r="1048576"><c><v>1</v></c></row>'), 'more than 50000 rows'],
    [
      'a column far away',
      () => workbook('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
      'more than 40 columns',
    ],
    [
      'a text that is not there',
      () => workbook('<row r="1"><c t="s"><v>99</v></c></row>'),
      'a text that is not there',
    ],
    ['an archive of something else', () => zipOf({ 'word/document.xml': '<x/>' }), 'no workbook'],
    ['a broken archive', () => workbook(headRow).subarray(0, 200), 'not a workbook'],
    [
      'many parts',
      () => zipOf(Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`p${n}`, '']))),
      'more than 2000 parts',
    ],
  ])('is refused: %s', (_name, bytes, words) => {
    const why = whyNot(bytes());
    expect(why).not.toBe('');
    expect(why).toContain(words);
  });

  it('as an amount is none, and what is one is exact', () => {
    const amounts = [
      '0',
      '0.1',
      '1.10',
      '3.5',
      '¥12',
      '12元',
      '１２．５',
      '1000000.00',
      '1000000.01',
      '.5',
      '1,5',
      '0x5',
      '',
    ];
    expect(amounts.map(minorOf)).toEqual([
      0,
      10,
      110,
      350,
      1200,
      1200,
      1250,
      100_000_000,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('npm run catalog', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaimen-goods-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('makes a catalogue that the service takes, and says what it changes', () => {
    const now = file('now.json', JSON.stringify(sampleCatalog));
    const goods = file('goods.csv', `${head}A1,水,4,5\nnew,茶,1,5\n`);
    const made = catalogs(['make', goods, '--version', 'v2', '--now', now]);
    expect(made.exitCode).toBe(0);
    expect(serveCatalog(JSON.parse(made.out), 'made')).toMatchObject({ ok: true });
    expect(made.lines.join()).toContain('"added":["new"]');
    expect(made.lines.join()).toContain('{"sku":"A1","beforeMinor":350,"afterMinor":400}');
    expect(catalogs(['check', goods])).toMatchObject({ exitCode: 0, out: '' });
  });

  it('reads what an export of ours has written, with its apostrophes seen', () => {
    const list = csvOf(['sku', 'name_zh', 'price', 'weight_g'], [['a', '=1+2', 3, 5]]);
    const { lines, exitCode } = catalogs(['make', file('list.csv', list), '--version', 'v']);
    expect(exitCode).toBe(0);
    expect(lines.join()).not.toContain('formula');
  });

  it.each<[string, string[], 1 | 2]>([
    ['no act', [], 2],
    ['no version', ['make', 'x.csv'], 2],
    ['another currency', ['check', 'x.csv', '--currency', 'XXX'], 2],
    ['no file', ['check', join(folder, 'none.csv')], 2],
    ['a catalogue in force that is none', ['check', 'x.csv', '--now', join(folder, 'none.json')], 2],
    ['something wrong in it', ['make', file('wrong.csv', `${head}a,x,1.234,5\n`), '--version', 'v'], 1],
  ])('makes nothing with %s', (_name, args, exitCode) => {
    expect(catalogs(args)).toMatchObject({ exitCode, out: '' });
  });
});
