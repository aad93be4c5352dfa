import { posix } from 'node:path';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Table, TableFailure } from './table-bounds.ts';
import { tableBounds } from './table-bounds.ts';
import { unzip } from './unzip.ts';
import { attributeOf, contentOf, elementsOf, tagOf, unescaped } from './xml.ts';

/** Parts of a workbook (ECMA-376); of all others nothing is unpacked. */
const workbookPart = 'xl/workbook.xml';
const relationsPart = 'xl/_rels/workbook.xml.rels';
const stringsPart = 'xl/sharedStrings.xml';
const sheetPart = /^xl\/worksheets\/[\w.-]{1,60}\.xml$/;

/** Whether a part of the archive is one of a workbook's own. */
export function isBookPart(name: string): boolean {
  return [workbookPart, relationsPart, stringsPart].includes(name) || sheetPart.test(name);
}

/**
 * The first sheet of a workbook. Little of the format is read, and nothing of it is run: texts and numbers as they are stored;
 * a formula is `null`. What is unpacked is bounded, whatever the archive says of its sizes.
 */
export function readXlsx(bytes: Buffer): Result<Table, TableFailure> {
  try {
    return ok(openBook(textParts(bytes, isBookPart)).rows);
  } catch (error) {
    return fail('table_unreadable', `not a workbook: ${error instanceof Error ? error.message : 'broken'}`);
  }
}

/** Those parts as text. Throws where one is none, or defines entities. */
export function textParts(bytes: Buffer, isWanted: (name: string) => boolean): ReadonlyMap<string, string> {
  const files = unzip(bytes, isWanted, tableBounds.unpackedBytes);
  const text = new TextDecoder('utf-8', { fatal: true });
  const parts = new Map(Array.from(files, ([name, part]) => [name, text.decode(part)]));
  for (const [name, xml] of parts)
    if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) throw new Error(`${name}: defines entities`);
  return parts;
}

interface Book {
  /** Of the first sheet: the name of its part, its text, and what stands in its cells. */
  readonly sheetPart: string;
  readonly sheet: string;
  readonly rows: (string | null)[][];
}

/** Throws where there is none. */
export function openBook(parts: ReadonlyMap<string, string>): Book {
  const workbook = parts.get(workbookPart);
  if (workbook === undefined) throw new Error('a ZIP, and no workbook');
  const first = /<(?:\w+:)?sheet\s[^>]{0,500}?\bid="([^"]{1,60})"/.exec(workbook)?.[1] ?? '';
  const part = targetOf(parts, workbookPart, first) ?? 'xl/worksheets/sheet1.xml';
  const sheet = parts.get(part);
  if (sheet === undefined) throw new Error('the workbook has no sheet');
  return { sheetPart: part, sheet, rows: rowsOf(sheet, stringsOf(parts.get(stringsPart) ?? '')) };
}

/** The part that another one names by an id; null: none, or one that is not in this file. */
export function targetOf(parts: ReadonlyMap<string, string>, part: string, id: string): string | null {
  const folder = posix.dirname(part);
  const relations = parts.get(`${folder}/_rels/${posix.basename(part)}.rels`) ?? '';
  for (const [tag] of relations.matchAll(/<(?:\w+:)?Relationship\s[^>]{1,1000}>/g)) {
    const target = attributeOf(tag, 'Target');
    if (attributeOf(tag, 'Id') !== id || target === null) continue;
    if (attributeOf(tag, 'TargetMode') === 'External') return null;
    return target.startsWith('/') ? target.slice(1) : posix.join(folder, target);
  }
  return null;
}

/** Shared texts, in their order. How they are drawn, and how they are read aloud, is left out. */
function stringsOf(xml: string): readonly string[] {
  const texts: string[] = [];
  for (const part of elementsOf(xml, 'si')) texts.push(textsOf(part));
  return texts;
}

function textsOf(part: string): string {
  const spoken = elementsOf(part, 'rPh').reduce((text, one) => text.replace(one, ''), part);
  return elementsOf(spoken, 't')
    .map((one) => unescaped(contentOf(one)))
    .join('');
}

function rowsOf(sheet: string, strings: readonly string[]): (string | null)[][] {
  const rows: (string | null)[][] = [];
  for (const row of elementsOf(sheet, 'row')) {
    const number = Number(attributeOf(tagOf(row), 'r') ?? rows.length + 1);
    if (!Number.isInteger(number) || number < 1 || number > tableBounds.rows + 1)
      throw new Error(`more than ${tableBounds.rows} rows`);
    // Empty rows may be left out, and a row may be told with its cells in any place.
    while (rows.length < number) rows.push([]);
    const cells = rows[number - 1] ?? [];
    for (const cell of elementsOf(row, 'c')) {
      const tag = tagOf(cell);
      const column = columnOf(attributeOf(tag, 'r'), cells.length);
      if (column >= tableBounds.columns)
        throw new Error(`row ${number}: more than ${tableBounds.columns} columns`);
      while (cells.length < column) cells.push('');
      cells[column] = valueOf(cell, attributeOf(tag, 't'), strings);
    }
  }
  return rows;
}

/** `C7` is the third: 2. */
function columnOf(reference: string | null, otherwise: number): number {
  const letters = /^([A-Z]{1,3})\d+$/.exec(reference ?? '')?.[1];
  if (letters === undefined) return otherwise;
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function valueOf(cell: string, type: string | null, strings: readonly string[]): string | null {
  if (elementsOf(cell, 'f').length > 0) return null;
  if (type === 'inlineStr') return textsOf(cell);
  const [value = ''] = elementsOf(cell, 'v');
  const text = unescaped(contentOf(value));
  if (type !== 's') return text;
  const shared = strings[Number(text)];
  if (shared === undefined) throw new Error('a text that is not there');
  return shared;
}
