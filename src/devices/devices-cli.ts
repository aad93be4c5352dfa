import { createInterface } from 'node:readline';
import { systemClock } from '../shared/clock.ts';
import { inventoryText, takeInventory } from './cli/inventory.ts';
import { defaultProfilePath, openProfile } from './cli/profile-file.ts';
import { runSetup } from './cli/setup.ts';
import { makeTransport } from './transport/make-transport.ts';

/**
 * `npm run devices` lists what is plugged in, what it probably is and why it cannot be used; `-- --json` for machines.
 * `npm run devices -- setup [path of config.json]` tries the cabinet's devices with the person before it and writes them
 * into the app's settings. Ends with 0; 1 when nothing was written; 2 for arguments that mean nothing; 3 for a broken file.
 */
const usage = 'npm run devices [-- --json | -- setup [config.json]]';

async function main(args: readonly string[]): Promise<number> {
  const [command, path, ...more] = args;
  if (command === undefined || (command === '--json' && path === undefined)) {
    const inventory = await takeInventory();
    console.log(command === '--json' ? JSON.stringify(inventory) : inventoryText(inventory));
    return 0;
  }
  if (command === 'setup' && more.length === 0) return setup(path ?? defaultProfilePath());
  console.error(usage);
  return 2;
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
