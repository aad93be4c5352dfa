import type { FastifyInstance } from 'fastify';
import type { Clock } from '../shared/clock.ts';
import type { Random } from '../shared/random.ts';
import type { Logger } from '../shared/util/logger.ts';
import { DebitWorker } from './debits/debit-worker.ts';
import { PaymentLook } from './debits/payment-look.ts';
import type { ServedCatalog } from './fleet/catalog.ts';
import { CatalogInForce } from './fleet/catalog-in-force.ts';
import { DesiredStates } from './fleet/desired-states.ts';
import { OfflinePolicies } from './fleet/offline-policy.ts';
import type { AnswerKeys } from './http/answer-keys.ts';
import { answerKeysOfDatabase } from './http/answer-keys.ts';
import { AnswerSigner } from './http/answer-signer.ts';
import { buildConsoleApi } from './console/console-api.ts';
import { buildApi } from './http/app.ts';
import type { Development } from './http/development.ts';
import { buildNoticeApi } from './http/notice-api.ts';
import type { Signatures } from './http/signatures.ts';
import { signaturesHere } from './http/signatures.ts';
import type { JobSchedule, JobScheduleOptions } from './jobs/jobs.ts';
import { LoopJobs } from './jobs/jobs.ts';
import type { Policy } from './limits.ts';
import { defaultPolicy } from './limits.ts';
import { MemberCodeKeyring, memberCodesOf } from './members/member-code-keyring.ts';
import type { MemberCodeKeys } from './members/member-code.ts';
import type { KeySecret } from './members/member-code-secret.ts';
import { AgreementEnds } from './members/end-agreement.ts';
import { SignUps } from './members/sign-ups.ts';
import { Metrics } from './operations/metrics.ts';
import { FakeProvider } from './providers/fake-provider.ts';
import type { Provider, RealProvider } from './providers/provider.ts';
import { ProviderRegistry } from './providers/registry.ts';
import type { BillSource } from './reconciliation/bill.ts';
import { fakeBills } from './reconciliation/fake-bill.ts';
import { Reconciliation } from './reconciliation/reconciliation.ts';
import { phonePageAt } from './phone/address.ts';
import { RefundWorker } from './refunds/refund-worker.ts';
import { Passwords } from './staff/password.ts';
import { StaffKeys } from './staff/seal.ts';
import { SignInLimits } from './staff/sign-in-limits.ts';
import type { StaffParts } from './staff/sign-in.ts';
import { Retention } from './storage/retention.ts';
import type { Db } from './storage/storage.ts';
import { OrdersBeforeDoor } from './visits/orders-before-door.ts';
import { VisitWatch } from './visits/visit-watch.ts';
import { QrSignIn } from './visits/qr-sign-in.ts';

export interface ComposeOptions {
  /** Open, with today's tables; whoever opened it closes it. */
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Of the file that it was started with, see CatalogInForce. */
  readonly catalog: ServedCatalog;
  /** For tests that make codes themselves; left out: the database's. */
  readonly memberCodeKeys?: MemberCodeKeys | undefined;
  /** See MemberCodeKeyringOptions. */
  readonly firstMemberCodeKey?: MemberCodeKeys | undefined;
  /** What the database's keys are sealed with; left out: with nothing. */
  readonly memberCodeSecret?: KeySecret | undefined;
  /** Left out: it is. While it is not, nothing is removed for its age. */
  readonly isTimeSure?: () => boolean;
  /** On the embedded database; left out: no. */
  readonly isEmbedded?: boolean;
  readonly policy?: Policy | undefined;
  /** What signs the answers; left out: the database's own key (development). */
  readonly answerKeys?: AnswerKeys | undefined;
  /** Left out: in this thread, as virtual time needs it. */
  readonly signatures?: Signatures | undefined;
  /** The development API and the faults that it orders; left out: there is none. */
  readonly development?: Development | undefined;
  readonly requestReceiveTimeoutMs?: number;
  /** See Connections. */
  readonly proxyAddresses?: readonly string[] | undefined;
  /** For tests: a fake provider that debits on each call (`false`), see FakeProvider. */
  readonly onceForEachNumber?: boolean;
  /** For tests: comes between the worker and the fake provider, to make trouble. */
  readonly wrapProvider?: (provider: Provider) => Provider;
  /** Those that move money; left out: none. */
  readonly realProviders?: readonly RealProvider[] | undefined;
  /** Where bills come from; left out: the fake provider's. */
  readonly billSources?: readonly BillSource[] | undefined;
  /** The built page of the shopper's phone; left out: none. */
  readonly phonePage?: string | undefined;
  /** The address that phones reach the page at (`https://…`); left out, or null: nobody has said. */
  readonly phoneAddress?: (() => string | null) | undefined;
  /** Where members reach people, as their page says it: a telephone number or an e-mail address; left out: nobody has said. */
  readonly serviceContact?: string | undefined;
  /** The built page of the support console; left out: none. */
  readonly consolePage?: string | undefined;
  /** See StartOptions. */
  readonly updatesFolder?: string | undefined;
  /** What begins the scheduled jobs; left out: the clock. */
  readonly scheduleJobs?: ((options: JobScheduleOptions) => JobSchedule) | undefined;
  /** Left out: of its own, which nobody reads. */
  readonly metrics?: Metrics | undefined;
}

