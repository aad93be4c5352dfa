import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { databaseConnectionsMax } from '../../../operator/limits.ts';
import type { Storage } from '../../../operator/storage/storage.ts';
import { openStorage } from '../../../operator/storage/storage.ts';
import { silentLogger } from '../../../shared/util/logger.ts';
import type { OperatorProcess } from '../../../testkit/app/operator-process.ts';
import { startOperatorProcess } from '../../../testkit/app/operator-process.ts';
import { makeScratchFolder } from '../../../testkit/main/storage/scratch.ts';
import { durable, findPostgres, startPostgres } from '../../../testkit/operator/postgres.ts';
import { unwrap } from '../../../testkit/unwrap.ts';
import { Senders, eachOf, makeWaitingCharges } from './fleet.ts';

/** A live charge comes this often while the fleet returns, ms. */
const liveEveryMs = 500;
const debitPollMs = 500;
/** After the last charge was taken the debits are waited for as long as this at most, ms. */
const debitMaxMs = 600_000;

export interface LoadOptions {
  /** Charges of each of the two rounds in which they are compared with plain inserts. */
  readonly chargeCount: number;
  /** Cabinets that return at once, each with one charge. */
  readonly cabinetCount: number;
  /** Connections of all cabinets together. */
  readonly connectionsMax: number;
}

export interface LoadOutcome {
  /** Per second, of each round. */
  readonly accepted: readonly number[];
  readonly inserted: readonly number[];
  readonly insertedBy: 'pgbench' | 'a plain client';
  /** Transactions of the operator for each charge, its first debit included: nearly. */
  readonly commitsOfCharge: number;
  readonly outage: {
    readonly cabinetCount: number;
    /** Until the operator had all of them, and until all were debited, ms. */
    readonly drainedMs: number;
    readonly debitedMs: number;
    /** Charges that the operator does not have, or has debited otherwise than once. */
    readonly lost: number;
    readonly notOnce: number;
    /** Of charges that were made meanwhile, ms. */
    readonly liveMs: readonly number[];
    readonly unanswered: number;
    readonly askedToComeAgain: number;
  };
}

/**
 * The operator's program on a PostgreSQL that keeps what it commits, over loopback HTTP. Null: there is no PostgreSQL here.
 */
export async function measureOperatorLoad(options: LoadOptions): Promise<LoadOutcome | null> {
  const source = findPostgres();
  if (source.kind === 'none') return null;
  const url = await makeDatabase(await startPostgres(source, durable));
  const storage = unwrap(await openStorage({ databaseUrl: url, logger: silentLogger }));
  process.env['DATABASE_URL'] = url;
  const operator = await startOperatorProcess(undefined);
  try {
    const folder = source.kind === 'binaries' ? source.folder : null;
    const compared = await compareWithInserts(storage, url, folder, operator, options);
    const outage = await returnAtOnce(storage, operator, options);
    return { ...compared, outage };
  } finally {
    await operator.stop();
    await storage.close();
  }
}

async function makeDatabase(serverUrl: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  await client.query('drop database if exists kaimen_bench with (force)');
  await client.query('create database kaimen_bench template template0');
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = '/kaimen_bench';
  return url.href;
}

/** Inserts, charges, inserts, charges: in the same minute, on as many connections to the database. */
async function compareWithInserts(
  storage: Storage,
  url: string,
  folder: string | null,
  { api }: OperatorProcess,
  { chargeCount, connectionsMax }: LoadOptions,
): Promise<Pick<LoadOutcome, 'accepted' | 'inserted' | 'insertedBy' | 'commitsOfCharge'>> {
  const senders = new Senders(api, connectionsMax);
  const pgbench = folder === null ? null : join(folder, 'pgbench');
  const hasPgbench = pgbench !== null && existsSync(pgbench);
  const accepted: number[] = [];
  const inserted: number[] = [];
  await onServer(url, 'create table bench_insert (id bigserial primary key, body text not null)');
  const commitsBefore = await countOf(storage, commitsSql);
  for (const round of ['A', 'B']) {
    const waiting = await makeWaitingCharges(storage.db, chargeCount, `LOAD${round}`);
    inserted.push(
      hasPgbench ? insertsByPgbench(pgbench, url, chargeCount) : await insertsByClients(url, chargeCount),
    );
    const startMs = performance.now();
    await eachOf(waiting, connectionsMax, (one) => senders.deliver(one));
    accepted.push(waiting.length / ((performance.now() - startMs) / 1000));
  }
  senders.close();
  const insertedBy = hasPgbench ? 'pgbench' : 'a plain client';
  const sent = 2 * chargeCount;
  const ofCharges = (await countOf(storage, commitsSql)) - commitsBefore - sent;
  return { accepted, inserted, insertedBy, commitsOfCharge: ofCharges / sent };
}

