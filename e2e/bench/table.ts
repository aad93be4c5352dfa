import { cpus } from 'node:os';

/** The table that `npm run bench` ends with. */
interface Row {
  what: string;
  p50: string;
  p95: string;
  p99: string;
  worst: string;
  note: string;
}

const rows: Row[] = [];

/** One figure that has no spread. */
export function addOne(what: string, figure: string, note: string): void {
  rows.push({ what, p50: figure, p95: '', p99: '', worst: '', note });
  process.stderr.write(`[bench] ${what}: ${figure}\n`);
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)] ?? Number.NaN;
}
/** Times of many runs; unsorted. */
export function add(what: string, values: number[], note: string, unit = 'ms'): void {
  const sorted = [...values].sort((a, b) => a - b);
  const show = (n: number): string => `${n < 10 ? n.toFixed(2) : String(Math.round(n))} ${unit}`;
  rows.push({
    what,
    p50: show(quantile(sorted, 0.5)),
    p95: show(quantile(sorted, 0.95)),
    p99: show(quantile(sorted, 0.99)),
    worst: show(sorted.at(-1) ?? Number.NaN),
    note: `${values.length} runs; ${note}`,
  });
  process.stderr.write(
    `[bench] ${what}: p50 ${show(quantile(sorted, 0.5))}, p95 ${show(quantile(sorted, 0.95))}\n`,
  );
}

export function print(): void {
  const [cpu] = cpus();
  process.stdout.write(
    `\n${cpu?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}; devices simulated\n\n`,
  );
  const heads = ['what', 'p50', 'p95', 'p99', 'worst', 'note'] as const;
  const cells = [heads, ...rows.map((r) => heads.map((h) => r[h]))];
  const widths = heads.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  for (const row of cells)
    process.stdout.write(`${row.map((c, i) => c.padEnd(widths[i] ?? 0)).join('  ')}\n`);
}
