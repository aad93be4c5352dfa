import { type Result, ok } from '../shared/result.ts';
import { BackgroundJobs } from './background-jobs.ts';
import { chargeRetention } from './charges/charge-retention.ts';
import { composeDesiredState } from './compose/desired-state.ts';
import type { DesiredStateWatch } from './operator/desired-state-watch.ts';
import {
  type EvidenceParts,
  composeEvidence,
  composeEvidenceWishes,
  evidenceNotOpened,
} from './compose/evidence.ts';
import type { EvidenceWishes } from './evidence/evidence-wishes.ts';
import type { ComposeFailure, Kiosk, KioskPorts } from './compose/kiosk.ts';
import { type MoneyParts, composeMoney } from './compose/money.ts';
import { operatorClock } from './operator/operator-clock.ts';
import { type OperatorParts, composeOperator } from './compose/operator.ts';
import { type ScreenParts, composeScreens } from './compose/screens.ts';
import { type ShelfCameraParts, composeShelfCameras } from './compose/shelf-cameras.ts';
import { type ServiceParts, composeService } from './compose/service.ts';
import { type StockParts, composeStock } from './compose/stock.ts';
import { type SettingsParts, composeSettings } from './compose/settings.ts';
import { type StateParts, composeState } from './compose/state.ts';
import { type Storage, openStorage, vaultNotOpened } from './compose/storage.ts';
import { type UpdateParts, composeHealthProof, composeUpdates } from './compose/updates.ts';
import { type VisitParts, composeVisit } from './compose/visit.ts';
import { faceExpiry } from './face/face-expiry.ts';
import { phoneWithdrawals } from './face/phone-withdrawals.ts';
import { Lifecycle, type Part } from './lifecycle.ts';
import type { SettingsStore } from './settings/settings-store.ts';
import { reopening } from './storage/reopening.ts';
import { faceTraces } from './visit/face-traces.ts';
import { journalRetention } from './visit/journal-retention.ts';

/** Builds the whole kiosk and starts nothing. */
export function compose(ports: KioskPorts): Result<Kiosk, ComposeFailure> {
  const storage = openStorage(ports);
  if (!storage.ok) return storage;
  const operator = composeOperator(ports, storage.value);
  const money = composeMoney(ports, storage.value, operator);
  const visit = composeVisit(ports, storage.value, operator, money);
  const evidence = composeEvidence(ports, storage.value, operator, money);
  const screens = composeScreens(ports, storage.value, operator, money, visit, evidence);
  const cameras = composeShelfCameras(ports, storage.value, operator, visit, evidence);
  const updates = composeUpdates(ports, storage.value, operator, visit);
  const healthProof = composeHealthProof(ports, operator, visit);
  const stock = composeStock(ports, storage.value, operator, visit);
  const service = composeService(ports, storage.value, operator, money, visit, cameras, updates, stock);
  const settings = composeSettings(ports, storage.value, operator, service);
  const state = composeState(ports, storage.value, operator, visit, cameras, service);
  const evidenceWishes = composeEvidenceWishes(ports, storage.value, operator, evidence);
  const watch = composeDesiredState(ports, operator, service, settings, stock, updates, evidenceWishes);
  const parts = {
    updates,
    healthProof,
    watch,
    ...operator,
    ...money,
    ...visit,
    ...screens,
    ...cameras,
    ...service,
    ...stock,
    ...settings,
    ...state,
    evidence,
    evidenceWishes,
  };
  connect(ports.settings, parts);
  connectService(parts);
  return ok(kioskOf(ports, storage.value, parts));
}

type Parts = OperatorParts &
  MoneyParts &
  VisitParts &
  ScreenParts &
  ShelfCameraParts &
  ServiceParts &
  StockParts &
  SettingsParts &
  StateParts & {
    readonly evidence: EvidenceParts | null;
    readonly evidenceWishes: EvidenceWishes;
    readonly updates: UpdateParts | null;
    readonly healthProof: Part | null;
    readonly watch: DesiredStateWatch;
  };

