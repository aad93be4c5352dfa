import { createContext, useContext } from 'react';
import { assert } from '../../../shared/assert.ts';
import type { ShelfAnswer } from '../../../shared/model/shelf-question.ts';
import type { FaceViewApi, IpcCallPath, IpcResult, KioskApi } from '../../../shared/ipc/table.schema.ts';
import type { Currency, Minor } from '../../../shared/money.ts';
import type { AccountAction, ConsentAction, FaceAction } from '../../../shared/model/face-view.schema.ts';
import type { KioskSnapshot } from '../../../shared/model/visit.schema.ts';
import type { LocalText } from '../../../shared/model/catalog.schema.ts';
import { type Language, textOf } from '../../../shared/i18n/language.ts';
import { type MoneyParts, formatMoney } from '../../../shared/i18n/format.ts';
import type { Notice } from './kiosk-state.ts';

/**
 * What the shopper wants; each sends one call and answers a failure with a sentence on screen. Some are of the page only
 * or of the face view only, whose screens alone have the buttons for them.
 */
interface Intents {
  chooseCode: () => void;
  chooseFace: () => void;
  chooseAccount: () => void;
  face: (action: FaceAction) => void;
  agree: (consent: ConsentAction) => void;
  account: (action: AccountAction) => void;
  /** Back to the menu of the account. */
  menu: () => void;
  cancel: () => void;
  unlockAgain: () => void;
  /** This one of several doors, from 1. */
  openDoor: (door: number) => void;
  confirm: (revision: number) => void;
  report: (sku: string, wrong: boolean) => void;
  /** The one question after the door has shut. */
  answer: (question: { sku: string; count: number; answer: ShelfAnswer }) => void;
  /** Somebody reads: what is on screen stays. */
  touched: () => void;
  holdReceipt: () => void;
  /** The report as it is: opened, marked, or just touched. */
  fill: (chargeId: string, skus: readonly string[]) => void;
  putAway: () => void;
  dispute: (chargeId: string, skus: readonly string[]) => void;
  finish: () => void;
}

export interface KioskView {
  readonly snapshot: KioskSnapshot;
  readonly receivedAtMs: number;
  readonly language: Language;
  readonly largeText: boolean;
  readonly notice: Notice | null;
  readonly intents: Intents;
  readonly toggleLanguage: () => void;
  readonly toggleTextSize: () => void;
}

export const KioskContext = createContext<KioskView | null>(null);

/** The snapshot and the screen's own settings, from anywhere below App. */
export function useKiosk(): KioskView {
  const kiosk = useContext(KioskContext);
  assert(kiosk !== null, 'useKiosk stands below KioskContext');
  return kiosk;
}

/** Of the amounts within (ui/in-currency.tsx); null: nobody has said it yet. */
export const CurrencyContext = createContext<Currency | null>(null);

/**
 * Formats an amount in the shopper's language and in the currency of what stands around it. There is none by itself: an
 * amount of a visit, of a purchase and of the catalogue need not be of the same.
 */
export function useMoney(): (amount: Minor) => MoneyParts {
  const { language } = useKiosk();
  const currency = useContext(CurrencyContext);
  return (amount) => {
    assert(currency !== null, 'an amount stands below InCurrency');
    return formatMoney(amount, currency, language);
  };
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
  'visit.unlockAgain': 'notice',
  'visit.openDoor': 'notice',
  'visit.confirmBasket': 'notice',
  'visit.reportLine': 'notice',
  'visit.answerQuestion': 'notice',
  'visit.chooseFace': 'notice',
  'goods.loaded': 'nothing',
  'goods.report': 'nothing',
  'face.getSnapshot': 'nothing',
  'face.drawn': 'nothing',
  'face.act': 'notice',
  'face.agree': 'notice',
  // From the camera, not from a finger: `stale` is usual (face-app.tsx).
  'face.frame': 'nothing',
  'face.cameraState': 'nothing',
  'face.chooseCode': 'notice',
  'face.cancel': 'notice',
  'face.menu': 'notice',
  // The pad says in its own picture what became of what was typed (pin-app.tsx).
  'pin.getSnapshot': 'nothing',
  'pin.typed': 'nothing',
  'pin.close': 'nothing',
  'pin.signIn': 'nothing',
  'pin.setPin': 'nothing',
  'pin.confirm': 'nothing',
  'display.set': 'nothing',
  // By whatever touches the screen.
  'display.touched': 'nothing',
  'account.choose': 'notice',
  'account.act': 'notice',
  // By whatever touches the receipt.
  'receipt.hold': 'nothing',
  'receipt.fill': 'notice',
  'receipt.putAway': 'notice',
  'receipt.dispute': 'notice',
  'receipt.finish': 'notice',
  // Service mode says in its own picture what became of an act (features/service).
  'service.getView': 'nothing',
  'service.knock': 'nothing',
  'service.close': 'nothing',
  'service.touch': 'nothing',
  'service.leave': 'nothing',
  'service.openDoor': 'nothing',
  'service.acceptStock': 'nothing',
  'service.goods': 'nothing',
  'service.acceptCooling': 'nothing',
  'service.testDevice': 'nothing',
  'service.startTest': 'nothing',
  'service.answerTest': 'nothing',
  'service.setLight': 'nothing',
  'service.sendCharges': 'nothing',
  'service.changePin': 'nothing',
  'service.readLog': 'nothing',
  'service.order': 'nothing',
};

