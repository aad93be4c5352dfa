import type { GoodsFilePictures, LeftPicture } from '../../shared/console/goods.schema.ts';
import { lineCountMax } from '../../shared/model/basket.ts';
import { readPictureHeader } from '../../shared/node/picture-header.ts';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { tableBounds, type TableFailure } from './table-bounds.ts';
import { unzip } from './unzip.ts';
import { isBookPart, openBook, targetOf, textParts } from './xlsx.ts';
import { attributeOf, contentOf, elementsOf, tagOf } from './xml.ts';

/** All pictures of a workbook, unpacked. They are packed already: more than this is no photo. */
const picturesMaxBytes = 16 * 1024 * 1024;
/** So many places of pictures are looked at; of what stands behind them one is named. */
const placesMax = 1_000;
/** One that is smaller is a sign or a line. */
const sideLeast = 48;
/** What a browser can be asked to draw. */
const pixelsMost = 50_000_000;
/** A picture over more rows than these is of none of them. */
const spanMost = 50;

const picturePart = /^xl\/media\/[\w.-]{1,100}$/;
const drawingPart = /^xl\/(?:drawings|worksheets)\/(?:_rels\/)?[\w.-]{1,60}\.(?:xml|xml\.rels)$/;

/**
 * Which picture stands in which row of the first sheet, as its bytes are: nothing is drawn here, and what a picture says of itself
 * is looked at alone. A picture is of the row that it covers most of; what is not taken is named with why. Only pictures that lie
 * over cells are known (ECMA-376 part 1, 20.5); those that some programs put into cells are none.
 */
export function readXlsxPictures(bytes: Buffer): Result<GoodsFilePictures, TableFailure> {
  if (bytes.length > tableBounds.bytes) return fail('table_unreadable', 'too large');
  try {
    return ok(picturesIn(bytes));
  } catch (error) {
    return fail('table_unreadable', `not a workbook: ${error instanceof Error ? error.message : 'broken'}`);
  }
}

function picturesIn(bytes: Buffer): GoodsFilePictures {
  const parts = textParts(bytes, (name) => isBookPart(name) || drawingPart.test(name));
  const { sheet, sheetPart, rows } = openBook(parts);
  const isOfGoods = (row: number): boolean => row > 1 && (rows[row - 1] ?? []).some((cell) => cell !== '');
  const heightOf = heightsIn(sheet);
  const places = drawingsOf(parts, sheet, sheetPart).flatMap((drawing) =>
    placesIn(parts.get(drawing) ?? '', (id) => targetOf(parts, drawing, id), heightOf),
  );
  const looked = places.slice(0, placesMax);
  const wanted = new Set(looked.flatMap(({ part }) => (part === null ? [] : [part])));
  const files = unzip(bytes, (name) => wanted.has(name), picturesMaxBytes);
  const left: LeftPicture[] = [];
  const numbers = new Map<string, number>();
  const taken = new Map<number, number>();
  const pictures: { data: string; type: string }[] = [];
  for (const { row, part } of looked) {
    const why = whyLeft(row, files.get(part ?? ''), { isOfGoods, isTaken: (one) => taken.has(one) });
    if (why !== null || row === null || part === null) {
      left.push({ row, why: why ?? 'no_row' });
      continue;
    }
    // One picture may stand in many rows: it is sent once.
    const number = numbers.get(part) ?? pictures.length;
    if (number === pictures.length) {
      if (number >= lineCountMax) {
        left.push({ row, why: 'too_many' });
        continue;
      }
      const file = files.get(part) ?? Buffer.alloc(0);
      pictures.push({ data: file.toString('base64'), type: readPictureHeader(file)?.type ?? '' });
      numbers.set(part, number);
    }
    taken.set(row, number);
  }
  if (places.length > placesMax) left.push({ row: null, why: 'too_many' });
  return {
    unreadable: null,
    pictures,
    rows: Array.from(taken, ([row, picture]) => ({ row, picture })),
    left,
  };
}

function whyLeft(
  row: number | null,
  file: Buffer | undefined,
  {
    isOfGoods,
    isTaken,
  }: { readonly isOfGoods: (row: number) => boolean; readonly isTaken: (row: number) => boolean },
): LeftPicture['why'] | null {
  if (row === null || !isOfGoods(row)) return 'no_row';
  if (isTaken(row)) return 'second';
  const header = file === undefined ? null : readPictureHeader(file);
  if (header === null) return 'no_picture';
  const { width, height } = header;
  if (Math.min(width, height) < sideLeast) return 'too_small';
  return width * height > pixelsMost ? 'too_large' : null;
}

