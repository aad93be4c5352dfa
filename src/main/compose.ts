import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { VisitLimits } from '../core/visit/limits.ts';
import { VisitChart } from '../core/visit/visit.ts';
import type { Clock } from '../shared/clock.ts';
import type { OutOfServiceReason } from '../shared/model/visit.ts';
import type { Random } from '../shared/random.ts';
import { type Failure, type Result, err, ok } from '../shared/result.ts';
import { Listeners } from '../shared/util/listeners.ts';
import type { Logger } from '../shared/util/logger.ts';
import { AccountController } from './account/account-controller.ts';
import { PurchaseHistory } from './account/purchase-history.ts';
import { BackgroundJobs } from './background-jobs.ts';
import { ChainCheck } from './charges/chain-check.ts';
import { ChargeChain } from './charges/charge-chain.ts';
import { ChargeLog } from './charges/charge-log.ts';
import { ChargeStore } from './charges/charge-store.ts';
import { DeliveryQueues } from './charges/delivery-queues.ts';
import { DisputeStore } from './charges/dispute-store.ts';
import { DeviceFaultReporter } from './devices/device-fault-reporter.ts';
import { DeviceHost, type HostProcess } from './devices/device-host.ts';
import { FaceController } from './face/face-controller.ts';
import { faceExpiry } from './face/face-expiry.ts';
import { FaceVault, vaultFileName } from './face/face-vault.ts';
import { Lifecycle, type Part } from './lifecycle.ts';
import { AlarmSender } from './operator/alarm-sender.ts';
import { ClockWatch } from './operator/clock-watch.ts';
import { CatalogSync } from './operator/catalog-sync.ts';
import { Enrolment } from './operator/enrolment.ts';
import { FaceCountSender } from './operator/face-count-sender.ts';
import { FaceWithdrawalSender } from './operator/face-withdrawal-sender.ts';
import type { HttpTransport } from './operator/http-transport.ts';
import { NetworkLinkMonitor } from './operator/network-link-monitor.ts';
import { OperatorClient } from './operator/operator-client.ts';
import { type SafeStorage, type Secrets, loadSecrets } from './platform/secrets.ts';
import { type Quiescence, QuiescenceMonitor } from './quiescence.ts';
import { DisputeService } from './receipt/dispute-service.ts';
import { ReceiptService } from './receipt/receipt-service.ts';
import type { SettingsStore } from './settings/settings-store.ts';
import { SnapshotPublisher } from './snapshot-publisher.ts';
import { CatalogStore } from './storage/catalog-store.ts';
import type { Database, OpenOptions, StorageFailure } from './storage/database.ts';
import { MetaStore } from './storage/meta-store.ts';
import { Authoriser } from './visit/authoriser.ts';
import { CabinetCodeScreen } from './visit/cabinet-code-screen.ts';
import { journalRetention } from './visit/journal-retention.ts';
import { makeVisitRecords } from './visit/stored-records.ts';
import { VisitLoop } from './visit/visit-loop.ts';
import { VisitStore } from './visit/visit-store.ts';

const databaseFileName = 'kaimen.db';
const nonceByteCount = 16;

/** Everything that the kiosk has from outside: the app, the system tests and the simulation differ in these and in nothing else. */
export interface KioskPorts {
  /** Folder of the secrets, the database and the face vault. */
  readonly dataDir: string;
  readonly settings: SettingsStore;
  readonly safeStorage: SafeStorage;
  /** Opens kaimen.db. */
  readonly openDatabase: (options: OpenOptions) => Result<Database, StorageFailure>;
  readonly spawnHost: () => HostProcess;
  readonly clock: Clock;
  /** All chance but the keys: ids, nonces, jitter, challenges. */
  readonly random: Random;
  readonly logger: Logger;
  /** The way to the operator; absent: HTTP over the network. */
  readonly httpTransport?: HttpTransport;
  readonly limits?: VisitLimits;
}

/** The kiosk cannot run; `reason`: what the screen says. */
export interface ComposeFailure extends Failure<'kiosk.not_composed'> {
  readonly reason: OutOfServiceReason;
}

