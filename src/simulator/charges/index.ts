import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { StorageUnderTest } from '../../testkit/operator/storages.ts';
import { storagesUnderTest } from '../../testkit/operator/storages.ts';
import type { Summary } from './report.ts';
import { findingCountOf, summaryOf, summarySchema, tableOf } from './report.ts';
import { simulateCharges } from './simulation.ts';

/**
 * `npm run sim -- --charges`: purchases under faults, from the bolt to each provider's book, in virtual time. Ends with 0 when
 * the auditor has found nothing, with 1 when it has (and tells the story of each visit), with 2 when the call is wrong.
 */
const usage = `usage: npm run sim -- --charges [options]
  --visits N      visits in all (1000)
  --cabinets N    cabinets (6)
  --seed N        of all chance (1)
  --processes N   worlds beside each other, each with a part of the visits and the next seed (left out: one a processor)
  --audit-every N so many visits, and the auditor looks at everything so far; what it finds ends the run (1000)
  --database D    postgres (when there is a server) | pglite; left out: postgres, else pglite`;

/** Members with an account at each provider. */
const membersOfEach = 12;
/** Fewer visits than that are not worth a process of their own. */
const visitsOfProcessMin = 300;

const optionsSchema = z.object({
  visits: z.coerce.number().int().min(1).max(1_000_000).default(1_000),
  cabinets: z.coerce.number().int().min(1).max(50).default(6),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  'audit-every': z.coerce.number().int().min(1).max(1_000_000).default(1_000),
  processes: z.coerce.number().int().min(1).max(64).optional(),
  database: z.enum(['postgres', 'pglite']).optional(),
  part: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

function readOptions(): Options | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const numbers = { visits: text, cabinets: text, seed: text, 'audit-every': text, processes: text } as const;
  try {
    // `part`: a process of a larger run, which prints its summary as JSON.
    const options = { charges: flag, part: flag, database: text, ...numbers } as const;
    return optionsSchema.parse(parseArgs({ options, strict: true }).values);
  } catch (error) {
    console.error(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    console.error(usage);
    return null;
  }
}

async function runHere(options: Options, storage: StorageUnderTest): Promise<Summary> {
  const { visits, cabinets, seed, 'audit-every': auditEvery } = options;
  const startMs = performance.now();
  const tell = (what: string): void => {
    const tookS = Math.round((performance.now() - startMs) / 1000);
    const { user, system } = process.cpuUsage();
    const processorS = Math.round((user + system) / 1e6);
    const residentMb = Math.round(process.memoryUsage.rss() / 1e6);
    console.error(`seed ${seed}: ${what}, ${tookS} s, ${processorS} s of a processor, ${residentMb} MB`);
  };
  const outcome = await simulateCharges({
    ...{ seed, storage, membersOfEach, auditEvery, visitCount: visits, cabinetCount: cabinets },
    onProgress: (count) => tell(`${count} of ${visits} visits`),
    onAudit: (count, found) => tell(`${count} of ${visits} visits audited, ${found} findings`),
  });
  return summaryOf(outcome, seed);
}

async function runInProcess(options: Options, database: string): Promise<Summary> {
  const { visits, cabinets, seed, 'audit-every': auditEvery } = options;
  const numbers = { visits, cabinets, seed, 'audit-every': auditEvery };
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [program, '--part', '--database', database, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await textOf(child.stdout);
  return summarySchema.parse(JSON.parse(said));
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  const { visits, seed, database, part } = options;
  const all = storagesUnderTest();
  const storage = all.find(({ name }) => name === database) ?? all.at(-1);
  if (storage === undefined || (database !== undefined && storage.name !== database)) {
    console.error(`there is no ${database ?? 'database'} here`);
    return 2;
  }
  if (part) {
    const summary = await runHere(options, storage);
    // Others of the run may go on for an hour.
    for (const story of summary.stories) console.error(story);
    console.log(JSON.stringify(summary));
    return 0;
  }
  const useful = Math.max(1, Math.floor(visits / visitsOfProcessMin));
  const count = options.processes ?? Math.min(availableParallelism(), useful);
  console.error(`${visits} visits, seed ${seed}, on ${storage.name}, in ${count} processes …`);
  const startMs = performance.now();
  const shares = Array.from({ length: count }, (_, i) => {
    const share = Math.floor(visits / count) + (i < visits % count ? 1 : 0);
    return { ...options, visits: share, seed: seed + i };
  });
  const summaries =
    count === 1
      ? [await runHere(options, storage)]
      : await Promise.all(shares.map((share) => runInProcess(share, storage.name)));
  console.log(tableOf(summaries, (performance.now() - startMs) / 1000, storage.name));
  return summaries.some((one) => findingCountOf(one) > 0) ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(3);
  },
);
