import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';

/** The settings that name a file with a secret in it. */
const secretFileSettings = ['DATABASE_URL_FILE', 'ANSWER_KEY_FILE', 'ANSWER_NEXT_KEY_FILE'] as const;

/** Far above an address or a key; a larger file is another file, named by mistake. */
const secretMaxBytes = 64 * 1024;

export interface SecretFile {
  readonly text: string;
  /** Every user of the machine may read it, as its own mode says. Never so of a public key, which is no secret. */
  readonly isOpenToAll: boolean;
}

/** `secret_file`: cannot be read, or is none; the message names the file and nothing of what is in it. */
type SecretFileFailure = Failure<'secret_file'>;

/** Reads a file with a secret in it. The mode is that of what was read, whoever changes the name meanwhile. */
export function readSecretFile(path: string): Result<SecretFile, SecretFileFailure> {
  try {
    const file = openSync(path, 'r');
    try {
      const { mode, size } = fstatSync(file);
      if (size > secretMaxBytes) return fail('secret_file', `${path}: ${size} bytes are no secret`);
      const text = readFileSync(file, 'utf8');
      const isPublic = text.includes('BEGIN PUBLIC KEY') && !text.includes('PRIVATE KEY');
      return ok({ text, isOpenToAll: (mode & 0o004) !== 0 && !isPublic });
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('secret_file', `${path}: cannot be read (${code ?? 'unknown'})`);
  }
}

/** The settings whose file every user of the machine may read. One that cannot be read is told where it is used. */
export function secretsOpenToAll(env: NodeJS.ProcessEnv): string[] {
  return secretFileSettings.filter((name) => {
    const path = env[name];
    const read = path === undefined ? null : readSecretFile(path);
    return read !== null && read.ok && read.value.isOpenToAll;
  });
}
