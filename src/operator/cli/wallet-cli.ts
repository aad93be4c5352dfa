import { parseArgs } from 'node:util';
import type { z } from 'zod';
import {
  adjustWalletRequestSchema,
  openWalletRequestSchema,
  topUpWalletRequestSchema,
} from '../../shared/api/wallet.schema.ts';
import type { Clock } from '../../shared/clock.ts';
import { memberIdSchema } from '../../shared/model/member.schema.ts';
import type { Failure, Result } from '../../shared/result.ts';
import { fail, ok } from '../../shared/result.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { isProgram } from '../../shared/node/is-program.ts';
import { readDatabaseUrl } from '../database-url.ts';
import type { ApiFailure } from '../http/errors.ts';
import { parseWith } from '../http/json.ts';
import { auditWallets } from '../providers/wallet/audit.ts';
import { walletStatement } from '../providers/wallet/statement.ts';
import type { Db } from '../storage/storage.ts';
import { adjustWallet, openWallet, topUpWallet } from '../support/wallet.ts';
import { inDatabase } from './in-database.ts';

const usage = `usage: npm run wallet -- <act>, on the database of DATABASE_URL, DATABASE_URL_FILE or DATA_DIR
  open <member> --currency CNY                from now on this member pays by the wallet
  top-up <member> --currency CNY --amount 50.00 --reference <number of the payment> --by <who>
  adjust <member> --currency CNY --amount=-5.00 --reference <number> --by <who> --reason <why>
  statement <member> --currency CNY [--before <entry>]
  audit                                       proves the ledger: nothing is said where all is well
Amounts have two decimals. The same reference again moves nothing.`;

/** 0: done; 1: refused, or the audit has found something; 2: wrong usage, or no database. */
export interface WalletReport {
  readonly exitCode: 0 | 1 | 2;
  readonly lines: readonly string[];
}

type Parts = { readonly db: Db; readonly clock: Clock };
type Act = (parts: Parts) => Promise<Result<unknown, ApiFailure>>;

const text = { type: 'string' } as const;
const options = { currency: text, amount: text, reference: text, by: text, reason: text, before: text };

/** Does one act on the operator's database, which may be in use by the service (PostgreSQL). Never rejects for the database. */
export async function wallet(args: readonly string[], env: NodeJS.ProcessEnv): Promise<WalletReport> {
  const act = readAct(args);
  if (!act.ok) return { exitCode: 2, lines: [act.error.message, usage] };
  const url = readDatabaseUrl(env);
  if (!url.ok) return { exitCode: 2, lines: [url.error.message] };
  const dataDir = env['DATA_DIR'];
  if (url.value === undefined && dataDir === undefined)
    return { exitCode: 2, lines: ['no database: DATABASE_URL, DATABASE_URL_FILE or DATA_DIR', usage] };
  const asked = await inDatabase({ databaseUrl: url.value, dataDir }, silentLogger, act.value);
  if (!asked.ok) return { exitCode: 2, lines: [asked.error.message] };
  const done = asked.value;
  if (!done.ok) return { exitCode: 1, lines: [`${done.error.code}: ${done.error.message}`] };
  const list = Array.isArray(done.value) ? (done.value as unknown[]) : null;
  const lines = (list ?? [done.value]).map((line) => JSON.stringify(line));
  return { exitCode: list !== null && list.length > 0 ? 1 : 0, lines };
}

function readAct(args: readonly string[]): Result<Act, Failure<'usage'>> {
  let given: ReturnType<typeof parse>;
  try {
    given = parse(args);
  } catch (error) {
    return fail('usage', String(error));
  }
  const { positionals, values } = given;
  const [act, member, ...more] = positionals;
  if (act === 'audit' && member === undefined) return ok(async ({ db }: Parts) => ok(await auditWallets(db)));
  const memberId = memberIdSchema.safeParse(member);
  if (!memberId.success || more.length > 0) return fail('usage', 'an act, and a member');
  const amountMinor = minorOf(values.amount);
  const said = { ...values, actor: values.by, amountMinor };
  switch (act) {
    case 'open':
      return actOf(openWalletRequestSchema, said, (parts, body) => openWallet(parts, memberId.data, body));
    case 'top-up':
      return actOf(topUpWalletRequestSchema, said, (parts, body) => topUpWallet(parts, memberId.data, body));
    case 'adjust':
      return actOf(adjustWalletRequestSchema, said, (parts, body) =>
        adjustWallet(parts, memberId.data, body),
      );
    case 'statement': {
      const before = values.before === undefined ? undefined : Number(values.before);
      if (before !== undefined && !Number.isSafeInteger(before)) return fail('usage', 'before: no number');
      return actOf(openWalletRequestSchema, said, ({ db }, { currency }) =>
        walletStatement(db, memberId.data, currency, before),
      );
    }
    default:
      return fail('usage', `no such act: ${act ?? ''}`);
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
}

function actOf<T>(
  schema: z.ZodType<T>,
  said: object,
  act: (parts: Parts, body: T) => Promise<Result<unknown, ApiFailure>>,
): Result<Act, Failure<'usage'>> {
  const body = parseWith(schema, said);
  if (!body.ok) return fail('usage', body.error.message);
  return ok((parts: Parts) => act(parts, body.value));
}

/** Undefined: not an amount with two decimals, as all our currencies have. */
function minorOf(amount: string | undefined): number | undefined {
  const digits = /^(-?)(\d{1,7})\.(\d{2})$/.exec(amount ?? '');
  if (digits === null) return undefined;
  const minor = Number(`${digits[2] ?? ''}${digits[3] ?? ''}`);
  return digits[1] === '-' ? -minor : minor;
}

if (isProgram(import.meta.url)) {
  const { exitCode, lines } = await wallet(process.argv.slice(2), process.env);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
