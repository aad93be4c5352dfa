import { parseArgs } from 'node:util';
import { z } from 'zod';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import { releaseVersionSchema } from '../../shared/model/update-order.schema.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { readDatabaseUrl } from '../database-url.ts';
import {
  changeOrder,
  failedReports,
  newestOrder,
  orderLifeMs,
  pauseUpdates,
  updateSummary,
  withdrawRelease,
} from '../fleet/update-orders.ts';
import type { OpenDatabase } from './in-database.ts';
import { inDatabase } from './in-database.ts';

const usage = `usage: npm run update -- <act>, on the database of DATABASE_URL, DATABASE_URL_FILE or DATA_DIR
  order <version> [--percent=100] [--window=02:00-05:00 ...] [--days=30] [--cabinet=<id>]
                     what the fleet is to run, or one cabinet (which then follows the fleet no more: it is pinned)
  unpin <cabinet>    it follows the fleet again
  pause | resume     nothing new begins, and nothing is switched; and on again
  withdraw <version> never to be installed, or switched to, any more; by nobody
  status             how many cabinets run what, and where it failed`;

const windowSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/);
const minutesOf = (text = ''): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
const optionsSchema = z.object({
  percent: z.coerce.number().int().min(0).max(100).default(100),
  window: z.array(windowSchema).max(14).default([]),
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(orderLifeMs / 86_400_000),
  cabinet: cabinetIdSchema.nullable().default(null),
});

/** 0: done; 2: wrong usage, or no database. */
export interface UpdateCliReport {
  readonly exitCode: 0 | 2;
  readonly lines: readonly string[];
}
type Act = (open: OpenDatabase) => Promise<readonly object[]>;

/** Does one act on the operator's database, which may be in use by the service (PostgreSQL). */
export async function updateCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<UpdateCliReport> {
  const act = readAct(args);
  const url = readDatabaseUrl(env);
  if (!url.ok) return { exitCode: 2, lines: [url.error.message] };
  const at = { databaseUrl: url.value, dataDir: env['DATA_DIR'] };
  const isNowhere = at.databaseUrl === undefined && at.dataDir === undefined;
  if (act === null || isNowhere) return { exitCode: 2, lines: [usage] };
  const done = await inDatabase(at, silentLogger, act);
  return done.ok
    ? { exitCode: 0, lines: done.value.map((line) => JSON.stringify(line)) }
    : { exitCode: 2, lines: [done.error.message] };
}

/** Null: none that there is. */
function readAct(args: readonly string[]): Act | null {
  let read;
  try {
    const text = { type: 'string' } as const;
    const options = {
      percent: text,
      days: text,
      cabinet: text,
      window: { ...text, multiple: true },
    } as const;
    read = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    return null;
  }
  const [act, named, ...more] = read.positionals;
  const given = optionsSchema.safeParse(read.values);
  if (more.length > 0 || !given.success) return null;
  const version = releaseVersionSchema.safeParse(named);
  const cabinetId = cabinetIdSchema.safeParse(named);
  if (act === 'order') return version.success ? order(version.data, given.data) : null;
  if (act === 'withdraw') return version.success ? withdraw(version.data) : null;
  if (act === 'unpin') return cabinetId.success ? unpin(cabinetId.data) : null;
  if (named !== undefined) return null;
  if (act === 'pause') return pause(true);
  if (act === 'resume') return pause(false);
  return act === 'status' ? status : null;
}

const changed =
  (cabinetId: string | null, change: Parameters<typeof changeOrder>[2]): Act =>
  async (open) => [{ cabinetId, ...(await changeOrder(open, cabinetId, change)) }];

function order(release: string, { percent, window, days, cabinet }: z.infer<typeof optionsSchema>): Act {
  const windows = window.map((text) => {
    const [from, to] = text.split('-');
    return { fromMinute: minutesOf(from), toMinute: minutesOf(to) };
  });
  return async (open) => {
    if ((await newestOrder(open.db, null))?.withdrawn.includes(release) === true)
      throw new Error(`${release} was withdrawn: make a newer one`);
    const expiresAtMs = open.clock.nowMs() + days * 86_400_000;
    return changed(cabinet, { release, percent, windows, expiresAtMs })(open);
  };
}

const withdraw =
  (release: string): Act =>
  async (open) => [{ cabinetId: null, ...(await withdrawRelease(open, release)) }];

const pause =
  (isPaused: boolean): Act =>
  async (open) => [{ cabinetId: null, ...(await pauseUpdates(open, isPaused)) }];

const unpin = (cabinetId: string): Act => changed(cabinetId, { isPinEnded: true });

const status: Act = async ({ db }) => [
  { fleet: await newestOrder(db, null) },
  ...(await updateSummary(db)),
  ...(await failedReports(db)),
];

if (isProgram(import.meta.url)) {
  const { exitCode, lines } = await updateCli(process.argv.slice(2), process.env);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
