import type { ChargeId } from '../../shared/ids.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Kiosk } from '../kiosk.ts';
import { type IpcHandlers, done } from './register.ts';

const noFaces = fail('stale', 'this cabinet keeps no faces');

/** What the shopper's screen may ask for. Each is an intention; the visit decides what comes of it. */
export function kioskHandlers(kiosk: Kiosk): IpcHandlers {
  const { runner, faces } = kiosk;
  return {
    getSnapshot: () => ok(kiosk.snapshot()),
    chooseCode: () => {
      runner.dispatch({ type: 'chooseCode' });
      return done;
    },
    chooseFace: () => {
      if (faces === null) return noFaces;
      runner.dispatch({ type: 'chooseFace' });
      return done;
    },
    chooseAccount: () => kiosk.chooseAccount(),
    faceAction: (action) => faces?.identification.act(action) ?? noFaces,
    accountAction: (action) => kiosk.account.act(action),
    faceFrame: ({ nonce, report }) => faces?.frame(nonce, report) ?? noFaces,
    cameraState: ({ nonce, state }) => faces?.camera(nonce, state) ?? noFaces,
    cancelVisit: () => {
      runner.dispatch({ type: 'cancel' });
      return done;
    },
    confirmBasket: ({ revision }) =>
      runner.confirm(revision) ? done : fail('stale', 'the basket has changed meanwhile'),
    reportLine: ({ sku, wrong }) => {
      runner.dispatch({ type: 'report', sku, wrong });
      return done;
    },
    holdReceipt: () => {
      runner.dispatch({ type: 'holdReceipt' });
      return done;
    },
    disputeCharge: ({ chargeId, skus }) => kiosk.disputeCharge(chargeId as ChargeId, skus),
    finish: () => {
      runner.dispatch({ type: 'finish' });
      return done;
    },
  };
}
