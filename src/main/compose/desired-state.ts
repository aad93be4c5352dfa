import type { EvidenceWishes } from '../evidence/evidence-wishes.ts';
import { DesiredStateWatch } from '../operator/desired-state-watch.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { ServiceParts } from './service.ts';
import type { SettingsParts } from './settings.ts';
import type { StockParts } from './stock.ts';
import type { UpdateParts } from './updates.ts';

/** Hears of each change of what the operator decides for this cabinet, and says what is in force here. */
export function composeDesiredState(
  { appVersion, clock, random, logger }: KioskPorts,
  { client, link, catalog, offlinePolicy, promotions }: OperatorParts,
  { staffList }: ServiceParts,
  { settingsOrders }: SettingsParts,
  { planograms }: StockParts,
  updates: UpdateParts | null,
  evidenceWishes: EvidenceWishes,
): DesiredStateWatch {
  return new DesiredStateWatch({
    feed: client,
    link,
    inForce: () => ({
      app: appVersion ?? null,
      catalog: catalog.current()?.version ?? null,
      offlinePolicy: offlinePolicy.current()?.version ?? null,
      cabinetStaff: staffList.current()?.version ?? null,
      updateOrder: updates?.order.current()?.version ?? null,
      promotions: promotions.current()?.version ?? null,
    }),
    changed: {
      catalog: () => {
        catalog.wake();
      },
      offlinePolicy: () => {
        offlinePolicy.changed();
      },
      cabinetStaff: () => {
        staffList.changed();
      },
      promotions: () => {
        promotions.changed();
      },
      cabinetSettings: () => {
        settingsOrders.changed();
      },
      planogram: () => {
        planograms.changed();
      },
      wantedEvidence: () => {
        evidenceWishes.changed();
      },
      updateOrder: () => {
        updates?.order.changed();
      },
    },
    clock,
    random: () => random.unit(),
    logger,
  });
}
