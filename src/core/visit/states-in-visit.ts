import { and } from 'xstate';
import { deviceFault, effect, losesSight, resumes, startTimer, startTotal, unlock } from './chart-parts.ts';
import { reopenedMax } from './limits.ts';
import type { VisitSetup } from './visit-setup.ts';

const tooLong = { type: 'raiseAlarm', alarm: 'door_left_open', detail: 'the visit does not end' } as const;
const openUnrecorded = {
  type: 'raiseAlarm',
  alarm: 'door_left_open',
  detail: 'the disk has taken nothing for a while',
} as const;
const settles = [
  {
    guard: 'lacksUnknownGoods',
    target: '#settling',
    actions: ['makeBill', effect(deviceFault)],
  },
  { target: '#settling', actions: ['makeBill'] },
] as const;

const reopened = ['recordDoorOpened', 'recordReopened'] as const;
const lostAgain = ['recordDoorLost', 'recordDoorUnread', 'recordReopened'] as const;
const tooOften = [
  'becomeOverdue',
  effect({
    ...deviceFault,
    detail: `the door has opened again ${reopenedMax} times in one visit, or was not read: is its contact loose?`,
  }),
] as const;

/** The bolt may have moved: the door decides, until the bill is made. */
export function inVisit(s: VisitSetup) {
  return s.createStateConfig({
    // The program was ended in the middle of it, and has started again.
    on: { resumed: resumes, overdue: { actions: ['becomeOverdue', effect(tooLong)] } },
    initial: 'unlocking',
    states: { unlocking: unlocking(s), open: open(s), closing: closing(s) },
  });
}

function unlocking(s: VisitSetup) {
  return s.createStateConfig({
    id: 'unlocking',
    tags: ['polledActively'],
    entry: [startTimer('openDoorTimeoutMs')],
    on: {
      door: [
        { guard: 'doorOpen', target: '#shopping', actions: ['recordDoorOpened'] },
        { guard: 'doorUnread', actions: ['recordDoorLost', 'recordDoorUnread'] },
        { actions: ['recordDoorLost'] },
      ],
      unrecorded: losesSight,
      // The board may have been asked twice: the latch waits from the last time on, and so does the visit.
      unlocked: {
        guard: 'isAnswerDue',
        actions: ['recordUnlocked', startTimer('openDoorTimeoutMs')],
      },
      // The same visit: nobody is identified anew, and the charge is on record already.
      unlockAgain: {
        guard: 'mayUnlockAgain',
        actions: ['recordUnlockAgain', unlock, startTimer('openDoorTimeoutMs')],
      },
      // The other door after all: the first may be pulled all the same.
      openDoor: {
        guard: 'mayOpenAnother',
        actions: ['recordAnotherDoor', unlock, startTimer('openDoorTimeoutMs')],
      },
      // Not acknowledged is not "did not open": the latch may wait for a hand as long as ever, so does the visit.
      unlockFailed: {
        guard: 'isAnswerDue',
        actions: ['recordUnlockFailed', startTimer('openDoorTimeoutMs'), effect(deviceFault)],
      },
      timer: [
        // Nobody can say that the door is shut: it counts as open until the lock says otherwise.
        { guard: 'doorLost', target: '#shopping' },
        { target: '#checking', actions: ['recordNeverPulled'] },
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
        { guard: 'evidenceSettles', actions: ['settleEvidence'] },
      ],
      report: { guard: 'lineExists', actions: ['report', 'withdrawConfirmation'] },
      confirm: { guard: 'confirmsWhatIsShown', target: '#confirmed', actions: ['confirm'] },
      // One more of several doors: whoever opens it goes on shopping.
      openDoor: {
        guard: 'mayOpenAnother',
        target: '#shopping',
        actions: ['recordAnotherDoor', 'withdrawConfirmation', unlock],
      },
      unlocked: { guard: 'isAnswerForAnother', actions: ['recordUnlocked'] },
      unlockFailed: {
        guard: 'isAnswerForAnother',
        actions: ['recordUnlockFailed', effect(deviceFault)],
      },
      door: [
        // Shut, and another one was unlocked that nobody has pulled yet: its latch may wait for a hand.
        { guard: and(['doorClosed', 'awaitsPull']), target: '#unlocking', actions: ['recordDoorClosed'] },
        { guard: 'doorClosed', target: '#checking', actions: ['recordDoorClosed'] },
        // The number is another one then: nobody has agreed to it yet.
        { guard: 'endsEarlierClosing', target: '#shopping', actions: ['recordDoorOpened'] },
        { guard: 'doorOpenIsNews', actions: ['recordDoorOpened'] },
        { guard: 'doorsMoved', actions: ['recordDoors'] },
      ],
      unrecorded: { ...losesSight, actions: [...losesSight.actions, effect(openUnrecorded)] },
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

function closing(s: VisitSetup) {
  return s.createStateConfig({
    tags: ['polledActively'],
    entry: [startTotal('openTotalMs')],
    initial: 'checking',
    states: {
      checking: {
        id: 'checking',
        entry: [
          'forgetQuestion',
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
              actions: [...reopened, ...tooOften],
            },
            { guard: 'doorOpen', target: '#shopping', actions: [...reopened] },
            // Out of sight it counts as open until it is seen shut; what stood on the screen as it shut goes on to count.
            {
              guard: and(['doorUnread', 'reopensTooOften']),
              target: '#shopping',
              actions: [...lostAgain, ...tooOften],
            },
            { guard: 'doorUnread', target: '#shopping', actions: [...lostAgain] },
          ],
          // The list may still move; a confirmation stands as it was when the door closed.
          evidence: { guard: 'goodsChanged', actions: ['applyEvidenceAfterClose'] },
          // Tapped as the door shut: the line is held all the same. Nothing is added to the number by taking one back.
          report: { guard: and(['lineExists', 'reportsWrong']), actions: ['report'] },
          readingContinues: {
            guard: 'mayReadOn',
            actions: [startTimer('longCheckTimeoutMs'), effect({ type: 'continueReading' })],
          },
          // Only the shopper knows: asked once, and waited for as long as people take to look up.
          question: [
            {
              guard: 'asksFirst',
              actions: ['recordQuestion', startTimer('questionMs'), effect({ type: 'continueReading' })],
            },
            { guard: 'takesQuestionBack', actions: ['takeQuestionBack'] },
          ],
          answer: { guard: 'answersQuestion', actions: ['recordAnswer', effect({ type: 'useAnswer' })] },
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
