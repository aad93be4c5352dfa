import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Table, TableFailure } from './table-bounds.ts';
import { tableBounds } from './table-bounds.ts';
import { unzip } from './unzip.ts';

/** Parts of a workbook (ECMA-376); of all others nothing is unpacked. */
const workbookPart = 'xl/workbook.xml';
const relationsPart = 'xl/_rels/workbook.xml.rels';
const stringsPart = 'xl/sharedStrings.xml';
const sheetPart = /^xl\/worksheets\/[\w.-]{1,60}\.xml$/;
const isRead = (name: string): boolean =>
  [workbookPart, relationsPart, stringsPart].includes(name) || sheetPart.test(name);

/**
 * The first sheet of a workbook. Little of the format is read, and nothing of it is run: texts and numbers as they are stored;
 * a formula is `null`. What is unpacked is bounded, whatever the archive says of its sizes.
 */
export function readXlsx(bytes: Buffer): Result<Table, TableFailure> {
  try {
    const files = unzip(bytes, isRead, tableBounds.unpackedBytes);
    const text = new TextDecoder('utf-8', { fatal: true });
    const parts = new Map(Array.from(files, ([name, part]) => [name, text.decode(part)]));
    const workbook = parts.get(workbookPart);
    if (workbook === undefined) return fail('table_unreadable', 'a ZIP, and no workbook');
    for (const [name, xml] of parts)
      if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) return fail('table_unreadable', `${name}: defines entities`);
    const sheet = parts.get(firstSheetOf(workbook, parts.get(relationsPart) ?? ''));
    if (sheet === undefined) return fail('table_unreadable', 'the workbook has no sheet');
    return ok(rowsOf(sheet, stringsOf(parts.get(stringsPart) ?? '')));
  } catch (error) {
    return fail('table_unreadable', `not a workbook: ${error instanceof Error ? error.message : 'broken'}`);
  }
}

function firstSheetOf(workbook: string, relations: string): string {
  const id = /<(?:\w+:)?sheet\s[^>]{0,500}?\bid="([^"]{1,60})"/.exec(workbook)?.[1] ?? '';
  for (const [tag] of relations.matchAll(/<(?:\w+:)?Relationship\s[^>]{1,1000}>/g)) {
    const target = attributeOf(tag, 'Target');
    if (attributeOf(tag, 'Id') === id && target !== null)
      return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
  }
  return 'xl/worksheets/sheet1.xml';
}

function attributeOf(tag: string, name: string): string | null {
  const text = new RegExp(`\\s${name}="([^"]{0,500})"`).exec(tag)?.[1];
  return text === undefined ? null : unescaped(text);
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
    .map((one) => unescaped(one.slice(one.indexOf('>') + 1, Math.max(one.lastIndexOf('</'), 0))))
    .join('');
}

/** Each element of this name, with its tags, one after the other. None of those looked for stand within one another. */
function elementsOf(xml: string, name: string): string[] {
  const found: string[] = [];
  const begin = new RegExp(`<(?:\\w{1,20}:)?${name}(?=[\\s/>])`, 'g');
  for (let at = begin.exec(xml); at !== null; at = begin.exec(xml)) {
    const opened = xml.indexOf('>', at.index);
    if (opened < 0) break;
    if (xml[opened - 1] === '/') {
      found.push(xml.slice(at.index, opened + 1));
      begin.lastIndex = opened + 1;
      continue;
    }
    const prefix = at[0].slice(1);
    const closed = xml.indexOf(`</${prefix}>`, opened);
    if (closed < 0) break;
    const end = closed + prefix.length + 3;
    found.push(xml.slice(at.index, end));
    begin.lastIndex = end;
  }
  return found;
}

function rowsOf(sheet: string, strings: readonly string[]): (string | null)[][] {
  const rows: (string | null)[][] = [];
  for (const row of elementsOf(sheet, 'row')) {
    const number = Number(attributeOf(row.slice(0, row.indexOf('>') + 1), 'r') ?? rows.length + 1);
    if (!Number.isInteger(number) || number < 1 || number > tableBounds.rows + 1)
      throw new Error(`more than ${tableBounds.rows} rows`);
    // Empty rows may be left out, and a row may be told with its cells in any place.
    while (rows.length < number) rows.push([]);
    const cells = rows[number - 1] ?? [];
    for (const cell of elementsOf(row, 'c')) {
      const tag = cell.slice(0, cell.indexOf('>') + 1);
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
  const text = unescaped(value.slice(value.indexOf('>') + 1, Math.max(value.lastIndexOf('</'), 0)));
  if (type !== 's') return text;
  const shared = strings[Number(text)];
  if (shared === undefined) throw new Error('a text that is not there');
  return shared;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|[a-z]{2,4});/g, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole;
    const code = name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
