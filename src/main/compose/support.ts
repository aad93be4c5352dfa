import { unsettledGroups } from '../charges/unsettled-groups.ts';
import type { Database } from '../storage/database.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { SupportDesk } from '../support/support-desk.ts';
import type { SupportSources } from '../support/support-bundle.ts';
import { readMachineState } from '../platform/machine-state.ts';
import type { ServiceLog } from '../service/service-log.ts';
import type { DevicesHeard } from '../service/devices-heard.ts';
import type { SelfTests } from '../service/self-tests.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { VisitParts } from './visit.ts';

interface Around {
  readonly operator: Pick<OperatorParts, 'client' | 'clock' | 'link'>;
  readonly database: Database;
  readonly visit: Pick<VisitParts, 'visitLoop' | 'cooling'>;
  readonly log: ServiceLog;
  readonly devicesHeard: Pick<DevicesHeard, 'shown'>;
  readonly selfTests: SelfTests;
}

/** What is told of this cabinet to whoever mends it from afar. */
export function composeSupport(ports: KioskPorts, around: Around): SupportDesk {
  const { settings, clock, logger } = ports;
  const nowMs = (): number => around.operator.clock.nowMs();
  return new SupportDesk({
    sources: sourcesOf(ports, around),
    client: around.operator.client,
    cabinetId: settings.settings.cabinetId,
    clock,
    nowMs,
    logger,
  });
}

function sourcesOf(
  { dataDir, settings, version = '0.0.0' }: KioskPorts,
  { operator, database, visit, log, devicesHeard, selfTests }: Around,
): SupportSources {
  const { visitLoop, cooling } = visit;
  return {
    dataDir,
    about: () => ({
      cabinetId: settings.settings.cabinetId,
      atMs: operator.clock.nowMs(),
      version,
      electron: electronVersion(),
      platform: process.platform,
      arch: process.arch,
    }),
    devices: () => ({
      door: visitLoop.door,
      isOnline: operator.link.isOnline(),
      devices: devicesHeard.shown(),
    }),
    tests: () => ({ results: selfTests.view().results }),
    cooling: () => ({ cooling: cooling.view() }),
    settings: () => settingsPartOf(settings.settings),
    machine: () => readMachineState(dataDir),
    charges: () => {
      const groups = unsettledGroups(database);
      return groups.ok ? { unsettled: groups.value } : null;
    },
    acts: () => {
      const acts = log.latest(200);
      return {
        acts: acts.ok
          ? acts.value.map(({ atMs, act, data }) => ({ atMs, act, state: wordOf(data['state']) }))
          : [],
      };
    },
  };
}

/** Outside of Electron (tests, simulation) there is none. */
const electronVersion = (): string =>
  (process.versions as Readonly<Record<string, string | undefined>>)['electron'] ?? '0.0.0';

const wordOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** No address, no name, no serial number: what kind of cabinet it is. */
function settingsPartOf(settings: Settings): ReturnType<SupportSources['settings']> {
  const { version, enrolToken, operatorUrl, shopperUrl, face, evidence, cabinet, cooling, shelf } = settings;
  return {
    version,
    isEnrolled: enrolToken === null,
    isOperatorLocal: operatorUrl.startsWith('http:'),
    showsCode: shopperUrl !== null,
    isSimulated: cabinet.simulated,
    devices: cabinet.devices.map(({ id, kind }) => ({ id, kind })),
    face: { ...face, isCameraNamed: face.camera !== null },
    evidence,
    cooling,
    laneCount: shelf.lanes.length,
    shelfCameraCount: shelf.cameras.length,
  };
}
