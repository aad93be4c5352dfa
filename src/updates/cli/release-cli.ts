import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { isProgram } from '../../shared/node/is-program.ts';
import { describeRelease, publishRelease, withdrawRelease } from '../repository/publish-release.ts';
import { putOnline, putRoot, readKey } from '../repository/repository-files.ts';
import { sbomOf } from '../repository/sbom.ts';

const usage = `usage: npm run release -- <act>; keys are PEM files, a list has commas
  key      --to=FILE                                 makes an Ed25519 key
  root     --repository=DIR --root-keys=FILES [--former-root-keys=FILES] [--threshold=1]
           --targets-keys=FILES --online-keys=FILES  the first root, or the next; where the root keys are
  publish  --repository=DIR --app=DIR --version=V --platform=linux --arch=x64 --start=kaimen
           --targets-key=FILE --online-key=FILE      a packed app (npm run package)
  withdraw --repository=DIR --version=V --targets-key=FILE --online-key=FILE
  refresh  --repository=DIR --online-key=FILE        signs snapshot and timestamp anew; once a day`;

const text = z.string().min(1);
const files = text.transform((list) => list.split(','));
const schemas = {
  key: z.object({ to: text }),
  root: z.object({
    repository: text,
    'root-keys': files,
    'former-root-keys': files.default([]),
    threshold: z.coerce.number().int().min(1).default(1),
    'targets-keys': files,
    'online-keys': files,
  }),
  publish: z.object({
    ...{ repository: text, app: text, version: text, platform: text, arch: text, start: text },
    ...{ 'targets-key': text, 'online-key': text },
  }),
  withdraw: z.object({ repository: text, version: text, 'targets-key': text, 'online-key': text }),
  refresh: z.object({ repository: text, 'online-key': text }),
};
const lockFile = join(import.meta.dirname, '..', '..', '..', 'package-lock.json');

/** Gives the exit code: 0, 1 where something failed, 2 for wrong usage. */
export function releaseCli(
  args: readonly string[],
  say: (line: string) => void,
  nowMs = Date.now(),
): 0 | 1 | 2 {
  const names = [...new Set(Object.values(schemas).flatMap(({ shape }) => Object.keys(shape)))];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  let read;
  try {
    read = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    say(String(error));
    return 2;
  }
  const [act = '', ...more] = read.positionals;
  try {
    const done = more.length === 0 && perform(act, read.values, nowMs);
    if (!done) say(usage);
    return done ? 0 : 2;
  } catch (error) {
    say(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    return 1;
  }
}

/** False: there is no such act. */
function perform(act: string, values: object, nowMs: number): boolean {
  switch (act) {
    case 'key': {
      makeKey(schemas.key.parse(values).to);
      return true;
    }
    case 'root': {
      const given = schemas.root.parse(values);
      const [root, formerRoot] = [given['root-keys'].map(readKey), given['former-root-keys'].map(readKey)];
      const [targets, online] = [given['targets-keys'].map(readKey), given['online-keys'].map(readKey)];
      const { repository, threshold } = given;
      putRoot(repository, { root, formerRoot, threshold, targets, online }, nowMs);
      return true;
    }
    case 'publish': {
      const given = schemas.publish.parse(values);
      const { app, version, platform, arch, start } = given;
      const about = { version, start, platform, arch } as Parameters<typeof describeRelease>[1];
      const sbom = sbomOf(readFileSync(lockFile, 'utf8'), version);
      publishRelease(publishing(given, nowMs), app, describeRelease(app, about), sbom);
      return true;
    }
    case 'withdraw': {
      const given = schemas.withdraw.parse(values);
      withdrawRelease(publishing(given, nowMs), given.version);
      return true;
    }
    case 'refresh': {
      const given = schemas.refresh.parse(values);
      putOnline(given.repository, readKey(given['online-key']), nowMs);
      return true;
    }
    default:
      return false;
  }
}

const publishing = (
  given: { repository: string; 'targets-key': string; 'online-key': string },
  nowMs: number,
): Parameters<typeof publishRelease>[0] => ({
  repository: given.repository,
  targetsKey: readKey(given['targets-key']),
  onlineKey: readKey(given['online-key']),
  nowMs,
});

function makeKey(to: string): void {
  if (existsSync(to)) throw new Error(`${to} is there already`);
  mkdirSync(join(to, '..'), { recursive: true });
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(to, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o400 });
}

if (isProgram(import.meta.url))
  process.exitCode = releaseCli(process.argv.slice(2), (line) => {
    process.stderr.write(`${line}\n`);
  });
