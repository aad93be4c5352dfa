import { parseArgs } from 'node:util';
import { asc } from 'drizzle-orm';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import type { Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { readDatabaseUrl } from '../database-url.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import type { AnswerKeyFailure } from '../http/answer-keys.ts';
import { loadAnswerKeys } from '../http/answer-keys.ts';
import { cabinet } from '../storage/schema.ts';
import type { OpenDatabase } from './in-database.ts';
import { inDatabase } from './in-database.ts';

const usage = `usage: npm run cabinet -- <act>, on the database of DATABASE_URL, DATABASE_URL_FILE or DATA_DIR
  token <cabinet>   opens enrolment for a day; the token is said once, and names the key of ANSWER_KEY_FILE
  list              each cabinet: since when it is enrolled, and until when a token enrols it`;

/** 0: done; 2: wrong usage, or no database. */
export interface CabinetReport {
  readonly exitCode: 0 | 2;
  readonly lines: readonly string[];
}

type Act = (open: OpenDatabase) => Promise<readonly object[]>;

/** Does one act on the operator's database, which may be in use by the service (PostgreSQL). Never rejects for the database. */
export async function cabinets(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CabinetReport> {
  const act = readAct(args, env);
  if (act === null) return { exitCode: 2, lines: [usage] };
  if (!act.ok) return { exitCode: 2, lines: [act.error.message] };
  const url = readDatabaseUrl(env);
  if (!url.ok) return { exitCode: 2, lines: [url.error.message] };
  const at = { databaseUrl: url.value, dataDir: env['DATA_DIR'] };
  if (at.databaseUrl === undefined && at.dataDir === undefined) return { exitCode: 2, lines: [usage] };
  const done = await inDatabase(at, silentLogger, act.value);
  return done.ok
    ? { exitCode: 0, lines: done.value.map((line) => JSON.stringify(line)) }
    : { exitCode: 2, lines: [done.error.message] };
}

/** Null: none that there is. */
function readAct(args: readonly string[], env: NodeJS.ProcessEnv): Result<Act, AnswerKeyFailure> | null {
  const [act, named, ...more] = positionalsOf(args);
  if (act === 'list' && named === undefined) return ok(listCabinets);
  const cabinetId = cabinetIdSchema.safeParse(named);
  const keyFile = env['ANSWER_KEY_FILE'];
  // A token that names no key enrols at whoever answers: so none is given out.
  if (act !== 'token' || !cabinetId.success || more.length > 0 || keyFile === undefined) return null;
  const keys = loadAnswerKeys({ keyFile });
  if (!keys.ok) return keys;
  const { publicKey } = keys.value;
  return ok(async ({ db, clock }: OpenDatabase) => [
    {
      cabinetId: cabinetId.data,
      token: await issueEnrolToken(db, clock, systemRandom, cabinetId.data, publicKey),
    },
  ]);
}

/** None, where there is an option: there are no options. */
function positionalsOf(args: readonly string[]): readonly string[] {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: true }).positionals;
  } catch {
    return [];
  }
}

async function listCabinets({ db, clock }: OpenDatabase): Promise<readonly object[]> {
  const rows = await db.select().from(cabinet).orderBy(asc(cabinet.cabinetId));
  const timeOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return rows.map(({ cabinetId, enrolledAtMs, tokenOpen, tokenEndsAtMs }) => ({
    cabinetId,
    enrolledAt: timeOf(enrolledAtMs),
    tokenEndsAt: tokenOpen && tokenEndsAtMs > clock.nowMs() ? timeOf(tokenEndsAtMs) : null,
  }));
}

if (isProgram(import.meta.url)) {
  const { exitCode, lines } = await cabinets(process.argv.slice(2), process.env);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
