import { sql } from 'drizzle-orm';
import { openStorage } from '../../operator/storage/storage.ts';
import { silentLogger } from '../../shared/util/logger.ts';

/** So many things that are listed and wait, each of a cabinet of its own; while no service has the database. */
export async function fillQueue(dataDir: string, count: number): Promise<void> {
  const storage = await openStorage({ dataDir, logger: silentLogger });
  if (!storage.ok) throw new Error(storage.error.message);
  await storage.value.db.execute(sql`insert into incident (at_ms, kind, cabinet_id, detail)
    select n, 'charge_conflict', 'CAB-' || n, '' from generate_series(1, ${count}::int) as n`);
  await storage.value.close();
}
