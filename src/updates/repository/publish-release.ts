import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from '../../shared/node/write-file-atomic.ts';
import {
  type Release,
  releaseFilePath,
  releaseSchema,
  releaseTargetName,
} from '../release/release.schema.ts';
import { type SigningKey, type Targets, putOnline, putTargets, readTargets } from './repository-files.ts';

export interface Publishing {
  readonly repository: string;
  readonly targetsKey: SigningKey;
  readonly onlineKey: SigningKey;
  readonly nowMs: number;
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What is in a packed app. */
export function describeRelease(appFolder: string, about: Omit<Release, 'format' | 'files'>): Release {
  const pathsIn = (folder: string, above: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (entry.isDirectory()) return pathsIn(join(folder, entry.name), `${above}${entry.name}/`);
      if (!entry.isFile()) throw new Error(`${above}${entry.name} is neither file nor folder`);
      return [`${above}${entry.name}`];
    });
  const files = pathsIn(appFolder, '')
    .sort()
    .map((path) => {
      const whole = join(appFolder, ...path.split('/'));
      const { mode } = statSync(whole);
      const bytes = readFileSync(whole);
      const isExecutable = (mode & 0o100) !== 0;
      return { path, sha256: hashOf(bytes), size: bytes.length, isExecutable };
    });
  return releaseSchema.parse({ format: 1, ...about, files });
}

/**
 * Puts a release into the repository: its files by their hashes, each once for all releases; its description and the list of
 * what it was made of, which are signed for; then the metadata, so that nobody sees a part of it.
 */
export function publishRelease(at: Publishing, appFolder: string, release: Release, sbom: object): void {
  const { repository, targetsKey, onlineKey, nowMs } = at;
  const { version, platform, arch } = release;
  const name = releaseTargetName(version, platform, arch);
  const sbomName = `${name.replace(/\.json$/, '')}.cdx.json`;
  const targets = readTargets(repository);
  if (Object.hasOwn(targets, name) || wasAnother(repository, name, release))
    throw new Error(`${name} is there already: a version is never made twice`);
  for (const { path, sha256 } of release.files) {
    const to = join(repository, 'targets', ...releaseFilePath(sha256).split('/'));
    if (existsSync(to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    // Half a file under the name of its hash would stay there for good.
    copyFileSync(join(appFolder, ...path.split('/')), `${to}.new`);
    renameSync(`${to}.new`, to);
  }
  const added: Targets = {
    [name]: putTarget(repository, name, release),
    [sbomName]: putTarget(repository, sbomName, sbom),
  };
  putTargets(repository, targetsKey, { ...targets, ...added }, nowMs);
  putOnline(repository, onlineKey, nowMs);
}

/** No cabinet can get it any more, whatever it is told. */
export function withdrawRelease(at: Publishing, version: string): void {
  const { repository, targetsKey, onlineKey, nowMs } = at;
  const kept = Object.entries(readTargets(repository)).filter(
    ([name]) => !name.startsWith(`releases/${version}/`),
  );
  putTargets(repository, targetsKey, Object.fromEntries(kept), nowMs);
  putOnline(repository, onlineKey, nowMs);
}

/** It was made before out of something else, and withdrawn since: cabinets that run it would never see that there are two. */
function wasAnother(repository: string, name: string, release: Release): boolean {
  const folder = join(repository, 'targets', dirname(name));
  const own = `${hashOf(Buffer.from(JSON.stringify(release)))}.${basename(name)}`;
  const made = existsSync(folder) ? readdirSync(folder) : [];
  return made.some((file) => file !== own && file.replace(/^[0-9a-f]{64}\./, '') === basename(name));
}

function putTarget(repository: string, name: string, value: object): Targets[string] {
  const bytes = Buffer.from(JSON.stringify(value));
  const sha256 = hashOf(bytes);
  const parts = name.split('/');
  const last = `${sha256}.${parts.pop() ?? ''}`;
  const path = join(repository, 'targets', ...parts, last);
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic(path, bytes.toString('utf8'));
  return { length: bytes.length, hashes: { sha256 } };
}
