import { unsettledGroups } from '../charges/unsettled-groups.ts';
import { readUndelivered } from '../charges/offline-exposure.ts';
import { askOfficeAlarm } from '../../shared/api/asked-charge.ts';
import { officeView } from '../service/office.ts';
import type { UpdateParts } from './updates.ts';
import { salesOf } from '../trends/sales.ts';
import { TrendLog } from '../trends/trend-log.ts';
import { saveToStick } from '../support/stick-file.ts';
import { composeSupport } from './support.ts';
import { GoodsOrders } from '../service/goods-orders.ts';
import { StaffOrders } from '../service/staff-orders.ts';
import { StaffListSync } from '../operator/staff-list-sync.ts';
import { MaintenanceKeeper } from '../service/maintenance-keeper.ts';
import { readMachineState } from '../platform/machine-state.ts';
import { probeNetwork } from '../platform/network-probe.ts';
import { DevicesHeard } from '../service/devices-heard.ts';
import { placingOf } from '../service/placing.ts';
import { SetupDesk } from '../service/setup-desk.ts';
import { SelfTests } from '../service/self-tests.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { PinHasher } from '../service/pin-hasher.ts';
import { ServiceAccess } from '../service/service-access.ts';
import { ServiceActs } from '../service/service-acts.ts';
import { ServiceController } from '../service/service-controller.ts';
import { ServiceLog } from '../service/service-log.ts';
import { ProfileVersions } from '../settings/profile-versions.ts';
import { SettingsVersions } from '../settings/settings-versions.ts';
import { ServiceStore } from '../storage/service-store.ts';
import type { KioskPorts } from './kiosk.ts';
import type { MoneyParts } from './money.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';
import { RestockKeeper } from '../stock/restock-keeper.ts';
import type { StockParts } from './stock.ts';
import type { ShelfCameraParts } from './shelf-cameras.ts';
import type { VisitParts } from './visit.ts';

export interface ServiceParts {
  readonly staffList: StaffListSync;
  readonly pinHasher: PinHasher;
  readonly service: ServiceController;
  readonly settingsVersions: SettingsVersions;
  readonly profileVersions: ProfileVersions;
  readonly setupDesk: SetupDesk;
  readonly selfTests: SelfTests;
  readonly devicesHeard: DevicesHeard;
  readonly trends: TrendLog;
}

