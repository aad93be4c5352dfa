import { type Score, quantileOf, upperBound } from './scoring.ts';

const per = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`;

/** For people: a line for each row. */
export function tableOf(rows: readonly { readonly name: string; readonly score: Score }[]): string {
  const head = [
    ...['sensors', 'lines', 'right unasked', 'visits asked', 'lines held', 'false per 100,000 (95 % bound)'],
    ...['false', 'missed value', 'questions a visit', 'right list after, p50 / p95', 'list never right'],
  ];
  const body = rows.map(({ name, score }) => {
    const { lines, visits, falseLines, rightAfterMs, neverRight } = score;
    const rate = lines === 0 ? 0 : (1e5 * falseLines) / lines;
    const times = [0.5, 0.95].map((q) => quantileOf(rightAfterMs, q));
    const touches = rightAfterMs.length + neverRight;
    return [
      name,
      String(lines),
      per(score.rightUnasked, lines),
      per(score.askedVisits, visits),
      per(score.heldLines, lines),
      `${rate.toFixed(1)} (${(1e5 * upperBound(falseLines, lines)).toFixed(1)})`,
      String(falseLines),
      per(score.missedMinor, score.valueMinor),
      (score.askedVisits / Math.max(1, visits)).toFixed(3),
      times.map((ms) => (ms === null ? '–' : `${(ms / 1000).toFixed(2)} s`)).join(' / '),
      per(neverRight, touches),
    ];
  });
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [lineOf(head), lineOf(head.map(() => '---')), ...body.map(lineOf)].join('\n');
}
