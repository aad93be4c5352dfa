/** What a spreadsheet takes for the beginning of a formula, or drops before it looks for one. */
const formula = /^[=+\-@\t\r\n]/;

/**
 * A table as RFC 4180: lines end with CR LF, a field with a comma, a quote or a line end is in quotes. A text that a
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
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
