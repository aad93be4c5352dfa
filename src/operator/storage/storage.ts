import { mkdirSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { Pool } from 'pg';
import type { Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { databaseConnectionsMax, databaseTimeouts } from '../limits.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { lockFolder } from './folder-lock.ts';
import { lockOneAtATime } from './locks.ts';
import type { StorageFailure } from './storage-failure.ts';
import type { Migration } from './migrations.ts';
import { migrations } from './migrations.ts';
import type * as schema from './schema.ts';

/** The same drizzle code runs over PGlite and over PostgreSQL. A transaction is a `Db` too. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

export interface Storage {
  readonly kind: 'pglite' | 'postgres';
  readonly db: Db;
  close(): Promise<void>;
}

export interface DatabaseTimeouts {
  readonly connectMs: number;
  readonly statementMs: number;
}

export interface StorageOptions {
  /** PostgreSQL; wins over `dataDir`. */
  readonly databaseUrl?: string | undefined;
  /** Folder for the embedded database; in memory when absent. */
  readonly dataDir?: string | undefined;
  /** A dump of an embedded database that a new one begins with: opening one from nothing takes seconds. */
  readonly startFrom?: Blob | undefined;
  /** How long PostgreSQL may take; the service's own bounds when left out. */
  readonly timeouts?: DatabaseTimeouts | undefined;
  readonly logger: Logger;
}

/** Opens the database and brings its tables up to date. */
export async function openStorage(options: StorageOptions): Promise<Result<Storage, StorageFailure>> {
  const opened =
    options.databaseUrl === undefined
      ? await openPglite(options)
      : openPostgres(options.databaseUrl, options.logger, options.timeouts ?? databaseTimeouts);
  if (!opened.ok) return opened;
  const migrated = await migrate(opened.value.db, migrations);
  if (migrated.ok) return opened;
  await opened.value.close();
  return migrated;
}

async function openPglite({ dataDir, startFrom }: StorageOptions): Promise<Result<Storage, StorageFailure>> {
  let unlock = () => {};
  try {
    if (dataDir !== undefined) {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const locked = lockFolder(dataDir);
      if (!locked.ok) return locked;
      unlock = locked.value;
    }
    const { openEmbedded } = await import('./embedded.ts');
    const embedded = await openEmbedded(dataDir, startFrom);
    const close = async () => {
      await embedded.close();
      unlock();
    };
    return ok({ kind: 'pglite', db: embedded.db as unknown as Db, close });
  } catch (error) {
    unlock();
    return fail('storage_unavailable', `the embedded database does not open: ${String(error)}`);
  }
}

function openPostgres(
  url: string,
  logger: Logger,
  timeouts: DatabaseTimeouts,
): Result<Storage, StorageFailure> {
  try {
    const pool = new Pool({
      connectionString: url,
      max: databaseConnectionsMax,
      connectionTimeoutMillis: timeouts.connectMs,
      statement_timeout: timeouts.statementMs,
    });
    // An idle connection that breaks is told here; without a listener it would end the process.
    pool.on('error', (error) => logger.warn('database_connection_lost', { error: error.message }));
    return ok({
      kind: 'postgres',
      db: drizzlePostgres(pool) as unknown as Db,
      close: () => pool.end(),
    });
  } catch (error) {
    return fail('storage_unavailable', `DATABASE_URL is not usable: ${String(error)}`);
  }
}

/** Applies what is missing of `list` in one transaction; refuses a database that is ahead of it. */
export async function migrate(db: Db, list: readonly Migration[]): Promise<Result<void, StorageFailure>> {
  const newest = list.at(-1)?.version ?? 0;
  try {
    return await db.transaction(async (tx) => {
      // A migration takes as long as there is data, and so does the wait for another instance that migrates.
      await tx.execute(sql`set local statement_timeout = 0`);
      await lockOneAtATime(tx, 'migration');
      await tx.execute(
        sql`create table if not exists schema_version (version integer primary key, name text not null)`,
      );
      const found = await readVersion(tx);
      if (found > newest)
        return fail('storage_newer', `database version ${found}, this program knows ${newest}`);
      for (const migration of list.filter((m) => m.version > found)) {
        for (const statement of migration.statements) await tx.execute(sql.raw(statement));
        await tx.execute(
          sql`insert into schema_version (version, name) values (${migration.version}, ${migration.name})`,
        );
      }
      return ok();
    });
  } catch (error) {
    return fail('storage_unavailable', `the database does not answer or migrate: ${describe(error)}`);
  }
}

async function readVersion(db: Db): Promise<number> {
  const answer: unknown = await db.execute(
    sql`select coalesce(max(version), 0)::int as version from schema_version`,
  );
  const rows = (answer as { rows: { version: number }[] }).rows;
  return rows[0]?.version ?? 0;
}

/** drizzle says only "failed query"; the database's own words are in the cause. */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
