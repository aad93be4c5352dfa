import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import type { PgliteDatabase } from 'drizzle-orm/pglite';
import { EmbeddedClient } from './embedded-client.ts';

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
  const client = new EmbeddedClient(pglite);
  // Of PGlite's own interface drizzle uses these two alone.
  return { db: drizzle(client as unknown as PGlite), close: () => client.close() };
}
