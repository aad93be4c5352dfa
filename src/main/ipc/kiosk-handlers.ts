import { fail, ok } from '../../shared/result.ts';
import type { Kiosk } from '../compose/kiosk.ts';
import type { FaceViewKeeper } from '../window/face-view-keeper.ts';
import type { PinViewKeeper } from '../window/pin-view-keeper.ts';
import type { Screens } from '../window/screens.ts';
import { staffTouchMs } from '../window/seen-touch.ts';
import type { IpcResult } from '../../shared/ipc/table.schema.ts';
import type { VisitEvent } from '../../core/visit/visit-model.ts';
import { type IpcHandlers, done } from './register.ts';

const noFaces = fail('stale', 'this cabinet keeps no faces');
const noPageTouch = fail('forbidden', 'no touch on the page was seen');
const noTouch = fail('forbidden', 'no touch on the face view was seen');

/** What the shopper's screens may ask for. Each is an intention; the visit decides what comes of it. */
export function kioskHandlers(
  kiosk: Kiosk,
  screens: Pick<
    Screens,
    'faceView' | 'goodsView' | 'pinView' | 'setDisplay' | 'pageLoaded' | 'takePageTouch' | 'isPageTouched'
  >,
): IpcHandlers {
  const { visitLoop, faces } = kiosk;
  const ask = asked(visitLoop);
  return {
    ...faceHandlers(kiosk, screens.faceView),
    ...serviceHandlers(kiosk.service, screens),
    ...pinHandlers(kiosk, screens.pinView),
    'goods.loaded': () => {
      screens.goodsView.loaded();
      return done;
    },
    'goods.report': ({ nonce, report }) => kiosk.goodsEyes.report(nonce, report),
    'display.set': (display, caller) => {
      screens.setDisplay(caller, display);
      return done;
    },
    'display.touched': () => {
      visitLoop.dispatch({ type: 'active' });
      return done;
    },
    'visit.getSnapshot': () => {
      screens.pageLoaded();
      return ok(kiosk.snapshots.current());
    },
    'visit.chooseCode': () => ask({ type: 'chooseCode' }),
    'visit.chooseFace': () => {
      if (faces === null) return noFaces;
      return faces.identification.showNoticeAgain() ? done : ask({ type: 'chooseFace' });
    },
    'account.choose': () => kiosk.account.choose(),
    'account.act': (action) => kiosk.account.act(action),
    'visit.cancel': () => ask({ type: 'cancel' }),
    'visit.unlockAgain': () => ask({ type: 'unlockAgain' }),
    'visit.openDoor': ({ door }) => ask({ type: 'openDoor', door }),
    'visit.confirmBasket': ({ revision }) =>
      visitLoop.confirm(revision) ? done : fail('stale', 'the basket has changed meanwhile'),
    'visit.answerQuestion': ({ sku, count, answer }) => ask({ type: 'answer', sku, count, answer }),
    'visit.reportLine': ({ sku, wrong }) => ask({ type: 'report', sku, wrong }),
    'receipt.hold': () => {
      visitLoop.dispatch({ type: 'holdReceipt' });
      return done;
    },
    'receipt.dispute': ({ chargeId, skus }) => kiosk.disputes.dispute(chargeId, skus),
    'receipt.fill': ({ chargeId, skus }) => kiosk.disputes.fill(chargeId, skus),
    'receipt.putAway': () => kiosk.disputes.putAway(),
    'receipt.finish': () => {
      visitLoop.dispatch({ type: 'finish' });
      return done;
    },
  };
}

/** No touch is answered by silence: one for which the visit has no use (any more) is refused, and the screen says so. */
function asked(visitLoop: Pick<Kiosk['visitLoop'], 'dispatch'>): (event: VisitEvent) => IpcResult<null> {
  return (event) =>
    visitLoop.dispatch(event) === 'unanswered' ? fail('stale', 'the visit has gone on meanwhile') : done;
}

type ServiceCall = Extract<keyof IpcHandlers, `service.${string}`>;

/**
 * Each is judged by the controller itself: whoever has got hold of the page has no session by that. Nor does it begin anything
 * in somebody's session, keep that open, or ask for the pad, when nobody is there: for that main has to see a touch.
 */
