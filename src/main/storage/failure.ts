import { AssertionError } from '../../shared/assert.ts';
import type { Failure } from '../../shared/result.ts';

/**
 * - `storage.corrupt`: not our database, a wrong key, or a damaged file. The file is left as it is.
 * - `storage.newer`: written by a newer version of the app. The file is left as it is.
 * - `storage.io`: the disk is full or failing, or the file cannot be reached. What was not committed is not there;
 *   only when COMMIT itself failed it may or may not be (the journal decides at the next open).
 */
export type StorageErrorCode = 'storage.corrupt' | 'storage.newer' | 'storage.io';
export type StorageFailure = Failure<StorageErrorCode>;

/**
 * Carries a storage failure out of a statement to the enclosing `transaction` or `read`, which makes a Result of it.
 * It never crosses the border of this folder.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly failure: StorageFailure;
  /** The connection is not to be trusted any more: only opening the file again tells what is on the disk. */
  readonly final: boolean;
  constructor(failure: StorageFailure, final: boolean) {
    super(failure.message);
    this.failure = failure;
    this.final = final;
  }
}

/** Conditions that pass by themselves (space is freed, others are done with their locks): the connection stays in use. */
const passing = ['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_PROTOCOL'];
const io = [
  'SQLITE_IOERR',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_NOMEM',
  'SQLITE_PERM',
  'SQLITE_AUTH',
];
const corrupt = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'];

/**
 * What SQLite's word means for us (sqlite.org/rescode.html; extended codes have the primary code as their prefix).
 * Everything else (a broken constraint, wrong SQL) is our bug and becomes an AssertionError.
 */
export function storageErrorOf(thrown: unknown): StorageError | AssertionError {
  if (thrown instanceof StorageError || thrown instanceof AssertionError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = codeOf(thrown);
  const is = (prefixes: readonly string[]) => prefixes.some((prefix) => code.startsWith(prefix));
  const text = code === '' ? message : `${code}: ${message}`;
  if (is(corrupt)) return new StorageError({ code: 'storage.corrupt', message: text }, true);
  if (is(passing)) return new StorageError({ code: 'storage.io', message: text }, false);
  // libsql reports a failed open as a plain Error without a code.
  if (is(io) || message.startsWith('ConnectionFailed')) {
    return new StorageError({ code: 'storage.io', message: text }, true);
  }
  return new AssertionError(`SQL: ${text}`);
}

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
  return typeof code === 'string' ? code : '';
}
