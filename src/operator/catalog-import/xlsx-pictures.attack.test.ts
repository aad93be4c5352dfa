import { describe, expect, it } from 'vitest';
import { assert } from '../../shared/assert.ts';
import { lineCountMax } from '../../shared/model/basket.ts';
import { type SheetPicture, pngOf, sheetWithPictures } from '../../testkit/operator/sheet-pictures.ts';
import { readGoods } from './read-goods.ts';
import { readTable } from './table.ts';
import { readXlsxPictures } from './xlsx-pictures.ts';

const goods = [
  ['sku', 'name_zh', 'price', 'weight_g'],
  ['tea', '茶', '4.50', '500'],
  ['milk', '奶', '3.00', '250'],
  ['egg', '蛋', '1.00', '60'],
];
const red = pngOf(64, 64, 1);
const blue = pngOf(64, 64, 2);
const over = (row: number, file: Buffer | null, more: Partial<SheetPicture> = {}): SheetPicture => ({
  from: { row: row - 1, offset: 0 },
  to: { row: row - 1, offset: 190_000 },
  file,
  ...more,
});
const read = (pictures: readonly SheetPicture[], more: Record<string, string | Buffer> = {}) => {
  const found = readXlsxPictures(sheetWithPictures(goods, pictures, more));
  return found.ok ? found.value : found.error.message;
};
const told = (pictures: readonly SheetPicture[]) => {
  const found = read(pictures);
  assert(typeof found !== 'string', 'it is read');
  return { rows: found.rows, left: found.left, count: found.pictures.length };
};

describe('pictures in a workbook', () => {
  it('are those of the rows that they lie over, and their bytes are as they were', () => {
    const found = read([over(2, red), over(4, blue)]);
    assert(typeof found !== 'string', 'it is read');
    expect(found.rows).toEqual([
      { row: 2, picture: 0 },
      { row: 4, picture: 1 },
    ]);
    expect(found.pictures.map(({ data }) => data)).toEqual([red, blue].map((one) => one.toString('base64')));
    expect(found.pictures[0]?.type).toBe('image/png');
    expect(found.left).toEqual([]);
  });

  it('are of the row that they cover most of, whatever row they begin in', () => {
    // From the last bit of row 2 to almost the end of row 3; rows are 15 points, 190,500 EMU, high.
    const across = { from: { row: 1, offset: 180_000 }, to: { row: 2, offset: 185_000 } };
    expect(told([over(2, red, across)]).rows).toEqual([{ row: 3, picture: 0 }]);
    const tall = { from: { row: 2, offset: 170_000 }, to: null, height: 150_000 };
    expect(told([over(2, red, tall)]).rows).toEqual([{ row: 4, picture: 0 }]);
  });

  it('that are one picture in several rows are sent once', () => {
    expect(told([over(2, red), over(3, red), over(4, red)])).toEqual({
      rows: [2, 3, 4].map((row) => ({ row, picture: 0 })),
      left: [],
      count: 1,
    });
  });

  it.each([
    ['over the head', [over(1, red)], [{ row: 1, why: 'no_row' }]],
    ['below all goods', [over(40, red)], [{ row: 40, why: 'no_row' }]],
    ['far outside', [over(9_999_999, red)], [{ row: null, why: 'no_row' }]],
    ['before the first row', [over(-4, red)], [{ row: null, why: 'no_row' }]],
    ['over everything', [over(2, red, { to: { row: 900, offset: 0 } })], [{ row: null, why: 'no_row' }]],
    ['two in a row', [over(2, red), over(2, blue)], [{ row: 2, why: 'second' }]],
    ['something else by that name', [over(2, Buffer.from('<svg/>'))], [{ row: 2, why: 'no_picture' }]],
    ['a program', [over(2, Buffer.from('MZ\x90\0', 'latin1'))], [{ row: 2, why: 'no_picture' }]],
    ['a link to elsewhere', [over(2, null)], [{ row: 2, why: 'no_picture' }]],
    ['a dot', [over(2, pngOf(4, 4, 1))], [{ row: 2, why: 'too_small' }]],
    ['more than can be drawn', [over(2, pngOf(60_000, 60_000, 1))], [{ row: 2, why: 'too_large' }]],
  ] as const)('that are not taken are named: %s', (_name, pictures, left) => {
    expect(told(pictures).left).toEqual(left);
  });

  it('that climb out of the archive are none', () => {
    const found = read([over(2, red, { target: '../../../../etc/passwd' })]);
    expect(found).toMatchObject({ rows: [], left: [{ row: 2, why: 'no_picture' }] });
  });

  it('that are too many are named as such', () => {
    const rows = [
      goods[0] ?? [],
      ...Array.from({ length: 1_100 }, (_none, n) => [`s${n}`, '商品', '1', '10']),
    ];
    const all = Array.from({ length: 1_100 }, (_none, n) => over(n + 2, pngOf(64, 64, n)));
    const found = readXlsxPictures(sheetWithPictures(rows, all));
    assert(found.ok, found.ok ? '' : found.error.message);
    expect(found.value.rows).toHaveLength(lineCountMax);
    expect(found.value.left.every(({ why }) => why === 'too_many')).toBe(true);
    expect(found.value.left.at(-1)).toEqual({ row: null, why: 'too_many' });
  });

  it('are refused as a whole where the archive is hostile', () => {
    const bomb = Buffer.alloc(17 * 1024 * 1024);
    red.copy(bomb);
    expect(read([over(2, bomb)])).toContain('unpacked it is too large');
    const entities = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xdr:wsDr/>';
    expect(read([over(2, red)], { 'xl/drawings/drawing1.xml': entities })).toContain('defines entities');
    expect(read([over(2, red)], { 'xl/drawings/drawing1.xml': Buffer.from([0xff, 0xfe, 0]) })).toContain(
      'not a workbook',
    );
    const cut = sheetWithPictures(goods, [over(2, red)]).subarray(0, -300);
    expect(readXlsxPictures(cut).ok).toBe(false);
  });

  it('are the pictures of their articles, unless another one was chosen beside the file', () => {
    const table = readTable(sheetWithPictures(goods, [over(2, red)]));
    assert(table.ok, 'it is read');
    const [inRow, chosen] = [`sha-${'a'.repeat(32)}`, `sha-${'b'.repeat(32)}`];
    const of = { version: 'v1', currency: 'CNY' } as const;
    const pictureOf = (pictures: readonly { file: string; name: string }[]) => {
      const rowPictures = [{ row: 2, name: inRow }];
      const { served } = readGoods(table.value, of, null, { pictures, rowPictures });
      return served?.catalog.products.map(({ picture }) => picture);
    };
    expect(pictureOf([])).toEqual([inRow, 'goods', 'goods']);
    expect(pictureOf([{ file: 'tea.jpg', name: chosen }])).toEqual([chosen, 'goods', 'goods']);
  });
});
