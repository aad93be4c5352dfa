import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProgram } from '../../shared/node/is-program.ts';
import { releaseSchema } from '../release/release.schema.ts';
import { seedSlot } from '../release/seed-slot.ts';

/** What a package says of its app, beside it. */
export const packedRelease = 'release.json';

/** `seed.mjs <folder of the package> <folder of the launcher>`: 0, or 1 with a word. */
export async function seedCli(
  [packageFolder, root, ...more]: readonly string[],
  say: (line: string) => void,
): Promise<0 | 1 | 2> {
  if (packageFolder === undefined || root === undefined || more.length > 0) {
    say('usage: seed.mjs <folder of the package> <folder of the launcher>');
    return 2;
  }
  try {
    const text = await readFile(join(packageFolder, packedRelease), 'utf8');
    const release = releaseSchema.parse(JSON.parse(text));
    const isOurs = release.platform === process.platform && release.arch === process.arch;
    if (!isOurs) throw new Error(`it is for ${release.platform}-${release.arch}`);
    const done = await seedSlot(root, join(packageFolder, 'app'), release);
    say(`${release.version}: ${done}`);
    return 0;
  } catch (error) {
    say(String(error));
    return 1;
  }
}

if (isProgram(import.meta.url))
  process.exitCode = await seedCli(process.argv.slice(2), (line) => {
    process.stderr.write(`[kaimen] ${line}\n`);
  });
