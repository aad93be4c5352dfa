import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { systemClock } from '../../shared/clock.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { downloadTarget, isWhole } from '../tuf/target-download.ts';
import { UpdateError } from '../tuf/update-error.ts';
import { trustRoot, withRepository } from '../tuf/trusted-metadata.ts';

/**
 * `npm run tuf-client -- …`: the kiosk's way to its updates, by hand and for conformance suites. The command line is that of
 * the TUF project’s conformance suite (tuf-conformance). 0: all of it succeeded; 1: it did not.
 */
const usage = `usage: npm run tuf-client -- --metadata-dir DIR init TRUSTED_ROOT
       npm run tuf-client -- --metadata-dir DIR --metadata-url URL refresh
       npm run tuf-client -- --metadata-dir DIR --metadata-url URL --target-name NAME [--target-name NAME ...]
                             --target-base-url URL --target-dir DIR download`;

const folder = z.string().min(1);
const url = z.url({ protocol: /^https?$/ });
const commandSchema = z.discriminatedUnion('word', [
  z.object({ word: z.literal('init'), metadataFolder: folder, trustedRoot: z.string().min(1) }),
  z.object({ word: z.literal('refresh'), metadataFolder: folder, metadataUrl: url }),
  z.object({
    word: z.literal('download'),
    metadataFolder: folder,
    metadataUrl: url,
    targetNames: z.array(z.string().min(1)).min(1),
    targetBaseUrl: url,
    targetFolder: folder,
  }),
]);
type Command = z.infer<typeof commandSchema>;
type Download = Extract<Command, { word: 'download' }>;

/** Throws on what cannot be read. */
function readCommand(args: readonly string[]): Command {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'metadata-dir': text,
      'metadata-url': text,
      'target-name': { type: 'string', multiple: true },
      'target-base-url': text,
      'target-dir': text,
    },
  });
  const [word, trustedRoot, ...more] = positionals;
  if (more.length > 0 || (word !== 'init' && trustedRoot !== undefined)) throw new Error('too many words');
  return commandSchema.parse({
    word,
    trustedRoot,
    metadataFolder: values['metadata-dir'],
    metadataUrl: values['metadata-url'],
    targetNames: values['target-name'],
    targetBaseUrl: values['target-base-url'],
    targetFolder: values['target-dir'],
  });
}

/** One look for all names, in order; the first that fails ends it. What lies there whole is not fetched. */
async function download(command: Download, clock: Clock): Promise<void> {
  const { metadataFolder, metadataUrl, targetNames, targetBaseUrl, targetFolder } = command;
  await withRepository({ metadataFolder, metadataUrl, clock }, async (look) => {
    await look.refresh();
    for (const name of targetNames) {
      const target = await look.find(name);
      if (target === null) throw new UpdateError('missing', `nothing is signed for as ${name}`);
      const path = join(targetFolder, encodeURIComponent(name));
      if (await isWhole(target, path)) continue;
      const url = await look.urlOf(target, targetBaseUrl);
      await downloadTarget(target, { url, path, partFolder: join(metadataFolder, 'part'), clock });
    }
  });
}

/** `args`: as on the command line; `say`: a line for whoever reads along. Gives the exit code. */
export async function tufClient(
  args: readonly string[],
  say: (line: string) => void,
  clock: Clock = systemClock,
): Promise<0 | 1> {
  let command: Command;
  try {
    command = readCommand(args);
  } catch (error) {
    say(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    say(usage);
    return 1;
  }
  try {
    if (command.word === 'init')
      await trustRoot(command.metadataFolder, await readFile(command.trustedRoot, 'utf8'));
    else if (command.word === 'refresh')
      await withRepository({ ...command, clock }, (look) => look.refresh());
    else await download(command, clock);
    return 0;
  } catch (error) {
    say(error instanceof UpdateError ? `${error.kind}: ${error.message}` : String(error));
    return 1;
  }
}

if (isProgram(import.meta.url))
  process.exitCode = await tufClient(process.argv.slice(2), (line) => {
    process.stderr.write(`${line}\n`);
  });
