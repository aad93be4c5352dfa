import { and } from 'xstate';
import { type TotalName, type VisitLimits, reopenedMax, visitLimits } from './limits.ts';
import { initialContext } from './visit-context.ts';
import { type VisitSetup, makeVisitSetup } from './visit-setup.ts';
import type { VisitEffect } from './visit-model.ts';

/**
 * The shopper's visit as a statechart: pure transitions, effects as data (actions of type `effect`).
 *
 *   recovering → beforeUnlock { outOfService ⇄ attract → identifying { byCode ⇄ byFace } → authorising
 *                  → preparing, refused, account }
 *              → unlocking → open { shopping ⇄ confirmed ⇄ ajar } → closing { checking → settling }
 *              → done { receipt, nothingCharged }
 *
 * What all states of a compound state answer alike is written once, on the compound state.
 *
 * For the account identifyingByCode → authorising → account, or identifyingByFace → account: the purpose holds
 * until another entry method is chosen.
 *
 * Rules that it holds: the charge is on record before the bolt moves; any change of the basket takes a confirmation
 * back; only what stood there when the bolt moved can be billed; an open door never ends a visit; nothing is billed
 * beyond what was on screen when the door closed, and what has left all the same is held; no visit begins while the
 * cabinet is not available, and none that runs is interrupted by it.
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
      inVisit: {
        // The program was ended in the middle of it, and has started again.
        on: { resumed: resumes, overdue: { actions: ['becomeOverdue', effect(tooLong)] } },
        initial: 'unlocking',
        states: { unlocking: unlocking(s), open: open(s), closing: closing(s) },
      },
      done: done(s),
    },
  });
}

const effect = (params: VisitEffect) => ({ type: 'effect' as const, params });
const startTimer = (limit: keyof VisitLimits) => ({ type: 'startTimer' as const, params: limit });
const startTotal = (limit: TotalName) => ({ type: 'startTotal' as const, params: limit });

const deviceFault = { type: 'raiseAlarm', alarm: 'device_fault' } as const;
const tooLong = { type: 'raiseAlarm', alarm: 'door_left_open', detail: 'the visit does not end' } as const;
const resumes = [
  {
    guard: 'resumesTooOften',
    target: '#recovering',
    reenter: true,
    actions: [
      'becomeOverdue',
      effect({ ...deviceFault, detail: 'the program starts again and again in the course of a visit' }),
    ],
  },
  { target: '#recovering', reenter: true },
] as const;

// How somebody comes in. Not while the cabinet is not available, as it may have become while the last visit ended.
const unavailable = { guard: 'isUnavailable', target: '#attract' } as const;
const faceForAccount = { target: '#identifyingByFace', actions: ['clear', 'forAccount'] } as const;
const codeForAccount = { target: '#identifyingByCode', actions: ['clear', 'forAccount'] } as const;
const entryMethods = {
  chooseCode: [unavailable, { target: '#identifyingByCode', actions: ['clear'] }],
  chooseFace: [unavailable, { target: '#identifyingByFace', actions: ['clear'] }],
  chooseAccount: [unavailable, { guard: 'byFace', ...faceForAccount }, codeForAccount],
} as const;
const codeEntry = {
  codeScanned: [unavailable, { target: '#authorising', actions: ['beginVisit'] }],
} as const;
const waitIsOver = { timer: '#attract', overdue: '#attract' } as const;
const backToAttract = { cancel: '#attract', finish: '#attract', ...waitIsOver } as const;

const lockWaitIsOver = [
  // As behind a bolt that was released: a door that nobody can see counts as open, and staff is told.
  { guard: 'doorLost', target: '#shopping', actions: [effect(deviceFault)] },
  { target: '#checking' },
] as const;

/**
 * A report in hand, wherever it is filled in: whoever is away for a minute is warned, then the screen is cleared (main has
 * kept what was marked). A scan meanwhile is of somebody else, and takes nothing away. `usual`: the wait of that screen.
 */