interface Place {
  /** As the spreadsheet numbers them; null: of none. */
  readonly row: number | null;
  /** Null: it is not in the file. */
  readonly part: string | null;
}

/** The drawings that the sheet names. */
function drawingsOf(parts: ReadonlyMap<string, string>, sheet: string, sheetPart: string): string[] {
  return elementsOf(sheet, 'drawing').flatMap((one) => {
    const target = targetOf(parts, sheetPart, attributeOf(tagOf(one), idName('id')) ?? '');
    return target === null ? [] : [target];
  });
}

/** With whatever prefix the file gives to relations. */
const idName = (name: string): string => `(?:\\w{1,20}:)?${name}`;

function placesIn(
  drawing: string,
  targetOfId: (id: string) => string | null,
  heightOf: (row: number) => number,
): Place[] {
  return ['twoCellAnchor', 'oneCellAnchor', 'absoluteAnchor'].flatMap((kind) =>
    elementsOf(drawing, kind).flatMap((anchor) => {
      const row = rowOf(anchor, heightOf);
      return elementsOf(anchor, 'pic').map((picture) => {
        const [blip = ''] = elementsOf(picture, 'blip');
        const target = targetOfId(attributeOf(tagOf(blip), idName('embed')) ?? '');
        return { row, part: target !== null && picturePart.test(target) ? target : null };
      });
    }),
  );
}

/** Of which row it covers most; people seldom put one exactly into its row. */
function rowOf(anchor: string, heightOf: (row: number) => number): number | null {
  const from = markOf(anchor, 'from');
  if (from === null) return null;
  const to = markOf(anchor, 'to') ?? endOf(anchor, from, heightOf);
  if (to.row < from.row || to.row - from.row > spanMost) return null;
  let [best, most] = [from.row, -1];
  for (let row = from.row; row <= to.row; row++) {
    const top = row === from.row ? from.offset : 0;
    const bottom = row === to.row ? to.offset : heightOf(row);
    if (bottom - top > most) [best, most] = [row, bottom - top];
  }
  return best + 1;
}

interface Mark {
  /** The first is 0. */
  readonly row: number;
  /** Below the top of that row, EMU. */
  readonly offset: number;
}

function markOf(anchor: string, name: string): Mark | null {
  const [mark = ''] = elementsOf(anchor, name);
  const [row, offset] = ['row', 'rowOff'].map((one) =>
    Number(contentOf(elementsOf(mark, one)[0] ?? '') || NaN),
  );
  if (row === undefined || !Number.isInteger(row) || row < 0 || row > tableBounds.rows) return null;
  return { row, offset: offset !== undefined && Number.isFinite(offset) ? Math.max(offset, 0) : 0 };
}

/** Where one ends that says how high it is, and not where. */
function endOf(anchor: string, from: Mark, heightOf: (row: number) => number): Mark {
  const [ext = ''] = elementsOf(anchor, 'ext');
  let left = from.offset + (Number(attributeOf(tagOf(ext), 'cy')) || 0);
  let row = from.row;
  while (left > heightOf(row) && row - from.row <= spanMost) left -= heightOf(row++);
  return { row, offset: left };
}

const emuOfPoint = 12_700;
const usualPoints = 15;

/** How high rows are, EMU. */
function heightsIn(sheet: string): (row: number) => number {
  const [format = ''] = elementsOf(sheet, 'sheetFormatPr');
  const usual = pointsOf(attributeOf(tagOf(format), 'defaultRowHeight')) ?? usualPoints;
  const heights = new Map<number, number>();
  for (const row of elementsOf(sheet, 'row')) {
    const points = pointsOf(attributeOf(tagOf(row), 'ht'));
    if (points !== null) heights.set(Number(attributeOf(tagOf(row), 'r')) - 1, points);
  }
  return (row) => (heights.get(row) ?? usual) * emuOfPoint;
}

function pointsOf(text: string | null): number | null {
  const points = Number(text);
  return text !== null && points > 0 && points < 1_000 ? points : null;
}