/** The kiosk without Electron: its parts that somebody outside talks to. Starts and stops once. */
export interface Kiosk {
  readonly runner: VisitLoop;
  readonly charges: ChargeStore;
  readonly chainCheck: ChainCheck;
  readonly devices: DeviceHost;
  /** Null: this cabinet keeps no faces, because of the settings or because the vault does not open. */
  readonly faces: FaceController | null;
  readonly account: AccountController;
  readonly disputes: DisputeService;
  readonly snapshots: SnapshotPublisher;
  readonly quiescence: Quiescence;
  start(): void;
  /** Ends everything in order and closes the files. */
  stop(): Promise<void>;
}

/** Builds the whole kiosk and starts nothing. */
export function compose(ports: KioskPorts): Result<Kiosk, ComposeFailure> {
  const storage = openStorage(ports);
  if (!storage.ok) return storage;
  const operator = composeOperator(ports, storage.value);
  const money = composeMoney(ports, storage.value, operator);
  const visit = composeVisit(ports, storage.value, operator, money);
  const screens = composeScreens(ports, storage.value, operator, money, visit);
  connect(ports.settings, { ...operator, ...money, ...visit, ...screens });
  return ok(kioskOf(ports, storage.value, { ...operator, ...money, ...visit, ...screens }));
}

interface Storage {
  readonly secrets: Secrets;
  readonly database: Database;
  readonly chain: ChargeChain;
  readonly vault: FaceVault | null;
}

/** Keys and files; a file that cannot be read is left as it is. */
function openStorage(ports: KioskPorts): Result<Storage, ComposeFailure> {
  const { dataDir, settings, safeStorage, clock, logger } = ports;
  const { cabinetId, enrolToken } = settings.settings;
  const secrets = loadSecrets({ dir: dataDir, safeStorage, logger });
  if (!secrets.ok) return notComposed('storage_failed', secrets.error.message);
  const path = join(dataDir, databaseFileName);
  // A cabinet that has been in service (its token is used up) and has no database has lost charges: a human must know.
  if (!existsSync(path) && enrolToken === null) {
    logger.error('storage.missing');
    return notComposed(cabinetId === 'UNSET' ? 'not_enrolled' : 'storage_failed', 'no database');
  }
  const database = ports.openDatabase({ path, keyHex: secrets.value.databaseKeyHex, clock, logger });
  if (!database.ok) {
    const { code, message } = database.error;
    return notComposed(code === 'storage.newer' ? 'storage_newer' : 'storage_failed', message);
  }
  const vault = openVault(ports, secrets.value);
  const chain = new ChargeChain(database.value, secrets.value.chainKey);
  return ok({ secrets: secrets.value, database: database.value, chain, vault });
}

function notComposed(reason: OutOfServiceReason, message: string): Result<never, ComposeFailure> {
  return err({ code: 'kiosk.not_composed', message, reason });
}

/** Null: the settings want no faces, or their file does not open; then the code is the way in, and the log says why. */
function openVault(ports: KioskPorts, { vaultKeyHex }: Secrets): FaceVault | null {
  const { dataDir, settings, clock, logger } = ports;
  if (!settings.settings.face.enabled) return null;
  const vault = FaceVault.open({ path: join(dataDir, vaultFileName), vaultKeyHex, clock, logger });
  if (vault.ok) return vault.value;
  logger.error('vault.failed', { error: vault.error.message });
  return null;
}

interface OperatorParts {
  readonly client: OperatorClient;
  readonly link: NetworkLinkMonitor;
  readonly catalog: CatalogSync;
  readonly enrolment: Enrolment;
  readonly alarms: AlarmSender;
  readonly clockWatch: ClockWatch;
  /** Null: there are no faces to count. */
  readonly faceCount: FaceCountSender | null;
  readonly faceWithdrawals: FaceWithdrawalSender | null;
}

