import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { PgliteDatabase } from 'drizzle-orm/pglite';

/** Its 128 MB are for a server; they are cleared at each opening, which was half of the time that one takes. */
const embeddedBuffers = '4MB';

/** An embedded database that is open. */
interface Embedded {
  readonly db: PgliteDatabase;
  readonly close: () => Promise<void>;
}

/** The embedded database, in its folder or in memory. Loaded where it is used alone: whoever has PostgreSQL waits for none of it. */
export async function openEmbedded(
  dataDir: string | undefined,
  startFrom: Blob | undefined,
): Promise<Embedded> {
  const pglite = await PGlite.create({
    startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${embeddedBuffers}`],
    ...(dataDir === undefined ? {} : { dataDir: join(dataDir, 'pglite') }),
    ...(startFrom === undefined ? {} : { loadDataDir: startFrom }),
  });
  // These are hundreds, and half the work of a small query was to copy them: drizzle brings a few of its own to each.
  // Plain types and JSON are read without them; no column of ours is a list, and a question that wants one asks for JSON.
  pglite.parsers = {};
  return { db: drizzle(pglite), close: () => pglite.close() };
}
