import { join } from 'node:path';
import { fetchRelease, metadataFolderOf } from '../../updates/release/fetch-release.ts';
import { installRelease } from '../../updates/release/install-release.ts';
import { trustAtLeast } from '../../updates/tuf/trusted-metadata.ts';
import type { UpdateReport } from '../../shared/model/update-order.schema.ts';
import { UpdateOrderSync } from '../operator/update-order-sync.ts';
import { LatestReportSender } from '../operator/latest-report-sender.ts';
import { MetaStore } from '../storage/meta-store.ts';
import type { Part } from '../lifecycle.ts';
import { HealthProof } from '../updates/health-proof.ts';
import type { LauncherPlace } from '../updates/launcher-place.ts';
import { StaffWish } from '../updates/staff-wish.ts';
import { UsefulnessKeeper } from '../updates/usefulness-keeper.ts';
import { UpdateController } from '../updates/update-controller.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';
import type { VisitParts } from './visit.ts';

export interface UpdateParts {
  readonly order: UpdateOrderSync;
  readonly controller: UpdateController;
  /** In the order of their start. */
  readonly parts: readonly Part[];
}

/** New versions: what is wanted, how it comes, that it is well. */
export function composeUpdates(
  { settings, updates, clock, random, logger }: KioskPorts,
  { database }: Storage,
  { client, link, alarms }: OperatorParts,
  { visitLoop, quiescence }: VisitParts,
): UpdateParts | null {
  const trustedRoot = updates?.trustedRoot ?? null;
  if (updates === undefined || trustedRoot === null) return null;
  const { place, version, platform, arch } = updates;
  const { operatorUrl, cabinetId } = settings.settings;
  const tellStaff = (detail: string): void => {
    alarms.deviceFault(detail);
  };
  const folder = folderOf(place);
  const url = `${operatorUrl.replace(/\/$/, '')}/updates`;
  // A clock that was set back makes old metadata look fresh: the operator's time counts, as far as it was ever told.
  const nowMs = (): number => client.operatorNowMs();
  const source = { folder, url, platform, arch, clock, nowMs };
  const order = new UpdateOrderSync({
    store: new MetaStore(database),
    client,
    clock,
    random: () => random.unit(),
    tellStaff,
    logger,
  });
  const isOnline = (): boolean => link.isOnline();
  const reports = new LatestReportSender<UpdateReport>({
    ...{ name: 'update', send: (report) => client.updateReport(report), isOnline, clock, logger },
    random: () => random.unit(),
  });
  const devices = () => visitLoop.deviceHealth;
  const usefulness = new UsefulnessKeeper({
    ...{ meta: new MetaStore(database), running: version, devices, clock, logger },
  });
  visitLoop.onVisitChanged((visit) => {
    usefulness.onVisitChanged(visit);
  });
  const controller = new UpdateController({
    place,
    folder,
    cabinetId,
    running: version,
    order: () => order.current(),
    wish: new StaffWish(new MetaStore(database), nowMs),
    install: async (wanted, stop) => {
      await trustAtLeast(metadataFolderOf(source), trustedRoot);
      const release = await fetchRelease({ ...source, stop }, wanted);
      return installRelease({ ...source, root: place.root, running: place.slot, stop }, release);
    },
    before: () => ({
      readyDevices: devices().flatMap(({ id, state }) => (state === 'ready' ? [id] : [])),
      wasOnline: isOnline(),
      profile: settings.profileReading,
    }),
    quiescence,
    nowMs,
    minute: () => {
      const now = new Date(nowMs());
      return now.getHours() * 60 + now.getMinutes();
    },
    usefulness: () => usefulness.report(),
    report: (report) => {
      reports.report(report);
    },
    tellStaff,
    restart: updates.restart,
    clock,
    random,
    logger,
  });
  order.onChange(() => {
    controller.wake();
  });
  link.onChange((isBack) => {
    if (!isBack) return;
    reports.wake();
    controller.wake();
  });
  return { order, controller, parts: [order, reports, controller] };
}

/**
 * Says of a version that is tried that it is well; null: nothing starts this app out of a slot. Also where updates come with the
 * package alone, and no keys for others: else the launcher would leave each of them again.
 */
export function composeHealthProof(
  { settings, updates, clock, logger }: KioskPorts,
  { link }: OperatorParts,
  { visitLoop }: VisitParts,
): Part | null {
  if (updates === undefined) return null;
  const { place, isPainted } = updates;
  const devices = () => visitLoop.deviceHealth;
  const isOnline = (): boolean => link.isOnline();
  const profile = () => settings.profileReading;
  return new HealthProof({
    ...{ place, folder: folderOf(place), isPainted, devices, isOnline, profile, clock, logger },
  });
}

function folderOf(place: LauncherPlace): string {
  return join(place.root, 'updates');
}
