import { chmodSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AssertionError, assert } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import { err, fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import { syncPath } from '../../shared/node/write-file-atomic.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { configure, connect } from './connection.ts';
import { StorageError, storageErrorOf } from './failure.ts';
import type { StorageFailure } from './failure.ts';
import { migrations as ourMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import { Statement, firstNumber } from './statement.ts';
import type { RawConnection } from './statement.ts';
import { damaged, oldestReader, probe } from './probe.ts';

export type { StorageFailure } from './failure.ts';
export type { Row, Statement } from './statement.ts';

/** `openForReading` knows no file from before this one. */
const oldestReadVersion = 2;
/** Distinct SQL texts in the program; more means that someone builds SQL from data. */
const statementCountMax = 200;

export interface OpenOptions {
  readonly path: string;
  /** 32 bytes as 64 lower-case hex digits. Null: not encrypted, for tests that look for bytes in the files. */
  readonly keyHex: string | null;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** The tables of another file than kaimen.db. */
  readonly migrations?: readonly Migration[];
  /** Up to this size every page is checked at open; left out: `quickCheckMaxBytes`. */
  readonly checkMaxBytes?: number;
  /** Deleted rows are overwritten; see `eraseDeleted`. */
  readonly secureDelete?: boolean;
  /** Called once, a moment later, when the connection is in doubt: from then on every call fails until the file is opened anew. */
  readonly onBroken?: () => void;
}

/**
 * Opens the encrypted database, creates it when there is none, and brings it to the current schema.
 * An existing file is first read through a read-only connection: a file that is truncated, garbage, of another key
 * (`storage.corrupt`), or from a newer version that this one cannot work on (`storage.newer`) stays as it is, byte for byte. A new file is made under
 * another name and then renamed, so that an empty file under the real name is damage and never "a new one".
 */
export function openDatabase(options: OpenOptions): Result<Database, StorageFailure> {
  const { path, keyHex, clock, logger } = options;
  const steps = options.migrations ?? ourMigrations;
  const file = basename(path);
  assert(keyHex === null || /^[0-9a-f]{64}$/.test(keyHex), 'the database key is 64 lower-case hex digits');
  steps.forEach(({ version, readBy = version }, i) => {
    assert(version === i + 1, 'migrations are numbered 1, 2, 3 …');
    assert(readBy >= 1 && readBy <= version, 'readBy: a schema that there is');
  });
  const startMs = clock.monotonicMs();
  const opened = guard(() => {
    if (!exists(path)) {
      if (exists(`${path}-wal`)) damaged('the database file is gone, but its journal is there');
      create(path, keyHex, steps);
      logger?.info('storage.created', { file, version: steps.length });
    }
    probe(path, keyHex, steps.length, options.checkMaxBytes);
    const connection = connect(path, keyHex);
    const from = orClosed(connection, () => {
      configure(connection, options.secureDelete ?? false);
      const version = firstNumber(connection, 'PRAGMA user_version');
      migrate(connection, steps, version);
      return version;
    });
    if (from < steps.length) logger?.info('storage.migrated', { file, from, to: steps.length });
    return new Database(connection, logger, () => {
      if (options.onBroken !== undefined) clock.after(0, options.onBroken);
    });
  });
  const tookMs = Math.round(clock.monotonicMs() - startMs);
  if (opened.ok) {
    logger?.info('storage.opened', { file, tookMs });
    return opened;
  }
  const { code: failure, message } = opened.error;
  logger?.error('storage.open_failed', { file, failure, message, tookMs });
  collectStatements();
  return opened;
}

/** A try that fails leaves nothing open: it is made again without end, and each would keep its files. */
function orClosed<T>(connection: RawConnection, step: () => T): T {
  try {
    return step();
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

/**
 * Opens an existing file as it is, for tools: nothing is created, brought forward or written. It may be of an earlier
 * version of the program, from the one on that had disputes.
 */
export function openForReading(
  options: Pick<OpenOptions, 'path' | 'keyHex' | 'clock' | 'logger'>,
): Result<Database, StorageFailure> {
  const { path, keyHex, logger } = options;
  return guard(() => {
    probe(path, keyHex, ourMigrations.length);
    const connection = connect(`${pathToFileURL(path).href}?mode=ro`, keyHex);
    orClosed(connection, () => {
      if (firstNumber(connection, 'PRAGMA user_version') < oldestReadVersion)
        damaged('written by a program that is too old for this one');
    });
    return new Database(connection, logger, () => undefined);
  });
}

/**
 * libsql gives the files of a connection back when its statements are collected, and cannot be told to finish one. While
 * the database does not open nothing else happens that would make the collection come, so it is asked for.
 */
function collectStatements(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (() => void) | undefined;
  collect?.();
}

/**
 * One open database. Statements may run only inside `transaction` or `read`, which turn SQLite's failures into Results;
 * after a failure that leaves the connection in doubt (I/O error, corruption) every further call fails the same way.
 */
export class Database {
  readonly #connection: RawConnection;
  readonly #logger: Logger | undefined;
  readonly #onBroken: () => void;
  readonly #statements = new Map<string, Statement>();
  /** 0: outside; 1: in a transaction; more: nested. */
  #depth = 0;
  #reading = 0;
  /** What has to follow in memory when the transaction that runs, or the part of it that it is about, is undone. */
  readonly #undos: (() => void)[] = [];
  /** Set by a storage failure inside a transaction: nothing of it may be committed. */
  #abortReason: StorageFailure | null = null;
  #broken: StorageFailure | null = null;
  #closed = false;

  constructor(connection: RawConnection, logger: Logger | undefined, onBroken: () => void) {
    this.#connection = connection;
    this.#logger = logger;
    this.#onBroken = onBroken;
  }

  /** The connection is in doubt: every call fails until the file is opened anew. */
  get isBroken(): boolean {
    return this.#broken !== null;
  }

  /**
   * Runs `fn` in one transaction, durable (fsync) when this returns ok. Nested calls join: an `err` inside undoes only
   * what that call wrote, but a storage failure anywhere undoes the whole and is what the outermost call returns.
   * A throw (bug) rolls everything back and goes on.
   */
  transaction<T, E extends { code: string }>(fn: () => Result<T, E>): Result<T, E | StorageFailure> {
    const refused = this.#refusal();
    if (refused !== null) return err(refused);
    return this.#depth === 0 ? this.#outermost(fn) : this.#nested(fn);
  }

  /**
   * For what is kept in memory beside the file: calls `undo` when the transaction that runs is undone, or the nested call
   * that this is in; the newest first. Outside of a transaction it is never called.
   */
  ifUndone(undo: () => void): void {
    if (this.#depth > 0) this.#undos.push(undo);
  }

  /** Runs `fn`, which only reads; outside a transaction each statement sees its own moment. */
  read<T>(fn: () => T): Result<T, StorageFailure> {
    const refused = this.#refusal();
    if (refused !== null) return err(refused);
    this.#reading++;
    try {
      return ok(fn());
    } catch (thrown) {
      return err(this.#caught(thrown));
    } finally {
      this.#reading--;
    }
  }

  /** The prepared statement for this SQL (kept; SQL texts are constants of the program). */
  prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      assert(this.#statements.size < statementCountMax, 'too many SQL texts: is SQL built from data?');
      statement = new Statement(this.#connection, sql, () => {
        assert(this.#depth + this.#reading > 0, 'a statement outside transaction() and read()');
      });
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * After it, nothing that was deleted before is in the file or its journal (the rest of a page may hold old copies until
   * the file is written anew). Takes about as long as writing all of it, and that much memory.
   */
  eraseDeleted(): Result<void, StorageFailure> {
    assert(this.#depth === 0, 'inside a transaction');
    return this.read(() => {
      this.#emptyJournal();
      this.#exec('VACUUM');
      this.#emptyJournal();
    });
  }

  /** Moves the journal into the main file and closes. A database that is closed answers `storage.io`. */
  close(): Result<void, StorageFailure> {
    assert(this.#depth === 0, 'closed inside a transaction');
    if (this.#closed) return ok();
    this.#closed = true;
    const done = guard(() => {
      if (this.#broken === null) new Statement(this.#connection, 'PRAGMA wal_checkpoint(TRUNCATE)').all();
    });
    // libsql keeps the handle until the statements are collected; without this they never would be.
    this.#statements.clear();
    this.#connection.close();
    return done;
  }

  #outermost<T, E extends { code: string }>(fn: () => Result<T, E>): Result<T, E | StorageFailure> {
    this.#abortReason = null;
    this.#depth = 1;
    try {
      this.#exec('BEGIN IMMEDIATE');
      const result = fn();
      // Read again: fn may have set it, which the compiler cannot see.
      const abortReason = this.#abortReason as StorageFailure | null;
      if (abortReason !== null) {
        this.#rollback();
        return err(abortReason);
      }
      if (result.ok) this.#exec('COMMIT');
      else this.#rollback();
      return result;
    } catch (thrown) {
      this.#rollback();
      return err(this.#caught(thrown));
    } finally {
      this.#depth = 0;
      this.#undos.length = 0;
    }
  }

  #nested<T, E extends { code: string }>(fn: () => Result<T, E>): Result<T, E | StorageFailure> {
    const name = `level_${this.#depth}`;
    const undosBefore = this.#undos.length;
    this.#depth++;
    try {
      this.#exec(`SAVEPOINT ${name}`);
      const result = fn();
      if (this.#abortReason !== null) return err(this.#abortReason);
      if (!result.ok) {
        this.#exec(`ROLLBACK TO ${name}`);
        this.#undoFrom(undosBefore);
      }
      this.#exec(`RELEASE ${name}`);
      return result;
    } catch (thrown) {
      return err(this.#caught(thrown));
    } finally {
      this.#depth--;
    }
  }

  /** Notes a storage failure and hands it back; throws what is a bug. */
  #caught(thrown: unknown): StorageFailure {
    const error = storageErrorOf(thrown);
    if (error instanceof AssertionError) throw thrown instanceof Error ? thrown : error;
    if (this.#depth > 0) this.#abortReason ??= error.failure;
    if (error.final) this.#isInDoubt(error.failure);
    return error.failure;
  }

  #isInDoubt(failure: StorageFailure): void {
    if (this.#broken !== null) return;
    this.#broken = failure;
    this.#logger?.error('storage.broken', { failure: failure.code, message: failure.message });
    this.#onBroken();
  }

  #refusal(): StorageFailure | null {
    if (this.#closed) return { code: 'storage.io', message: 'the database is closed' };
    // Inside a aborted transaction nothing more is tried.
    return this.#broken ?? (this.#depth > 0 ? this.#abortReason : null);
  }

  #emptyJournal(): void {
    const busy = new Statement(this.#connection, 'PRAGMA wal_checkpoint(TRUNCATE)').all()[0]?.['busy'];
    if (busy !== 0) {
      throw new StorageError({ code: 'storage.io', message: 'somebody else reads the journal' }, false);
    }
  }

  #exec(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch (thrown) {
      throw storageErrorOf(thrown);
    }
  }

  #undoFrom(index: number): void {
    for (const undo of this.#undos.splice(index).reverse()) undo();
  }

  #rollback(): void {
    this.#undoFrom(0);
    // After some errors SQLite has rolled back by itself (sqlite.org/lang_transaction.html).
    if (!this.#connection.inTransaction) return;
    try {
      this.#connection.exec('ROLLBACK');
    } catch (thrown) {
      this.#isInDoubt({ code: 'storage.io', message: `rollback failed: ${String(thrown)}` });
    }
  }
}

function guard<T>(fn: () => T): Result<T, StorageFailure> {
  try {
    return ok(fn());
  } catch (thrown) {
    if (isFileError(thrown)) return fail('storage.io', thrown.message);
    const error = storageErrorOf(thrown);
    if (error instanceof StorageError) return err(error.failure);
    throw thrown;
  }
}

function isFileError(thrown: unknown): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'syscall' in thrown && !(thrown instanceof StorageError);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function create(path: string, keyHex: string | null, steps: readonly Migration[]): void {
  const draft = `${path}.creating`;
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${draft}${suffix}`, { force: true });
  const connection = connect(draft, keyHex);
  try {
    // A plain journal: after close the draft is one file, complete by itself. Of a start that is interrupted nothing is
    // kept, so all steps are one transaction: each more would be written and brought onto the disk by itself.
    apply(connection, steps);
  } finally {
    connection.close();
  }
  chmodSync(draft, 0o600);
  syncPath(draft);
  renameSync(draft, path);
  syncPath(dirname(path));
}

function migrate(connection: RawConnection, steps: readonly Migration[], from: number): void {
  for (const step of steps.slice(from)) apply(connection, [step]);
}

/** In one transaction. */
function apply(connection: RawConnection, steps: readonly Migration[]): void {
  try {
    connection.exec('BEGIN IMMEDIATE');
    for (const { sql, version, readBy = version } of steps) {
      const before = firstNumber(connection, 'PRAGMA user_version');
      const reader = Math.max(oldestReader(connection, before), readBy);
      connection.exec(sql);
      connection.exec(`PRAGMA user_version = ${version}`);
      connection.exec(`PRAGMA application_id = ${reader}`);
    }
    connection.exec('COMMIT');
  } catch (thrown) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw thrown;
  }
}
