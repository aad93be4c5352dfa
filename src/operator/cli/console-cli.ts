import { parseArgs } from 'node:util';
import { z } from 'zod';
import { reasonSchema, staffNameSchema } from '../../shared/console/staff.schema.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import type { ConsoleFailure } from '../console/errors.ts';
import { readDatabaseUrl } from '../database-url.ts';
import type { KeyFailure } from '../members/member-code-keys.ts';
import type { KeySecret } from '../members/member-code-secret.ts';
import { readKeySecret, sealKeptKeys } from '../members/member-code-secret.ts';
import { firstToken, resetOnServer } from '../staff/accounts.ts';
import { confirmOnServer } from '../staff/confirmation.ts';
import { StaffKeys } from '../staff/seal.ts';
import type { OpenDatabase } from './in-database.ts';
import { inDatabase } from './in-database.ts';

const usage = `usage: npm run console -- <act>, on the database of DATABASE_URL, DATABASE_URL_FILE or DATA_DIR,
with the service's MEMBER_CODE_SECRET_FILE
  set-up   a one-time token for the first administrator, while there is none; good for a day
  reset <name> --by <who> --reason <why>
           a new one-time token for somebody who has lost password, authenticator and recovery
           codes; what they had counts no more, and the log says who has done it
  confirm <name> --by <who> --reason <why>
           that this account is somebody's own: from then on it counts as one of two persons. For
           the second administrator; the others are confirmed in the console
The token is said once, and goes into the console's first page.`;

/** 0: done; 1: refused; 2: wrong usage, no database, or not the service's secret. */
export interface ConsoleReport {
  readonly exitCode: 0 | 1 | 2;
  readonly lines: readonly string[];
}

interface Given {
  readonly token: string;
  readonly endsAtMs: number;
}
type Parts = OpenDatabase & { readonly keys: StaffKeys };
type Act = (parts: Parts) => Promise<Result<Given | null, ConsoleFailure>>;

/**
 * Lets people into the console from the server itself, where whoever may do so has the database and its secret anyway. On
 * PostgreSQL the service may run meanwhile. Never rejects for the database.
 */
export async function consoleAccounts(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ConsoleReport> {
  const act = readAct(args);
  if (!act.ok) return { exitCode: 2, lines: [act.error.message, usage] };
  const url = readDatabaseUrl(env);
  if (!url.ok) return { exitCode: 2, lines: [url.error.message] };
  const at = { databaseUrl: url.value, dataDir: env['DATA_DIR'] };
  if (at.databaseUrl === undefined && at.dataDir === undefined) return { exitCode: 2, lines: [usage] };
  const secretFile = env['MEMBER_CODE_SECRET_FILE'];
  const secret = secretFile === undefined ? ok(null) : readKeySecret(secretFile);
  if (!secret.ok) return { exitCode: 2, lines: [secret.error.message] };
  const asked = await inDatabase(at, silentLogger, (open) => withKeys(open, secret.value, act.value));
  if (!asked.ok) return { exitCode: 2, lines: [asked.error.message] };
  const done = asked.value;
  if (!done.ok) {
    const { code, message } = done.error;
    return { exitCode: code === 'key_unreadable' ? 2 : 1, lines: [`${code}: ${message}`] };
  }
  if (done.value === null) return { exitCode: 0, lines: ['done'] };
  const { token, endsAtMs } = done.value;
  return { exitCode: 0, lines: [JSON.stringify({ token, endsAt: new Date(endsAtMs).toISOString() })] };
}

/** Another secret than the service's would make tokens that it cannot read, and a log that it finds broken. */
async function withKeys(
  open: OpenDatabase,
  secret: KeySecret,
  act: Act,
): Promise<Result<Given | null, ConsoleFailure | KeyFailure>> {
  const sealed = await sealKeptKeys(open.db, secret);
  return sealed.ok ? act({ ...open, keys: new StaffKeys(secret) }) : sealed;
}

const text = { type: 'string' } as const;
const saidSchema = z.object({
  name: staffNameSchema,
  by: z.string().trim().min(1).max(60),
  reason: reasonSchema,
});

function readAct(args: readonly string[]): Result<Act, Failure<'usage'>> {
  let given: ReturnType<typeof parse>;
  try {
    given = parse(args);
  } catch (error) {
    return fail('usage', String(error));
  }
  const { positionals, values } = given;
  const [act, name, ...more] = positionals;
  if (act === 'set-up' && name === undefined && Object.keys(values).length === 0) return ok(setUp);
  if ((act !== 'reset' && act !== 'confirm') || more.length > 0) return fail('usage', 'an act that there is');
  const said = saidSchema.safeParse({ name, ...values });
  if (!said.success) return fail('usage', 'a name, who does it, and why in at least three letters');
  if (act === 'reset') return ok((parts: Parts) => resetOnServer(parts, said.data));
  return ok(async (parts: Parts) => {
    const done = await confirmOnServer(parts, said.data);
    return done.ok ? ok(null) : done;
  });
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: { by: text, reason: text },
  });

async function setUp(parts: Parts): Promise<Result<Given, ConsoleFailure>> {
  const given = await firstToken(parts);
  return given === null
    ? fail('conflict', 'somebody has an account already: who is locked out is let in by reset')
    : ok(given);
}

if (isProgram(import.meta.url)) {
  const { exitCode, lines } = await consoleAccounts(process.argv.slice(2), process.env);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
