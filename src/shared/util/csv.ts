/**
 * Where a spreadsheet takes what follows for a formula: at the beginning of a cell, whichever sign separates cells where it is
 * opened (commas, semicolons, tabs), behind what it drops. Signs of full width count in Chinese and Japanese ones.
 */
const formulaBegins = /(^|[,;\t\r\n])([\p{Zs}\p{Cf}"]*)(?=[=+\-@＝＋－＠])/gu;

/** Spreadsheets take a file for UTF-8 when it begins so. */
export const byteOrderMark = '\uFEFF';

/**
 * A table as RFC 4180: lines end with CR LF, a field with a comma, a quote or a line end is in quotes. What a
 * spreadsheet would take for a formula gets an apostrophe before it; numbers are written as they are. `null`: an empty field.
 */
export function csvOf(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return csvRows([head, ...rows]);
}

/** Further rows of the same table. */
export function csvRows(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(fieldOf).join(',')}\r\n`).join('');
}

function fieldOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const plain = value.replaceAll(formulaBegins, "$1'$2");
  // Dropped by some, and what comes then is looked at anew.
  const text = /^[\t\r\n]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
