import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { BillFailure } from './bill.ts';

/** A line of a table by the names in its head. */
export type Row = ReadonlyMap<string, string>;

/**
 * The lines between a head and what ends them, by the names in the head. `bill_damaged`: a name that is needed is not there, or a line
 * has another number of fields than the head.
 */
export function rowsOf(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  needed: readonly string[],
): Result<Row[], BillFailure> {
  const missing = needed.find((name) => !head.includes(name));
  if (missing !== undefined) return fail('bill_damaged', `no column ${missing}`);
  const rows: Row[] = [];
  for (const [index, fields] of lines.entries()) {
    if (fields.length !== head.length)
      return fail('bill_damaged', `line ${index + 1} has ${fields.length} fields, not ${head.length}`);
    rows.push(new Map(head.map((name, i) => [name, fields[i] ?? ''])));
  }
  return ok(rows);
}

/** One line of RFC 4180 → its fields; a field in quotes may have commas and quotes, not line ends. */
export function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?:,|$)/.exec(rest);
    const plain = /^([^,]*)(?:,|$)/.exec(rest);
    const [whole = '', field = ''] = quoted ?? plain ?? [];
    fields.push(quoted === null ? field : field.replaceAll('""', '"'));
    const hasMore = whole.endsWith(',');
    rest = rest.slice(whole.length);
    if (!hasMore) return fields;
  }
}
