import { systemClock } from '../../shared/clock.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { DatabaseClock, databaseNowMs } from '../storage/database-clock.ts';
import type { StorageFailure } from '../storage/storage-failure.ts';
import type { Db } from '../storage/storage.ts';
import { openStorage } from '../storage/storage.ts';

/** The operator's database, by whose time all is judged. */
export interface OpenDatabase {
  readonly db: Db;
  readonly clock: DatabaseClock;
}

/** Opens the database for one act from a terminal, and closes it again. On PostgreSQL the service may have it meanwhile. */
export async function inDatabase<T>(
  at: { readonly databaseUrl: string | undefined; readonly dataDir: string | undefined },
  logger: Logger,
  work: (open: OpenDatabase) => Promise<T>,
): Promise<Result<T, StorageFailure | Failure<'failed'>>> {
  const storage = await openStorage({ ...at, logger });
  if (!storage.ok) return storage;
  const { db } = storage.value;
  const clock = new DatabaseClock({ host: systemClock, databaseNowMs: () => databaseNowMs(db), logger });
  try {
    await clock.start();
    return ok(await work({ db, clock }));
  } catch (error) {
    return fail('failed', String(error));
  } finally {
    await clock.stop();
    await storage.value.close();
  }
}
