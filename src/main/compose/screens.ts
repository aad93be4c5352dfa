import { Listeners } from '../../shared/util/listeners.ts';
import { phonePlaces } from '../../shared/phone/calls.ts';
import { AccountController } from '../account/account-controller.ts';
import { PurchaseHistory } from '../account/purchase-history.ts';
import { FaceController } from '../face/face-controller.ts';
import { FaceVault } from '../face/face-vault.ts';
import { DisputeDrafts } from '../receipt/dispute-drafts.ts';
import { DisputeService } from '../receipt/dispute-service.ts';
import { ReceiptService } from '../receipt/receipt-service.ts';
import { SnapshotPublisher } from '../snapshot-publisher.ts';
import { CabinetCodeScreen } from '../visit/cabinet-code-screen.ts';
import type { Database } from '../storage/database.ts';
import { MetaStore } from '../storage/meta-store.ts';
import type { ChargeId } from '../../shared/ids.ts';
import type { EvidenceParts } from './evidence.ts';
import type { KioskPorts } from './kiosk.ts';
import type { MoneyParts } from './money.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';
import type { VisitParts } from './visit.ts';

export interface ScreenParts {
  readonly cabinetCode: CabinetCodeScreen;
  readonly faces: FaceController | null;
  readonly purchases: PurchaseHistory;
  readonly account: AccountController;
  readonly disputes: DisputeService;
  readonly snapshots: SnapshotPublisher;
  /** A part of what is shown has changed, though the visit has not. */
  readonly viewChanged: Listeners;
}

/** What stands behind the screens, and the snapshot that the page draws. */
export function composeScreens(
  ports: KioskPorts,
  { secrets, vault, database }: Storage,
  operator: OperatorParts,
  money: MoneyParts,
  visit: VisitParts,
  evidence: EvidenceParts | null,
): ScreenParts {
  const { settings, clock, random, logger } = ports;
  const { cabinetId, shopperUrl } = settings.settings;
  const { client, link, catalog } = operator;
  const { visitLoop, offlineEntry } = visit;
  const viewChanged = new Listeners(clock);
  const onChange = (): void => {
    viewChanged.emit();
  };
  const onActive = (): void => {
    visitLoop.dispatch({ type: 'active' });
  };
  const cabinetCode = new CabinetCodeScreen({
    cabinetId,
    // What the installer has written counts; else the operator's page, which its signed answers name.
    shopperUrl: () => shopperUrl ?? cabinetPageOf(client.phonePage),
    client,
    link,
    clock,
    logger,
    random,
    sign: (text) => secrets.sign(text),
    onSignedIn: (code) => {
      visitLoop.scanned(code);
    },
    onChange,
  });
  const faces =
    vault === null || !settings.settings.face.enabled
      ? null
      : composeFaces(ports, vault, database, visit, { onActive, onChange, operator });
  const { purchases, disputes, receipts } = composeRecords(ports, database, operator, money, visit, {
    onActive,
    onChange,
    onDisputed: (chargeId) => {
      evidence?.disputed([chargeId]);
    },
  });
  const account = new AccountController(faces, purchases, {
    isOnline: () => link.isOnline(),
    dispatch: (event) => {
      visitLoop.dispatch(event);
    },
  });
  const snapshots = new SnapshotPublisher(
    {
      settings,
      visitLoop,
      cabinetCode,
      receipts,
      charges: money.charges,
      faces,
      account,
      catalog: () => catalog.current(),
      isOnline: () => link.isOnline(),
      offlineBlock: () => offlineEntry.block,
      degradedSecrets: secrets.degraded,
      phonePage: () => client.phonePage,
      promotions: () => operator.promotionBoard.current(),
    },
    clock,
  );
  return { cabinetCode, faces, purchases, account, disputes, snapshots, viewChanged };
}

/** What the cabinet's code is put behind, so that a phone's own camera leads to it. */
function cabinetPageOf(phonePage: string | null): string | null {
  return phonePage === null ? null : `${phonePage}${phonePlaces.cabinet}#`;
}

/** What was bought and what is said against it: on this receipt, and in the member's own list. */
function composeRecords(
  { settings, clock, random, logger }: KioskPorts,
  database: Database,
  operator: OperatorParts,
  { charges, disputeStore, deliveries }: MoneyParts,
  { visitLoop }: VisitParts,
  screen: {
    readonly onActive: () => void;
    readonly onChange: () => void;
    readonly onDisputed: (chargeId: ChargeId) => void;
  },
): { purchases: PurchaseHistory; disputes: DisputeService; receipts: ReceiptService } {
  const { client, catalog } = operator;
  const pictureOf = (sku: string): string =>
    catalog.current()?.products.find((product) => product.sku === sku)?.picture ?? '';
  const drafts = new DisputeDrafts(new MetaStore(database), logger);
  const purchases = new PurchaseHistory({
    client,
    charges,
    disputes: disputeStore,
    drafts,
    cabinetId: settings.settings.cabinetId,
    pictureOf,
    clock,
    logger,
    onActive: screen.onActive,
    onChange: () => {
      disputes.onShownChanged();
      screen.onChange();
    },
  });
  const disputes: DisputeService = new DisputeService({
    disputes: disputeStore,
    drafts,
    purchases,
    visit: visitLoop,
    onAdded: (chargeId) => {
      deliveries.wakeDisputes();
      screen.onDisputed(chargeId);
    },
    clock: operator.clock,
    random,
    logger,
  });
  const receipts = new ReceiptService({
    charges,
    disputes: disputeStore,
    pictureOf,
    operatorNowMs: () => client.operatorNowMs(),
  });
  return { purchases, disputes, receipts };
}

function composeFaces(
  ports: KioskPorts,
  vault: FaceVault,
  database: Database,
  { visitLoop, devices, authoriser }: VisitParts,
  screen: {
    readonly onActive: () => void;
    readonly onChange: () => void;
    readonly operator: OperatorParts;
  },
): FaceController {
  const { settings, random, logger } = ports;
  return new FaceController({
    vault,
    meta: new MetaStore(database),
    settings: settings.settings.face,
    // The number of an enrolment leaves the cabinet, and when a face was used is compared with the operator's time.
    clock: screen.operator.clock,
    logger,
    random,
    onRecognised: (memberId) => {
      visitLoop.recognised(memberId);
    },
    isTooLate: () => visitLoop.isTooLate,
    onGone: () => {
      visitLoop.dispatch({ type: 'cancel' });
    },
    keepRotation: (rotation) => {
      const kept = settings.update({ face: { rotation } });
      if (!kept.ok) logger.error('face.rotation_not_kept', { error: kept.error });
      return kept.ok;
    },
    tellStaff: (detail) => {
      screen.operator.alarms.deviceFault(detail);
    },
    onActive: screen.onActive,
    onChange: screen.onChange,
    setLight: (on) => {
      devices.setLight(on);
    },
    phoneDigitsOf: (visitId) => authoriser.phoneDigitsOf(visitId),
    mayEnrolIn: (visitId) => authoriser.mayEnrolIn(visitId),
    enrolFace: (enrolmentId, visitId) => screen.operator.client.enrolFace(enrolmentId, { visitId }),
  });
}
