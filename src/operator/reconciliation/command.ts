import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { OpenDatabase } from '../cli/in-database.ts';
import { inDatabase } from '../cli/in-database.ts';
import { readDatabaseUrl } from '../database-url.ts';
import { loadProviders } from '../providers/load-providers.ts';
import type { Day } from './bill.ts';
import { parseDay } from './bill.ts';
import type { Closing } from './differences.ts';
import { closeDifference, csvOfDifferences, listDifferences } from './differences.ts';
import { Reconciliation } from './reconciliation.ts';
import { makeBillSources } from './sources.ts';
import { compareVisits, visitsBook } from './visits.ts';

/**
 * What people do about bills, from a terminal (there is no console yet):
 *
 *   reconcile --day=YYYY-MM-DD [--csv=FILE]   asks for that day's bills, compares them, looks for its visits that stay
 *                                             silent, and writes what was found of that day
 *   reconcile [--csv=FILE]                    what is open, of all days
 *   reconcile --close=ID --as=explained|closed --by=NAME --why=TEXT
 *
 * Environment: DATABASE_URL, DATABASE_URL_FILE or DATA_DIR (not while the service has it), PROVIDERS_FILE. One JSON line on
 * stdout for each bill or difference. Exit codes: 0 done, 1 not (all), 2 wrong usage.
 */
interface Order {
  readonly day: Day | null;
  readonly csvFile: string | null;
  readonly close: ({ readonly id: number } & Closing) | null;
}

/** Where it is said what is done, a line at a time: the console. */
type Terminal = Pick<Console, 'log' | 'error'>;

interface World extends OpenDatabase {
  readonly logger: Logger;
  readonly terminal: Terminal;
}

export async function reconcile(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const order = readOrder(args);
  const url = readDatabaseUrl(env);
  if (!order.ok || !url.ok) {
    terminal.error(order.ok ? (url.ok ? '' : url.error.message) : order.error.message);
    return 2;
  }
  const say = (event: string, fields?: object): void => terminal.error(JSON.stringify({ event, ...fields }));
  const logger: Logger = { ...silentLogger, warn: say, error: say };
  const at = { databaseUrl: url.value, dataDir: env['DATA_DIR'] };
  const done = await inDatabase(at, logger, (open) => {
    const world = { ...open, logger, terminal };
    return order.value.close === null
      ? compareAndList(world, order.value, env['PROVIDERS_FILE'])
      : close(world, order.value.close);
  });
  if (done.ok) return done.value ? 0 : 1;
  terminal.error(`${done.error.code}: ${done.error.message}`);
  return 1;
}

function readOrder(args: readonly string[]): Result<Order, Failure<'usage'>> {
  const text = { type: 'string' } as const;
  const options = { day: text, csv: text, close: text, as: text, by: text, why: text };
  try {
    const { day, csv = null, close: id, as, by, why } = parseArgs({ args: [...args], options }).values;
    if (id === undefined) {
      const read = day === undefined ? null : parseDay(day);
      if (day !== undefined && read === null) return fail('usage', `--day=${day} is no day (YYYY-MM-DD)`);
      return ok({ day: read, csvFile: csv, close: null });
    }
    const state = as === 'explained' || as === 'closed' ? as : null;
    if (!/^\d{1,15}$/.test(id) || state === null || by === undefined || why === undefined)
      return fail('usage', '--close=ID --as=explained|closed --by=NAME --why=TEXT');
    const closing: Order['close'] = { id: Number(id), state, actor: by, resolution: why };
    return ok({ day: null, csvFile: null, close: closing });
  } catch (error) {
    return fail('usage', String(error));
  }
}

async function compareAndList(
  { terminal, ...parts }: World,
  { day, csvFile }: Order,
  providersFile: string | undefined,
): Promise<boolean> {
  const providers = providersFile === undefined ? ok({}) : loadProviders(providersFile);
  if (!providers.ok) {
    terminal.error(providers.error.message);
    return false;
  }
  const sources = makeBillSources(providers.value, parts);
  const reconciliation = new Reconciliation({ ...parts, sources });
  let isDone = true;
  if (day !== null) {
    const silent = await compareVisits(parts.db, parts.clock);
    const { provider, merchant } = visitsBook;
    terminal.log(JSON.stringify({ provider, merchant, day, differences: silent.get(day) ?? 0 }));
  }
  if (day !== null)
    for (const source of sources) {
      const { provider, merchant } = source;
      const report = await reconciliation.runDay(source, day, new AbortController().signal);
      isDone &&= report.ok;
      const said = report.ok
        ? { lines: report.value.lineCount, differences: report.value.differences.length }
        : report.error;
      terminal.log(JSON.stringify({ provider, merchant, day, ...said }));
    }
  const rows = await listDifferences(parts.db, day);
  if (csvFile === null) for (const row of rows) terminal.log(JSON.stringify(row));
  else writeFileSync(csvFile, csvOfDifferences(rows), { mode: 0o600 });
  return isDone;
}

async function close(
  { db, clock, terminal }: World,
  { id, ...closing }: NonNullable<Order['close']>,
): Promise<boolean> {
  const closed = await closeDifference({ db, clock }, id, closing);
  if (closed.ok) terminal.log(JSON.stringify(closed.value));
  else terminal.error(closed.error.message);
  return closed.ok;
}
