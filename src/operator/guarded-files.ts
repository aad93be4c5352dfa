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
import { apiReplyMaxBytes } from '../shared/api/operator.ts';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';

/**
 * What a file that the operator goes by is: a `secret` is for our user and root alone; what is `public` may be read by
 * everybody, and changed by nobody else: the catalogue sets the prices.
 */
export type FileKind = 'secret' | 'public';

/** The settings that name a file. */
const fileSettings = {
  DATABASE_URL_FILE: 'secret',
  ANSWER_KEY_FILE: 'secret',
  ANSWER_NEXT_KEY_FILE: 'secret',
  MEMBER_CODE_SECRET_FILE: 'secret',
  PROVIDERS_FILE: 'secret',
  CATALOG_FILE: 'public',
} as const satisfies Record<string, FileKind>;
/** In the folder of the embedded database, from before the database had the key (start.ts). */
export const memberCodeKeyName = 'member-code-key.pem';

/** Far above an address or a key, and above what a cabinet takes as a catalogue; a larger file is another one, named by mistake. */
const maxBytes: Readonly<Record<FileKind, number>> = { secret: 64 * 1024, public: 4 * apiReplyMaxBytes };

/** Who else may do what to such a file, in the words of the log; a public key may be read by everybody. */
export type Exposure = 'readable by everybody' | 'writable by others' | 'owned by somebody else';

export interface GuardedFile {
  readonly bytes: Buffer;
  /** As mode and owner of the file and of the folders above it say; null: our user and root alone have it. */
  readonly exposure: Exposure | null;
}

/** `guarded_file`: cannot be read, or is none; the message names the file and nothing of what is in it. */
type GuardedFileFailure = Failure<'guarded_file'>;

/** Reads a file of this kind. Mode and owner are those of what was read, whoever changes the name meanwhile. */
export function readGuardedFile(path: string, kind: FileKind): Result<GuardedFile, GuardedFileFailure> {
  try {
    // A pipe is opened at once, too, and then seen to be one.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) return fail('guarded_file', `${path}: is no file`);
      if (stats.size > maxBytes[kind])
        return fail('guarded_file', `${path}: ${stats.size} bytes are too many`);
      const bytes = readFileSync(file);
      const isPublic = kind === 'public' || isPublicKey(bytes.toString());
      return ok({ bytes, exposure: exposureOf(stats, isPublic) ?? exposureOfFolders(realpathSync(path)) });
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('guarded_file', `${path}: cannot be read (${code ?? 'unknown'})`);
  }
}

const isPublicKey = (text: string): boolean =>
  text.includes('BEGIN PUBLIC KEY') && !text.includes('PRIVATE KEY');

function exposureOf({ mode, uid }: Stats, isPublic: boolean): Exposure | null {
  if (!isOurs(uid)) return 'owned by somebody else';
  if ((mode & 0o022) !== 0) return 'writable by others';
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

/** The files that others may read or change and should not, by setting or path. One that cannot be read is told where it is used. */
export function exposedFiles(env: NodeJS.ProcessEnv): { name: string; exposure: Exposure }[] {
  const files: { name: string; path: string; kind: FileKind }[] = Object.entries(fileSettings).flatMap(
    ([name, kind]) => {
      const path = env[name];
      return path === undefined ? [] : [{ name, path, kind }];
    },
  );
  const earlierKey = join(env['DATA_DIR'] ?? '', memberCodeKeyName);
  if (env['DATA_DIR'] !== undefined && existsSync(earlierKey))
    files.push({ name: earlierKey, path: earlierKey, kind: 'secret' });
  return files.flatMap(({ name, path, kind }) => {
    const read = readGuardedFile(path, kind);
    return read.ok && read.value.exposure !== null ? [{ name, exposure: read.value.exposure }] : [];
  });
}
