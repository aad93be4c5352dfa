import type { StateReport } from '../../shared/model/state-report.schema.ts';
import { readUndelivered } from '../charges/offline-exposure.ts';
import { LatestReportSender } from '../operator/latest-report-sender.ts';
import { StateReporter } from '../operator/state-reporter.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { ServiceParts } from './service.ts';
import type { ShelfCameraParts } from './shelf-cameras.ts';
import type { Storage } from './storage.ts';
import type { VisitParts } from './visit.ts';

export interface StateParts {
  readonly stateReports: LatestReportSender<StateReport>;
  readonly stateReporter: StateReporter;
}

/** What the operator is told of how the cabinet is. */
export function composeState(
  { version, clock, random, logger }: KioskPorts,
  { database }: Storage,
  { client, clock: toldClock, link }: OperatorParts,
  { visitLoop, cooling }: VisitParts,
  { shelfCameras }: ShelfCameraParts,
  { devicesHeard }: ServiceParts,
): StateParts {
  const stateReports = new LatestReportSender<StateReport>({
    ...{ name: 'state', isOnline: () => link.isOnline(), clock, random: () => random.unit(), logger },
    send: (report) => client.stateReport(report),
  });
  const stateReporter = new StateReporter({
    reports: stateReports,
    version: version ?? '0.0.0',
    availability: () => visitLoop.availability.availability,
    devices: () => [
      ...devicesHeard.shown().map(({ id, kind, trouble, sinceMs }) => ({
        ...{ id, kind, trouble, sinceMs: sinceMs === null ? null : Math.round(sinceMs) },
      })),
      // Of a camera its detail says what is wrong.
      ...shelfCameras.shown().map(({ id, kind, detail }) => ({
        ...{ id, kind, trouble: detail === '' ? null : detail, sinceMs: null },
      })),
    ],
    cooling: () => cooling.view(),
    undelivered: () => {
      const waiting = readUndelivered(database);
      return waiting.ok ? { count: waiting.value.count, oldestMs: waiting.value.oldestMs } : null;
    },
    clock,
    nowMs: () => toldClock.nowMs(),
  });
  return { stateReports, stateReporter };
}
