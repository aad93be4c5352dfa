import { createInterface } from 'node:readline';
import { z } from 'zod';
import { systemClock } from '../../shared/clock.ts';
import { parseArguments } from './arguments.ts';
import { inventoryText, takeInventory } from '../inventory/inventory.ts';
import { defaultProfilePath, openProfile } from './profile-file.ts';
import { runSetup } from './setup.ts';
import { makeTransport } from '../transport/make-transport.ts';

/**
 * `npm run devices` lists what is plugged in, what it probably is and why it cannot be used; `-- --json` for machines.
 * `npm run devices -- setup [path of config.json]` tries the cabinet's devices with the person before it and writes them
 * into the app's settings. Ends with 0; 1 when nothing was written; 2 for arguments that mean nothing; 3 for a broken file.
 */
const usage = 'npm run devices [-- --json | -- setup [config.json]]';
const argumentTable = z.union([
  z.object({ json: z.boolean().default(false), positionals: z.tuple([]) }),
  z.strictObject({ positionals: z.tuple([z.literal('setup'), z.string().optional()]) }),
]);

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args, ['json'], argumentTable);
  if (!parsed.ok) {
    console.error(usage);
    return 2;
  }
  if (!('json' in parsed.value)) return setup(parsed.value.positionals[1] ?? defaultProfilePath());
  const inventory = await takeInventory();
  console.log(parsed.value.json ? JSON.stringify(inventory) : inventoryText(inventory));
  return 0;
}

async function setup(path: string): Promise<number> {
  const profile = openProfile(path);
  if (!profile.ok) {
    console.error(profile.error.message);
    return 3;
  }
  // Lines that are there before they are asked for (a pipe) are kept.
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const isWritten = await runSetup({
    clock: systemClock,
    makeTransport: (spec) => makeTransport(spec, systemClock),
    takeInventory: () => takeInventory(),
    profile: profile.value,
    profilePath: path,
    ask: async (question) => {
      process.stdout.write(`${question} `);
      const line = await lines.next();
      return line.done === true ? null : line.value;
    },
    say: (text) => {
      console.log(text);
    },
  });
  return isWritten ? 0 : 1;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(`devices: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(4);
}