type Send = (path: IpcCallPath, call: Promise<IpcResult<null>>) => void;

function sender(showNotice: (notice: Notice) => void): Send {
  return (path, call) => {
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
}

/** Stands for what only buttons of the other page do. */
function notHere(): never {
  throw new Error('this intention is of the other page');
}

/** Binds the shopper's intentions on the page to the IPC calls. `showNotice` shows what went wrong. */
export function bindIntents(api: KioskApi, showNotice: (notice: Notice) => void): Intents {
  const send = sender(showNotice);
  return {
    chooseCode: () => send('visit.chooseCode', api.visit.chooseCode({})),
    chooseFace: () => send('visit.chooseFace', api.visit.chooseFace({})),
    chooseAccount: () => send('account.choose', api.account.choose({})),
    // The end of an attempt stands on the page too while a fresh face view comes up: from there to the notice.
    face: () => send('visit.chooseFace', api.visit.chooseFace({})),
    agree: notHere,
    account: (action) => send('account.act', api.account.act(action)),
    menu: () => send('account.act', api.account.act({ do: 'menu' })),
    cancel: () => send('visit.cancel', api.visit.cancel({})),
    unlockAgain: () => send('visit.unlockAgain', api.visit.unlockAgain({})),
    openDoor: (door) => send('visit.openDoor', api.visit.openDoor({ door })),
    confirm: (revision) => send('visit.confirmBasket', api.visit.confirmBasket({ revision })),
    report: (sku, wrong) => send('visit.reportLine', api.visit.reportLine({ sku, wrong })),
    answer: (question) => send('visit.answerQuestion', api.visit.answerQuestion(question)),
    touched: () => send('display.touched', api.display.touched({})),
    holdReceipt: () => send('receipt.hold', api.receipt.hold({})),
    fill: (chargeId, skus) => send('receipt.fill', api.receipt.fill({ chargeId, skus: [...skus] })),
    putAway: () => send('receipt.putAway', api.receipt.putAway({})),
    dispute: (chargeId, skus) => send('receipt.dispute', api.receipt.dispute({ chargeId, skus: [...skus] })),
    finish: () => send('receipt.finish', api.receipt.finish({})),
  };
}

/** The PIN view has none of a shopper's intentions. */
export const noIntents: Intents = {
  chooseCode: notHere,
  chooseFace: notHere,
  chooseAccount: notHere,
  face: notHere,
  agree: notHere,
  account: notHere,
  menu: notHere,
  cancel: notHere,
  unlockAgain: notHere,
  openDoor: notHere,
  confirm: notHere,
  report: notHere,
  answer: notHere,
  touched: notHere,
  holdReceipt: notHere,
  fill: notHere,
  putAway: notHere,
  dispute: notHere,
  finish: notHere,
};

/** The same for the screens of the face view. */
export function bindFaceIntents(api: FaceViewApi, showNotice: (notice: Notice) => void): Intents {
  const send = sender(showNotice);
  return {
    ...noIntents,
    chooseCode: () => send('face.chooseCode', api.face.chooseCode({})),
    face: (action) => send('face.act', api.face.act(action)),
    agree: (consent) => send('face.agree', api.face.agree(consent)),
    menu: () => send('face.menu', api.face.menu({})),
    touched: () => send('display.touched', api.display.touched({})),
    cancel: () => send('face.cancel', api.face.cancel({})),
  };
}