/** Everything that talks to the operator but the queues of charges and disputes. */
function composeOperator(ports: KioskPorts, { secrets, database, chain, vault }: Storage): OperatorParts {
  const { settings, clock, random, logger, httpTransport } = ports;
  const { operatorUrl, cabinetId } = settings.settings;
  const meta = new MetaStore(database);
  const client = new OperatorClient({
    baseUrl: operatorUrl,
    timeFloorMs: timeToldBefore(meta),
    cabinetId,
    sign: (text) => secrets.sign(text),
    chain,
    clock,
    randomNonce: () => Buffer.from(random.bytes(nonceByteCount)).toString('base64url'),
    ...(httpTransport === undefined ? {} : { transport: httpTransport }),
  });
  const link = new NetworkLinkMonitor({ client, clock, random: () => random.unit(), logger });
  const alarms = new AlarmSender({ client, link, meta, clock, random: () => random.unit(), logger });
  return {
    client,
    link,
    catalog: new CatalogSync({ store: new CatalogStore(database, clock), client, clock, logger }),
    enrolment: new Enrolment({ client, secrets, settings, link, clock, logger, meta }),
    alarms,
    clockWatch: new ClockWatch({
      operatorNowMs: () => client.toldNowMs(),
      keep: (operatorMs) => void meta.set('operator_time', String(operatorMs)),
      clock,
      tellStaff: (detail) => {
        alarms.deviceFault(detail);
      },
    }),
    faceCount:
      vault === null
        ? null
        : new FaceCountSender({ vault, client, link, clock, logger, random: () => random.unit() }),
    faceWithdrawals:
      vault === null
        ? null
        : new FaceWithdrawalSender({ vault, client, link, clock, logger, random: () => random.unit() }),
  };
}

/** What the operator had said last in an earlier run that it is, wall ms; undefined: nothing that could be a time. */
function timeToldBefore(meta: MetaStore): number | undefined {
  const kept = meta.get('operator_time');
  return kept.ok && kept.value !== null && /^\d{1,15}$/.test(kept.value) ? Number(kept.value) : undefined;
}

interface MoneyParts {
  readonly charges: ChargeStore;
  readonly disputeStore: DisputeStore;
  readonly deliveries: DeliveryQueues;
  readonly chainCheck: ChainCheck;
}

function composeMoney(
  ports: KioskPorts,
  { secrets, database, chain }: Storage,
  operator: OperatorParts,
): MoneyParts {
  const { clock, random, logger } = ports;
  const { client, link, alarms } = operator;
  const onQuarantined = (message: string): void => {
    logger.error('charges.row_unreadable', { message });
    alarms.deviceFault('charge_unreadable');
  };
  const log = new ChargeLog(database, chain);
  const charges = new ChargeStore(database, log, clock, onQuarantined);
  const disputeStore = new DisputeStore(database, log, clock, onQuarantined);
  const chainCheck = new ChainCheck({
    db: database,
    key: secrets.chainKey,
    clock,
    logger,
    tellStaff: (detail) => {
      alarms.deviceFault(detail);
    },
  });
  const deliveries = new DeliveryQueues({
    charges,
    disputes: disputeStore,
    client,
    link,
    clock,
    random,
    tellStaff: (detail) => {
      alarms.deviceFault(detail);
    },
    logger,
  });
  return { charges, disputeStore, deliveries, chainCheck };
}

interface VisitParts {
  readonly devices: DeviceHost;
  readonly deviceFaults: DeviceFaultReporter;
  readonly authoriser: Authoriser;
  readonly visits: VisitStore;
  readonly runner: VisitLoop;
  readonly quiescence: QuiescenceMonitor;
}