/** The operator service on an open database, not listening yet: a request may be given to `api.inject` instead. */
export interface Operator {
  readonly api: FastifyInstance;
  /** Null without `development`. */
  readonly developmentApi: FastifyInstance | null;
  /** What phones reach, and what providers send their notices to. */
  readonly noticeApi: FastifyInstance;
  /** What the support console asks, and its page. */
  readonly consoleApi: FastifyInstance;
  readonly staff: StaffParts;
  readonly catalog: CatalogInForce;
  readonly worker: DebitWorker;
  readonly metrics: Metrics;
  readonly qrSignIn: QrSignIn;
  readonly fakeProvider: FakeProvider;
  /** Begins to debit and to pay back what is due, to look for visits of which nothing is heard, and to remove what is old. */
  start(): void;
  /** Answers whoever waits, stops listening, and lets running debits end. */
  stop(): Promise<void>;
}

/** Puts the parts of the operator together: the one place, for the program, the demo, the tests and the simulation. */
export function compose(options: ComposeOptions): Operator {
  const { db, clock, random, logger, memberCodeKeys, firstMemberCodeKey: firstKey, development } = options;
  const memberCodes =
    memberCodeKeys === undefined
      ? new MemberCodeKeyring({ db, clock, firstKey, secret: options.memberCodeSecret })
      : memberCodesOf(memberCodeKeys);
  const fakeProvider = new FakeProvider({
    db,
    clock,
    onceForEachNumber: options.onceForEachNumber ?? true,
  });
  const provider = options.wrapProvider?.(fakeProvider) ?? fakeProvider;
  const realProviders = options.realProviders ?? [];
  const providers = new ProviderRegistry([provider], realProviders, [fakeProvider]);
  const metrics = options.metrics ?? new Metrics();
  const unit = (): number => random.unit();
  const policy = options.policy ?? defaultPolicy;
  const { timeZone } = policy;
  const worker = new DebitWorker({ db, clock, providers, logger, metrics, timeZone, random: unit });
  const qrSignIn = new QrSignIn({ db, clock, random, memberCodes });
  const isTimeSure = options.isTimeSure ?? (() => true);
  const retention = new Retention({
    ...{ db, clock, logger, isEmbedded: options.isEmbedded ?? false },
    isTimeSure,
  });
  const sources = options.billSources ?? [fakeBills(db)];
  const reconciliation = new Reconciliation({ db, clock, logger, sources });
  const scheduleJobs = options.scheduleJobs ?? ((all: JobScheduleOptions) => new LoopJobs(all));
  const jobs = scheduleJobs({ jobs: [retention.job, reconciliation.job], clock, logger, metrics });
  const { currency } = options.catalog.catalog;
  const orders = new OrdersBeforeDoor({ db, clock, providers, currency, logger, random: unit });
  const refunds = new RefundWorker({ db, clock, providers, logger, metrics, random: unit });
  const onValid = (): void => worker.wake();
  const signUps = new SignUps({ db, clock, random, providers, logger, onValid });
  const visitWatch = new VisitWatch({ db, clock, logger });
  const faults = development?.makeFaults(clock);
  const { answerKeys, signatures = signaturesHere } = options;
  const readAnswerKeys = () =>
    answerKeys === undefined ? answerKeysOfDatabase(db) : Promise.resolve(answerKeys);
  const signer = new AnswerSigner({
    clock,
    logger,
    signatures,
    read: readAnswerKeys,
  });
  const paymentLook = new PaymentLook({ db, clock, providers, logger });
  const parts = { db, clock, worker, qrSignIn, memberCodes, signer, signatures, metrics };
  const catalog = new CatalogInForce({ db, clock, logger, file: options.catalog, isTimeSure });
  const offlinePolicies = new OfflinePolicies({
    db,
    clock,
    random,
    memberCodes,
    policy,
    catalog,
    providers,
  });
  const agreementEnds = new AgreementEnds({ db, clock, logger, providers, policy, catalog });
  const { phoneAddress = () => null } = options;
  const staffKeys = new StaffKeys(options.memberCodeSecret ?? null);
  const api = buildApi({
    ...parts,
    staffKeys,
    phonePage: () => phonePageAt(phoneAddress()),
    catalog,
    policy,
    offlinePolicies,
    desiredStates: new DesiredStates({ db, clock, logger, catalog, offlinePolicies }),
    beganAtMs: clock.monotonicMs(),
    logger,
    providers,
    paymentLook,
    orders,
    faults,
    proxyAddresses: options.proxyAddresses,
    updatesFolder: options.updatesFolder,
    ...(options.requestReceiveTimeoutMs === undefined
      ? {}
      : { requestReceiveTimeoutMs: options.requestReceiveTimeoutMs }),
  });
  const developmentApi =
    development === undefined || faults === undefined
      ? null
      : development.buildApi({
          currency: () => catalog.catalog.currency,
          timeZone: policy.timeZone,
          ...{ ...parts, random, provider: fakeProvider, providers, signUps, faults },
          phoneAddress,
        });
  const { proxyAddresses } = options;
  const noticeApi = buildNoticeApi({
    db,
    clock,
    logger,
    providers,
    worker,
    signUps,
    metrics,
    proxyAddresses,
    phone: {
      db,
      clock,
      random,
      logger,
      providers,
      worker,
      signUps,
      qrSignIn,
      memberCodes,
      paymentLook,
      ...{ agreementEnds, policy, catalog, pageFolder: options.phonePage ?? '', page: phoneAddress },
      contact: options.serviceContact ?? null,
      isPlainAllowed: development !== undefined,
    },
  });
  const staff = {
    db,
    clock,
    keys: staffKeys,
    passwords: new Passwords(),
    limits: new SignInLimits(clock, proxyAddresses ?? []),
  };
  const consoleApi = buildConsoleApi({
    ...staff,
    served: catalog,
    ...{ random, merchants: realProviders.map(({ name }) => name) },
    answerKey: async () => (await readAnswerKeys()).publicKey,
    providers,
    worker,
    refunds,
    policy,
    ...{ logger, metrics, proxyAddresses: proxyAddresses ?? [], pageFolder: options.consolePage ?? '' },
  });
  return {
    api,
    developmentApi,
    noticeApi,
    consoleApi,
    staff,
    catalog,
    worker,
    metrics,
    qrSignIn,
    fakeProvider,
    start: () => {
      worker.start();
      jobs.start();
      visitWatch.start();
      orders.start();
      refunds.start();
      if (realProviders.some((real) => real.signUp !== undefined)) signUps.start();
      agreementEnds.start();
    },
    stop: async () => {
      await Promise.all([api.close(), developmentApi?.close(), noticeApi.close(), consoleApi.close()]);
      await Promise.all([worker.stop(), jobs.stop(), visitWatch.stop()]);
      await Promise.all([orders.stop(), refunds.stop(), signUps.stop(), agreementEnds.stop()]);
    },
  };
}