/** Who listens to whom. Nothing here decides anything. */
function connect(settings: SettingsStore, parts: Parts): void {
  const { visitLoop, devices, link, catalog, enrolment, deliveries, snapshots, purchases } = parts;
  devices.on((event) => {
    // A service card is no member's code.
    if (event.type === 'code' && parts.service.scanned(event.text)) return;
    visitLoop.deviceEvent(event);
    if (event.type === 'door') parts.shelfCameras.onDoor(event.door);
    if (event.type === 'hostGone') parts.shelfCameras.onDoor('unknown');
    parts.evidence?.recorder.deviceEvent(event);
    if (event.type === 'health') parts.deviceFaults.update(event.devices);
    if (event.type === 'hostGone') parts.deviceFaults.hostGone();
  });
  // The parts of the visit first, then the snapshot of all of them.
  for (const part of [
    parts.authoriser,
    parts.quiescence,
    ...(parts.faces === null ? [] : [parts.faces]),
    ...(parts.evidence === null ? [] : [parts.evidence.recorder]),
    parts.shelfCameras,
    purchases,
  ]) {
    visitLoop.onVisitChanged((visit) => {
      part.onVisitChanged(visit);
    });
  }
  visitLoop.onVisitChanged(({ state }) => {
    parts.cabinetCode.onVisitChanged(state === 'identifyingByCode');
  });
  link.onChange((isOnline) => {
    parts.offlineEntry.wake();
    if (!isOnline) return;
    catalog.wake();
    parts.goodsPictures.wake();
    parts.stockReporter.wake();
    parts.planograms.wake();
    parts.evidenceWishes.wake();
    parts.settingsOrders.wake();
    parts.settingsReports.wake();
    parts.stateReports.wake();
    parts.offlinePolicy.wake();
    parts.promotions.wake();
    parts.updates?.order.wake();
  });
  enrolment.onChange(() => {
    parts.watch.forget();
    parts.offlinePolicy.forget();
    parts.promotions.forget();
    parts.planograms.forget();
    parts.settingsOrders.forget();
    parts.settingsVersions.forgetOrder();
    parts.plans.forget();
    parts.updates?.order.forget();
  });
  for (const source of [parts.offlinePolicy, catalog]) {
    source.onChange(() => {
      parts.offlineEntry.wake();
    });
  }
  catalog.onChange(() => {
    parts.goodsPictures.wake();
  });
  parts.promotions.onChange(() => {
    parts.promotionBoard.changed();
  });
  for (const source of [catalog, enrolment]) {
    source.onChange(() => {
      visitLoop.availabilityInputsChanged();
    });
  }
  deliveries.onCanPersistChanged(() => {
    visitLoop.availabilityInputsChanged();
  });
  deliveries.onChargeChanged(() => {
    purchases.localChanged();
  });
  const publish = (): void => {
    snapshots.publish();
  };
  settings.onChange(publish);
  visitLoop.onChange(publish);
  link.onChange(publish);
  catalog.onChange(publish);
  enrolment.onChange(publish);
  deliveries.onChargeChanged(publish);
  parts.offlineEntry.onChange(publish);
  parts.promotionBoard.onChange(publish);
  parts.viewChanged.add(publish);
}

/** Who tells service mode. */
function connectService({
  service,
  selfTests,
  trends,
  devicesHeard,
  setupDesk,
  settingsVersions,
  cooling,
  staffList,
  devices,
  visitLoop,
  link,
  enrolment,
  deliveries,
}: Parts): void {
  devices.on((event) => {
    if (event.type === 'door' || event.type === 'hostGone') service.doorMoved();
    selfTests.deviceEvent(event);
    trends.deviceEvent(event);
    cooling.deviceEvent(event);
    if (event.type !== 'health') return;
    devicesHeard.update(event.devices);
    setupDesk.healthChanged(event.devices);
    service.somethingChanged();
  });
  visitLoop.onVisitChanged(() => {
    service.visitChanged();
  });
  cooling.onChange(() => {
    visitLoop.availabilityInputsChanged();
    service.somethingChanged();
  });
  staffList.onChange(() => {
    service.staffChanged();
  });
  enrolment.onChange(() => {
    staffList.forget();
  });
  link.onChange((isOnline) => {
    if (isOnline) staffList.wake();
    service.somethingChanged();
  });
  deliveries.onChargeChanged(() => {
    service.somethingChanged();
  });
  visitLoop.onChange(() => {
    service.somethingChanged();
  });
  settingsVersions.onChange(() => {
    service.somethingChanged();
  });
}

