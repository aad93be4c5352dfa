import type { FastifyInstance } from 'fastify';
import { sql } from 'drizzle-orm';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';
import type { DebitWorker } from '../debits/debit-worker.ts';
import { boundedServer } from '../http/bounded-server.ts';
import { answerWithoutWords } from '../http/errors.ts';
import { openApiDocument } from '../http/openapi.ts';
import type { Policy } from '../limits.ts';
import { backlogReadEveryMs, operationsConnectionsMax, readyCheckMaxMs } from '../limits.ts';
import { migrations } from '../storage/migrations.ts';
import type { Db } from '../storage/storage.ts';
import type { Backlog } from './backlog.ts';
import { readBacklog } from './backlog.ts';
import type { Metrics } from './metrics.ts';

export interface OperationsApiOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly worker: Pick<DebitWorker, 'isAlive'>;
  readonly metrics: Metrics;
  readonly policy: Policy;
  /** The service is ending: whoever sends it requests should send them to another instance. */
  readonly isClosing: () => boolean;
}

/** What `GET /readyz` answers: 200 where all of it is true, else 503. */
interface Readiness {
  /** It has answered within `readyCheckMaxMs`. */
  readonly database: boolean;
  /** Its tables are those of this program, or of a newer one. */
  readonly migrations: boolean;
  /** What debits goes round. */
  readonly worker: boolean;
  readonly open: boolean;
}

/**
 * For whoever runs the service: is it alive, can it be sent requests, what does it count, what does its API look like. On a
 * port of its own, for it proves nobody: behind a firewall, on loopback unless it is said otherwise.
 */
export function buildOperationsApi(options: OperationsApiOptions): FastifyInstance {
  const { metrics } = options;
  const app = boundedServer({ bodyMaxBytes: 1, connectionsMax: operationsConnectionsMax });
  metrics.install(app, 'operations');
  answerWithoutWords(app, options.logger);
  // Alive is whoever answers; a database that is away is no reason to be started anew.
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const found = await readinessOf(options);
    const isReady = Object.values(found).every(Boolean);
    return reply.code(isReady ? 200 : 503).send({ ready: isReady, ...found });
  });
  const backlog = new KeptBacklog(options);
  app.get('/metrics', async (_request, reply) => {
    const text = await metrics.text(await backlog.read());
    return reply.type(metrics.contentType).send(text);
  });
  const document = JSON.stringify(openApiDocument());
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
  return app;
}

async function readinessOf({ db, clock, worker, isClosing }: OperationsApiOptions): Promise<Readiness> {
  const newest = migrations.at(-1)?.version ?? 0;
  const asked = readVersion(db).catch(() => null);
  const version = await withTimeout(clock, readyCheckMaxMs, asked);
  const found = version.ok ? version.value : null;
  return {
    database: found !== null,
    migrations: found !== null && found >= newest,
    worker: worker.isAlive,
    open: !isClosing(),
  };
}

async function readVersion(db: Db): Promise<number> {
  const answer: unknown = await db.execute(sql`select max(version)::int as version from schema_version`);
  const [row] = (answer as { rows: readonly { version: number | null }[] }).rows;
  return row?.version ?? 0;
}

/** However many ask for it, the database is asked once at a time, and not again for `backlogReadEveryMs`. */
class KeptBacklog {
  readonly #o: Pick<OperationsApiOptions, 'db' | 'clock' | 'logger' | 'policy'>;
  #kept: { readonly atMs: number; readonly backlog: Promise<Backlog | null> } | null = null;

  constructor(options: Pick<OperationsApiOptions, 'db' | 'clock' | 'logger' | 'policy'>) {
    this.#o = options;
  }

  /** Null: the database does not say. */
  read(): Promise<Backlog | null> {
    const atMs = this.#o.clock.monotonicMs();
    if (this.#kept === null || atMs - this.#kept.atMs >= backlogReadEveryMs)
      this.#kept = { atMs, backlog: this.#ask() };
    return this.#kept.backlog;
  }

  async #ask(): Promise<Backlog | null> {
    const { db, clock, logger, policy } = this.#o;
    try {
      const read = await withTimeout(clock, readyCheckMaxMs, readBacklog(db, clock, policy));
      return read.ok ? read.value : null;
    } catch (error) {
      logger.warn('backlog_not_read', { error: String(error) });
      return null;
    }
  }
}
