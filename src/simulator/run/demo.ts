import { relative } from 'node:path';
import { providersLie } from './demo-causes.ts';
import { playDoors } from './demo-doors.ts';
import { playGoods } from './demo-goods.ts';
import { playPurchases } from './demo-purchases.ts';
import { playUpdates } from './demo-updates.ts';
import { playService } from './demo-service.ts';
import { type VisitSummary, clearScreenshots, say, screenshotFolder } from './demo-steps.ts';

/**
 * `npm run demo [-- words]`: plays its parts in the real app (those that are named; all without a word), says what happens,
 * checks it, and keeps pictures of each step. Ends with 1 when anything did not happen.
 */
const parts: readonly (readonly [name: string, play: () => Promise<readonly VisitSummary[]>])[] = [
  ['purchases', playPurchases],
  ['goods', playGoods],
  ['doors', playDoors],
  ['service', playService],
  ['updates', playUpdates],
  ['providers', providersLie],
];

function table(rows: VisitSummary[]): void {
  const heads: (keyof VisitSummary)[] = [
    'visit',
    'lines',
    'total',
    'receipt',
    'operator',
    'debits',
    'basketMs',
    'paidAfterMs',
  ];
  const cells = [heads, ...rows.map((r) => heads.map((h) => String(r[h])))];
  const widths = heads.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  process.stdout.write('\n');
  for (const row of cells)
    process.stdout.write(`${row.map((c, i) => c.padEnd(widths[i] ?? 0)).join('  ')}\n`);
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const names = parts.map(([name]) => name);
  if (wanted.some((word) => !names.includes(word))) {
    process.stdout.write(`usage: npm run demo [-- ${names.join(' | ')} …]\n`);
    process.exitCode = 2;
    return;
  }
  clearScreenshots();
  say('payment providers, goods, devices and network are simulated: no money moves');
  const rows: VisitSummary[] = [];
  const failed: string[] = [];
  for (const [name, play] of parts) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    try {
      rows.push(...(await play()));
    } catch (error) {
      process.stdout.write(`\nFAILED: ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
      failed.push(name);
    }
  }
  if (rows.length > 0) table(rows);
  process.stdout.write(
    `\npictures: ${relative(process.cwd(), screenshotFolder)}/ (goods, devices, network, payment providers and what ` +
      'stands before the cameras are simulated)\n',
  );
  say(failed.length === 0 ? 'all of it has happened' : `NOT ALL OF IT HAS HAPPENED: ${failed.join(', ')}`);
  if (failed.length > 0) process.exitCode = 1;
}

await main();
// Not by running out of work: Node's own clean-up has been seen to spin for ever over the pipes of a killed child.
process.exit();
