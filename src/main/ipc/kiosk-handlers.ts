import { fail, ok } from '../../shared/result.ts';
import type { Kiosk } from '../compose.ts';
import { type IpcHandlers, done } from './register.ts';

const noFaces = fail('stale', 'this cabinet keeps no faces');

/** What the shopper's screen may ask for. Each is an intention; the visit decides what comes of it. */
export function kioskHandlers(kiosk: Kiosk): IpcHandlers {
  const { runner, faces } = kiosk;
  return {
    'visit.getSnapshot': () => ok(kiosk.snapshots.current()),
    'visit.chooseCode': () => {
      runner.dispatch({ type: 'chooseCode' });
      return done;
    },
    'face.choose': () => {
      if (faces === null) return noFaces;
      runner.dispatch({ type: 'chooseFace' });
      return done;
    },
    'account.choose': () => kiosk.account.choose(),
    'face.act': (action) => faces?.identification.act(action) ?? noFaces,
    'account.act': (action) => kiosk.account.act(action),
    'face.frame': ({ nonce, report }) => faces?.frame(nonce, report) ?? noFaces,
    'face.cameraState': ({ nonce, state }) => faces?.camera(nonce, state) ?? noFaces,
    'visit.cancel': () => {
      runner.dispatch({ type: 'cancel' });
      return done;
    },
    'visit.confirmBasket': ({ revision }) =>
      runner.confirm(revision) ? done : fail('stale', 'the basket has changed meanwhile'),
    'visit.reportLine': ({ sku, wrong }) => {
      runner.dispatch({ type: 'report', sku, wrong });
      return done;
    },
    'receipt.hold': () => {
      runner.dispatch({ type: 'holdReceipt' });
      return done;
    },
    'receipt.dispute': ({ chargeId, skus }) => kiosk.disputes.dispute(chargeId, skus),
    'receipt.finish': () => {
      runner.dispatch({ type: 'finish' });
      return done;
    },
  };
}
