import Libsql from 'libsql';
import { StorageError } from './failure.ts';
import { type RawConnection, Statement } from './statement.ts';

/** How long a statement waits for another process that holds the file (a copy being made), in ms. */
const busyTimeoutMs = 1000;
/** The journal file is cut back to this after a checkpoint. */
const journalSizeLimitBytes = 8 * 1024 * 1024;

/** The only place that opens a connection. `aes256cbc` is the one cipher that libsql 0.5 is built with. */
export function connect(path: string, keyHex: string | null): RawConnection {
  // Casts: the package's types know neither the encryption options nor inTransaction.
  const options = (
    keyHex === null ? {} : { encryptionCipher: 'aes256cbc', encryptionKey: keyHex }
  ) as Libsql.Options;
  return new Libsql(path, options) as unknown as RawConnection;
}

/** For writing: durable, and without the traps of the defaults. */
export function configure(connection: RawConnection, secureDelete: boolean): void {
  const set = (pragma: string) => new Statement(connection, `PRAGMA ${pragma}`).all();
  set(`busy_timeout = ${busyTimeoutMs}`);
  const mode = set('journal_mode = WAL')[0]?.['journal_mode'];
  if (mode !== 'wal') {
    throw new StorageError({ code: 'storage.io', message: `no WAL here: ${String(mode)}` }, true);
  }
  // FULL: a commit is on the disk when it returns, also across a power cut.
  set('synchronous = FULL');
  set('foreign_keys = ON');
  // Without this a REPLACE would delete rows past the triggers that forbid it.
  set('recursive_triggers = ON');
  set('trusted_schema = OFF');
  set(`journal_size_limit = ${journalSizeLimitBytes}`);
  if (!secureDelete) return;
  set('secure_delete = ON');
  // What VACUUM copies would otherwise lie in a temporary file.
  set('temp_store = MEMORY');
}
