import type { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import type { Pool } from 'pg';
import { Client } from 'pg';
import { assert } from '../../shared/assert.ts';
import { isLongRun } from '../long-run.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { Db, Storage } from '../../operator/storage/storage.ts';
import { migrate, openStorage } from '../../operator/storage/storage.ts';
import { migrations } from '../../operator/storage/migrations.ts';
import type { PostgresSource } from './postgres.ts';
import { findPostgres, startPostgres } from './postgres.ts';
import { pgliteTemplate } from './templates.ts';

/** A database for one test file, with nothing in it when it is opened; to be emptied before each test. */
export interface TestStorage {
  readonly storage: Storage;
  /** For programs that open it themselves; null: only in memory here. */
  readonly url: string | null;
  /** Removes every row; the tables stay as they are. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export interface OwnTestStorage extends TestStorage {
  /** Makes the tables anew. */
  rebuild(): Promise<void>;
}

export interface StorageUnderTest {
  readonly name: string;
  /** One that a later test file gets as well, emptied: the tables must stay as they are. */
  readonly open: () => Promise<TestStorage>;
  /** One that is made for this and is gone when it is closed, for tests that change its tables or need it gone. */
  readonly openOwn: () => Promise<OwnTestStorage>;
}

/** Opening a database takes as long as the machine is busy; this only bounds hanging. */
export const openTimeoutMs = 300_000;
/** For a database that is asked while the whole suite runs beside it: these only bound hanging, too. */
export const testDatabaseTimeouts = { connectMs: openTimeoutMs, statementMs: openTimeoutMs } as const;

const skipLine =
  '\n*** NOT TESTED AGAINST POSTGRESQL: no server here (Debian: package postgresql); only PGlite ran ***\n\n';

/** What `describe.each` runs over: PGlite always, PostgreSQL when there is a server. */
export function storagesUnderTest(): StorageUnderTest[] {
  const source = findPostgres();
  if (source.kind !== 'none')
    return [embedded, (postgres ??= new Databases('postgres', makePostgres(source)))];
  process.stderr.write(skipLine);
  return [embedded];
}

interface Database {
  readonly storage: Storage;
  readonly url: string | null;
  remove(): Promise<void>;
}

/** The databases of one kind in this process. Opening one took longer than the tests of most files, so they are used again. */
class Databases implements StorageUnderTest {
  readonly name: string;
  readonly #make: () => Promise<Database>;
  readonly #idle: { readonly database: Database; readonly shape: string }[] = [];

  constructor(name: string, make: () => Promise<Database>) {
    this.name = name;
    this.#make = make;
  }

  readonly open = async (): Promise<TestStorage> => {
    const { database, shape } = this.#idle.pop() ?? (await this.#anew());
    let isOpen = true;
    return {
      ...testStorageOf(database),
      close: async () => {
        assert(isOpen, 'a database that was closed is another test’s');
        isOpen = false;
        const { db } = database.storage;
        const isAsItWas = (await shapeOf(db)) === shape;
        if (isAsItWas) {
          await renew(db);
          this.#idle.push({ database, shape });
        } else await database.remove();
        assert(isAsItWas, 'a test that changes tables opens a database of its own');
      },
    };
  };

  readonly openOwn = async (): Promise<OwnTestStorage> => {
    const database = await this.#make();
    const storage = testStorageOf(database);
    return { ...storage, rebuild: () => rebuildTables(storage.storage), close: () => database.remove() };
  };

  async #anew(): Promise<{ database: Database; shape: string }> {
    const database = await this.#make();
    return { database, shape: await shapeOf(database.storage.db) };
  }
}

/**
 * What `describe.each` runs over where it is the service that is tested and not how it keeps its rows: the database of a
 * production where there is one, else the embedded one; both in a long run (ADR 0159).
 */
export function storagesForBehaviour(): StorageUnderTest[] {
  const all = storagesUnderTest();
  return isLongRun ? all : all.slice(-1);
}

/** For tests to which it is all the same which database it is. */
export const embedded: StorageUnderTest = new Databases('pglite', async () => {
  const storage = await openFor({ startFrom: await pgliteTemplate() });
  return { storage, url: null, remove: () => storage.close() };
});
let postgres: Databases | undefined;