/** Devices and the visit that uses them. */
function composeVisit(
  ports: KioskPorts,
  { database, vault }: Storage,
  operator: OperatorParts,
  { charges, deliveries }: MoneyParts,
): VisitParts {
  const { settings, spawnHost, clock, random, logger, limits } = ports;
  const { cabinet, cabinetId } = settings.settings;
  const { client, catalog, enrolment, alarms } = operator;
  const devices = new DeviceHost({ spawn: spawnHost, config: cabinet, clock, logger });
  const deviceFaults = new DeviceFaultReporter({
    clock,
    report: (detail) => {
      alarms.deviceFault(detail);
    },
  });
  const authoriser = new Authoriser(client, {
    enrolmentOf: (memberId) => vault?.enrolmentOf(memberId) ?? null,
    // The vault logs what did not work.
    forget: (memberId) => void vault?.withdraw(memberId),
  });
  const visits = new VisitStore(database, clock);
  const runner = new VisitLoop({
    chart: new VisitChart(limits),
    ports: {
      cabinetId,
      devices,
      catalog: () => catalog.current(),
      enrolled: () => enrolment.done,
      canPersistCharges: () => deliveries.canPersist,
      operatorNowMs: () => client.toldNowMs(),
      authorise: (request) => authoriser.authorise(request),
      raiseAlarm: (alarm) => {
        alarms.raise(alarm);
      },
      chargeSettled: () => {
        deliveries.wakeCharges();
      },
      random,
    },
    records: makeVisitRecords(database, visits, charges),
    clock,
    logger,
  });
  const quiescence = new QuiescenceMonitor({
    clock,
    door: () => runner.door,
    isSendingCharge: () => deliveries.isSending,
  });
  return { devices, deviceFaults, authoriser, visits, runner, quiescence };
}

interface ScreenParts {
  readonly cabinetCode: CabinetCodeScreen;
  readonly faces: FaceController | null;
  readonly purchases: PurchaseHistory;
  readonly account: AccountController;
  readonly disputes: DisputeService;
  readonly snapshots: SnapshotPublisher;
  /** A part of what is shown has changed, though the visit has not. */
  readonly viewChanged: Listeners;
}

/** What stands behind the screens, and the snapshot that the page draws. */
function composeScreens(
  ports: KioskPorts,
  { secrets, vault }: Storage,
  operator: OperatorParts,
  money: MoneyParts,
  visit: VisitParts,
): ScreenParts {
  const { settings, clock, random, logger } = ports;
  const { cabinetId, shopperUrl } = settings.settings;
  const { client, link, catalog, alarms } = operator;
  const { charges, disputeStore, deliveries } = money;
  const { runner } = visit;
  const viewChanged = new Listeners(clock);
  const onChange = (): void => {
    viewChanged.emit();
  };
  const onActive = (): void => {
    runner.dispatch({ type: 'active' });
  };
  const pictureOf = (sku: string): string =>
    catalog.current()?.products.find((product) => product.sku === sku)?.picture ?? '';
  const cabinetCode = new CabinetCodeScreen({
    cabinetId,
    shopperUrl,
    client,
    link,
    clock,
    logger,
    random,
    sign: (text) => secrets.sign(text),
    onSignedIn: (code) => {
      runner.scanned(code);
    },
    onChange,
  });
  const faces =
    vault === null ? null : composeFaces(ports, vault, visit, { onActive, onChange, alarms, client });
  const purchases = new PurchaseHistory({
    client,
    charges,
    disputes: disputeStore,
    cabinetId,
    pictureOf,
    clock,
    logger,
    onActive,
    onChange,
  });
  const account = new AccountController(faces, purchases, {
    isOnline: () => link.isOnline(),
    dispatch: (event) => {
      runner.dispatch(event);
    },
  });
  const disputes = new DisputeService({
    disputes: disputeStore,
    purchases,
    visit: runner,
    onAdded: () => {
      deliveries.wakeDisputes();
    },
    clock,
    random,
    logger,
  });
  const receipts = new ReceiptService({
    charges,
    disputes: disputeStore,
    pictureOf,
    clock,
    operatorTimeOf: (wallMs) => client.operatorTimeOf(wallMs),
  });
  const snapshots = new SnapshotPublisher(
    {
      settings,
      runner,
      cabinetCode,
      receipts,
      faces,
      account,
      catalog: () => catalog.current(),
      isOnline: () => link.isOnline(),
      degradedSecrets: secrets.degraded,
    },
    clock,
  );
  return { cabinetCode, faces, purchases, account, disputes, snapshots, viewChanged };
}