function kioskOf(ports: KioskPorts, storage: Storage, parts: Parts): Kiosk {
  const { visitLoop, charges, devices, faces, account, disputes, snapshots, quiescence } = parts;
  const jobs = backgroundJobsOf(ports, storage, parts);
  const lifecycle = new Lifecycle([storage.operatingClock, ...startOrderOf(parts, jobs)], ports.logger);
  return {
    visitLoop,
    charges,
    chainCheck: parts.chainCheck,
    devices,
    faces,
    account,
    disputes,
    snapshots,
    quiescence,
    service: parts.service,
    stockLedger: parts.stockLedger,
    shelfCameras: parts.shelfCameras,
    goodsEyes: parts.goodsEyes,
    start: () => {
      if (storage.vaultOpensNow !== null) parts.alarms.deviceFault(vaultNotOpened);
      if (storage.evidence === null) parts.alarms.deviceFault(evidenceNotOpened);
      const unknown = ports.settings.unknownNames();
      if (unknown.length > 0)
        parts.alarms.deviceFault(`settings_unknown: ${unknown.join(', ')}`.slice(0, 200));
      const { badProfile } = ports.settings;
      if (badProfile !== null) {
        ports.logger.error('settings.bad_profile', { error: badProfile });
        parts.alarms.deviceFault(`profile_bad: ${badProfile}`.slice(0, 200));
      }
      lifecycle.start();
    },
    stop: async () => {
      await lifecycle.stop();
      storage.evidence?.close();
      storage.vault?.close();
      storage.database.close();
    },
  };
}

/** What is done while nobody shops. */
function backgroundJobsOf(
  { clock, logger, reopen }: KioskPorts,
  storage: Storage,
  parts: Parts,
): BackgroundJobs {
  const { database: db, chain, secrets, vault, vaultOpensNow, evidence, evidenceOpensNow } = storage;
  const { client, link, quiescence } = parts;
  const operatorNowMs = (): number | null => (link.isOnline() ? client.toldNowMs() : null);
  return new BackgroundJobs({
    jobs: [
      journalRetention(parts.visits, operatorNowMs, logger),
      chargeRetention({
        db,
        chain,
        wholeSeq: () => secrets.chainFloor?.seenSeq ?? 0,
        operatorNowMs,
        logger,
      }),
      ...(vault === null
        ? []
        : [
            faceExpiry(vault, operatorNowMs, logger),
            faceTraces(parts.visits, vault, logger),
            phoneWithdrawals({ vault, client, clock: operatorClock(clock, operatorNowMs), logger }),
            reopening('vault', () => vault.isBroken, reopen),
          ]),
      ...(vaultOpensNow === null ? [] : [reopening('vault', vaultOpensNow, reopen)]),
      ...(parts.evidence === null ? [] : [parts.evidence.retention(operatorNowMs)]),
      reopening('evidence', evidenceOpensNow ?? (() => evidence?.isBroken === true), reopen),
    ],
    quiescence,
    clock,
    logger,
  });
}

/** In this order the parts begin. */
function startOrderOf(parts: Parts, jobs: BackgroundJobs): Part[] {
  const { faces, evidence } = parts;
  return [
    parts.devices,
    parts.deviceFaults,
    parts.cooling,
    parts.trends,
    parts.alarms,
    parts.clockWatch,
    ...(parts.faceCount === null ? [] : [parts.faceCount]),
    ...(parts.faceWithdrawals === null ? [] : [parts.faceWithdrawals]),
    // What is known already (enrolment, catalogue) before the visit, so that the first screen is the right one.
    parts.enrolment,
    parts.catalog,
    parts.goodsPictures,
    parts.offlinePolicy,
    parts.promotions,
    parts.promotionBoard,
    parts.offlineEntry,
    parts.staffList,
    parts.pinHasher,
    parts.settingsVersions,
    parts.profileVersions,
    parts.settingsReports,
    parts.settingsOrders,
    parts.settingsFollower,
    parts.planograms,
    parts.stockReporter,
    parts.stateReports,
    parts.stateReporter,
    parts.link,
    parts.watch,
    parts.deliveries,
    ...(evidence === null ? [] : [evidence.queue, evidence.recorder]),
    parts.evidenceWishes,
    parts.shelfCameras,
    parts.chainCheck,
    parts.cabinetCode,
    ...(faces === null ? [] : [faces]),
    {
      stop: () => {
        parts.purchases.close();
      },
    },
    jobs,
    parts.snapshots,
    ...(parts.updates?.parts ?? []),
    ...(parts.healthProof === null ? [] : [parts.healthProof]),
    // Before the visit: what was interrupted goes on, and nobody is let in by the first look.
    parts.service,
    parts.visitLoop,
  ];
}
