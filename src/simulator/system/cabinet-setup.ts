import { SettingsStore } from '../../main/settings/settings-store.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import type { CabinetDevices } from '../../shared/model/device.ts';

/** A small cabinet (two of each): the reader goes round it in 0.1 s, so that what it says is never a matter of time. */
export const stockSkus = ['cola-can', 'spring-water', 'orange-juice', 'milk-box', 'rice-ball'];
const stockOfEach = 2;

export function stockOf(catalog: Catalog): Catalog['tags'] {
  return stockSkus.flatMap((sku) => catalog.tags.filter((t) => t.sku === sku).slice(0, stockOfEach));
}

/** As an installer would have written them; in memory, where they outlive a crash as the file does. */
export function settingsFor(
  cabinetId: string,
  clock: Clock,
  token: string,
  cabinet: CabinetDevices,
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