function formOn(usual: 'receiptMs' | 'accountIdleMs') {
  const closed = { actions: ['closeForm', startTimer(usual)] } as const;
  return {
    formClosed: { guard: 'formInHand', ...closed },
    disputed: closed,
    timer: [
      { guard: 'formNotWarned', actions: ['warnForm', startTimer('formWarnedMs')] },
      { target: '#attract' },
    ],
  } as const;
}
const formChanged = { actions: ['recordForm', startTimer('formIdleMs')] } as const;

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
          guard: 'doorClosedNeverOpened',
          actions: ['recordDoorFoundShut', startTimer('openDoorTimeoutMs')],
        },
        { guard: 'doorClosed', target: '#checking', actions: ['recordDoorFoundShut'] },
        { actions: ['recordDoorLost', 'waitForLock'] },
      ],
      timer: lockWaitIsOver,
      overdue: lockWaitIsOver,
      availabilityChanged: [
        { guard: 'visitRuns', actions: ['recordAvailability'] },
        { target: '#attract', actions: ['recordAvailability'] },
      ],
    },
  });
}

/** The door is shut and the bolt has not moved: whatever happens, nobody can have taken anything. */
function beforeUnlock(s: VisitSetup) {
  return s.createStateConfig({
    on: {
      // `attract` goes on to `outOfService` by itself.
      availabilityChanged: [
        { guard: 'becomesAvailable', actions: ['recordAvailability'] },
        { target: '#attract', actions: ['recordAvailability'] },
      ],
    },
    initial: 'reception',
    states: {
      outOfService: {
        id: 'outOfService',
        entry: ['clear', 'stopTotal'],
        on: {
          availabilityChanged: {
            guard: 'becomesAvailable',
            target: '#attract',
            actions: ['recordAvailability'],
          },
        },
      },
      reception: reception(s),
      authorising: {
        id: 'authorising',
        tags: ['polledActively'],
        entry: [
          startTimer('authoriseTimeoutMs'),
          {
            type: 'effect',
            params: ({ context: { code, recognisedMemberId, purpose } }) => ({
              type: 'authorise' as const,
              credential:
                recognisedMemberId === null ? { code: code ?? '', purpose } : { recognisedMemberId },
            }),
          },
        ],
        on: {
          authorised: [
            { guard: 'isForAccount', target: '#account', actions: ['recordMember'] },
            { target: '#preparing', actions: ['recordMember'] },
          ],
          refused: { target: '#refused', actions: ['recordRefusal'] },
          cancel: '#attract',
          timer: { target: '#refused', actions: [{ type: 'refuse', params: 'network.timeout' }] },
        },
      },
      /** The account of a member identified by code, or by face without a network. The door is no part of it. */
      account: {
        id: 'account',
        entry: [startTimer('accountIdleMs'), startTotal('accountTotalMs')],
        on: {
          active: [
            { guard: 'formInHand', actions: ['unwarnForm', startTimer('formIdleMs')] },
            { actions: [startTimer('accountIdleMs')] },
          ],
          // Shown here, after the screen has asked for it: the account anew, and a face may be enrolled.
          codeScanned: [
            { guard: 'formInHand' },
            { guard: 'isEnrolmentCode', target: '#authorising', actions: ['beginVisit'] },
          ],
          formChanged,
          ...backToAttract,
          ...formOn('accountIdleMs'),
        },
      },
      /** Allowed; the shelf is read before the bolt moves. */
      preparing: {
        id: 'preparing',
        tags: ['polledActively'],
        entry: [startTimer('baselineTimeoutMs'), effect({ type: 'takeBaseline' })],
        on: {
          baseline: { target: '#unlocking', actions: ['recordBaseline'] },
          // The charge could not be put on record: then the bolt does not move.
          refused: { target: '#refused', actions: ['recordRefusal'] },
          cancel: '#attract',
          timer: { target: '#refused', actions: [{ type: 'refuse', params: 'system.device_fault' }] },
        },
      },
    },
  });
}

