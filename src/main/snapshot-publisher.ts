import { viewOf } from '../core/visit/visit-view.ts';
import { assert } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import type { Catalog } from '../shared/model/catalog.schema.ts';
import type { OfflineBlock } from '../shared/model/charge.ts';
import type { KioskSnapshot, ShownPromotion } from '../shared/model/visit.schema.ts';
import { Listeners } from '../shared/util/listeners.ts';
import type { AccountController } from './account/account-controller.ts';
import type { ChargeStore } from './charges/charge-store.ts';
import type { FaceController } from './face/face-controller.ts';
import { makeSnapshot } from './kiosk-snapshot.ts';
import type { ReceiptService } from './receipt/receipt-service.ts';
import type { SettingsStore } from './settings/settings-store.ts';
import type { CabinetCodeScreen } from './visit/cabinet-code-screen.ts';
import type { VisitLoop } from './visit/visit-loop.ts';

/** What a snapshot is made of. */
export interface SnapshotSources {
  readonly settings: Pick<SettingsStore, 'settings'>;
  readonly visitLoop: Pick<
    VisitLoop,
    'visit' | 'timerElapsedMs' | 'readerTrouble' | 'scanAnswer' | 'stock' | 'deviceTrouble'
  > & {
    readonly availability: Pick<VisitLoop['availability'], 'availability'>;
  };
  readonly cabinetCode: Pick<CabinetCodeScreen, 'view'>;
  readonly receipts: Pick<ReceiptService, 'receiptOf'>;
  readonly charges: Pick<ChargeStore, 'hasUnsettled'>;
  /** Null: this cabinet keeps no faces. */
  readonly faces: Pick<FaceController, 'faceView'> | null;
  readonly account: Pick<AccountController, 'view'>;
  readonly catalog: () => Catalog | null;
  /** What is on now; left out: nothing. */
  readonly promotions?: () => readonly ShownPromotion[];
  readonly isOnline: () => boolean;
  /** Why nobody comes in without a network; asked only while there is none. */
  readonly offlineBlock: () => OfflineBlock | null;
  readonly degradedSecrets: boolean;
  /** Where phones find the shopper's page; left out, or null: the operator has not said. */
  readonly phonePage?: () => string | null;
}

/** Makes the one snapshot that the page draws, and publishes it on each change, from start to stop. */
export class SnapshotPublisher {
  readonly #sources: SnapshotSources;
  readonly #listeners: Listeners<KioskSnapshot>;
  #seq = 0;
  #isStarted = false;

  constructor(sources: SnapshotSources, clock: Clock) {
    this.#sources = sources;
    this.#listeners = new Listeners(clock);
  }

  /** Calls the listener with each snapshot that is published. Returns the way to stop that. */
  onSnapshot(listener: (snapshot: KioskSnapshot) => void): () => void {
    return this.#listeners.add(listener);
  }

  start(): void {
    this.#isStarted = true;
    this.publish();
  }
  stop(): void {
    this.#isStarted = false;
  }

  /** Something that is shown has changed. */
  publish(): void {
    if (!this.#isStarted) return;
    this.#seq++;
    this.#listeners.emit(this.current());
  }

  /** Everything as it is now, under the number of the last snapshot that was published. */
  current(): KioskSnapshot {
    const { settings, visitLoop, cabinetCode, receipts, charges, faces, account, catalog } = this.#sources;
    const { isOnline, offlineBlock, degradedSecrets } = this.#sources;
    const visit = viewOf(visitLoop.visit, {
      timerElapsedMs: visitLoop.timerElapsedMs,
      readerTrouble: visitLoop.readerTrouble,
      availability: visitLoop.availability.availability,
      nameOf: (sku) => catalog()?.products.find((product) => product.sku === sku)?.name ?? null,
      cabinetCode: () => cabinetCode.view(),
      hasOpenBill: () => {
        const found = charges.hasUnsettled();
        return !found.ok || found.value;
      },
      receipt: () => receipts.receiptOf(visitLoop.visit),
      face: () => {
        assert(faces !== null, 'a cabinet without faces never shows the face screen');
        return faces.faceView();
      },
      account: () => account.view(),
    });
    const areFacesWanted = settings.settings.face.enabled;
    return makeSnapshot(settings.settings, this.#seq, visit, {
      faceOff: areFacesWanted ? (faces === null ? 'vault' : null) : 'off',
      catalog: catalog(),
      online: isOnline(),
      offlineBlock: isOnline() ? null : offlineBlock(),
      degradedSecrets,
      phonePage: this.#sources.phonePage?.() ?? null,
      promotions: this.#sources.promotions?.() ?? [],
      scanAnswer: visitLoop.scanAnswer,
      stock: visitLoop.stock,
      deviceTrouble: visitLoop.deviceTrouble,
    });
  }
}
