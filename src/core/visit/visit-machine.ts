import { type VisitLimits, visitLimits } from './limits.ts';
import {
  codeEntry,
  deviceFault,
  effect,
  entryMethods,
  formChanged,
  formOn,
  losesSight,
  resumes,
  startTimer,
  startTotal,
  staysUnlessForced,
  waitIsOver,
} from './chart-parts.ts';
import { beforeUnlock } from './states-before-unlock.ts';
import { inVisit } from './states-in-visit.ts';
import { initialContext } from './visit-context.ts';
import { type VisitSetup, makeVisitSetup } from './visit-setup.ts';

/**
 * The shopper's visit as a statechart: pure transitions, effects as data (actions of type `effect`).
 *
 *   recovering → beforeUnlock { outOfService ⇄ attract → identifying { identifyingByCode ⇄ identifyingByFace }
 *                  → authorising → preparing → choosingDoor, refused, account }
 *              → inVisit { unlocking → open { shopping ⇄ confirmed ⇄ ajar } → closing { checking → settling } }
 *              → done { receipt, nothingCharged }
 *
 * What all states of a compound state answer alike is written once, on the compound state. `beforeUnlock` and `inVisit`
 * have files of their own; what several states answer alike is in chart-parts.ts.
 *
 * For the account identifyingByCode → authorising → account, or identifyingByFace → account: the purpose holds
 * until another entry method is chosen, after a refusal too.
 *
 * Rules that it holds: the charge is on record before the bolt moves; any change of the basket takes a confirmation
 * back; only what stood there when the bolt moved can be billed; an open door never ends a visit; nothing is billed
 * beyond what was on screen when the door closed, and what has left all the same is held; no visit begins while the
 * cabinet is not available, and none that runs is interrupted by it, nor is what the door is no part of (the account, the
 * way to it, a refusal, a receipt).
 *
 * Each wait that something may begin anew has an end in total: a second timer, which runs on (event `overdue`), or a
 * count. Nobody in front of the screen: the start screen. With the door unlocked: staff is told, and a human looks at the
 * charge (docs/decisions/0084-waits-have-an-end-in-total.md).
 *
 * Tag `polledActively`: goods may be on the move, or soon will be; devices are asked often (poll mode `active`).
 */
export function createVisitMachine(limits: VisitLimits = visitLimits) {
  const s = makeVisitSetup(limits);
  return s.createMachine({
    id: 'visit',
    initial: 'recovering',
    context: initialContext,
    on: { availabilityChanged: { actions: ['recordAvailability'] } },
    states: {
      recovering: recovering(s),
      beforeUnlock: beforeUnlock(s),
      inVisit: inVisit(s),
      done: done(s),
    },
  });
}

const lockWaitIsOver = [
  // As behind a bolt that was released: a door that nobody can see counts as open, and staff is told.
  { guard: 'doorLost', target: '#shopping', actions: ['recordDoorUnread', effect(deviceFault)] },
  { target: '#checking', actions: ['recordNeverPulled'] },
] as const;

/** After a start: with a visit in hand the door decides; without one, wait until everything answers. */
function recovering(s: VisitSetup) {
  return s.createStateConfig({
    id: 'recovering',
    tags: ['polledActively'],
    entry: ['distrust', 'waitForLock'],
    on: {
      resumed: resumes,
      door: [
        { guard: 'noVisit', actions: ['stopTimer'] },
        { guard: 'doorOpen', target: '#shopping', actions: ['recordDoorOpened'] },
        // Killed while the bolt was out: it may be out still, so the visit waits as long for a hand as ever.
        {
          guard: 'doorClosedMayBePulled',
          actions: ['recordDoorFoundShut', startTimer('openDoorTimeoutMs')],
        },
        { guard: 'doorClosed', target: '#checking', actions: ['recordDoorFoundShut'] },
        { actions: ['recordDoorLost', 'waitForLock'] },
      ],
      timer: lockWaitIsOver,
      overdue: lockWaitIsOver,
      unrecorded: losesSight,
      availabilityChanged: [
        { guard: 'visitRuns', actions: ['recordAvailability'] },
        { target: '#attract', actions: ['recordAvailability'] },
      ],
    },
  });
}

/** The visit is over and on record; the next one may begin at once. */
function done(s: VisitSetup) {
  return s.createStateConfig({
    // The shelf as the shopper left it is the baseline of the next one, who may be waiting already.
    tags: ['polledActively'],
    entry: [startTotal('doneTotalMs')],
    on: {
      availabilityChanged: staysUnlessForced,
      ...codeEntry,
      ...entryMethods,
      finish: '#attract',
      ...waitIsOver,
    },
    initial: 'receipt',
    states: {
      receipt: {
        id: 'receipt',
        entry: [startTimer('receiptMs')],
        on: {
          holdReceipt: [
            { guard: 'formInHand' },
            { guard: 'mayHoldReceipt', actions: ['countReceiptHeld', startTimer('receiptHoldMs')] },
          ],
          formChanged: { guard: 'isOwnCharge', ...formChanged },
          codeScanned: [{ guard: 'formInHand' }, { guard: 'isUnavailable' }, ...codeEntry.codeScanned],
          ...formOn('receiptMs'),
        },
      },
      nothingCharged: { id: 'nothingCharged', entry: [startTimer('nothingChargedMs')] },
    },
  });
}
