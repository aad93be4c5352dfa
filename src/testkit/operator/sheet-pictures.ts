import { crc32, deflateSync } from 'node:zlib';
import { zipOf } from './zip.ts';

/** A picture over a sheet; the first row is 0. */
export interface SheetPicture {
  readonly from: { readonly row: number; readonly offset: number };
  /** Null: only its height is told. */
  readonly to: { readonly row: number; readonly offset: number } | null;
  /** EMU. */
  readonly height?: number;
  /** Null: it is somewhere on the network. */
  readonly file: Buffer | null;
  /** Where the drawing says that it is. */
  readonly target?: string;
}

/** A whole PNG of one colour; `shade`: which. */
export function pngOf(width: number, height: number, shade: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // Eight bits, colours as red, green, blue.
  head.set([8, 2], 8);
  // What says that it is huge has no pixels here.
  const line = Buffer.alloc(width > 4_000 ? 0 : 1 + width * 3, 0);
  for (let at = 1; at + 2 < line.length; at += 3) line.set([shade & 255, (shade >> 8) & 255, 160], at);
  const pixels = deflateSync(
    Buffer.concat(Array.from({ length: line.length === 0 ? 0 : height }, () => line)),
  );
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...[chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))],
  ]);
}

const relations = (all: readonly string[]): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`;
const relationTypes = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const relation = (number: number, type: string, target: string, more = ''): string =>
  `<Relationship Id="rId${number}" Type="${relationTypes}/${type}" Target="${target}"${more}/>`;
const element = (name: string, content: string | number): string => `<xdr:${name}>${content}</xdr:${name}>`;
const mark = (name: string, { row, offset }: SheetPicture['from']): string =>
  element(name, element('col', 5) + element('colOff', 0) + element('row', row) + element('rowOff', offset));

/** A workbook with one sheet of texts, and pictures that lie over it; of equal ones the file has one. */
export function sheetWithPictures(
  rows: readonly (readonly string[])[],
  pictures: readonly SheetPicture[],
  more: Readonly<Record<string, string | Buffer>> = {},
): Buffer {
  const files = new Map<Buffer, string>();
  for (const { file } of pictures)
    if (file !== null && !files.has(file)) files.set(file, `image${files.size + 1}.png`);
  const cellOf = (text: string, x: number, y: number): string =>
    `<c r="${String.fromCharCode(65 + x)}${y + 1}" t="inlineStr"><is><t>${text}</t></is></c>`;
  const cells = rows.map(
    (row, y) => `<row r="${y + 1}">${row.map((text, x) => cellOf(text, x, y)).join('')}</row>`,
  );
  const anchors = pictures.map(({ from, to, height = 0 }, at) => {
    const end = to === null ? `<xdr:ext cx="1" cy="${height}"/>` : mark('to', to);
    const picture = element('pic', element('blipFill', `<a:blip r:embed="rId${at + 1}"/>`));
    return element(to === null ? 'oneCellAnchor' : 'twoCellAnchor', mark('from', from) + end + picture);
  });
  const targets = pictures.map(({ file, target }, at) =>
    file === null
      ? relation(at + 1, 'image', 'http://pictures.example/1.png', ' TargetMode="External"')
      : relation(at + 1, 'image', target ?? `../media/${files.get(file) ?? ''}`),
  );
  return zipOf({
    'xl/workbook.xml': '<workbook><sheets><sheet name="goods" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': relations([relation(1, 'worksheet', 'worksheets/sheet1.xml')]),
    'xl/worksheets/sheet1.xml':
      `<worksheet><sheetData>${cells.join('')}</sheetData>` + '<drawing r:id="rId1"/></worksheet>',
    'xl/worksheets/_rels/sheet1.xml.rels': relations([relation(1, 'drawing', '../drawings/drawing1.xml')]),
    'xl/drawings/drawing1.xml': `<xdr:wsDr>${anchors.join('')}</xdr:wsDr>`,
    'xl/drawings/_rels/drawing1.xml.rels': relations(targets),
    ...Object.fromEntries(Array.from(files, ([file, name]) => [`xl/media/${name}`, file])),
    ...more,
  });
}
