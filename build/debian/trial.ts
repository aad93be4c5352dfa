import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

// What the trials of the Debian package have in common: what they need, where they work, what they have found.

export const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Where the package puts slots and data. */
export const home = '/var/lib/kaimen';

export interface Trial {
  readonly deb: string;
  readonly suite: string;
  /** For this trial alone; whoever ends it removes it. */
  readonly scratch: string;
  /** The root of the Debian that is made for it, below `scratch`. */
  readonly root: string;
  readonly say: (line: string) => void;
  readonly check: (what: string, isSo: boolean, more?: string) => void;
  /** Says what came of it, and ends the process: with 1 when a check has failed. */
  readonly end: () => never;
}

/** Ends the process with 2 where this machine has not what it takes: root, a package in dist/, and these programs. */
export function beginTrial(name: string, script: string, programs: Readonly<Record<string, string>>): Trial {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { deb: text, suite: text } });
  const deb = values.deb ?? madeDeb();
  const say = (line: string): void => void process.stderr.write(`[${name}] ${line}\n`);
  const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
  if (process.getuid?.() !== 0 || !Object.keys(programs).every(isThere) || !existsSync(deb)) {
    const names = Object.keys(programs).join(', ');
    say(`nothing was tried: it needs root, a package in dist/ (npm run package), and ${names}:`);
    say(`apt-get install ${Object.values(programs).join(' ')} && node build/debian/${script}`);
    process.exit(2);
  }
  const scratch = mkdtempSync(join(tmpdir(), `kaimen-${name}-`));
  let failed = 0;
  return {
    ...{ deb, say, scratch, suite: values.suite ?? 'bookworm', root: join(scratch, 'root') },
    check: (what, isSo, more = '') => {
      say(`${isSo ? 'ok  ' : 'FAIL'} ${what}${isSo ? '' : ` ${more.slice(-2_000)}`}`);
      if (!isSo) failed++;
    },
    end: () => {
      say(failed === 0 ? 'all of it is as it should be' : `${failed} failed`);
      process.exit(failed === 0 ? 0 : 1);
    },
  };
}

/** What `npm run package` has made; a path where there is nothing when it has not. */
function madeDeb(): string {
  const dist = join(project, 'dist');
  const found = existsSync(dist)
    ? readdirSync(dist).filter((name) => /^kaimen_.*_(amd64|arm64)\.deb$/.test(name))
    : [];
  return join(dist, found[0] ?? 'none');
}

/** The same package once more, with another version of the app in it. */
export function withVersion(deb: string, version: string, file: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'kaimen-deb-version-'));
  const folder = join(scratch, 'package');
  execFileSync('dpkg-deb', ['-R', deb, folder]);
  const control = join(folder, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}`));
  const release = join(folder, 'opt/kaimen/release.json');
  const described = { ...(JSON.parse(readFileSync(release, 'utf8')) as object), version };
  writeFileSync(release, JSON.stringify(described));
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z1', '--build', folder, file]);
  rmSync(scratch, { recursive: true });
}