const commitsSql = 'select xact_commit as n from pg_stat_database where datname = current_database()';

/** About as large as the body of a charge. */
const insertSql = "insert into bench_insert (body) values (repeat('x', 600))";

/** One insert a transaction; per second. */
function insertsByPgbench(pgbench: string, url: string, count: number): number {
  const scratch = makeScratchFolder();
  const script = join(scratch.path, 'insert.sql');
  writeFileSync(script, `${insertSql};\n`);
  const each = Math.ceil(count / databaseConnectionsMax);
  const args = ['-n', '-c', String(databaseConnectionsMax), '-j', '2', '-t', String(each), '-f', script, url];
  const { stdout, stderr } = spawnSync(pgbench, args, { encoding: 'utf8' });
  scratch.remove();
  const perSecond = /tps = ([0-9.]+) \(without/.exec(stdout)?.[1];
  if (perSecond === undefined) throw new Error(`pgbench says: ${stdout} ${stderr}`);
  return Number(perSecond);
}

async function insertsByClients(url: string, count: number): Promise<number> {
  const clients = Array.from({ length: databaseConnectionsMax }, () => new Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  let left = count;
  const startMs = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (left-- > 0) await client.query(insertSql);
    }),
  );
  const tookMs = performance.now() - startMs;
  await Promise.all(clients.map((client) => client.end()));
  return count / (tookMs / 1000);
}

/** All cabinets have one charge and a network again at the same moment; others sell on meanwhile. */
async function returnAtOnce(
  storage: Storage,
  { api }: OperatorProcess,
  { cabinetCount, connectionsMax }: LoadOptions,
): Promise<LoadOutcome['outage']> {
  const waiting = await makeWaitingCharges(storage.db, cabinetCount, 'FLEET');
  const live = await makeWaitingCharges(storage.db, Math.ceil(cabinetCount / 10), 'LIVE');
  const [fleet, shops] = [new Senders(api, connectionsMax), new Senders(api, databaseConnectionsMax)];
  const startMs = performance.now();
  const state = { isOver: false };
  const liveMs: number[] = [];
  const selling = (async () => {
    for (const charge of live) {
      if (state.isOver) return;
      const [tookMs] = await eachOf([charge], 1, (one) => shops.deliver(one));
      liveMs.push(tookMs ?? Number.NaN);
      await new Promise((resolve) => setTimeout(resolve, liveEveryMs));
    }
  })();
  await eachOf(waiting, connectionsMax, (one) => fleet.deliver(one));
  const drainedMs = performance.now() - startMs;
  state.isOver = true;
  await selling;
  const undebited = (): Promise<number> =>
    countOf(
      storage,
      `select count(*) as n from charge c left join fake_order o on o.charge_id = c.charge_id
       where c.cabinet_id like 'FLEET-%' and coalesce(o.debit_count, 0) <> 1`,
    );
  while ((await undebited()) > 0 && performance.now() - startMs < drainedMs + debitMaxMs)
    await new Promise((resolve) => setTimeout(resolve, debitPollMs));
  const debitedMs = performance.now() - startMs;
  const taken = await countOf(storage, "select count(*) as n from charge where cabinet_id like 'FLEET-%'");
  const { unanswered, askedToComeAgain } = fleet.counts;
  fleet.close();
  shops.close();
  const counts = { unanswered, askedToComeAgain };
  const lost = cabinetCount - taken;
  return { cabinetCount, drainedMs, debitedMs, lost, notOnce: await undebited(), liveMs, ...counts };
}

async function countOf({ db }: Storage, text: string): Promise<number> {
  const answer: unknown = await db.execute(text);
  return Number((answer as { rows: { n: unknown }[] }).rows[0]?.n);
}

async function onServer(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
