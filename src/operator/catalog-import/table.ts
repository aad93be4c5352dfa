import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Table, TableFailure } from './table-bounds.ts';
import { tableBounds } from './table-bounds.ts';
import { readXlsx } from './xlsx.ts';

export function isZip(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).equals(Buffer.from([0x50, 0x4b, 3, 4]));
}

/** Reads a CSV or an XLSX, by what is in it and not by its name. */
export function readTable(bytes: Buffer): Result<Table, TableFailure> {
  if (bytes.length > tableBounds.bytes)
    return fail('table_unreadable', `larger than ${tableBounds.bytes / 1024 / 1024} MB`);
  const read = isZip(bytes) ? readXlsx(bytes) : readCsv(bytes);
  if (!read.ok) return read;
  const { rows, columns, cellLetters } = tableBounds;
  if (read.value.length > rows) return fail('table_unreadable', `more than ${rows} rows`);
  for (const [at, row] of read.value.entries()) {
    if (row.length > columns) return fail('table_unreadable', `row ${at + 1}: more than ${columns} columns`);
    if (row.some((cell) => cell !== null && cell.length > cellLetters))
      return fail('table_unreadable', `row ${at + 1}: a cell with more than ${cellLetters} letters`);
  }
  return read;
}

function readCsv(bytes: Buffer): Result<Table, TableFailure> {
  const text = textOf(bytes);
  if (!text.ok) return text;
  const end = /[\r\n]/.exec(text.value)?.index ?? text.value.length;
  return rowsOf(text.value, separatorOf(text.value.slice(0, end)));
}

/** UTF-8 with or without a mark, else GB18030, which spreadsheets in China write, and GBK is a part of. */
function textOf(bytes: Buffer): Result<string, TableFailure> {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return fail('table_unreadable', 'in UTF-16: save it as "CSV UTF-8"');
  for (const encoding of ['utf-8', 'gb18030'])
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      if (text.includes('\0')) return fail('table_unreadable', 'no text: save it as CSV or XLSX');
      return ok(text);
    } catch {
      // The next one.
    }
  return fail('table_unreadable', 'neither UTF-8 nor GB18030: save it as "CSV UTF-8"');
}

/** Whichever stands most often in the first line. */
function separatorOf(line: string): string {
  const countOf = (separator: string): number => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, one) => (countOf(one) > countOf(best) ? one : best));
}

/** As RFC 4180, with any of the line ends. */
function rowsOf(text: string, separator: string): Result<Table, TableFailure> {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const isQuoted = text[at] === '"';
    const field = isQuoted ? quotedAt(text, at) : plainAt(text, at, separator);
    if (field === null) return fail('table_unreadable', `row ${rows.length + 1}: a quote has no end`);
    row.push(field.text);
    at = field.end;
    if (text[at] === separator) {
      at++;
      if (at === text.length) row.push('');
      continue;
    }
    if (at < text.length && text[at] !== '\r' && text[at] !== '\n')
      return fail('table_unreadable', `row ${rows.length + 1}: letters behind a quote`);
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    rows.push(row);
    row = [];
    if (rows.length > tableBounds.rows) break;
  }
  if (row.length > 0) rows.push(row);
  return ok(rows);
}

interface Field {
  readonly text: string;
  readonly end: number;
}

function plainAt(text: string, at: number, separator: string): Field {
  let end = at;
  while (end < text.length && text[end] !== separator && text[end] !== '\r' && text[end] !== '\n') end++;
  return { text: text.slice(at, end), end };
}

function quotedAt(text: string, at: number): Field | null {
  for (let from = at + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return null;
    if (text[quote + 1] !== '"')
      return { text: text.slice(at + 1, quote).replaceAll('""', '"'), end: quote + 1 };
    from = quote + 2;
  }
}
