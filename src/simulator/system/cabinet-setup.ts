import { type VisitLimits, visitLimits } from '../../core/visit/limits.ts';
import type { KioskPorts } from '../../main/compose/kiosk.ts';
import type { HostProcess } from '../../main/devices/device-host.ts';
import type { Settings } from '../../main/settings/settings-schema.ts';
import { SettingsStore } from '../../main/settings/settings-store.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { CabinetDevices } from '../../shared/model/device.ts';
import type { OpeningsRecord } from '../../shared/model/host-messages.ts';
import type { z } from 'zod';
import type { ShelfCamera } from '../../shared/model/shelf-camera.ts';
import type { weighedShelfSchema } from '../../shared/model/weighed-shelf.ts';
import type { SimulatedCabinet, SimulatedCabinetOptions } from '../simulated-cabinet.ts';

/** How a cabinet of a test differs from the usual one. */
export interface CabinetHarnessOptions {
  readonly limits?: Partial<VisitLimits>;
  readonly simulator?: SimulatedCabinetOptions;
  /** Absent: the next number that this test file has not used. */
  readonly cabinetId?: string;
  /** False: the kiosk has just been started and takes its devices on trust for 15 s. */
  readonly graceOver?: boolean;
  /** False: do not wait for the attract screen. */
  readonly waitForAttract?: boolean;
  /** How the openings of each door went before the first start. */
  readonly openings?: readonly OpeningsRecord[];
  /** Limit of how warm it may be inside. */
  readonly cooling?: Settings['cooling'];
  /** Its scales know which goods stand on them, so that goods are known by tags and weights together. */
  readonly isWeighed?: boolean;
  /** Cameras inside, over what stands on its scales. What they see is up to the test (`DrawnGoodsView`). */
  readonly cameras?: readonly ShelfCamera[];
  /** Absent: the estimator of the product. */
  readonly makeEstimator?: KioskPorts['makeEstimator'];
  /** Its device host runs elsewhere (in a virtual machine): how to start it, and the devices as it reaches them. */
  readonly remoteHost?: (simulated: SimulatedCabinet) => {
    readonly devices: CabinetDevices;
    readonly makeHost: () => HostProcess;
  };
}

/** The real limits but for those that only show a screen for a while: nothing happens in them that a test waits for. */
export const testLimits: VisitLimits = {
  ...visitLimits,
  identifyTimeoutMs: 8_000,
  ajarAfterMs: 4_000,
  ajarSoundAfterMs: 1_500,
  ajarStaffAfterMs: 1_500,
  receiptMs: 1_500,
  nothingChargedMs: 1_000,
  refusedMs: 1_500,
  // Right after a start the reader needs 2 to 3 s for its first baseline.
  baselineTimeoutMs: 8_000,
};

/** A small cabinet (two of each): the reader goes round it in 0.1 s, so that what it says is never a matter of time. */
export const stockSkus = ['cola-can', 'spring-water', 'orange-juice', 'milk-box', 'rice-ball'];
const stockOfEach = 2;

export function stockOf(catalog: Catalog): Catalog['tags'] {
  return stockSkus.flatMap((sku) => catalog.tags.filter((t) => t.sku === sku).slice(0, stockOfEach));
}

type ShelfInput = z.input<typeof weighedShelfSchema> & { cameras?: readonly ShelfCamera[] };

/** As an installer would have written them; in memory, where they outlive a crash as the file does. */
export function settingsFor(
  cabinetId: string,
  clock: Clock,
  token: string,
  cabinet: CabinetDevices,
  shelf: ShelfInput = {},
  cooling: Settings['cooling'] = null,
): SettingsStore {
  let stored: Record<string, unknown> = {
    cabinetId,
    place: { zh: '试验室', en: 'Test bench' },
    servicePhone: '400-000-0000',
    // Nobody's (RFC 2606): the network of the test leads to the operator of the test.
    operatorUrl: 'https://operator.example',
    shopperUrl: 'HTTPS://KAIMEN.EXAMPLE/',
    enrolToken: token,
    face: { enabled: true, camera: null, challengeAlways: false },
    cabinet,
    shelf,
    cooling,
  };
  const file = {
    read: () => stored,
    write: (raw: Record<string, unknown>) => {
      stored = raw;
    },
  };
  const settings = SettingsStore.open(file, clock);
  if (!settings.ok) throw new Error(settings.error.message);
  return settings.value;
}
