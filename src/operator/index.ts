import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import type { Exposure } from './guarded-files.ts';
import { readDatabaseUrl } from './database-url.ts';
import { readPhoneAddress, readServiceContact } from './phone/address.ts';
import { exposedFiles } from './guarded-files.ts';
import { defaultPolicy } from './limits.ts';
import { reconcile } from './reconciliation/command.ts';
import type { StartOptions } from './start.ts';
import { startOperator } from './start.ts';

/**
 * The operator service as a program.
 *
 *   node src/operator/index.ts [--dev [--members-let-in]] [--until-stdin-ends] [--after-restore]
 *   node src/operator/index.ts reconcile …: compares bills with charges and ends (reconciliation/command.ts)
 *
 * --after-restore: the database was put back (docs/decisions/0103-what-was-lost-is-asked-about.md); for one start. On PostgreSQL a
 * backup that was recovered, or a replica that was promoted, is seen without it.
 *
 * --members-let-in: the sample members of --dev count as let in just now, so that cabinets may open offline for them.
 *
 * --until-stdin-ends: stops as at SIGTERM when its standard input is closed. For whoever starts it and may be killed: the
 * system closes that pipe whatever end the starter meets.
 *
 * Environment: PORT (0 or absent: any free one), HOST (127.0.0.1), DATA_DIR (folder of the embedded database; absent: in
 * memory), PROXY_ADDRESSES (of proxies on other machines, separated by commas: the connections of one are many cabinets'),
 * DATABASE_URL (PostgreSQL instead; required in production) or DATABASE_URL_FILE (a file with it), CATALOG_FILE (required in
 * production),
 * PROVIDERS_FILE (the merchants by which money is moved; required in production), NOTICE_PORT (0; what providers send),
 * PHONE_PAGE (https://…: where phones reach that port; the shopper's page is at /m/ there), SERVICE_CONTACT (a telephone number
 * or an e-mail address that the page names for questions), CONSOLE_PORT (the support console;
 * absent: in production nobody listens, else any free one), SECOND_PERSON_ABOVE_MINOR (20000; about more money than this two
 * people decide), PAGES_DIR (the built pages of both; a package has them beside its programs),
 * UPDATES_DIR (releases for cabinets, as `npm run release` makes them; absent: none are served), METRICS_PORT (0; health,
 * metrics and the API's document), METRICS_HOST (127.0.0.1),
 * TIME_ZONE (IANA, Asia/Shanghai; accounts are asked again at its civil hours), LOG_LEVEL (warn). ANSWER_KEY_FILE: the Ed25519 key that signs the answers (PEM, PKCS #8; required in production, else one in the database),
 * ANSWER_NEXT_KEY_FILE: the one to come, ANSWER_KEYS_REVOKED: public keys that count no more
 * (docs/decisions/0087-answers-are-signed.md). MEMBER_CODE_SECRET_FILE: what the keys for member codes in the database are
 * sealed with (required in production; docs/decisions/0079-member-code-keys-in-the-database.md). When ready, one JSON line on stdout; logs go to stderr.
 * Exit codes: 0 stopped by a signal, 1 could not start, 2 wrong usage.
 */
interface ProgramOptions extends StartOptions {
  readonly logLevel: string;
  readonly untilStdinEnds: boolean;
  /** Files that others of this machine may read or change, and should not. */
  readonly exposed: readonly { readonly name: string; readonly exposure: Exposure }[];
}

const flag = { type: 'boolean', default: false } as const;

