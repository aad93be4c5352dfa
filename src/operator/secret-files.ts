import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';

/** The settings that name a file with a secret in it. */
const secretFileSettings = ['DATABASE_URL_FILE', 'ANSWER_KEY_FILE', 'ANSWER_NEXT_KEY_FILE'] as const;
/** In the folder of the embedded database, from before the database had the key (start.ts). */
export const memberCodeKeyName = 'member-code-key.pem';

/** Far above an address or a key; a larger file is another file, named by mistake. */
const secretMaxBytes = 64 * 1024;

/** Who else may do what to a secret file, in the words of the log; a public key may be read by everybody. */
export type Exposure = 'readable by everybody' | 'writable by others' | 'owned by somebody else';

export interface SecretFile {
  readonly text: string;
  /** As mode and owner of the file and of the folders above it say; null: our user and root alone have it. */
  readonly exposure: Exposure | null;
}

/** `secret_file`: cannot be read, or is none; the message names the file and nothing of what is in it. */
type SecretFileFailure = Failure<'secret_file'>;

/** Reads a file with a secret in it. Mode and owner are those of what was read, whoever changes the name meanwhile. */
export function readSecretFile(path: string): Result<SecretFile, SecretFileFailure> {
  try {
    // A pipe is opened at once, too, and then seen to be one.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) return fail('secret_file', `${path}: is no file`);
      if (stats.size > secretMaxBytes)
        return fail('secret_file', `${path}: ${stats.size} bytes are no secret`);
      const text = readFileSync(file, 'utf8');
      return ok({ text, exposure: exposureOf(stats, text) ?? exposureOfFolders(realpathSync(path)) });
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('secret_file', `${path}: cannot be read (${code ?? 'unknown'})`);
  }
}

function exposureOf({ mode, uid }: Stats, text: string): Exposure | null {
  if (!isOurs(uid)) return 'owned by somebody else';
  if ((mode & 0o022) !== 0) return 'writable by others';
  const isPublic = text.includes('BEGIN PUBLIC KEY') && !text.includes('PRIVATE KEY');
  return (mode & 0o004) !== 0 && !isPublic ? 'readable by everybody' : null;
}

/** Who may write to a folder may put another file in its place; in one like /tmp (sticky) only who owns what is there. */
function exposureOfFolders(path: string): Exposure | null {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid } = statSync(folder);
    if (!isOurs(uid)) return 'owned by somebody else';
    if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) return 'writable by others';
    if (folder === dirname(folder)) return null;
  }
}

/** Root can do what it likes anyway. Where there are no numbers of users (Windows), nothing is said by them. */
function isOurs(uid: number): boolean {
  const own = process.geteuid?.();
  return own === undefined || uid === own || uid === 0;
}

/** The secret files that others may read or change, by setting or path. One that cannot be read is told where it is used. */
export function exposedSecrets(env: NodeJS.ProcessEnv): { name: string; exposure: Exposure }[] {
  const paths: (readonly [name: string, path: string])[] = secretFileSettings.flatMap((name) => {
    const path = env[name];
    return path === undefined ? [] : [[name, path]];
  });
  const earlierKey = join(env['DATA_DIR'] ?? '', memberCodeKeyName);
  if (env['DATA_DIR'] !== undefined && existsSync(earlierKey)) paths.push([earlierKey, earlierKey]);
  return paths.flatMap(([name, path]) => {
    const read = readSecretFile(path);
    return read.ok && read.value.exposure !== null ? [{ name, exposure: read.value.exposure }] : [];
  });
}
