import { expect, it } from 'vitest';
import { csvOf } from './csv.ts';

/** As a spreadsheet may read it: by commas or semicolons or tabs, whose cell begins with a sign of a formula. */
function formulasIn(table: string): string[] {
  return table
    .split(/[,;\t\r\n]/)
    .map((cell) => cell.replace(/^[\s\p{Cf}"]+/u, ''))
    .filter((cell) => /^[=+\-@＝＋－＠]/u.test(cell));
}

it.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(1)',
  '\t=1',
  '\r=1',
  ' =1+1',
  '\u200b=1+1',
  '\ufeff=1+1',
  '\u00a0=1+1',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(1)',
  'looked at;=HYPERLINK("http://x")',
  'looked at;  @SUM(1)',
  'looked at\t=1',
  'looked at\n=1',
  'looked at,=1',
  'a;"=1',
])('no spreadsheet runs %j, however it splits its lines', (text) => {
  expect(formulasIn(csvOf(['about'], [['x', text]]))).toEqual([]);
});

it('what begins no formula is written as it is, and numbers are', () => {
  const text = 'a = b; c-d (x@y)';
  expect(csvOf(['about'], [[text, -5]])).toBe(`about\r\n${text},-5\r\n`);
});