function serviceHandlers(
  service: Kiosk['service'],
  screens: Pick<Screens, 'takePageTouch' | 'isPageTouched'>,
): Pick<IpcHandlers, ServiceCall> {
  const byTouch = (begin: () => IpcResult<null>): IpcResult<null> =>
    screens.takePageTouch(staffTouchMs) ? begin() : noPageTouch;
  return {
    'service.getView': () => ok(service.view()),
    'service.knock': () => (screens.takePageTouch() ? service.knock() : noPageTouch),
    'service.close': () => service.putAway(),
    'service.touch': ({ sessionId }) => (screens.isPageTouched() ? service.touch(sessionId) : noPageTouch),
    'service.leave': ({ sessionId }) => service.leave(sessionId),
    'service.openDoor': ({ sessionId, door }) => byTouch(() => service.openDoor(sessionId, door)),
    'service.acceptStock': ({ sessionId }) => byTouch(() => service.acceptStock(sessionId)),
    'service.goods': ({ sessionId, order }) => byTouch(() => service.goods(sessionId, order)),
    'service.acceptCooling': ({ sessionId }) => byTouch(() => service.acceptCooling(sessionId)),
    'service.testDevice': ({ sessionId, deviceId }) => byTouch(() => service.testDevice(sessionId, deviceId)),
    'service.startTest': ({ sessionId, order }) => byTouch(() => service.startTest(sessionId, order)),
    'service.answerTest': ({ sessionId, step, yes }) =>
      byTouch(() => service.answerTest(sessionId, step, yes)),
    'service.setLight': ({ sessionId, on }) => byTouch(() => service.setLight(sessionId, on)),
    'service.sendCharges': ({ sessionId }) => byTouch(() => service.sendCharges(sessionId)),
    'service.changePin': ({ sessionId }) => byTouch(() => service.changePin(sessionId)),
    'service.order': ({ sessionId, order }) => byTouch(() => service.order(sessionId, order)),
    'service.readLog': ({ sessionId }) => byTouch(() => service.readLog(sessionId)),
  };
}

type PinCall = Extract<keyof IpcHandlers, `pin.${string}`>;

/** What was typed counts at the pad that stands there now, and at no other. */
function pinHandlers({ service, snapshots }: Kiosk, view: PinViewKeeper): Pick<IpcHandlers, PinCall> {
  const at = (padId: number, act: () => IpcResult<null>): IpcResult<null> =>
    service.padView()?.padId === padId ? act() : fail('stale', 'another pad stands there');
  return {
    'pin.getSnapshot': () => {
      view.loaded();
      return ok(snapshots.current());
    },
    'pin.typed': ({ padId }) => at(padId, () => service.typed()),
    'pin.close': ({ padId }) => at(padId, () => service.close()),
    'pin.signIn': ({ padId, staffNo, secret }) => at(padId, () => service.signIn(staffNo, secret)),
    'pin.setPin': ({ padId, pin, again }) => at(padId, () => service.setPin(pin, again)),
    'pin.confirm': ({ padId, pin }) => at(padId, () => service.confirmPin(pin)),
  };
}

type FaceCall = Extract<keyof IpcHandlers, `face.${string}`>;

/** What the face view alone may say. Consent and the start of the camera need a touch that main itself has seen. */
function faceHandlers(kiosk: Kiosk, view: FaceViewKeeper): Pick<IpcHandlers, FaceCall> {
  const { faces, snapshots, account } = kiosk;
  const ask = asked(kiosk.visitLoop);
  return {
    'face.getSnapshot': () => {
      view.loaded();
      return ok(snapshots.current());
    },
    'face.drawn': ({ seq }) => {
      view.drawn(seq);
      return done;
    },
    'face.act': (action) => (view.takeTouch() ? (faces?.identification.act(action) ?? noFaces) : noTouch),
    'face.agree': (consent) => (view.takeTouch() ? account.act(consent) : noTouch),
    'face.frame': ({ nonce, report }) => faces?.frame(nonce, report) ?? noFaces,
    'face.cameraState': ({ nonce, state }) => faces?.camera(nonce, state) ?? noFaces,
    'face.chooseCode': () => ask({ type: 'chooseCode' }),
    'face.cancel': () => ask({ type: 'cancel' }),
    'face.menu': () => account.act({ do: 'menu' }),
  };
}
