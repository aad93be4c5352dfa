import { createContext, useContext } from 'react';
import { assert } from '../../../shared/assert.ts';
import type { IpcCallPath, IpcResult, KioskApi } from '../../../shared/ipc/table.schema.ts';
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

/** What a failure of each call puts on screen. A call of the IPC table that is missing here does not compile. */
const failureShown: Readonly<Record<IpcCallPath, 'notice' | 'nothing'>> = {
  // Asked for again until it comes (use-kiosk-state.ts).
  'visit.getSnapshot': 'nothing',
  'visit.chooseCode': 'notice',
  'visit.cancel': 'notice',
  'visit.confirmBasket': 'notice',
  'visit.reportLine': 'notice',
  'face.choose': 'notice',
  'face.act': 'notice',
  // From the camera, not from a finger: `stale` is usual.
  'face.frame': 'nothing',
  'face.cameraState': 'nothing',
  'account.choose': 'notice',
  'account.act': 'notice',
  'receipt.hold': 'notice',
  'receipt.dispute': 'notice',
  'receipt.finish': 'notice',
};

/** Binds the shopper's intentions to the IPC calls. `showNotice` shows what went wrong. */
export function bindIntents(api: KioskApi, showNotice: (notice: Notice) => void): Intents {
  const send = (path: IpcCallPath, call: Promise<IpcResult<null>>): void => {
    call.then(
      (result) => {
        if (result.ok || failureShown[path] === 'nothing') return;
        showNotice({ kind: result.error.code === 'stale' ? 'stale' : 'failed' });
      },
      () => {
        if (failureShown[path] === 'notice') showNotice({ kind: 'failed' });
      },
    );
  };
  return {
    chooseCode: () => send('visit.chooseCode', api.visit.chooseCode({})),
    chooseFace: () => send('face.choose', api.face.choose({})),
    chooseAccount: () => send('account.choose', api.account.choose({})),
    face: (action) => send('face.act', api.face.act(action)),
    account: (action) => send('account.act', api.account.act(action)),
    faceFrame: (nonce, report) => send('face.frame', api.face.frame({ nonce, report })),
    cameraState: (nonce, state) => send('face.cameraState', api.face.cameraState({ nonce, state })),
    cancel: () => send('visit.cancel', api.visit.cancel({})),
    confirm: (revision) => send('visit.confirmBasket', api.visit.confirmBasket({ revision })),
    report: (sku, wrong) => send('visit.reportLine', api.visit.reportLine({ sku, wrong })),
    holdReceipt: () => send('receipt.hold', api.receipt.hold({})),
    dispute: (chargeId, skus) => send('receipt.dispute', api.receipt.dispute({ chargeId, skus: [...skus] })),
    finish: () => send('receipt.finish', api.receipt.finish({})),
  };
}
