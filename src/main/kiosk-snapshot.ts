import type { Catalog } from '../shared/model/catalog.schema.ts';
import type { ShownPromotion, VisitView, KioskSnapshot } from '../shared/model/visit.schema.ts';
import type { OutOfServiceReason } from '../shared/model/visit.ts';
import type { Settings } from './settings/settings-schema.ts';

/** The snapshot of a kiosk that could not be composed: out of service, and why. */
export function outOfServiceSnapshot(
  settings: Settings,
  reason: OutOfServiceReason,
  sinceMs: number,
): KioskSnapshot {
  const nothing = { catalog: null, online: false, degradedSecrets: false } as const;
  const offlineBlock = 'network.offline_no_policy';
  const facts = {
    ...nothing,
    offlineBlock,
    faceOff: 'vault',
    scanAnswer: null,
    stock: {},
    deviceTrouble: null,
  } as const;
  return makeSnapshot(settings, 0, { screen: 'out_of_service', reason, sinceMs, hasOpenBill: true }, facts);
}

/** All that the page knows. */
export function makeSnapshot(
  settings: Settings,
  seq: number,
  visit: VisitView,
  facts: {
    catalog: Catalog | null;
    online: boolean;
    degradedSecrets: boolean;
    phonePage?: string | null;
    promotions?: readonly ShownPromotion[];
  } & Pick<KioskSnapshot, 'faceOff' | 'scanAnswer' | 'stock' | 'deviceTrouble' | 'offlineBlock'>,
): KioskSnapshot {
  return {
    seq,
    cabinet: {
      id: settings.cabinetId,
      place: settings.place,
      servicePhone: settings.servicePhone,
      simulated: settings.cabinet.simulated,
      screen: settings.screen,
      degradedSecrets: facts.degradedSecrets,
      ...(typeof facts.phonePage === 'string' && { phonePage: facts.phonePage }),
    },
    currency: facts.catalog?.currency ?? null,
    products: facts.catalog?.products ?? [],
    promotions: [...(facts.promotions ?? [])],
    online: facts.online,
    offlineBlock: facts.offlineBlock,
    faceOff: facts.faceOff,
    scanAnswer: facts.scanAnswer,
    stock: facts.stock,
    deviceTrouble: facts.deviceTrouble,
    visit,
  };
}
