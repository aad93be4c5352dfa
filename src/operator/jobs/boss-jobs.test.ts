import { sql } from 'drizzle-orm';
import { PgBoss } from 'pg-boss';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { OwnTestStorage } from '../../testkit/operator/storages.ts';
import { openTimeoutMs, storagesUnderTest } from '../../testkit/operator/storages.ts';
import { until } from '../../testkit/until.ts';
import { Metrics } from '../operations/metrics.ts';
import { BossJobs, jobsSchema } from './boss-jobs.ts';
import type { Job } from './jobs.ts';

const name = 'tidy';

interface Instance {
  readonly jobs: BossJobs;
  readonly events: string[];
  readonly isStarted: () => boolean;
}

/** Where there is no server nothing is run: the embedded database has its jobs from the clock. */
const servers = storagesUnderTest().filter((storage) => storage.name === 'postgres');

describe.each(servers)(
  'jobs of several instances on one $name',
  { timeout: openTimeoutMs },
  ({ openOwn }) => {
    let store: OwnTestStorage;
    let instances: Instance[] = [];
    beforeEach(async () => {
      store = await openOwn();
    }, openTimeoutMs);
    afterEach(async () => {
      await Promise.all(instances.map(({ jobs }) => jobs.stop()));
      instances = [];
      await store.close();
    }, openTimeoutMs);

    const url = () => store.url ?? '';
    const begin = (run: Job['run'], databaseUrl = url()): Instance => {
      const events: string[] = [];
      const write = (event: string) => void events.push(event);
      const logger: Logger = { ...silentLogger, info: write, error: write };
      const jobs = [{ name, minute: 5, run }];
      const boss = new BossJobs({ jobs, clock: systemClock, logger, metrics: new Metrics(), databaseUrl });
      boss.start();
      const instance = { jobs: boss, events, isStarted: () => events.includes('jobs_started') };
      instances.push(instance);
      return instance;
    };
    const started = (...all: readonly Instance[]) =>
      until('the jobs have started', () => Promise.resolve(all.every((one) => one.isStarted())));
    /** One more run, asked for by hand; null: there is one that waits or runs. */
    const ask = async (): Promise<string | null> => {
      const client = new PgBoss({
        connectionString: url(),
        schema: jobsSchema,
        schedule: false,
        supervise: false,
      });
      await client.start();
      const id = await client.send(name, null);
      await client.stop();
      return id;
    };
    const countOfRuns = async (): Promise<number> => {
      const { db } = store.storage;
      const answer: unknown = await db.execute(
        sql`select count(*)::int as count from ${sql.identifier(jobsSchema)}.job where name = ${name}`,
      );
      return (answer as { rows: { count: number }[] }).rows[0]?.count ?? -1;
    };

    it('run what was missed while none was there, once between them', async () => {
      const first = begin(() => Promise.resolve());
      await started(first);
      await first.jobs.stop();
      const { db } = store.storage;
      const schema = sql.identifier(jobsSchema);
      await db.execute(sql`update ${schema}.version set cron_on = now() - interval '3 hours'`);
      await db.execute(sql`update ${schema}.schedule set created_on = now() - interval '1 day'`);
      const ran: string[] = [];
      const two = ['a', 'b'].map((one) =>
        begin(() => {
          ran.push(one);
          return Promise.resolve();
        }),
      );
      await started(...two);
      await until('the missed job has run', () => Promise.resolve(ran.length > 0));
      await until('a job that is asked for is taken', async () => (await ask()) !== null);
      await until('and has run', () => Promise.resolve(ran.length > 1));
      expect(await countOfRuns()).toBe(2);
      expect(ran).toHaveLength(2);
    });

    it('run one at a time, and another instance takes up what one that ends leaves', async () => {
      const log: string[] = [];
      let running = 0;
      const slow: Job['run'] = (signal) =>
        new Promise((_resolve, reject) => {
          log.push('begun');
          expect(++running).toBe(1);
          signal.addEventListener('abort', () => {
            running -= 1;
            reject(new Error('the service ends'));
          });
        });
      const ending = begin(slow);
      await started(ending);
      expect(await ask()).not.toBe(null);
      await until('it runs', () => Promise.resolve(log.length > 0));
      expect(await ask()).toBe(null);
      const other = begin(() => {
        log.push('done by another');
        return Promise.resolve();
      });
      await started(other);
      await ending.jobs.stop();
      expect(ending.events).toContain('job_failed');
      await until('another has done it', () => Promise.resolve(log.includes('done by another')));
      expect(log).toEqual(['begun', 'done by another']);
    });

    it('a database that does not let them begin is tried again, and the end does not wait for it', async () => {
      const away = new URL(url());
      away.pathname = '/kaimen_no_such_database';
      const instance = begin(() => Promise.resolve(), away.href);
      await until('it has failed', () => Promise.resolve(instance.events.includes('jobs_not_started')));
      await instance.jobs.stop();
      expect(instance.events).not.toContain('jobs_started');
    });
  },
);
