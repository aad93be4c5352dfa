import type { SettingsStore } from '../../main/config.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { CabinetDevices } from '../../shared/model/device.ts';

/** A small cabinet (two of each): the reader goes round it in 0.1 s, so that what it says is never a matter of time. */
export const stockSkus = ['cola-can', 'spring-water', 'orange-juice', 'milk-box', 'rice-ball'];
const stockOfEach = 2;

export function stockOf(catalog: Catalog): Catalog['tags'] {
  return stockSkus.flatMap((sku) => catalog.tags.filter((t) => t.sku === sku).slice(0, stockOfEach));
}

/** As `openSettings` gives them; they outlive a crash as the file does. */
export function settingsFor(cabinetId: string, token: string, cabinet: CabinetDevices): SettingsStore {
  const settings = {
    cabinetId,
    place: { zh: '试验室', en: 'Test bench' },
    servicePhone: '400-000-0000',
    // Nobody's (RFC 2606): the network of the test leads to the operator of the test.
    operatorUrl: 'https://operator.example',
    shopperUrl: 'HTTPS://KAIMEN.EXAMPLE/',
    enrolToken: token as string | null,
    face: { enabled: true, camera: null, challengeAlways: false },
    cabinet,
  };
  return {
    settings,
    clearEnrolToken: () => {
      settings.enrolToken = null;
    },
  };
}
