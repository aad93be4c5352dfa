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
import { parentOf, processorMsOf, processorMsOfAll, processorMsOfEnded } from './processor-time.ts';

/** Charges before the rounds: so many requests make of a program what it is after a day. */
const warmUpCount = 1_000;
/** A live charge comes this often while the fleet returns, ms. */
const liveEveryMs = 500;
const debitPollMs = 100;
/** After the last charge was taken the debits are waited for as long as this at most, ms. */
const debitMaxMs = 600_000;

export interface LoadOptions {
  /** Charges of each of the rounds in which they are compared with plain inserts. */
  readonly chargeCount: number;
  /** Cabinets that return at once, each with one charge. */
  readonly cabinetCount: number;
  /** Connections of all cabinets together. */
  readonly connectionsMax: number;
}

/** Processor time for one charge or one insert, ms; NaN: nobody says. */
export interface ProcessorMs {
  readonly service: number;
  readonly database: number;
  /** Whoever sends. */
  readonly senders: number;
}

/** Of one round. */
export interface LoadRound {
  /** Charges in a second that were durable and answered. */
  readonly takenPerS: number;
  /** Charges in a second from the first that was sent to the last that was debited. */
  readonly debitedPerS: number;
  /** Those that were not debited yet when the last one had been answered. */
  readonly leftToDebit: number;
  readonly insertedPerS: number;
  /** Until the last one was answered; with what was debited meanwhile. */
  readonly taken: ProcessorMs;
  /** Until the last one was debited. */
  readonly debited: ProcessorMs;
  readonly insert: ProcessorMs;
}

export interface LoadOutcome {
  readonly chargeCount: number;
  readonly rounds: readonly LoadRound[];
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

/**
 * Inserts, charges, inserts, charges: in the same minute, on as many connections to the database. Before it a few charges that
 * nobody counts, and a word of each cabinet: a service has been running for longer than a moment, and hears of each cabinet
 * four times a minute.
 */
async function compareWithInserts(
  storage: Storage,
  url: string,
  folder: string | null,
  operator: OperatorProcess,
  { chargeCount, connectionsMax }: LoadOptions,
): Promise<Pick<LoadOutcome, 'chargeCount' | 'rounds' | 'insertedBy' | 'commitsOfCharge'>> {
  const senders = new Senders(operator.api, connectionsMax);
  const pgbench = folder === null ? null : join(folder, 'pgbench');
  const hasPgbench = pgbench !== null && existsSync(pgbench);
  await onServer(url, 'create table bench_insert (id bigserial primary key, body text not null)');
  const first = await makeWaitingCharges(storage.db, warmUpCount, 'WARM');
  await eachOf(first, connectionsMax, (one) => senders.deliver(one));
  await untilDebited(storage, 'WARM');
  const spent = await meterOf(storage, operator.pid);
  let commits = 0;
  const rounds: LoadRound[] = [];
  for (const name of ['LOADA', 'LOADB']) {
    const waiting = await makeWaitingCharges(storage.db, chargeCount, name);
    await eachOf(waiting, connectionsMax, (one) => senders.greet(one));
    const each = (from: ProcessorMs, to: ProcessorMs): ProcessorMs => ({
      service: (to.service - from.service) / chargeCount,
      database: (to.database - from.database) / chargeCount,
      senders: (to.senders - from.senders) / chargeCount,
    });
    const before = spent('pgbench');
    const insertedPerS = hasPgbench
      ? insertsByPgbench(pgbench, url, chargeCount)
      : await insertsByClients(url, chargeCount);
    const insert = each(before, spent('pgbench'));
    const commitsBefore = await countOf(storage, commitsSql);
    const [start, startMs] = [spent('us'), performance.now()];
    await eachOf(waiting, connectionsMax, (one) => senders.deliver(one));
    const [takenMs, taken] = [performance.now() - startMs, spent('us')];
    const leftToDebit = await countOf(storage, undebitedSql(name));
    await untilDebited(storage, name);
    commits += (await countOf(storage, commitsSql)) - commitsBefore;
    rounds.push({
      takenPerS: (chargeCount / takenMs) * 1_000,
      debitedPerS: (chargeCount / (performance.now() - startMs)) * 1_000,
      leftToDebit,
      insertedPerS,
      insert,
      ...{ taken: each(start, taken), debited: each(start, spent('us')) },
    });
  }
  senders.close();
  const insertedBy = hasPgbench ? 'pgbench' : 'a plain client';
  return { chargeCount, rounds, insertedBy, commitsOfCharge: commits / (rounds.length * chargeCount) };
}

/** What was spent until now, by the service, by the database and by whoever sends: us, or a child of ours that has ended. */
async function meterOf(
  storage: Storage,
  service: number,
): Promise<(sender: 'us' | 'pgbench') => ProcessorMs> {
  const session = await countOf(storage, 'select pg_backend_pid() as n');
  // Each session is a process that the server has begun; a server elsewhere has none here.
  const server = parentOf(session);
  return (sender) => ({
    service: processorMsOf(service),
    database: server === null ? Number.NaN : processorMsOfAll(server),
    senders: sender === 'us' ? ownMs() : processorMsOfEnded(),
  });
}

function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
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
  await untilDebited(storage, 'FLEET');
  const debitedMs = performance.now() - startMs;
  const taken = await countOf(storage, "select count(*) as n from charge where cabinet_id like 'FLEET-%'");
  const { unanswered, askedToComeAgain } = fleet.counts;
  fleet.close();
  shops.close();
  const counts = { unanswered, askedToComeAgain };
  const lost = cabinetCount - taken;
  return {
    cabinetCount,
    drainedMs,
    debitedMs,
    lost,
    notOnce: await countOf(storage, undebitedSql('FLEET')),
    liveMs,
    ...counts,
  };
}

/** Charges of this name that were not debited once, as the provider has it. */
const undebitedSql = (name: string): string =>
  `select count(*) as n from charge c left join fake_order o on o.charge_id = c.charge_id
   where c.cabinet_id like '${name}-%' and coalesce(o.debit_count, 0) <> 1`;

/** Whether any charge at all waits for something. */
const anyDueSql =
  'select count(*) as n from (select 1 from charge where next_attempt_at_ms is not null limit 1) one';

async function untilDebited(storage: Storage, name: string): Promise<void> {
  const startMs = performance.now();
  // The first says little and costs nothing: a look every so often is not to be a part of what is measured.
  while (
    ((await countOf(storage, anyDueSql)) > 0 || (await countOf(storage, undebitedSql(name))) > 0) &&
    performance.now() - startMs < debitMaxMs
  )
    await new Promise((resolve) => setTimeout(resolve, debitPollMs));
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