/** Before somebody is known: a code may be shown at any time. */
function reception(s: VisitSetup) {
  return s.createStateConfig({
    on: {
      ...codeEntry,
      codeRefused: { target: '#refused', actions: ['recordRefusal'] },
    },
    initial: 'attract',
    states: {
      attract: {
        id: 'attract',
        entry: ['clear', 'stopTotal'],
        always: { guard: 'isUnavailable', target: '#outOfService' },
        on: { ...entryMethods },
      },
      identifying: {
        tags: ['polledActively'],
        entry: [startTotal('identifyTotalMs')],
        on: {
          cancel: '#attract',
          active: { actions: [startTimer('identifyTimeoutMs')] },
          ...waitIsOver,
        },
        initial: 'identifyingByCode',
        states: {
          identifyingByCode: {
            id: 'identifyingByCode',
            entry: [startTimer('identifyTimeoutMs')],
            on: {
              chooseFace: { target: '#identifyingByFace', actions: ['clear'] },
              // The network went while the code was looked for: the face can be shown instead.
              chooseAccount: { guard: 'byFace', ...faceForAccount },
            },
          },
          /** The face screen: the notice, then the camera. Who it is, main/face decides. */
          identifyingByFace: {
            id: 'identifyingByFace',
            entry: [startTimer('identifyTimeoutMs')],
            on: {
              // The code for the same thing: from here to the account no door opens.
              chooseCode: [
                { guard: 'isForAccount', ...codeForAccount },
                { target: '#identifyingByCode', actions: ['clear'] },
              ],
              faceAccepted: [
                // Nobody is asked and no visit begins: what a member may do with the own face needs no operator.
                { guard: 'isForAccount', target: '#account', actions: ['recordRecognised'] },
                { target: '#authorising', actions: ['beginVisit'] },
              ],
            },
          },
        },
      },
      refused: {
        id: 'refused',
        entry: [startTimer('refusedMs'), startTotal('refusedTotalMs')],
        on: { active: { actions: [startTimer('refusedMs')] }, ...entryMethods, ...backToAttract },
      },
    },
  });
}

function unlocking(s: VisitSetup) {
  return s.createStateConfig({
    id: 'unlocking',
    tags: ['polledActively'],
    entry: [effect({ type: 'openCharge' }), effect({ type: 'unlock' }), startTimer('openDoorTimeoutMs')],
    on: {
      door: [
        { guard: 'doorOpen', target: '#shopping', actions: ['recordDoorOpened'] },
        { actions: ['recordDoorLost'] },
      ],
      // The board may have been asked twice: the latch waits from the last time on, and so does the visit.
      unlocked: {
        guard: 'isAnswerDue',
        actions: ['recordUnlocked', startTimer('openDoorTimeoutMs')],
      },
      // The same visit: nobody is identified anew, and the charge is on record already.
      unlockAgain: {
        guard: 'mayUnlockAgain',
        actions: ['recordUnlockAgain', effect({ type: 'unlock' }), startTimer('openDoorTimeoutMs')],
      },
      // Not acknowledged is not "did not open": the latch may wait for a hand as long as ever, so does the visit.
      unlockFailed: {
        guard: 'isAnswerDue',
        actions: ['recordUnlockFailed', startTimer('openDoorTimeoutMs'), effect(deviceFault)],
      },
      timer: [
        // Nobody can say that the door is shut: it counts as open until the lock says otherwise.
        { guard: 'doorLost', target: '#shopping' },
        { target: '#checking' },
      ],
    },
  });
}