/** Makes databases in the one server of this process. */
function makePostgres(source: Exclude<PostgresSource, { kind: 'none' }>): () => Promise<Database> {
  let server: Promise<string> | undefined;
  let count = 0;
  return async () => {
    const serverUrl = await (server ??= startPostgres(source));
    // A worker of vitest has the number of one that has ended: on a server that stays, what that one left is replaced.
    const name = `kaimen_test_${process.env['VITEST_POOL_ID'] ?? '0'}_${++count}`;
    const drop = `drop database if exists ${name} with (force)`;
    await command(serverUrl, drop, `create database ${name} template template0`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const storage = await openFor({ databaseUrl: url.href });
    const remove = async (): Promise<void> => {
      await storage.close();
      await command(serverUrl, drop);
    };
    return { storage, url: url.href, remove };
  };
}

async function command(connectionString: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function openFor(from: { databaseUrl?: string; startFrom?: Blob }): Promise<Storage> {
  const opened = await openStorage({ ...from, timeouts: testDatabaseTimeouts, logger: silentLogger });
  assert(opened.ok, `the test database does not open: ${opened.ok ? '' : opened.error.message}`);
  return opened.value;
}

/** With a `db` of its own: what a test puts in place of its methods is gone with it. */
function testStorageOf({ storage, url }: Database): Omit<TestStorage, 'close'> {
  const client = '$client' in storage.db ? storage.db.$client : undefined;
  const fresh = storage.kind === 'pglite' ? drizzlePglite(client as PGlite) : drizzlePostgres(client as Pool);
  const db = fresh as unknown as Db;
  return { storage: { ...storage, db }, url, empty: () => emptyTables(db) };
}

const tablesWithRows = `select oid::regclass from pg_class where relnamespace = 'public'::regnamespace
  and relkind = 'r' and relname <> 'schema_version' and pg_relation_size(oid) > 0`;

/** With the triggers off, which keep the history of money from being deleted; a hundred times quicker than new tables. */
async function emptyTables(db: Db): Promise<void> {
  await db.execute(
    sql.raw(`do $$ declare name text; begin
      perform set_config('session_replication_role', 'replica', true);
      for name in ${tablesWithRows} loop execute format('delete from %s', name); end loop;
    end $$`),
  );
}

/** As it was when it was made: no rows, alive or dead, and every number is given again. */
async function renew(db: Db): Promise<void> {
  await db.execute(
    sql.raw(`do $$ declare name text; begin
      perform set_config('session_replication_role', 'replica', true);
      for name in ${tablesWithRows} loop execute format('truncate %s cascade', name); end loop;
      for name in select sequencename from pg_sequences where schemaname = 'public'
      loop perform setval(name::regclass, 1, false); end loop;
    end $$`),
  );
}

/** What the columns, triggers, functions and constraints are. */
async function shapeOf(db: Db): Promise<string> {
  const answer: unknown = await db.execute(
    sql.raw(`select md5(concat_ws(' ',
      (select string_agg(format('%s %s %s', attrelid, attname, atttypid), ' ' order by attrelid, attnum)
        from pg_attribute join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace),
      (select string_agg(format('%s %s', tgname, tgenabled), ' ' order by tgname) from pg_trigger
        join pg_class on pg_class.oid = tgrelid where relnamespace = 'public'::regnamespace),
      (select string_agg(oid::text, ' ' order by oid) from pg_proc where pronamespace = 'public'::regnamespace),
      (select string_agg(oid::text, ' ' order by oid) from pg_constraint
        where connamespace = 'public'::regnamespace))) as shape`),
  );
  const [row] = (answer as { rows: { shape: string }[] }).rows;
  assert(row !== undefined, 'an aggregate is one row');
  return row.shape;
}

async function rebuildTables({ db }: Storage): Promise<void> {
  await db.execute(sql.raw('drop schema public cascade'));
  await db.execute(sql.raw('create schema public'));
  const migrated = await migrate(db, migrations);
  assert(migrated.ok, 'the emptied database migrates');
}
