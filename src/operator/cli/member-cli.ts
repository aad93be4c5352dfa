import { memberIdSchema } from '../../shared/model/member.schema.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { readDatabaseUrl } from '../database-url.ts';
import { readPhoneAddress } from '../phone/address.ts';
import { makeLink } from '../phone/links.ts';
import { signOutEverywhere } from '../phone/sessions.ts';
import type { OpenDatabase } from './in-database.ts';
import { inDatabase } from './in-database.ts';

const usage = `usage: npm run member -- <act>, on the database of DATABASE_URL, DATABASE_URL_FILE or DATA_DIR
  link <member>      a one-time link to the shopper's page (PHONE_PAGE): who opens it first is this member
  sign-out <member>  ends every session of this member on the shopper's page`;

/** 0: done; 2: wrong usage, no such member, or no database. */
interface MemberReport {
  readonly exitCode: 0 | 2;
  readonly lines: readonly string[];
}

type Act = (open: OpenDatabase) => Promise<object>;

/** Does one act on the operator's database, which may be in use by the service (PostgreSQL). Never rejects for the database. */
export async function members(args: readonly string[], env: NodeJS.ProcessEnv): Promise<MemberReport> {
  const act = readAct(args, env);
  if (act === null) return { exitCode: 2, lines: [usage] };
  const url = readDatabaseUrl(env);
  if (!url.ok) return { exitCode: 2, lines: [url.error.message] };
  const at = { databaseUrl: url.value, dataDir: env['DATA_DIR'] };
  if (at.databaseUrl === undefined && at.dataDir === undefined) return { exitCode: 2, lines: [usage] };
  const done = await inDatabase(at, silentLogger, act);
  return done.ok
    ? { exitCode: 0, lines: [JSON.stringify(done.value)] }
    : { exitCode: 2, lines: [done.error.message] };
}

/** Null: none that there is, or nobody has said where phones reach the page. */
function readAct([act, named, ...more]: readonly string[], env: NodeJS.ProcessEnv): Act | null {
  const memberId = memberIdSchema.safeParse(named).data;
  if (memberId === undefined || more.length > 0) return null;
  if (act === 'sign-out')
    return async ({ db, clock }) => {
      await signOutEverywhere(db, clock, memberId);
      return { memberId };
    };
  const page = readPhoneAddress(env);
  if (act !== 'link' || !page.ok || page.value === undefined) return null;
  const asked = { memberId, madeBy: 'terminal', page: page.value };
  return async (open) => {
    const link = await makeLink(open, asked);
    if (!link.ok) throw new Error(link.error.message);
    return { url: link.value.url, endsAt: new Date(link.value.endsAtMs).toISOString() };
  };
}

if (isProgram(import.meta.url)) {
  const { exitCode, lines } = await members(process.argv.slice(2), process.env);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
