import { sql } from 'drizzle-orm';
import { assert } from '../../shared/assert.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { Storage } from '../../operator/storage/storage.ts';
import { migrate, openStorage } from '../../operator/storage/storage.ts';
import { migrations } from '../../operator/storage/migrations.ts';
import { findPostgres, startPostgres } from './postgres.ts';
import { pgliteTemplate } from './templates.ts';

/** A database for one test file: opened once, emptied before each test. */
export interface TestStorage {
  readonly storage: Storage;
  /** For programs that open it themselves; null: only in memory here. */
  readonly url: string | null;
  /** Removes every row; the tables stay as they are. */
  empty(): Promise<void>;
  /** Makes the tables anew, for tests that change them. */
  rebuild(): Promise<void>;
  close(): Promise<void>;
}

export interface StorageUnderTest {
  readonly name: string;
  readonly open: () => Promise<TestStorage>;
}

/** Opening a database takes as long as the machine is busy; this only bounds hanging. */
export const openTimeoutMs = 300_000;
/** For a database that is asked while the whole suite runs beside it: these only bound hanging, too. */
export const testDatabaseTimeouts = { connectMs: openTimeoutMs, statementMs: openTimeoutMs } as const;

const skipLine =
  '\n*** NOT TESTED AGAINST POSTGRESQL: no server here (Debian: package postgresql); only PGlite ran ***\n\n';

/** What `describe.each` runs over: PGlite always, PostgreSQL when there is a server. */
export function storagesUnderTest(): StorageUnderTest[] {
  const pglite: StorageUnderTest = { name: 'pglite', open: () => openFor(null, () => Promise.resolve()) };
  const source = findPostgres();
  if (source.kind === 'none') {
    process.stderr.write(skipLine);
    return [pglite];
  }
  const open = async (): Promise<TestStorage> => {
    const server = await startPostgres(source);
    return openFor(server.url, () => server.stop());
  };
  return [pglite, { name: 'postgres', open }];
}

async function openFor(url: string | null, stop: () => Promise<void>): Promise<TestStorage> {
  const opened = await openStorage({
    databaseUrl: url ?? undefined,
    startFrom: url === null ? await pgliteTemplate() : undefined,
    timeouts: testDatabaseTimeouts,
    logger: silentLogger,
  });
  assert(opened.ok, `the test database does not open: ${opened.ok ? '' : opened.error.message}`);
  const storage = opened.value;
  return {
    storage,
    url,
    empty: () => emptyTables(storage),
    rebuild: () => rebuildTables(storage),
    close: async () => {
      await storage.close();
      await stop();
    },
  };
}

/** With the triggers off, which keep the history of money from being deleted; a hundred times quicker than new tables. */
async function emptyTables({ db }: Storage): Promise<void> {
  await db.execute(
    sql.raw(`do $$ declare name text; begin
      perform set_config('session_replication_role', 'replica', true);
      for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'schema_version'
      loop execute format('delete from %I', name); end loop;
    end $$`),
  );
}

async function rebuildTables({ db }: Storage): Promise<void> {
  await db.execute(sql.raw('drop schema public cascade'));
  await db.execute(sql.raw('create schema public'));
  const migrated = await migrate(db, migrations);
  assert(migrated.ok, 'the emptied database migrates');
}
