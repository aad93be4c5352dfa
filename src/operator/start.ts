import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../shared/clock.ts';
import { systemClock } from '../shared/clock.ts';
import type { Failure, Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import { systemRandom } from '../shared/node/system-random.ts';
import type { Random } from '../shared/random.ts';
import type { Logger } from '../shared/util/logger.ts';
import { silentLogger } from '../shared/util/logger.ts';
import { compose } from './compose.ts';
import { BossJobs } from './jobs/boss-jobs.ts';
import type { AnswerKeyFailure, AnswerKeyFiles } from './http/answer-keys.ts';
import { loadAnswerKeys } from './http/answer-keys.ts';
import { signaturesInPool } from './http/signatures.ts';
import type { CatalogFailure } from './fleet/catalog.ts';
import { loadCatalog } from './fleet/catalog.ts';
import { payPath } from '../shared/api/development-routes.ts';
import type { ProvidersConfig, ProvidersFailure } from './providers/load-providers.ts';
import { loadProviders, makeProviders, merchantNumbersOf } from './providers/load-providers.ts';
import type { MerchantFailure } from './providers/missing-merchants.ts';
import { nothingOpenElsewhere, sameAsBefore } from './providers/missing-merchants.ts';
import { offlineRisksOf } from './fleet/offline-risk.ts';
import type { KeyFailure } from './members/member-code-keys.ts';
import { loadMemberCodeKeys } from './members/member-code-keys.ts';
import type { KeySecret } from './members/member-code-secret.ts';
import { readKeySecret, sealKeptKeys } from './members/member-code-secret.ts';
import type { MemberCodeKeys } from './members/member-code.ts';
import type { Policy } from './limits.ts';
import { phonePageAt } from './phone/address.ts';
import { defaultPolicy } from './limits.ts';
import { memberCodeKeyName } from './guarded-files.ts';
import { Metrics } from './operations/metrics.ts';
import { buildOperationsApi } from './operations/operations-api.ts';
import { makeBillSources } from './reconciliation/sources.ts';
import { firstToken, hasAccounts } from './staff/accounts.ts';
import { DatabaseClock, databaseNowMs } from './storage/database-clock.ts';
import { holdAfterPutBack } from './storage/put-back.ts';
import type { StorageFailure } from './storage/storage-failure.ts';
import type { DatabaseTimeouts, Db } from './storage/storage.ts';
import { openStorage } from './storage/storage.ts';

export interface StartOptions {
  /** 0: any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Of proxies on other machines, which cabinets come through. */
  readonly proxyAddresses?: readonly string[] | undefined;
  readonly dataDir?: string | undefined;
  readonly databaseUrl?: string | undefined;
  /** The database was put back before this start: see `holdAfterPutBack`. Left out: not as far as anybody says. */
  readonly afterRestore?: boolean;
  readonly catalogFile?: string | undefined;
  /** The merchants by which money is moved; left out: none, and only the fake provider is there. */
  readonly providersFile?: string | undefined;
  /** For what phones ask and providers send by themselves; 0: any free one. */
  readonly noticePort?: number;
  /** Where phones reach that port (`https://…`); left out: nobody has said, and in development the port itself. */
  readonly phoneAddress?: string | undefined;
  /** See ComposeOptions. */
  readonly serviceContact?: string | undefined;
  /** The support console; 0 or left out: any free one; null: nobody listens. */
  readonly consolePort?: number | null;
  /** Makes a token for the first administrator while there is none (console-cli.ts otherwise); left out: no. */
  readonly givesSetUpToken?: boolean;
  /** Where the built pages lie, `console` and `phone`; left out: where `npm run build` puts them. */
  readonly pagesDir?: string | undefined;
  /** Releases for cabinets, as `npm run release` puts them there; left out: none are served. */
  readonly updatesFolder?: string | undefined;
  /** For whoever runs the service (operations/); 0: any free one. `metricsHost`: loopback when left out. */
  readonly metricsPort?: number;
  readonly metricsHost?: string;
  /** Starts the development API on a loopback port of its own. */
  readonly dev?: boolean;
  /** With `dev`: the sample members count as let in when it starts (sample-members.ts). */
  readonly membersLetIn?: boolean;
  /** Of this machine; its wall time is not believed (storage/database-clock.ts). */
  readonly clock?: Clock;
  readonly policy?: Policy;
  readonly random?: Random;
  /** Left out: the answers are signed with the database's own key, for development. */
  readonly answerKeyFiles?: AnswerKeyFiles | undefined;
  /** What the keys for member codes are sealed with in the database; left out: they are not. */
  readonly memberCodeSecretFile?: string | undefined;
  readonly logger?: Logger;
  /** For tests: see StorageOptions. */
  readonly startFrom?: Blob;
  readonly databaseTimeouts?: DatabaseTimeouts;
}

export interface RunningOperator {
  readonly api: string;
  readonly dev: string | null;
  /** Where phones come, and providers send their notices to. */
  readonly notices: string;
  /** The shopper's page there, as phones reach it; null: nobody has said. */
  readonly phone: string | null;
  /** The support console; null: nobody listens. */
  readonly console: string | null;
  /** Opens the console's page for the first administrator, once; null: there is one, or it is not given out here. */
  readonly consoleSetUp: string | null;
  /** Liveness, readiness, metrics and the API's document. */
  readonly metrics: string;
  readonly storage: 'pglite' | 'postgres';
  readonly close: () => Promise<void>;
}

export type StartFailure =
  | StorageFailure
  | CatalogFailure
  | ProvidersFailure
  | MerchantFailure
  | KeyFailure
  | AnswerKeyFailure
  | Failure<'cannot_listen'>;

const sampleCatalogFile = fileURLToPath(
  new URL('../../resources/catalog/sample-catalog.json', import.meta.url),
);
/** As they are built (build/vite.web.config.ts); in a package they are somewhere else. */
const builtPages = fileURLToPath(new URL('../../out', import.meta.url));
const loopback = '127.0.0.1';

/** Behind the #: no server and no log sees the token. */
function setUpLink(consoleUrl: string, token: string): string {
  return `${consoleUrl}/invitation#${token}`;
}

/**
 * What has to be so before anything starts: no merchant is missing, or another one by now, and the keys for member codes are sealed. Gives the key of
 * before: it was a file until the database had it, and codes that are on a screen right now are still good.
 */
async function prepare(
  db: Db,
  dataDir: string | undefined,
  { providers, memberCodeSecret }: { providers: ProvidersConfig; memberCodeSecret: KeySecret },
): Promise<Result<MemberCodeKeys | undefined, KeyFailure | MerchantFailure>> {
  const merchants = await nothingOpenElsewhere(db, Object.keys(providers));
  if (!merchants.ok) return merchants;
  const same = await sameAsBefore(db, merchantNumbersOf(providers));
  if (!same.ok) return same;
  const sealed = await sealKeptKeys(db, memberCodeSecret);
  if (!sealed.ok) return sealed;
  const file = join(dataDir ?? '', memberCodeKeyName);
  return dataDir !== undefined && existsSync(file) ? loadMemberCodeKeys(file) : ok(undefined);
}

/** What it is given in files. */
function readFiles(options: StartOptions) {
  const { answerKeyFiles, providersFile, memberCodeSecretFile } = options;
  const catalog = loadCatalog(options.catalogFile ?? sampleCatalogFile);
  if (!catalog.ok) return catalog;
  const providers = providersFile === undefined ? ok({}) : loadProviders(providersFile);
  if (!providers.ok) return providers;
  const answerKeys = answerKeyFiles === undefined ? ok(undefined) : loadAnswerKeys(answerKeyFiles);
  if (!answerKeys.ok) return answerKeys;
  const secret = memberCodeSecretFile === undefined ? ok(null) : readKeySecret(memberCodeSecretFile);
  if (!secret.ok) return secret;
  const files = { catalog: catalog.value, providers: providers.value, answerKeys: answerKeys.value };
  return ok({ ...files, memberCodeSecret: secret.value });
}

/** Starts the whole service. Beside the providers of the file there is the fake one, for members who have their account there. */
export async function startOperator(
  options: StartOptions = {},
): Promise<Result<RunningOperator, StartFailure>> {
  const { clock: host = systemClock, logger = silentLogger, dataDir, databaseUrl, dev = false } = options;
  const { pagesDir = builtPages } = options;
  const files = readFiles(options);
  if (!files.ok) return files;
  const { catalog, providers, answerKeys, memberCodeSecret } = files.value;
  const { startFrom, databaseTimeouts: timeouts, policy = defaultPolicy } = options;
  const development = dev ? (await import('./http/development.ts')).development : undefined;
  const storage = await openStorage({ databaseUrl, dataDir, startFrom, timeouts, logger });
  if (!storage.ok) return storage;
  const { db, kind } = storage.value;
  const earlier = await prepare(db, dataDir, files.value);
  if (!earlier.ok) {
    await storage.value.close();
    return earlier;
  }
  const clock = new DatabaseClock({ host, databaseNowMs: () => databaseNowMs(db), logger });
  const metrics = new Metrics({ withProcess: true });
  let phoneAddress = options.phoneAddress ?? null;
  const operator = compose({
    db,
    clock,
    logger,
    random: options.random ?? systemRandom,
    catalog,
    firstMemberCodeKey: earlier.value,
    memberCodeSecret,
    isTimeSure: () => clock.agreesWithHost(),
    isEmbedded: kind === 'pglite',
    policy,
    proxyAddresses: options.proxyAddresses,
    updatesFolder: options.updatesFolder,
    ...{ consolePage: join(pagesDir, 'console'), phonePage: join(pagesDir, 'phone') },
    phoneAddress: () => phoneAddress,
    serviceContact: options.serviceContact,
    answerKeys,
    signatures: signaturesInPool,
    realProviders: makeProviders(providers, { db, clock, logger }),
    billSources: makeBillSources(providers, { db, clock, logger }),
    development,
    metrics,
    scheduleJobs: databaseUrl === undefined ? undefined : (all) => new BossJobs({ ...all, databaseUrl }),
  });
  let closing = false;
  const { worker } = operator;
  const isClosing = (): boolean => closing;
  const operations = buildOperationsApi({ db, clock, logger, worker, metrics, policy, isClosing });
  const close = async (): Promise<void> => {
    closing = true;
    await operator.stop();
    await operations.close();
    await clock.stop();
    await storage.value.close();
  };
  try {
    await clock.start();
    const isSaid = options.afterRestore ?? false;
    await holdAfterPutBack({ storage: storage.value, clock, logger, isSaid });
    const begun = await operator.catalog.begin();
    if (!begun.ok) {
      await close();
      return begun;
    }
    await development?.seedMembers(db, options.membersLetIn === true ? clock.nowMs() : null);
    const api = await operator.api.listen({ port: options.port ?? 0, host: options.host ?? loopback });
    const noticesAt = { port: options.noticePort ?? 0, host: options.host ?? loopback };
    const notices = await operator.noticeApi.listen(noticesAt);
    if (dev) phoneAddress ??= notices;
    const devUrl = (await operator.developmentApi?.listen({ port: 0, host: loopback })) ?? null;
    if (devUrl !== null) operator.fakeProvider.takePaymentsAt(`${devUrl}${payPath}`);
    const consolePort = options.consolePort ?? 0;
    const consoleAt = { port: consolePort, host: options.host ?? loopback };
    const hasConsole = options.consolePort !== null;
    const consoleUrl = hasConsole ? await operator.consoleApi.listen(consoleAt) : null;
    const setUp = options.givesSetUpToken === true && hasConsole ? await firstToken(operator.staff) : null;
    if (hasConsole && setUp === null && !(await hasAccounts(db)))
      logger.warn('console_without_accounts', {
        next: 'npm run console -- set-up; packed: node console.js set-up',
      });
    const metricsAt = { port: options.metricsPort ?? 0, host: options.metricsHost ?? loopback };
    const metricsUrl = await operations.listen(metricsAt);
    operator.start();
    const { currency } = operator.catalog.catalog;
    logger.info('offline_risk', { risks: await offlineRisksOf(db, policy), currency });
    return ok({
      ...{ api, dev: devUrl, notices, metrics: metricsUrl, storage: kind, close },
      console: consoleUrl,
      consoleSetUp: setUp === null || consoleUrl === null ? null : setUpLink(consoleUrl, setUp.token),
      phone: phonePageAt(phoneAddress),
    });
  } catch (error) {
    await close();
    return fail('cannot_listen', String(error));
  }
}
