import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Fault, readFaults } from './faults.ts';
import { tableOf } from './report.ts';
import { doubledNoise, rows } from './rows.ts';
import { simulateRow } from './simulation.ts';

/**
 * `npm run sim -- --recognition`: what the fused estimator makes of visits under physics and faults, by sensor set, beside two
 * plain ways. Ends with 0; with 2 when the call or the faults file is wrong.
 */
const usage = `usage: npm run sim -- --recognition [options]
  --visits N     visits for each row of the table (2000)
  --seed N       of all chance (1)
  --faults FILE  what goes wrong beside the physics and is told to nobody (src/simulator/recognition/README.md)
  --rows TEXT    only rows with this in their name`;

/** Of each row so many kinds of doubt are told. */
const doubtsMax = 8;

const optionsSchema = z.object({
  visits: z.coerce.number().int().min(1).max(10_000_000).default(2_000),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  faults: z.string().optional(),
  rows: z.string().default(''),
});
type Options = z.infer<typeof optionsSchema>;

function readOptions(): Options | null {
  const text = { type: 'string' } as const;
  try {
    const options = {
      recognition: { type: 'boolean' },
      visits: text,
      seed: text,
      faults: text,
      rows: text,
    } as const;
    return optionsSchema.parse(parseArgs({ options, strict: true }).values);
  } catch (error) {
    console.error(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    console.error(usage);
    return null;
  }
}

/** Null: it cannot be read, and why has been said. */
function faultsOf(file: string | undefined): readonly Fault[] | null {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    console.error(`${file}: cannot be read: ${String(error)}`);
    return null;
  }
  const read = readFaults(text);
  if (read.ok) return read.faults;
  console.error(`${file}: ${read.problem}`);
  return null;
}

function main(): number {
  const options = readOptions();
  const faults = options === null ? null : faultsOf(options.faults);
  if (options === null || faults === null) return 2;
  const chosen = [...rows, doubledNoise].filter(({ name }) => name.includes(options.rows));
  if (chosen.length === 0) {
    console.error(`no row has "${options.rows}" in its name`);
    return 2;
  }
  const startMs = performance.now();
  const scores = chosen.map((row) => {
    const score = simulateRow(row, { ...options, faults });
    const tookS = ((performance.now() - startMs) / 1000).toFixed(0);
    console.error(`${row.name}: ${options.visits} visits, ${tookS} s`);
    for (const story of score.stories) console.error(`  ${story}`);
    const doubts = [...score.doubts].sort(([, a], [, b]) => b - a).slice(0, doubtsMax);
    for (const [what, count] of doubts) console.error(`  ${count} ${what}`);
    return { name: row.name, score };
  });
  console.log(`seed ${options.seed}, ${options.visits} visits a row, ${faults.length} faults\n`);
  console.log(tableOf(scores));
  return 0;
}

process.exit(main());
