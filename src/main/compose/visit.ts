import { TagInventoryEstimator } from '../../core/recognition/tag-inventory-estimator.ts';
import { WeighedInventoryEstimator } from '../../core/recognition/weighed-inventory-estimator.ts';
import { visitLimits } from '../../core/visit/limits.ts';
import { VisitChart } from '../../core/visit/visit.ts';
import { readOwedBy, readUndelivered } from '../charges/offline-exposure.ts';
import { DeviceFaultReporter } from '../devices/device-fault-reporter.ts';
import { CoolingKeeper } from '../cooling/cooling-keeper.ts';
import { DeviceHost } from '../devices/device-host.ts';
import { UnseenOpenings } from '../devices/unseen-openings.ts';
import { limitsWith } from '../settings/waits.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { QuiescenceMonitor } from '../quiescence.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { StockLedger } from '../stock/stock-ledger.ts';
import { Authoriser } from '../visit/authoriser.ts';
import { makeVisitRecords } from '../visit/stored-records.ts';
import { VisitLoop } from '../visit/visit-loop.ts';
import { OfflineEntry } from '../visit/offline-entry.ts';
import { VisitStore } from '../visit/visit-store.ts';
import type { KioskPorts } from './kiosk.ts';
import type { MoneyParts } from './money.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';

export interface VisitParts {
  readonly devices: DeviceHost;
  readonly deviceFaults: DeviceFaultReporter;
  readonly authoriser: Authoriser;
  readonly offlineEntry: OfflineEntry;
  readonly visits: VisitStore;
  readonly visitLoop: VisitLoop;
  readonly cooling: CoolingKeeper;
  readonly stockLedger: StockLedger;
  readonly quiescence: QuiescenceMonitor;
}

/** What recognises goods in the product: RFID tags, and of those lanes that have some, scales and cameras. */
function estimatorFor({ lanes, cameras }: Settings['shelf']): NonNullable<KioskPorts['makeEstimator']> {
  return (catalog) =>
    lanes.length === 0
      ? new TagInventoryEstimator(catalog)
      : new WeighedInventoryEstimator(catalog, { lanes }, cameras);
}

/** Devices and the visit that uses them. */
export function composeVisit(
  ports: KioskPorts,
  { database, vault, operatingClock }: Storage,
  operator: OperatorParts,
  { charges, closings, deliveries }: MoneyParts,
): VisitParts {
  const { settings, spawnHost, clock, random, logger, limits } = ports;
  const { cabinet, cabinetId, shelf, waits } = settings.settings;
  const makeEstimator = ports.makeEstimator ?? estimatorFor(shelf);
  const { client, catalog, promotions, enrolment, alarms } = operator;
  const unseenOpenings = new UnseenOpenings(new MetaStore(database), logger);
  const devices = new DeviceHost({ spawn: spawnHost, config: cabinet, clock, logger, unseenOpenings });
  const deviceFaults = new DeviceFaultReporter({
    clock,
    report: (detail) => {
      alarms.deviceFault(detail);
    },
  });
  const offlineEntry = composeOfflineEntry(ports, database, operator);
  const faces = {
    enrolmentOf: (memberId: string) => vault?.enrolmentOf(memberId) ?? null,
    // The vault logs what did not work.
    forget: (memberId: string) => void vault?.withdraw(memberId, client.operatorNowMs()),
  };
  const authoriser = new Authoriser(client, faces, offlineEntry, closings, logger);
  const { cooling: limit } = settings.settings;
  const cooling = new CoolingKeeper({
    meta: new MetaStore(database),
    limit: limit && { maxMilliC: limit.maxMilliC, forMs: limit.forMinutes * 60_000 },
    clock,
    operatingClock,
    nowMs: () => operator.clock.nowMs(),
    tellStaff: (detail) => {
      alarms.deviceFault(detail);
    },
    logger,
  });
  const visits = new VisitStore(database, clock);
  const stockLedger = new StockLedger({
    database,
    counted: () => visitLoop.stockCounts,
    heard: () => visitLoop.stockTags,
    clock,
    nowMs: () => operator.clock.nowMs(),
    random,
    logger,
  });
  const visitLoop: VisitLoop = new VisitLoop({
    chart: new VisitChart(limitsWith(limits ?? visitLimits, waits)),
    ports: {
      cabinetId,
      devices,
      catalog: () => catalog.current(),
      promotions: () => promotions.current(),
      enrolled: () => enrolment.done,
      canPersistCharges: () => deliveries.canPersist,
      operatorNowMs: () => client.toldNowMs(),
      authorise: (request) => authoriser.authorise(request),
      isTooWarm: () => cooling.isTooWarm,
      raiseAlarm: (alarm) => {
        alarms.raise(alarm);
      },
      chargeSettled: () => {
        deliveries.wakeCharges();
      },
      random,
    },
    records: makeVisitRecords(database, visits, charges, closings, stockLedger),
    estimator: makeEstimator(() => catalog.current()),
    clock,
    logger,
  });
  const quiescence = new QuiescenceMonitor({
    clock,
    door: () => visitLoop.door,
    isStaffAtWork: () => visitLoop.isStaffAtWork,
    isSendingCharge: () => deliveries.isSending,
  });
  const parts = { devices, deviceFaults, authoriser, offlineEntry, visits, visitLoop, cooling, quiescence };
  return { ...parts, stockLedger };
}

/** Who may come in while nobody can ask the operator. */
function composeOfflineEntry(
  { clock, logger }: KioskPorts,
  database: Storage['database'],
  { client, catalog, link, offlinePolicy, offlineStore, alarms }: OperatorParts,
): OfflineEntry {
  return new OfflineEntry({
    store: offlineStore,
    policy: () => offlinePolicy.current(),
    undelivered: () => readUndelivered(database),
    owedBy: (memberId) => readOwedBy(database, memberId),
    catalog: () => catalog.current(),
    sureNowMs: () => client.sureNowMs(),
    isCutOff: () => link.isCutOff(),
    clock,
    tellStaff: (detail) => {
      alarms.deviceFault(detail);
    },
    logger,
  });
}