function readOptions(): Result<ProgramOptions, Failure<'usage'>> {
  const { env } = process;
  let flags: Readonly<Record<'dev' | 'members-let-in' | 'until-stdin-ends' | 'after-restore', boolean>>;
  try {
    const known = {
      ...{ dev: flag, 'members-let-in': flag },
      ...{ 'until-stdin-ends': flag, 'after-restore': flag },
    };
    flags = parseArgs({ options: known, strict: true }).values;
  } catch (error) {
    return fail('usage', String(error));
  }
  const { dev } = flags;
  const production = env['NODE_ENV'] === 'production';
  if (production && dev)
    return fail('usage', '--dev is not for production: it can make codes and lose answers');
  const databaseAt = readDatabaseUrl(env);
  if (!databaseAt.ok) return databaseAt;
  const databaseUrl = databaseAt.value;
  if (production && databaseUrl === undefined)
    return fail(
      'usage',
      'production needs DATABASE_URL: a power cut may take commits of the embedded database',
    );
  const keyFile = env['ANSWER_KEY_FILE'];
  if (production && keyFile === undefined)
    return fail('usage', 'production needs ANSWER_KEY_FILE: a key in the database is as safe as its copies');
  if (production && env['MEMBER_CODE_SECRET_FILE'] === undefined)
    return fail(
      'usage',
      'production needs MEMBER_CODE_SECRET_FILE: who has a copy of the database makes codes with open keys',
    );
  const { ANSWER_NEXT_KEY_FILE: nextKeyFile, ANSWER_KEYS_REVOKED: revoked } = env;
  if (keyFile === undefined && (nextKeyFile !== undefined || revoked !== undefined))
    return fail('usage', 'ANSWER_NEXT_KEY_FILE and ANSWER_KEYS_REVOKED do nothing without ANSWER_KEY_FILE');
  const exposed = exposedFiles(env);
  if (production && exposed.length > 0) {
    const list = exposed.map(({ name, exposure }) => `${name}: ${exposure}`).join(', ');
    return fail(
      'usage',
      `${list}; chown to this user, chmod 400 (a catalogue: 444), or a credential of systemd`,
    );
  }
  const { PROVIDERS_FILE: providersFile } = env;
  if (production && providersFile === undefined)
    return fail('usage', 'production needs PROVIDERS_FILE: the fake provider moves no money');
  if (production && env['CATALOG_FILE'] === undefined)
    return fail('usage', 'production needs CATALOG_FILE: the prices of the sample catalogue are nobody’s');
  const ports = readPorts(env, production);
  if (!ports.ok) return ports;
  const above = env['SECOND_PERSON_ABOVE_MINOR'] ?? String(defaultPolicy.secondPersonAboveMinor);
  if (!/^\d{1,9}$/.test(above))
    return fail('usage', `SECOND_PERSON_ABOVE_MINOR is no amount in minor units: ${above}`);
  const proxyAddresses = (env['PROXY_ADDRESSES'] ?? '').split(',').filter((address) => address !== '');
  const noAddress = proxyAddresses.find((address) => isIP(address) === 0);
  if (noAddress !== undefined) return fail('usage', `PROXY_ADDRESSES: ${noAddress} is no IP address`);
  const phoneAddress = readPhoneAddress(env);
  if (!phoneAddress.ok) return phoneAddress;
  const contact = readServiceContact(env);
  if (!contact.ok) return contact;
  const { TIME_ZONE: timeZone = defaultPolicy.timeZone } = env;
  if (!isTimeZone(timeZone)) return fail('usage', `TIME_ZONE is no time zone: ${timeZone}`);
  const logLevel = env['LOG_LEVEL'] ?? 'warn';
  if (logLevel !== 'silent' && !Object.hasOwn(pino.levels.values, logLevel))
    return fail('usage', `LOG_LEVEL is not a level: ${logLevel}`);
  return ok({
    dev,
    membersLetIn: flags['members-let-in'],
    afterRestore: flags['after-restore'],
    untilStdinEnds: flags['until-stdin-ends'],
    exposed,
    logLevel,
    ...ports.value,
    // Where it is said in production it would stay in the log of the service.
    givesSetUpToken: !production,
    phoneAddress: phoneAddress.value,
    serviceContact: contact.value,
    pagesDir: env['PAGES_DIR'],
    updatesFolder: env['UPDATES_DIR'],
    metricsHost: env['METRICS_HOST'] ?? '127.0.0.1',
    providersFile,
    host: env['HOST'] ?? '127.0.0.1',
    proxyAddresses,
    dataDir: env['DATA_DIR'],
    databaseUrl,
    catalogFile: env['CATALOG_FILE'],
    policy: { ...defaultPolicy, timeZone, secondPersonAboveMinor: Number(above) },
    answerKeyFiles: keyFile === undefined ? undefined : { keyFile, nextKeyFile, revoked },
    memberCodeSecretFile: env['MEMBER_CODE_SECRET_FILE'],
  });
}

/** In production nobody comes to a console that was not asked for: it has no random port. */
function readPorts(env: NodeJS.ProcessEnv, production: boolean) {
  const { PORT = '0', NOTICE_PORT = '0', METRICS_PORT = '0', CONSOLE_PORT } = env;
  for (const [name, value] of Object.entries({ PORT, NOTICE_PORT, METRICS_PORT, CONSOLE_PORT }))
    if (value !== undefined && (!/^\d{1,5}$/.test(value) || Number(value) > 65_535))
      return fail('usage', `${name} is not a port: ${value}`);
  return ok({
    ...{ port: Number(PORT), noticePort: Number(NOTICE_PORT), metricsPort: Number(METRICS_PORT) },
    consolePort: production && CONSOLE_PORT === undefined ? null : Number(CONSOLE_PORT ?? 0),
  });
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const [, , command, ...rest] = process.argv;
if (command === 'reconcile') process.exit(await reconcile(rest, process.env, console));
const options = readOptions();
if (!options.ok) {
  console.error(options.error.message);
  process.exit(2);
}
const stderrFileDescriptor = 2;
const log = pino(
  { level: options.value.logLevel },
  pino.destination({ dest: stderrFileDescriptor, sync: true }),
);
const write =
  (level: 'debug' | 'info' | 'warn' | 'error') =>
  (event: string, fields?: object): void =>
    log[level]({ event, ...fields });
const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
for (const file of options.value.exposed) logger.warn('file_exposed', file);
const started = await startOperator({ ...options.value, logger });
if (!started.ok) {
  console.error(`${started.error.code}: ${started.error.message}`);
  process.exit(1);
}
const operator = started.value;
let closing = false;
function end(): void {
  if (closing) return;
  closing = true;
  void operator.close().then(
    () => process.exit(0),
    (error: unknown) => {
      logger.error('close_failed', { error: String(error) });
      process.exit(1);
    },
  );
}
process.on('SIGTERM', end);
process.on('SIGINT', end);
if (options.value.untilStdinEnds) process.stdin.on('end', end).resume();
const { api, dev, notices, phone, metrics, storage, consoleSetUp } = operator;
const ready = { ready: true, api, dev, notices, phone, console: operator.console, metrics, storage };
console.log(JSON.stringify({ ...ready, ...(consoleSetUp === null ? {} : { consoleSetUp }) }));
