import type { SettingsReport } from '../../shared/model/settings-order.schema.ts';
import { CabinetSettingsSync } from '../operator/cabinet-settings-sync.ts';
import { LatestReportSender } from '../operator/latest-report-sender.ts';
import { SettingsFollower } from '../settings/settings-follower.ts';
import { MetaStore } from '../storage/meta-store.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { ServiceParts } from './service.ts';
import type { Storage } from './storage.ts';

export interface SettingsParts {
  readonly settingsOrders: CabinetSettingsSync;
  readonly settingsFollower: SettingsFollower;
  readonly settingsReports: LatestReportSender<SettingsReport>;
}

/** The settings as the operator wants them, and as it is told that they are. */
export function composeSettings(
  { settings, clock, random, logger }: KioskPorts,
  { database }: Storage,
  { client, link, alarms }: OperatorParts,
  { settingsVersions }: ServiceParts,
): SettingsParts {
  const tellStaff = (detail: string): void => {
    alarms.deviceFault(detail);
  };
  const common = { clock, logger, random: () => random.unit() };
  const settingsOrders = new CabinetSettingsSync({
    ...{ ...common, client, tellStaff, store: new MetaStore(database) },
    cabinetId: settings.settings.cabinetId,
  });
  const settingsReports = new LatestReportSender<SettingsReport>({
    ...{ ...common, name: 'settings', isOnline: () => link.isOnline() },
    send: (report) => client.settingsReport(report),
  });
  const settingsFollower = new SettingsFollower({
    ...{ versions: settingsVersions, orders: settingsOrders, clock, logger, tellStaff },
    report: (report) => {
      settingsReports.report(report);
    },
    nowMs: () => client.operatorNowMs(),
  });
  return { settingsOrders, settingsFollower, settingsReports };
}