function open(s: VisitSetup) {
  return s.createStateConfig({
    tags: ['polledActively'],
    entry: [startTotal('openTotalMs')],
    on: {
      evidence: [
        {
          guard: and(['evidenceChanged', 'isAbandoned']),
          actions: ['applyEvidence', 'withdrawConfirmation'],
        },
        // Somebody is at the door: the wait for them begins again.
        { guard: 'evidenceIsNews', target: '#shopping', actions: ['applyEvidence'] },
        { guard: 'evidenceChanged', actions: ['applyEvidence', 'withdrawConfirmation'] },
      ],
      report: { guard: 'lineExists', actions: ['report', 'withdrawConfirmation'] },
      confirm: { guard: 'confirmsWhatIsShown', target: '#confirmed', actions: ['confirm'] },
      door: [
        { guard: 'doorClosed', target: '#checking', actions: ['recordDoorClosed'] },
        { guard: 'doorOpenIsNews', actions: ['recordDoorOpened'] },
      ],
      timer: '#ajar',
    },
    initial: 'shopping',
    states: {
      shopping: {
        id: 'shopping',
        entry: ['beginShopping', startTimer('ajarAfterMs')],
      },
      confirmed: {
        id: 'confirmed',
        entry: [startTimer('ajarAfterMs')],
        on: {
          confirm: {},
          evidence: { guard: 'evidenceChanged', target: '#shopping', actions: ['applyEvidence'] },
          report: { guard: 'lineExists', target: '#shopping', actions: ['report', 'withdrawConfirmation'] },
        },
      },
      /** Open too long. The visit is kept: nothing is given away, and what leaves unattended is not billed silently. */
      ajar: {
        id: 'ajar',
        entry: [{ type: 'setAjarLevel', params: 1 }, startTimer('ajarSoundAfterMs')],
        on: {
          timer: [
            {
              guard: { type: 'isAjarLevel', params: 1 },
              actions: [{ type: 'setAjarLevel', params: 2 }, startTimer('ajarStaffAfterMs')],
            },
            {
              guard: { type: 'isAjarLevel', params: 2 },
              actions: [
                { type: 'setAjarLevel', params: 3 },
                'stopTimer',
                effect({ type: 'raiseAlarm', alarm: 'door_left_open' }),
              ],
            },
          ],
        },
      },
    },
  });
}

const settles = [
  {
    guard: 'lacksUnknownGoods',
    target: '#settling',
    actions: ['makeBill', effect(deviceFault)],
  },
  { target: '#settling', actions: ['makeBill'] },
] as const;

const reopened = ['recordDoorOpened', 'recordReopened'] as const;
const doorContact = {
  ...deviceFault,
  detail: `the door has opened again ${reopenedMax} times in one visit: is its contact loose?`,
} as const;

function closing(s: VisitSetup) {
  return s.createStateConfig({
    tags: ['polledActively'],
    entry: [startTotal('openTotalMs')],
    initial: 'checking',
    states: {
      checking: {
        id: 'checking',
        entry: [
          {
            type: 'startTimer',
            params: ({ context }) => (context.recovered ? 'recoveredCheckTimeoutMs' : 'checkTimeoutMs'),
          },
          effect({ type: 'takeFinalReading' }),
        ],
        on: {
          // The bolt had not caught, or the door bounced: the visit goes on.
          door: [
            {
              guard: and(['doorOpen', 'reopensTooOften']),
              target: '#shopping',
              actions: [...reopened, 'becomeOverdue', effect(doorContact)],
            },
            { guard: 'doorOpen', target: '#shopping', actions: [...reopened] },
          ],
          // The list may still move; a confirmation stands as it was when the door closed.
          evidence: { guard: 'evidenceChanged', actions: ['applyEvidence'] },
          // Tapped as the door shut: the line is held all the same. Nothing is added to the number by taking one back.
          report: { guard: and(['lineExists', 'reportsWrong']), actions: ['report'] },
          readingContinues: { guard: 'mayReadOn', actions: [startTimer('longCheckTimeoutMs')] },
          finalReading: settles,
          timer: settles,
        },
      },
      /** Left in the same step: the bill is committed together with the end of the visit. */
      settling: {
        id: 'settling',
        entry: ['stopTimer', effect({ type: 'settleCharge' })],
        always: [
          { guard: 'billIsEmpty', target: '#nothingCharged', actions: ['recordNothingCharged'] },
          { target: '#receipt' },
        ],
      },
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
      // What has been settled stays settled; a forced door is an alarm at once all the same.
      availabilityChanged: [
        { guard: 'isDoorForced', target: '#attract', actions: ['recordAvailability'] },
        { actions: ['recordAvailability'] },
      ],
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
