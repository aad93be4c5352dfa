import type { SettingsStore } from '../../main/config.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { CabinetDevices } from '../../shared/model/device.ts';
import type { Simulator } from '../server.ts';

/** A small cabinet (two of each): the reader goes round it in 0.1 s, so that what it says is never a matter of time. */
export const stockSkus = ['cola-can', 'spring-water', 'orange-juice', 'milk-box', 'rice-ball'];
const stockOfEach = 2;

export function stockOf(catalog: Catalog): Catalog['tags'] {
  return stockSkus.flatMap((sku) => catalog.tags.filter((t) => t.sku === sku).slice(0, stockOfEach));
}

/** As `openSettings` gives them; they outlive a crash as the file does. */
export function settingsFor(
  cabinetId: string,
  simulator: Simulator,
  token: string,
  cabinet: CabinetDevices = simulator.devices,
): SettingsStore {
  const settings = {
    cabinetId,
    place: { zh: '试验室', en: 'Test bench' },
    servicePhone: '400-000-0000',
    operatorUrl: simulator.operatorProxy,
    shopperUrl: 'HTTPS://KAIMEN.EXAMPLE/',
    enrolToken: token as string | null,
    face: { enabled: false, camera: null, challengeAlways: false },
    cabinet,
  };
  return {
    settings,
    clearEnrolToken: () => {
      settings.enrolToken = null;
    },
  };
}