function composeFaces(
  ports: KioskPorts,
  vault: FaceVault,
  { runner, devices, authoriser }: VisitParts,
  screen: {
    readonly onActive: () => void;
    readonly onChange: () => void;
    readonly alarms: AlarmSender;
    readonly client: OperatorClient;
  },
): FaceController {
  const { settings, clock, random, logger } = ports;
  return new FaceController({
    vault,
    settings: settings.settings.face,
    clock,
    logger,
    random,
    onRecognised: (memberId) => {
      runner.recognised(memberId);
    },
    onGone: () => {
      runner.dispatch({ type: 'cancel' });
    },
    tellStaff: (detail) => {
      screen.alarms.deviceFault(detail);
    },
    onActive: screen.onActive,
    onChange: screen.onChange,
    setLight: (on) => {
      devices.setLight(on);
    },
    phoneDigitsOf: (visitId) => authoriser.phoneDigitsOf(visitId),
    mayEnrolIn: (visitId) => authoriser.mayEnrolIn(visitId),
    enrolFace: (enrolmentId, visitId) => screen.client.enrolFace(enrolmentId, { visitId }),
  });
}

type Parts = OperatorParts & MoneyParts & VisitParts & ScreenParts;

/** Who listens to whom. Nothing here decides anything. */
function connect(settings: SettingsStore, parts: Parts): void {
  const { runner, devices, link, catalog, enrolment, deliveries, snapshots, purchases } = parts;
  devices.on((event) => {
    runner.deviceEvent(event);
    if (event.type === 'health') parts.deviceFaults.update(event.devices);
    if (event.type === 'hostGone') parts.deviceFaults.hostGone();
  });
  // The parts of the visit first, then the snapshot of all of them.
  for (const part of [
    parts.authoriser,
    parts.quiescence,
    ...(parts.faces === null ? [] : [parts.faces]),
    purchases,
  ]) {
    runner.onVisitChanged((visit) => {
      part.onVisitChanged(visit);
    });
  }
  runner.onVisitChanged(({ state, context }) => {
    parts.cabinetCode.onVisitChanged(state === 'identifyingByCode' ? (context.timer?.seq ?? null) : null);
  });
  link.onChange((isOnline) => {
    if (isOnline) catalog.wake();
  });
  for (const source of [catalog, enrolment]) {
    source.onChange(() => {
      runner.availabilityInputsChanged();
    });
  }
  deliveries.onCanPersistChanged(() => {
    runner.availabilityInputsChanged();
  });
  deliveries.onChargeChanged(() => {
    purchases.localChanged();
  });
  const publish = (): void => {
    snapshots.publish();
  };
  settings.onChange(publish);
  runner.onChange(publish);
  link.onChange(publish);
  catalog.onChange(publish);
  enrolment.onChange(publish);
  deliveries.onChargeChanged(publish);
  parts.viewChanged.add(publish);
}

function kioskOf(ports: KioskPorts, { database, vault }: Storage, parts: Parts): Kiosk {
  const { clock, logger } = ports;
  const { runner, charges, devices, faces, account, disputes, snapshots, quiescence, client, link } = parts;
  const operatorNowMs = (): number | null => (link.isOnline() ? client.operatorNowMs() : null);
  const jobs = new BackgroundJobs({
    jobs: [
      journalRetention(parts.visits, operatorNowMs, logger),
      ...(vault === null ? [] : [faceExpiry(vault, operatorNowMs)]),
    ],
    quiescence,
    clock,
    logger,
  });
  const order: readonly Part[] = [
    devices,
    parts.deviceFaults,
    parts.alarms,
    parts.clockWatch,
    ...(parts.faceCount === null ? [] : [parts.faceCount]),
    ...(parts.faceWithdrawals === null ? [] : [parts.faceWithdrawals]),
    // What is known already (enrolment, catalogue) before the visit, so that the first screen is the right one.
    parts.enrolment,
    parts.catalog,
    link,
    parts.deliveries,
    parts.chainCheck,
    parts.cabinetCode,
    ...(faces === null ? [] : [faces]),
    {
      stop: () => {
        parts.purchases.close();
      },
    },
    jobs,
    snapshots,
    runner,
  ];
  const lifecycle = new Lifecycle(order, logger);
  return {
    runner,
    charges,
    chainCheck: parts.chainCheck,
    devices,
    faces,
    account,
    disputes,
    snapshots,
    quiescence,
    start: () => {
      lifecycle.start();
    },
    stop: async () => {
      await lifecycle.stop();
      vault?.close();
      database.close();
    },
  };
}