/** Service mode: who may come in, what they may do, and that nothing is sold meanwhile. */
export function composeService(
  ports: KioskPorts,
  { secrets, database, operatingClock, vault }: Storage,
  {
    client,
    clock: toldClock,
    link,
    catalog,
    alarms,
    offlinePolicy,
    promotions,
    promotionBoard,
  }: OperatorParts,
  { charges, deliveries }: MoneyParts,
  { devices, visitLoop, cooling, stockLedger }: VisitParts,
  { shelfCameras, shelfPhotos }: ShelfCameraParts,
  updates: UpdateParts | null,
  { plans }: StockParts,
): ServiceParts {
  const { settings, pinTagger, clock, random, logger } = ports;
  const tellStaff = (detail: string): void => {
    alarms.deviceFault(detail);
  };
  const nowMs = (): number => toldClock.nowMs();
  const store = new ServiceStore(database);
  const log = new ServiceLog(database, secrets.chainKey);
  const pinHasher = new PinHasher(pinTagger);
  const staffList = new StaffListSync({
    store,
    client,
    cabinetId: settings.settings.cabinetId,
    clock,
    random: () => random.unit(),
    tellStaff,
    logger,
  });
  const visitState = () => visitLoop.visit.state;
  const door = () => visitLoop.door;
  const keeper = new MaintenanceKeeper({
    store,
    availability: visitLoop.availability,
    door,
    visitState,
    clock,
    nowMs,
    logger,
    onEvent: (event, by) => {
      const noted = log.append({ atMs: nowMs(), actor: by, act: `maintenance_${event}`, data: {} });
      if (!noted.ok) logger.error('service.not_logged', { act: event, error: noted.error });
      if (event === 'interrupted') tellStaff(`service_interrupted: ${by}`);
    },
  });
  const devicesHeard = new DevicesHeard(clock, nowMs);
  const selfTests = new SelfTests({
    meta: new MetaStore(database),
    devices,
    health: () => visitLoop.deviceHealth,
    doors: () => visitLoop.doors,
    readClosely: (ms) => {
      visitLoop.readClosely(ms);
    },
    placing: () => placingOf(catalog.current(), plans.inForce()?.slots ?? []),
    probeNetwork: () =>
      probeNetwork(
        settings.settings.operatorUrl,
        settings.settings.cabinet.devices.flatMap(({ transport }) =>
          transport.kind === 'tcp' ? [transport.host] : [],
        ),
        async () => (await client.health()).ok,
        clock,
      ),
    clockOffMs: () => {
      const toldMs = client.toldNowMs();
      return toldMs === null ? null : toldMs - clock.nowMs();
    },
    machine: () => readMachineState(ports.dataDir),
    clock,
    nowMs,
  });
  const support = composeSupport(ports, {
    operator: { client, clock: toldClock, link },
    visit: { visitLoop, cooling },
    database,
    log,
    devicesHeard,
    selfTests,
  });
  const trends = new TrendLog({
    meta: new MetaStore(database),
    queue: () => {
      const summary = charges.unsettledSummary();
      return summary.ok ? summary.value : null;
    },
    answerMs: () => link.answerMs,
    sales: () => {
      const currency = catalog.current()?.currency;
      if (currency === undefined) return null;
      const offsetMs = -60_000 * new Date(clock.nowMs()).getTimezoneOffset();
      const sold = salesOf(database, currency, { nowMs: clock.nowMs(), offsetMs });
      return sold.ok ? sold.value : null;
    },
    clock,
    nowMs,
  });
  const settingsVersions = new SettingsVersions(settings, nowMs);
  const profileVersions = new ProfileVersions(settings, nowMs);
  const setupDesk = new SetupDesk({
    ...{ profiles: profileVersions, devices, tests: selfTests, nowMs },
    reopen: ports.reopen,
  });
  const acts = new ServiceActs({
    log,
    keeper,
    devices,
    devicesHeard: { shown: () => [...devicesHeard.shown(), ...shelfCameras.shown()] },
    cooling,
    tests: selfTests,
    trends,
    orders: new StaffOrders({
      support,
      charges,
      keeper,
      vault,
      updates: updates?.controller ?? null,
      askOffice: ({ chargeId, visitId, why, by }) => {
        alarms.raise(askOfficeAlarm({ chargeId, visitId, why, by, atMs: Math.round(nowMs()) }));
      },
      settings: settingsVersions,
      setup: setupDesk,
      endApp: ports.endApp ?? null,
      nowMs,
    }),
    office: () =>
      officeView({
        charges,
        vault,
        groups: () => unsettledGroups(database),
        undelivered: () => readUndelivered(database),
        policy: () => offlinePolicy.current(),
        catalog: () => catalog.current(),
        promotions: () => {
          const order = promotions.current();
          if (order === null) return null;
          const on = promotionBoard.current().map(({ name }) => name);
          return { version: order.version, endsAtMs: order.expiresAtMs, on };
        },
        update: () => updates?.controller.view() ?? null,
        appVersion: ports.version ?? '0.0.0',
        settingsVersion: settingsVersions.version,
      }),
    settings: settingsVersions,
    setup: setupDesk,
    tellStaff,
    stock: () => visitLoop.stockCounts,
    ledger: stockLedger,
    goods: new GoodsOrders({
      ...{ ledger: stockLedger, plans, photos: shelfPhotos, tellStaff, nowMs },
      ...{ cabinetId: settings.settings.cabinetId },
      saveFile: (ending, bytes) =>
        saveToStick({ cabinetId: settings.settings.cabinetId, clock, nowMs }, ending, bytes),
      restock: new RestockKeeper(new MetaStore(database)),
      catalog: () => catalog.current(),
      counted: () => visitLoop.stockCounts,
    }),
    acceptShelf: () => {
      visitLoop.acceptShelf();
    },
    catalog: () => catalog.current(),
    charges: () => {
      const summary = charges.unsettledSummary();
      return summary.ok ? { count: summary.value.count, oldestAtMs: summary.value.oldestMs } : null;
    },
    sendCharges: () => {
      deliveries.hasten();
    },
    clock,
    nowMs,
    logger,
  });
  const access = new ServiceAccess({
    store,
    hasher: pinHasher,
    list: () => staffList.current(),
    operatorNowMs: () => client.operatorNowMs(),
    operatingClock,
    onFailures: (kind, count) => {
      tellStaff(`service_${kind}_failures: ${count}`);
    },
  });
  const isOnline = () => link.isOnline();
  const about = { visitState, door, isOnline, clock, nowMs, random, tellStaff, logger };
  const service = new ServiceController({
    ...{ access, keeper, acts, tests: selfTests, log, ...about },
    doors: () => visitLoop.doors,
  });
  const told = { settingsVersions, profileVersions, setupDesk, selfTests, devicesHeard, trends };
  return { staffList, pinHasher, service, ...told };
}
