import { parseArgs } from 'node:util';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { cabinetIdSchema } from '../../shared/api/operator.ts';
import { systemRandom } from '../../shared/node/system-random.ts';
import { writtenTextSchema } from '../../shared/model/catalog.schema.ts';
import type { Ok, Result } from '../../shared/result.ts';
import { ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { readDatabaseUrl } from '../database-url.ts';
import { listCabinets } from '../fleet/cabinet-list.ts';
import { issueEnrolToken } from '../fleet/enrolment.ts';
import type { AnswerKeyFailure } from '../http/answer-keys.ts';
import { loadAnswerKeys } from '../http/answer-keys.ts';
import { cabinet } from '../storage/schema.ts';
import type { OpenDatabase } from './in-database.ts';
import { inDatabase } from './in-database.ts';

const usage = `usage: npm run cabinet -- <act>, on the database of DATABASE_URL, DATABASE_URL_FILE or DATA_DIR
  token <cabinet>   opens enrolment for a day; the token is said once, and names the key of ANSWER_KEY_FILE
  list              each cabinet: since when it is enrolled, where it stands, and until when a token enrols it
  place <cabinet> <zh> <en> [<latitude> <longitude>]
                    where it stands, in both languages, and on the map (degrees, WGS 84): members are asked about it`;

const positionSchema = z.tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)]);

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
  if (act === 'list' && named === undefined) return ok(list);
  const cabinetId = cabinetIdSchema.safeParse(named);
  if (act === 'place') return cabinetId.success ? readPlace(cabinetId.data, more) : null;
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

function readPlace(cabinetId: string, [zh, en, ...at]: readonly string[]): Ok<Act> | null {
  const place = writtenTextSchema.safeParse({ zh, en });
  const position = at.length === 0 ? null : positionSchema.safeParse(at.map(Number));
  if (!place.success || position?.success === false) return null;
  const [latitude, longitude] = position?.data ?? [null, null];
  const set = { place: JSON.stringify(place.data), latitude, longitude };
  return ok(async ({ db }: OpenDatabase) => {
    const isIt = eq(cabinet.cabinetId, cabinetId);
    const placed = await db.update(cabinet).set(set).where(isIt).returning({ cabinetId: cabinet.cabinetId });
    if (placed.length === 0) throw new Error(`no cabinet ${cabinetId}: give it a token first`);
    return placed;
  });
}

/** None, where there is an option: there are no options. */
function positionalsOf(args: readonly string[]): readonly string[] {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: true }).positionals;
  } catch {
    return [];
  }
}

async function list({ db, clock }: OpenDatabase): Promise<readonly object[]> {
  const timeOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return (await listCabinets(db, clock)).map(({ cabinetId, enrolledAtMs, tokenEndsAtMs, place }) => ({
    cabinetId,
    place: place?.zh ?? null,
    enrolledAt: timeOf(enrolledAtMs),
    tokenEndsAt: timeOf(tokenEndsAtMs),
  }));
}

if (isProgram(import.meta.url)) {
  const { exitCode, lines } = await cabinets(process.argv.slice(2), process.env);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
