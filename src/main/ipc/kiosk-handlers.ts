import type { KioskSnapshot } from '../../shared/model/visit.ts';
import { fail, ok } from '../../shared/result.ts';
import type { VisitRunner } from '../visit/visit-runner.ts';
import { type IpcHandlers, done } from './register.ts';

/** What the shopper's screen may ask for. Each is an intention; the visit decides what comes of it. */
export function kioskHandlers(runner: VisitRunner, snapshot: () => KioskSnapshot): IpcHandlers {
  return {
    getSnapshot: () => ok(snapshot()),
    chooseCode: () => {
      runner.dispatch({ type: 'chooseCode' });
      return done;
    },
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
    finish: () => {
      runner.dispatch({ type: 'finish' });
      return done;
    },
  };
}
