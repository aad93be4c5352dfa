import { createContext, useContext } from 'react';
import { assert } from '../../../shared/assert.ts';
import type { IpcResult, KioskApi } from '../../../shared/ipc/schema.ts';
import type { Minor } from '../../../shared/money.ts';
import type { FaceReport } from '../../../shared/model/face.schema.ts';
import type { AccountAction, CameraState, FaceAction } from '../../../shared/model/face-view.schema.ts';
import type { KioskSnapshot } from '../../../shared/model/visit.schema.ts';
import type { LocalText } from '../../../shared/model/catalog.schema.ts';
import { textOf } from '../i18n/i18n.ts';
import type { Language } from '../i18n/i18n.ts';
import { type MoneyParts, formatMoney } from './format.ts';
import type { Notice } from './kiosk-state.ts';

/** What the shopper wants; each sends one call and answers a failure with a sentence on screen. */
interface Intents {
  chooseCode: () => void;
  chooseFace: () => void;
  chooseAccount: () => void;
  face: (action: FaceAction) => void;
  account: (action: AccountAction) => void;
  /** From the camera, not from a finger: `stale` is usual, and nobody is told. */
  faceFrame: (nonce: string, report: FaceReport) => void;
  cameraState: (nonce: string, state: CameraState) => void;
  cancel: () => void;
  confirm: (revision: number) => void;
  report: (sku: string, wrong: boolean) => void;
  holdReceipt: () => void;
  dispute: (chargeId: string, skus: readonly string[]) => void;
  finish: () => void;
}

export interface Kiosk {
  readonly snapshot: KioskSnapshot;
  readonly receivedAtMs: number;
  readonly language: Language;
  readonly largeText: boolean;
  readonly notice: Notice | null;
  readonly intents: Intents;
  readonly toggleLanguage: () => void;
  readonly toggleTextSize: () => void;
}

export const KioskContext = createContext<Kiosk | null>(null);

/** The snapshot and the screen's own settings, from anywhere below App. */
export function useKiosk(): Kiosk {
  const kiosk = useContext(KioskContext);
  assert(kiosk !== null, 'useKiosk stands below KioskContext');
  return kiosk;
}

/** Formats an amount in the snapshot's currency and the shopper's language. */
export function useMoney(): (amount: Minor) => MoneyParts {
  const { snapshot, language } = useKiosk();
  return (amount) => formatMoney(amount, snapshot.currency, language);
}

export function useText(): (text: LocalText) => string {
  const { language } = useKiosk();
  return (text) => textOf(text, language);
}

/** Binds the shopper's intentions to the IPC calls. `tell` shows what went wrong. */
export function bindIntents(api: KioskApi, showNotice: (notice: Notice) => void): Intents {
  const send = (call: Promise<IpcResult<null>>): void => {
    call.then(
      (result) => {
        if (result.ok) return;
        showNotice({ kind: result.error.code === 'stale' ? 'stale' : 'failed' });
      },
      () => {
        showNotice({ kind: 'failed' });
      },
    );
  };
  const sendQuietly = (call: Promise<IpcResult<null>>): void => {
    call.catch(() => undefined);
  };
  return {
    chooseCode: () => send(api.chooseCode({})),
    chooseFace: () => send(api.chooseFace({})),
    chooseAccount: () => send(api.chooseAccount({})),
    face: (action) => send(api.faceAction(action)),
    account: (action) => send(api.accountAction(action)),
    faceFrame: (nonce, report) => sendQuietly(api.faceFrame({ nonce, report })),
    cameraState: (nonce, state) => sendQuietly(api.cameraState({ nonce, state })),
    cancel: () => send(api.cancelVisit({})),
    confirm: (revision) => send(api.confirmBasket({ revision })),
    report: (sku, wrong) => send(api.reportLine({ sku, wrong })),
    holdReceipt: () => send(api.holdReceipt({})),
    dispute: (chargeId, skus) => send(api.disputeCharge({ chargeId, skus: [...skus] })),
    finish: () => send(api.finish({})),
  };
}
