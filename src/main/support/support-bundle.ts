import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { supportBundleMaxBytes } from '../../shared/model/support-bundle.ts';
import { type Failure, type Result, fail, ok } from '../../shared/result.ts';
import { allowedLine } from './log-line.ts';
import { logTail } from './log-tail.ts';
import { type SupportPart, knownFiles, supportPartSchema } from './support-schema.ts';

const gzipped = promisify(gzip);
/** Names of the data folder that are counted. */
const filesMax = 10_000;

type PartOf<P extends SupportPart['part']> = Omit<Extract<SupportPart, { part: P }>, 'part'>;

export interface SupportSources {
  readonly dataDir: string;
  readonly about: () => Omit<PartOf<'about'>, 'form'>;
  readonly devices: () => PartOf<'devices'>;
  readonly tests: () => PartOf<'tests'>;
  readonly cooling: () => PartOf<'cooling'>;
  readonly settings: () => PartOf<'settings'>;
  readonly machine: () => Promise<Pick<PartOf<'storage'>, 'diskFreeBytes' | 'memoryFreeBytes' | 'appBytes'>>;
  readonly charges: () => PartOf<'charges'> | null;
  readonly acts: () => PartOf<'acts'>;
}

/**
 * What whoever mends cabinets from afar needs to know of this one: a part a line, JSON, in gzip. Each part passes its schema, which
 * drops all that it does not name. When it would be too large, the oldest lines of the log are left out.
 */
export async function makeSupportBundle(
  sources: SupportSources,
): Promise<Result<Buffer, Failure<'not_made'>>> {
  try {
    const head = await headOf(sources);
    const tail = await logTail(sources.dataDir);
    const lines = tail.map(allowedLine);
    const log = lines.filter((line) => line !== null).map((line) => textOf(line));
    for (let count = log.length; ; count = Math.floor(count / 2)) {
      const end = textOf({ part: 'end', logLines: count, leftOut: tail.length - count });
      const text = [...head, ...log.slice(0, count).reverse(), end].join('\n');
      const bundle = await gzipped(`${text}\n`);
      if (bundle.length <= supportBundleMaxBytes) return ok(bundle);
      if (count === 0) return fail('not_made', 'too large without any log');
    }
  } catch (error) {
    return fail('not_made', String(error).slice(0, 300));
  }
}

/** The parts of a bundle, as a reader has them. Throws for what is none. */
export function readSupportBundle(bundle: Uint8Array): SupportPart[] {
  const text = gunzipSync(bundle, { maxOutputLength: 16 * 1024 * 1024 }).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => supportPartSchema.parse(JSON.parse(line)));
}

async function headOf(sources: SupportSources): Promise<string[]> {
  const charges = sources.charges();
  return [
    textOf({ part: 'about', form: 1, ...sources.about() }),
    textOf({ part: 'devices', ...sources.devices() }),
    textOf({ part: 'tests', ...sources.tests() }),
    textOf({ part: 'cooling', ...sources.cooling() }),
    textOf({ part: 'settings', ...sources.settings() }),
    textOf({ part: 'storage', ...(await sources.machine()), ...(await filesIn(sources.dataDir)) }),
    ...(charges === null ? [] : [textOf({ part: 'charges', ...charges })]),
    textOf({ part: 'acts', ...sources.acts() }),
  ];
}

function textOf(part: SupportPart): string {
  return JSON.stringify(supportPartSchema.parse(part));
}

async function filesIn(dataDir: string): Promise<Pick<PartOf<'storage'>, 'files' | 'otherFiles'>> {
  const names = (await readdir(dataDir)).slice(0, filesMax);
  const known = knownFiles.filter((name) => names.includes(name));
  const files = await Promise.all(
    known.map(async (name) => {
      const bytes = await stat(join(dataDir, name)).then(
        ({ size }) => size,
        () => 0,
      );
      return { name, bytes };
    }),
  );
  return { files, otherFiles: names.length - known.length };
}
