import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { AssertionError } from '../../shared/assert.ts';
import { connect } from './connection.ts';
import { StorageError } from './failure.ts';
import { Statement, firstNumber } from './statement.ts';
import type { RawConnection } from './statement.ts';

/**
 * Up to this size every page is checked at open: 1.7 ms per MB on a PC, perhaps 15 ms per MB on slow flash. SQLite cannot be
 * interrupted from the same thread, so what is larger is checked in the background instead, where its rows are read anyway
 * (charges/chain-check.ts); at open only that none of it is cut off.
 */
export const quickCheckMaxBytes = 4 * 1024 * 1024;

/**
 * Reads through a connection that cannot write: no repair, no checkpoint, no change of the file or its journal. Of a head that
 * is damaged SQLite says what it also says of wrong SQL ("unsupported file format"); there is none here that could be wrong.
 */
export function probe(
  path: string,
  keyHex: string | null,
  newestVersion: number,
  checkMaxBytes = quickCheckMaxBytes,
): void {
  const stat = statSync(path);
  if (!stat.isFile()) damaged('not a file');
  if (stat.size === 0) damaged('the database file is empty');
  const connection = connect(`${pathToFileURL(path).href}?mode=ro`, keyHex);
  try {
    checkVersion(connection, newestVersion);
    if (stat.size > checkMaxBytes) checkEnd(connection, path, stat.size);
    else {
      const verdict = new Statement(connection, 'PRAGMA quick_check(1)').all()[0]?.['quick_check'];
      if (verdict !== 'ok') damaged(String(verdict));
    }
  } catch (thrown) {
    if (thrown instanceof AssertionError) damaged(thrown.message);
    throw thrown;
  } finally {
    connection.close();
  }
}

function checkVersion(connection: RawConnection, newestVersion: number): void {
  const version = firstNumber(connection, 'PRAGMA user_version');
  if (version > newestVersion && oldestReader(connection, version) > newestVersion) {
    throw new StorageError(
      { code: 'storage.newer', message: `schema ${version}, this app knows ${newestVersion}` },
      true,
    );
  }
  if (version < 1) damaged('a database without our schema');
}

/** Of a file that is too large to be read as a whole. */
function checkEnd(connection: RawConnection, path: string, sizeBytes: number): void {
  // With something in its journal the file may be shorter than what it is to become.
  const wholeBytes =
    firstNumber(connection, 'PRAGMA page_count') * firstNumber(connection, 'PRAGMA page_size');
  const journalBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes < wholeBytes && journalBytes === 0) damaged('the end of the file is missing');
}

/** The schema of the oldest app that works on this file; a file that does not say it (0): the file's own. */
export function oldestReader(connection: RawConnection, version: number): number {
  const said = firstNumber(connection, 'PRAGMA application_id');
  return said === 0 ? version : said;
}

export function damaged(message: string): never {
  throw new StorageError({ code: 'storage.corrupt', message }, true);
}
